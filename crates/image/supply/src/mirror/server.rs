//! A server with the layout of a mirror folder.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bulkhead_http::{Client, Method, Request, Secret, Url};

use super::folder::STATE;
use super::{MirrorError, State};

/// Bytes of a server's own listing.
const LISTING: u64 = 256 << 20;

/// A server that has what the publishers have, at its own address and the paths of a mirror folder.
#[derive(Debug, Clone)]
pub struct Server {
    base: Url,
    authorization: Option<Secret>,
}

impl Server {
    /// Reads its address. A name and a password in it, or else the token, go to this server alone:
    /// no redirect to elsewhere gets them. `http` is for those who say that it may be.
    pub fn parse(text: &str, token: Option<&Secret>, insecure: bool) -> Result<Self, MirrorError> {
        let refused = |text: &str, cause| MirrorError::Server { text: text.to_owned(), cause };
        let parsed = Url::parse(text).ok();
        let Some(mut base) = parsed.filter(|url| url.has_host() && !url.cannot_be_a_base()) else {
            // Whatever it is, it may hold a password.
            let shown = text.rsplit_once('@').map_or(text, |_| "…");
            return Err(refused(shown, "it is none of http or https"));
        };
        let account = account(&base);
        // Both fail only for addresses without a host.
        let _ = base.set_username("");
        let _ = base.set_password(None);
        base.set_query(None);
        base.set_fragment(None);
        match base.scheme() {
            "https" => {}
            "http" if insecure => {}
            "http" => return Err(refused(base.as_str(), "it has no TLS")),
            _ => return Err(refused(base.as_str(), "it is none of http or https")),
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        let bearer = || token.map(|token| Secret::new(format!("Bearer {}", token.expose())));
        Ok(Self { base, authorization: account.or_else(bearer) })
    }

    /// `name` or `name:port`, as [`bulkhead_http::Network::insecure`] has it.
    pub fn authority(&self) -> String {
        let host = self.base.host_str().unwrap_or_default();
        match self.base.port_or_known_default() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The address of a path below the mirror folder; of a folder where the last name is empty.
    pub(super) fn address<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(names);
        }
        url
    }

    /// A request that reads, with the server's credentials.
    pub(super) fn request(&self, url: Url) -> Request {
        Request::to(Method::GET, url).authorization(self.authorization.clone())
    }

    /// What the server itself says that it has: the state of the mirror folder that it serves. None
    /// where it does not say it.
    pub(super) async fn listing(&self, client: &Client) -> Result<Option<State>, MirrorError> {
        let response = client.send(&self.request(self.address(STATE))).await?;
        if matches!(response.status().as_u16(), 403 | 404 | 410) {
            return Ok(None);
        }
        let document = response.successful().await?.document(LISTING).await?;
        // A page that says that there is nothing is as good as 404.
        Ok(State::parse(&document).ok())
    }
}

/// The header of the name and the password of an address (RFC 7617).
fn account(url: &Url) -> Option<Secret> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let (name, word) = (decoded(url.username())?, decoded(url.password().unwrap_or_default())?);
    Some(Secret::new(format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{word}")))))
}

/// A text without its percent encoding (RFC 3986, 2.1); none where it is not UTF-8 then.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| str::from_utf8(digits).ok());
        let code = code.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) if byte == b'%' => {
                bytes.push(value);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_the_folder() {
        for base in ["https://mirror.example/feeds", "https://me:w%20rd@mirror.example/feeds/?x#y"]
        {
            let server = Server::parse(base, None, false).unwrap();
            let address = server.address(["osv-vulnerabilities", "AlmaLinux:9", "all.zip"]);
            assert_eq!(
                address.as_str(),
                "https://mirror.example/feeds/osv-vulnerabilities/AlmaLinux:9/all.zip"
            );
            assert_eq!(server.address(["a", ""]).as_str(), "https://mirror.example/feeds/a/");
            assert_eq!(server.authority(), "mirror.example:443");
            assert_eq!(server.authorization.is_some(), base.contains('@'));
        }
    }

    #[test]
    fn others_are_refused_without_their_secrets() {
        for text in ["mirror.example", "http://me:word@h.example/", "ftp://me:word@h.example", ""] {
            let error = Server::parse(text, None, false).unwrap_err().to_string();
            assert!(!error.contains("word"), "{error}");
        }
        assert!(Server::parse("http://h.example", None, true).is_ok());
    }

    #[test]
    fn encoded_names_are_read() {
        for (text, expected) in [
            ("AlmaLinux%3A9", Some("AlmaLinux:9")),
            ("a%2fb", Some("a/b")),
            ("100%", Some("100%")),
            ("%+1", Some("%+1")),
            ("%ff", None),
        ] {
            assert_eq!(decoded(text).as_deref(), expected, "{text}");
        }
    }
}
