//! Groups of widely used artifacts that are, or were, built without Maven and so do not carry their
//! own.

/// By name, sorted. A `*` at the end stands for anything; the longest that fits counts.
const GROUPS: &[(&str, &str)] = &[
    ("activemq-*", "org.apache.activemq"),
    ("ant", "org.apache.ant"),
    ("ant-*", "org.apache.ant"),
    ("antlr", "antlr"),
    ("asm", "org.ow2.asm"),
    ("asm-*", "org.ow2.asm"),
    ("aspectjrt", "org.aspectj"),
    ("aspectjweaver", "org.aspectj"),
    ("batik-*", "org.apache.xmlgraphics"),
    ("bcpg-jdk*", "org.bouncycastle"),
    ("bcpkix-jdk*", "org.bouncycastle"),
    ("bcprov-jdk*", "org.bouncycastle"),
    ("bctls-jdk*", "org.bouncycastle"),
    ("bcutil-jdk*", "org.bouncycastle"),
    ("byte-buddy*", "net.bytebuddy"),
    ("caffeine", "com.github.ben-manes.caffeine"),
    ("catalina", "org.apache.tomcat"),
    ("checker-qual", "org.checkerframework"),
    ("commons-beanutils", "commons-beanutils"),
    ("commons-codec", "commons-codec"),
    ("commons-collections", "commons-collections"),
    ("commons-fileupload", "commons-fileupload"),
    ("commons-httpclient", "commons-httpclient"),
    ("commons-io", "commons-io"),
    ("commons-lang", "commons-lang"),
    ("commons-logging", "commons-logging"),
    ("disruptor", "com.lmax"),
    ("dom4j", "org.dom4j"),
    ("elasticsearch", "org.elasticsearch"),
    ("elasticsearch-*", "org.elasticsearch"),
    ("groovy", "org.codehaus.groovy"),
    ("groovy-*", "org.codehaus.groovy"),
    ("grpc-*", "io.grpc"),
    ("gson", "com.google.code.gson"),
    ("h2", "com.h2database"),
    ("hazelcast", "com.hazelcast"),
    ("hibernate-core", "org.hibernate"),
    ("hsqldb", "org.hsqldb"),
    ("jackson-core-asl", "org.codehaus.jackson"),
    ("jackson-mapper-asl", "org.codehaus.jackson"),
    ("jna", "net.java.dev.jna"),
    ("jna-platform", "net.java.dev.jna"),
    ("jsch", "com.jcraft"),
    ("junit", "junit"),
    ("junit-jupiter-*", "org.junit.jupiter"),
    ("jython-standalone", "org.python"),
    ("kafka-*", "org.apache.kafka"),
    ("kafka_*", "org.apache.kafka"),
    ("kotlin-*", "org.jetbrains.kotlin"),
    ("log4j", "log4j"),
    ("log4j-*", "org.apache.logging.log4j"),
    ("lucene-*", "org.apache.lucene"),
    ("lz4-java", "org.lz4"),
    ("mariadb-java-client", "org.mariadb.jdbc"),
    ("micrometer-*", "io.micrometer"),
    ("mockito-core", "org.mockito"),
    ("mysql-connector-java", "mysql"),
    ("netty-*", "io.netty"),
    ("okhttp", "com.squareup.okhttp3"),
    ("okio*", "com.squareup.okio"),
    ("opensearch*", "org.opensearch"),
    ("opentelemetry-*", "io.opentelemetry"),
    ("poi", "org.apache.poi"),
    ("poi-*", "org.apache.poi"),
    ("postgresql", "org.postgresql"),
    ("protobuf-java", "com.google.protobuf"),
    ("quartz", "org.quartz-scheduler"),
    ("re2j", "com.google.re2j"),
    ("reactor-core", "io.projectreactor"),
    ("reactor-netty*", "io.projectreactor.netty"),
    ("retrofit", "com.squareup.retrofit2"),
    ("solr-*", "org.apache.solr"),
    ("spring-amqp", "org.springframework.amqp"),
    ("spring-aop", "org.springframework"),
    ("spring-aspects", "org.springframework"),
    ("spring-batch-*", "org.springframework.batch"),
    ("spring-beans", "org.springframework"),
    ("spring-boot*", "org.springframework.boot"),
    ("spring-cloud-*", "org.springframework.cloud"),
    ("spring-context", "org.springframework"),
    ("spring-context-*", "org.springframework"),
    ("spring-core", "org.springframework"),
    ("spring-data-*", "org.springframework.data"),
    ("spring-expression", "org.springframework"),
    ("spring-graphql", "org.springframework.graphql"),
    ("spring-hateoas", "org.springframework.hateoas"),
    ("spring-instrument", "org.springframework"),
    ("spring-integration-*", "org.springframework.integration"),
    ("spring-jcl", "org.springframework"),
    ("spring-jdbc", "org.springframework"),
    ("spring-jms", "org.springframework"),
    ("spring-kafka*", "org.springframework.kafka"),
    ("spring-ldap-*", "org.springframework.ldap"),
    ("spring-messaging", "org.springframework"),
    ("spring-orm", "org.springframework"),
    ("spring-oxm", "org.springframework"),
    ("spring-plugin-*", "org.springframework.plugin"),
    ("spring-r2dbc", "org.springframework"),
    ("spring-rabbit*", "org.springframework.amqp"),
    ("spring-retry", "org.springframework.retry"),
    ("spring-security-*", "org.springframework.security"),
    ("spring-session-*", "org.springframework.session"),
    ("spring-test", "org.springframework"),
    ("spring-tx", "org.springframework"),
    ("spring-vault-*", "org.springframework.vault"),
    ("spring-web", "org.springframework"),
    ("spring-webflux", "org.springframework"),
    ("spring-webmvc", "org.springframework"),
    ("spring-websocket", "org.springframework"),
    ("spring-ws-*", "org.springframework.ws"),
    ("tomcat-*", "org.apache.tomcat"),
    ("tomcat-embed-*", "org.apache.tomcat.embed"),
    ("velocity", "org.apache.velocity"),
    ("xalan", "xalan"),
    ("xercesImpl", "xerces"),
    ("xstream", "com.thoughtworks.xstream"),
    ("zookeeper", "org.apache.zookeeper"),
];

/// Groups that their projects left, the first major version in the new one, and that.
const MOVED: &[(&str, u32, &str)] =
    &[("org.codehaus.groovy", 4, "org.apache.groovy"), ("org.hibernate", 6, "org.hibernate.orm")];

/// The group of an artifact in this version (empty where it is not known), where it is widely known.
pub(super) fn of(name: &str, version: &str) -> Option<&'static str> {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    };
    let fitting = GROUPS.iter().filter(|(pattern, _)| fits(pattern));
    let group = fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(_, group)| *group)?;
    let major = version.split(|c: char| !c.is_ascii_digit()).next();
    let major = major.and_then(|major| major.parse::<u32>().ok());
    let moved = MOVED
        .iter()
        .find(|(left, since, _)| *left == group && major.is_some_and(|major| major >= *since));
    Some(moved.map_or(group, |(_, _, now)| *now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pattern_counts() {
        let check = |name: &str, version: &str, expect| assert_eq!(of(name, version), expect);
        check("spring-core", "5.3.9", Some("org.springframework"));
        check("spring-boot", "2.7.0", Some("org.springframework.boot"));
        check("spring-data-jpa", "2.7.0", Some("org.springframework.data"));
        check("kafka_2.13", "3.0.0", Some("org.apache.kafka"));
        check("unknown", "1", None);
        assert!(GROUPS.is_sorted_by(|left, right| left.0 < right.0));
    }

    /// Each as its project publishes it on Maven Central; not all that is called so is the framework.
    #[test]
    fn projects_of_spring_have_their_own_groups() {
        for (name, group) in [
            ("spring-webmvc", "org.springframework"),
            ("spring-context-support", "org.springframework"),
            ("spring-integration-core", "org.springframework.integration"),
            ("spring-batch-core", "org.springframework.batch"),
            ("spring-amqp", "org.springframework.amqp"),
            ("spring-rabbit", "org.springframework.amqp"),
            ("spring-retry", "org.springframework.retry"),
        ] {
            assert_eq!(of(name, "1.0"), Some(group), "{name}");
        }
        assert_eq!(of("spring-of-somebody-else", "1.0"), None);
    }

    #[test]
    fn projects_move_to_other_groups() {
        assert_eq!(of("groovy-json", "3.0.9"), Some("org.codehaus.groovy"));
        assert_eq!(of("groovy-json", "4.0.0"), Some("org.apache.groovy"));
        assert_eq!(of("groovy", ""), Some("org.codehaus.groovy"));
        assert_eq!(of("hibernate-core", "5.6.15.Final"), Some("org.hibernate"));
        assert_eq!(of("hibernate-core", "6.0.0.Final"), Some("org.hibernate.orm"));
    }
}
