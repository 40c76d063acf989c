//! Addresses that packages come from.

/// An address without user name and password.
pub(crate) fn without_user(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

/// A repository in the form of the purl qualifier `vcs_url`: `git+https://host/path@commit`. Empty
/// where there is no address.
pub(crate) fn vcs_url(system: &str, address: &str, commit: &str) -> String {
    if address.is_empty() {
        return String::new();
    }
    let separator = if commit.is_empty() { "" } else { "@" };
    format!("{system}+{}{separator}{commit}", without_user(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_without_credentials() {
        for (address, commit, expected) in [
            ("https://user:word@host/a.git", "0ab", "git+https://host/a.git@0ab"),
            ("ssh://git@host/a", "", "git+ssh://host/a"),
            ("git@host:a.git", "0ab", "git+git@host:a.git@0ab"),
            ("", "0ab", ""),
        ] {
            assert_eq!(vcs_url("git", address, commit), expected);
        }
    }
}
