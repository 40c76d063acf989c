//! What looks like a credential.

/// Whether a name with a literal value gives a credential away.
pub(super) fn is_credential(name: &str, value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    is_sensitive_name(name) && !is_reference(value) || is_known_token(value)
}

/// Words of names that stand for a credential; they are compared without case and separators.
const WORDS: [&str; 24] = [
    "accesskey",
    "apikey",
    "apitoken",
    "authkey",
    "authtoken",
    "bearertoken",
    "clientsecret",
    "connectionstring",
    "credential",
    "credentials",
    "encryptionkey",
    "jwt",
    "keycontent",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "sharedkey",
    "signingkey",
    "storagekey",
    "token",
];

/// Ends of names that say that the value is only about the credential: where it lies, how it is called.
const ABOUT: [&str; 18] = [
    "count",
    "enabled",
    "expiration",
    "expiry",
    "file",
    "length",
    "lifetime",
    "mode",
    "name",
    "path",
    "policy",
    "ref",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "version",
];

/// Whether a name is that of a credential.
pub(super) fn is_sensitive_name(name: &str) -> bool {
    let mut plain = String::with_capacity(name.len());
    plain.extend(
        name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()),
    );
    let azure_key = plain.starts_with("azure") && plain.ends_with("key");
    let about = ABOUT.iter().any(|end| plain.ends_with(end));
    !about && (azure_key || WORDS.iter().any(|word| plain.ends_with(word)))
}

/// Values that are no credential themselves: references, switches, numbers and paths.
fn is_reference(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || value.starts_with("$(")
        || value.starts_with("${")
        || value.starts_with("{{")
        || (value.starts_with('<') && value.ends_with('>'))
        || value.starts_with('/')
        || value.starts_with("file:")
        || value.starts_with("vault:")
        || matches!(
            value.to_ascii_lowercase().as_str(),
            "true" | "false" | "yes" | "no" | "null" | "none"
        )
}

/// Values that are a credential whatever their name: they have the form of a known issuer.
fn is_known_token(value: &str) -> bool {
    let upper =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let aws = ["AKIA", "ASIA"].iter().any(|prefix| {
        value.strip_prefix(prefix).is_some_and(|rest| rest.len() == 16 && upper(rest))
    });
    let issued = ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_"]
        .iter()
        .any(|prefix| value.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 20));
    let web_token = value.starts_with("eyJ") && value.matches('.').count() == 2;
    let bearer = value.split_once(' ').is_some_and(|(scheme, token)| {
        scheme.eq_ignore_ascii_case("bearer") && !is_reference(token)
    });
    bearer || aws || issued || web_token || looks_like_key(value)
}

/// A private key in its armour: of PEM and OpenSSH (RFC 7468), of SSH2 with four dashes and spaces (RFC 4716),
/// of `OpenPGP` as a block (RFC 9580, 6.2). Whoever copies one by hand loses dashes.
pub(super) fn looks_like_key(value: &str) -> bool {
    value.match_indices("BEGIN ").any(|(at, word)| {
        let (before, after) = value.split_at(at);
        let line = after.strip_prefix(word).and_then(|after| after.lines().next());
        let label = line.unwrap_or_default().trim_end_matches(['-', ' ']);
        before.trim_end_matches(' ').ends_with("--")
            && line.is_some_and(|line| line.len() > label.len())
            && (label.ends_with("PRIVATE KEY") || label.ends_with("PRIVATE KEY BLOCK"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_credentials() {
        for (name, value, credential) in [
            ("PASSWORD", "hunter2", true),
            ("DB_PASSWORD", "hunter2", true),
            ("db.password", "hunter2", true),
            ("AWS_SECRET_ACCESS_KEY", "abc", true),
            ("AZURE_BATCH_KEY", "abc", true),
            ("API-TOKEN", "abc", true),
            ("PASSWORD", "", false),
            ("PASSWORD", "$(OTHER)", false),
            ("PASSWORD_FILE", "/secrets/password", false),
            ("TOKEN_TTL", "3600", false),
            ("KEYBOARD", "us", false),
            ("LEVEL", "debug", false),
            ("HEADER", "bearer abc123def", true),
            ("HEADER", "Bearer $(TOKEN)", false),
            ("LEVEL", "AKIAIOSFODNN7EXAMPLE", true),
            ("IDENTITY", "-----BEGIN PRIVATE KEY-----\nMIIE", true),
            ("IDENTITY", "---BEGIN OPENSSH PRIVATE KEY---\nb3Bl", true),
            ("IDENTITY", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/5", true),
            ("IDENTITY", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nxVgE", true),
            ("IDENTITY", "-----BEGIN PUBLIC KEY-----\nMIIB", false),
            ("NOTE", "BEGIN with the PRIVATE KEY", false),
        ] {
            assert_eq!(is_credential(name, value), credential, "{name}={value}");
        }
    }
}
