//! Addresses for reading on, in documents whose readers follow them with a click.

/// The longest address that is written.
const LONGEST: usize = 2000;

/// Where an id is published.
pub(crate) fn of(rule: &str) -> Option<String> {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':');
    if rule.is_empty() || rule.len() > 100 || !rule.bytes().all(safe) {
        return None;
    }
    let (prefix, _) = rule.split_once('-')?;
    Some(match prefix {
        "CVE" => format!("https://www.cve.org/CVERecord?id={rule}"),
        "GHSA" => format!("https://github.com/advisories/{rule}"),
        "GO" | "MAL" | "OSV" | "PYSEC" | "RUSTSEC" => {
            format!("https://osv.dev/vulnerability/{rule}")
        }
        _ => return None,
    })
}

/// A feed's reference, where it is an address of the web and nothing else: no script, no spaces, no
/// account, nothing that RFC 3986 does not allow.
pub(crate) fn web(reference: &str) -> Option<&str> {
    let rest = reference.strip_prefix("https://").or_else(|| reference.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    let numbered = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let path = rest.get(host.len()..)?;
    let valid = !name.is_empty() && named && numbered && is_path(path);
    (valid && reference.len() <= LONGEST).then_some(reference)
}

/// Path, query and fragment (RFC 3986, sections 3.3 to 3.5).
fn is_path(path: &str) -> bool {
    let mut bytes = path.bytes();
    let mut fragments = 0_u8;
    while let Some(byte) = bytes.next() {
        let valid = match byte {
            b'%' => {
                let digit = |byte: Option<u8>| byte.is_some_and(|it| it.is_ascii_hexdigit());
                digit(bytes.next()) && digit(bytes.next())
            }
            b'#' => {
                fragments = fragments.saturating_add(1);
                fragments == 1
            }
            _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
        };
        if !valid {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_have_a_page() {
        for (rule, address) in [
            ("CVE-2021-44228", Some("https://www.cve.org/CVERecord?id=CVE-2021-44228")),
            ("GHSA-jfh8-c2jp-5v3q", Some("https://github.com/advisories/GHSA-jfh8-c2jp-5v3q")),
            ("GO-2021-0052", Some("https://osv.dev/vulnerability/GO-2021-0052")),
            ("ACME-1", None),
            ("CVE-2021-\"><script>", None),
            ("", None),
        ] {
            assert_eq!(of(rule).as_deref(), address, "{rule}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_followed() {
        for good in [
            "https://example.org",
            "http://example.org:8080/a%20b?c=d&e#f",
            "https://example.org?x",
            "https://lists.example.org/a/(b)/c~d;e",
        ] {
            assert_eq!(web(good), Some(good));
        }
        for bad in [
            "javascript:alert(1)",
            "ftp://example.org",
            "https://",
            "https://user@example.org/",
            "https://example.org/a b",
            "https://example.org/\"onclick=",
            "https://example.org/%2",
            "https://example.org/#a#b",
            "https://example.org:/",
            "https://exa[mple.org/",
            "//example.org",
        ] {
            assert_eq!(web(bad), None, "{bad}");
        }
    }
}
