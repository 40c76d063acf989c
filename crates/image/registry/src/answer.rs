//! What registries say in JSON: errors and tokens.

use bulkhead_http::Secret;
use serde::Deserialize;

/// `{"errors":[{"code":"DENIED","message":"…"}]}` (distribution specification, "Error codes").
#[derive(Deserialize)]
struct Errors {
    errors: Vec<Error>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Error {
    code: String,
    message: String,
}

/// The message inside an error document; text that is none stays as it is.
pub(crate) fn message(text: &str) -> String {
    let Ok(Errors { errors }) = serde_json::from_str(text) else { return text.to_owned() };
    let Some(Error { code, message }) = errors.into_iter().next() else { return String::new() };
    if message.is_empty() { code } else { message }
}

/// What a token server gives (distribution, "token authentication"); `token` is the older name.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// The token in an answer.
pub(crate) fn token(bytes: &[u8]) -> Option<Secret> {
    let Token { token, access_token } = serde_json::from_slice(bytes).ok()?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    filled(token).or_else(|| filled(access_token)).map(Secret::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_documents_are_unwrapped() {
        let denied = r#"{"errors":[{"code":"DENIED","message":"not yours","detail":null}]}"#;
        assert_eq!(message(denied), "not yours");
        assert_eq!(message(r#"{"errors":[{"code":"DENIED"}]}"#), "DENIED");
        assert_eq!(message("<html>"), "<html>");
    }

    #[test]
    fn tokens_have_two_names() {
        assert_eq!(token(br#"{"token":"a","expires_in":300}"#), Some(Secret::new("a")));
        assert_eq!(token(br#"{"token":"","access_token":"b"}"#), Some(Secret::new("b")));
        assert_eq!(token(b"{}"), None);
        assert_eq!(token(b"no"), None);
    }
}
