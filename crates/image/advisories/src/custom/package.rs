//! The notation of packages: `npm/lodash`, `debian:12/openssl`.

use bulkhead_model::{Ecosystem, PackageKey, Scope};
use bulkhead_versions::Scheme;

use crate::scope::scheme_of;

/// Reads scope and name. The error says what is wrong and what to write.
pub(super) fn read(text: &str) -> Result<(PackageKey, Scheme), String> {
    if let Some(locator) = text.strip_prefix("pkg:") {
        return Err(format!(
            "package URLs are not read here: write {locator:?}, with group:artifact for Maven"
        ));
    }
    let Some((scope, name)) = text.split_once('/') else {
        return Err(format!("{text:?} has no scope: write it before the name, such as npm/{text}"));
    };
    let name = name.trim();
    if name.is_empty() {
        return Err(format!("{text:?} names no package after the scope"));
    }
    let scope: Scope = scope.trim().parse().map_err(|unknown| format!("{unknown}"))?;
    let Some(scheme) = scheme_of(&scope) else {
        return Err(format!(
            "the order of versions of {scope} is not known: advisories cannot be compared there"
        ));
    };
    if scope == Scope::Language(Ecosystem::Maven) && name.split(':').count() != 2 {
        return Err(format!("{name:?} is no Maven package: write maven/group:artifact"));
    }
    Ok((PackageKey::new(scope, name), scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_with_their_order() {
        for (text, key, scheme) in [
            ("npm/@angular/core", "npm @angular/core", Scheme::Npm),
            ("pypi/Flask_Login", "pypi flask-login", Scheme::Pep440),
            ("maven/org.yaml:snakeyaml", "maven org.yaml:snakeyaml", Scheme::Maven),
            ("golang/golang.org/x/net", "golang golang.org/x/net", Scheme::Go),
            ("debian:12/openssl", "debian:12 openssl", Scheme::Dpkg),
        ] {
            let (read, order) = read(text).unwrap();
            assert_eq!((read.to_string().as_str(), order), (key, scheme));
        }
    }

    #[test]
    fn mistakes_are_told_with_the_remedy() {
        for (text, part) in [
            ("lodash", "such as npm/lodash"),
            ("nmp/lodash", "unknown scope"),
            ("npm/", "names no package"),
            ("pkg:npm/lodash", "write \"npm/lodash\""),
            ("maven/org.yaml/snakeyaml", "write maven/group:artifact"),
            ("plan9:4/rc", "order of versions of plan9:4"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told.contains(part), "{text}: {told}");
        }
    }
}
