//! Groups of widely used artifacts that are built without Maven and so do not carry their own.

/// By the beginning of the name; the longest that fits counts. A trailing `*` stands for anything.
const GROUPS: [(&str, &str); 38] = [
    ("bcpg-jdk*", "org.bouncycastle"),
    ("bcpkix-jdk*", "org.bouncycastle"),
    ("bcprov-jdk*", "org.bouncycastle"),
    ("bctls-jdk*", "org.bouncycastle"),
    ("bcutil-jdk*", "org.bouncycastle"),
    ("byte-buddy*", "net.bytebuddy"),
    ("caffeine", "com.github.ben-manes.caffeine"),
    ("catalina", "org.apache.tomcat"),
    ("tomcat-*", "org.apache.tomcat"),
    ("tomcat-embed-*", "org.apache.tomcat.embed"),
    ("elasticsearch", "org.elasticsearch"),
    ("elasticsearch-*", "org.elasticsearch"),
    ("groovy", "org.codehaus.groovy"),
    ("groovy-*", "org.codehaus.groovy"),
    ("hibernate-core", "org.hibernate"),
    ("jsch", "com.jcraft"),
    ("junit-jupiter-*", "org.junit.jupiter"),
    ("kafka-clients", "org.apache.kafka"),
    ("kotlin-reflect", "org.jetbrains.kotlin"),
    ("kotlin-stdlib*", "org.jetbrains.kotlin"),
    ("logstash-core", "org.logstash"),
    ("lucene-*", "org.apache.lucene"),
    ("micrometer-*", "io.micrometer"),
    ("mockito-core", "org.mockito"),
    ("okhttp", "com.squareup.okhttp3"),
    ("okio*", "com.squareup.okio"),
    ("opensearch*", "org.opensearch"),
    ("reactor-core", "io.projectreactor"),
    ("reactor-netty*", "io.projectreactor.netty"),
    ("retrofit", "com.squareup.retrofit2"),
    ("rxjava", "io.reactivex"),
    ("snakeyaml-engine", "org.snakeyaml"),
    ("spring-*", "org.springframework"),
    ("spring-boot*", "org.springframework.boot"),
    ("spring-data-*", "org.springframework.data"),
    ("spring-kafka*", "org.springframework.kafka"),
    ("spring-security-*", "org.springframework.security"),
    ("spring-session-*", "org.springframework.session"),
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
