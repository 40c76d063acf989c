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
    ("spring-*", "org.springframework"),
    ("spring-boot*", "org.springframework.boot"),
    ("spring-data-*", "org.springframework.data"),
    ("spring-kafka*", "org.springframework.kafka"),
    ("spring-security-*", "org.springframework.security"),
    ("spring-session-*", "org.springframework.session"),
    ("tomcat-*", "org.apache.tomcat"),
    ("tomcat-embed-*", "org.apache.tomcat.embed"),
    ("velocity", "org.apache.velocity"),
    ("xalan", "xalan"),
    ("xercesImpl", "xerces"),
    ("xstream", "com.thoughtworks.xstream"),
    ("zookeeper", "org.apache.zookeeper"),
];

/// The group of an artifact, where it is widely known.
pub(super) fn of(name: &str) -> Option<&'static str> {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    };
    let fitting = GROUPS.iter().filter(|(pattern, _)| fits(pattern));
    fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(_, group)| *group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_pattern_counts() {
        assert_eq!(of("spring-core"), Some("org.springframework"));
        assert_eq!(of("spring-boot"), Some("org.springframework.boot"));
        assert_eq!(of("spring-data-jpa"), Some("org.springframework.data"));
        assert_eq!(of("kafka_2.13"), Some("org.apache.kafka"));
        assert_eq!(of("unknown"), None);
        assert!(GROUPS.is_sorted_by(|left, right| left.0 < right.0));
    }
}
