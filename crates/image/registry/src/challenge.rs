//! What a registry wants to know before it answers (RFC 9110, 11.6.1; distribution, "token
//! authentication").

/// How a registry wants to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// With an account.
    Basic,
    /// With a token of the server at `realm`.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

impl Challenge {
    /// Reads the values of `WWW-Authenticate`; of several challenges the one with a token counts.
    pub(crate) fn read(values: &[String]) -> Option<Self> {
        let challenges: Vec<Self> = values.iter().flat_map(|value| challenges(value)).collect();
        let is_bearer = |challenge: &&Self| matches!(challenge, Self::Bearer { .. });
        challenges.iter().find(is_bearer).or_else(|| challenges.first()).cloned()
    }
}

/// One value may hold several challenges; a scheme is a word without `=` behind it.
fn challenges(value: &str) -> Vec<Challenge> {
    let mut found = Vec::new();
    let mut scheme = String::new();
    let mut parameters: Vec<(String, String)> = Vec::new();
    let mut rest = value;
    while let Some((word, after)) = token(rest) {
        if let Some(after) = after.trim_start().strip_prefix('=') {
            let (text, after) = text(after.trim_start());
            parameters.push((word.to_ascii_lowercase(), text));
            rest = after;
        } else {
            found.extend(challenge(&scheme, &parameters));
            scheme = word.to_ascii_lowercase();
            parameters.clear();
            rest = after;
        }
    }
    found.extend(challenge(&scheme, &parameters));
    found
}

fn challenge(scheme: &str, parameters: &[(String, String)]) -> Option<Challenge> {
    let of = |name: &str| {
        let pair = parameters.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    match scheme {
        "basic" => Some(Challenge::Basic),
        "bearer" => Some(Challenge::Bearer {
            realm: of("realm")?,
            service: of("service"),
            scope: of("scope"),
        }),
        _ => None,
    }
}

/// The next word, and what follows it.
fn token(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches([' ', '\t', ',']);
    let end = text.find([' ', '\t', ',', '=', '"']).unwrap_or(text.len());
    // Something that cannot start a word ends the reading.
    (end > 0).then(|| text.split_at(end))
}

/// A value, quoted or not, and what follows it.
fn text(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([' ', '\t', ',']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((position, character)) = characters.next() {
        match character {
            '"' => return (value, quoted.get(position + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>, scope: Option<&str>) -> Challenge {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Challenge::Bearer { realm: realm.into(), service: owned(service), scope: owned(scope) }
    }

    #[track_caller]
    fn check(values: &[&str], expect: Option<&Challenge>) {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        assert_eq!(Challenge::read(&values).as_ref(), expect, "{values:?}");
    }

    #[test]
    fn challenges_of_registries() {
        check(&[r#"Basic realm="Registry Realm""#], Some(&Challenge::Basic));
        check(
            &[
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/alpine:pull""#,
            ],
            Some(&bearer(
                "https://auth.docker.io/token",
                Some("registry.docker.io"),
                Some("repository:library/alpine:pull"),
            )),
        );
        check(
            &[r#"bearer realm=https://a/t , service="a \"b\"""#],
            Some(&bearer("https://a/t", Some("a \"b\""), None)),
        );
    }

    #[test]
    fn tokens_are_preferred() {
        check(
            &["Basic realm=x", "Bearer realm=\"https://a/\""],
            Some(&bearer("https://a/", None, None)),
        );
        check(
            &["Basic realm=x, Bearer realm=\"https://a/\""],
            Some(&bearer("https://a/", None, None)),
        );
    }

    #[test]
    fn what_is_none_is_none() {
        for value in
            ["", "Negotiate", "Bearer", "Bearer service=x", "=", "\"", "Bearer realm=\"", ",,,"]
        {
            check(&[value], None);
        }
    }
}
