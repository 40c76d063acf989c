//! One way to the network: certificates, proxies, retries, redaction, and none at all when offline.
