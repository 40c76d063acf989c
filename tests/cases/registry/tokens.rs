//! A token server (distribution, "token authentication specification"), as small as it can be.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use bulkhead_end_to_end::ACCOUNT;
use bulkhead_testing::{Answer, Asked, Server};
use rcgen::{CertificateParams, KeyPair, SigningKey as _};
use serde_json::json;

/// Gives [`ACCOUNT`] whatever it asks for, and nobody else anything.
pub(super) struct TokenServer {
    server: Server,
    certificate: String,
}

impl TokenServer {
    pub(super) fn start() -> Self {
        let key = KeyPair::generate().expect("a key can be made");
        let parameters = CertificateParams::new(["tokens".to_owned()]).expect("a name");
        let certificate = parameters.self_signed(&key).expect("it can be signed");
        let (pem, der) = (certificate.pem(), certificate.der().to_vec());
        let server = Server::tls(move |asked| answer(asked, &key, &der));
        Self { server, certificate: pem }
    }

    pub(super) fn realm(&self) -> String {
        self.server.url("/token")
    }

    /// By which registries know its tokens.
    pub(super) fn certificate(&self) -> String {
        self.certificate.clone()
    }

    /// By which clients know the server.
    pub(super) fn root(&self) -> &str {
        self.server.root()
    }
}

fn answer(asked: &Asked, key: &KeyPair, certificate: &[u8]) -> Answer {
    let pair = BASE64_STANDARD.encode(format!("{}:{}", ACCOUNT.0, ACCOUNT.1));
    if asked.header("authorization") != Some(&format!("Basic {pair}")) {
        return Answer::status(401);
    }
    let scopes = asked.path.split(['?', '&']).filter_map(|pair| pair.strip_prefix("scope="));
    let access: Vec<_> = scopes
        .filter_map(|scope| {
            let scope = scope.replace("%3A", ":").replace("%2C", ",").replace("%2F", "/");
            let (rest, actions) = scope.rsplit_once(':')?;
            let (kind, name) = rest.split_once(':')?;
            let actions: Vec<&str> = actions.split(',').collect();
            Some(json!({ "type": kind, "name": name, "actions": actions }))
        })
        .collect();
    let x5c = [BASE64_STANDARD.encode(certificate)];
    let header = json!({ "typ": "JWT", "alg": "ES256", "x5c": x5c });
    // From long ago to the year 2100: the test needs no clock.
    let claims = json!({
        "iss": "tests", "sub": ACCOUNT.0, "aud": "tests",
        "nbf": 0, "iat": 0, "exp": 4_102_444_800_u64, "jti": "1", "access": access,
    });
    let encode = |text: String| BASE64_URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
    let signature = raw(&key.sign(signed.as_bytes()).expect("a key signs"));
    let token = format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature));
    Answer::of(json!({ "token": token }).to_string())
}

/// The two numbers of an ECDSA signature side by side, 32 bytes each (RFC 7518, 3.4), out of their
/// DER form.
fn raw(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut signature = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let number = if number.len() > 32 { &number[number.len() - 32..] } else { number };
        signature.resize(signature.len() + 32 - number.len(), 0);
        signature.extend_from_slice(number);
        rest = &rest[2 + length..];
    }
    signature
}
