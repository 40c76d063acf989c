//! Addresses as they may be shown.

use std::fmt;

use reqwest::Url;

/// An address without what may be secret in it: user, password, the values of its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl From<&Url> for Address {
    fn from(url: &Url) -> Self {
        let mut shown = url.clone();
        // Both fail only for addresses that have no host, which have no user either.
        let _ = shown.set_username("");
        let _ = shown.set_password(None);
        shown.set_fragment(None);
        // Signed addresses of object stores carry their signature here.
        if shown.query().is_some() {
            shown.set_query(Some("…"));
        }
        Self(shown.to_string().replace("%E2%80%A6", "…"))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out() {
        for (url, shown) in [
            ("https://h.example/a/b", "https://h.example/a/b"),
            ("https://me:word@h.example:8443/a", "https://h.example:8443/a"),
            ("https://h.example/a?X-Amz-Signature=abc#x", "https://h.example/a?…"),
        ] {
            assert_eq!(Address::from(&Url::parse(url).unwrap()).to_string(), shown);
        }
    }
}
