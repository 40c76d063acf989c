//! Names of vulnerabilities.

/// The canonical form of a name: `CVE-…` and `GHSA-…` in their own case, others as they are. None
/// for a text that cannot be a name all over the world: a word, a bare date or number, a weakness.
pub(super) fn canonical(text: &str) -> Option<String> {
    let text = text.trim();
    if has_prefix(text, "CVE-") {
        let upper = text.to_ascii_uppercase();
        return is_cve(&upper).then_some(upper);
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let is_name = plain && letters >= 2 && digits && text.len() <= 128 && !has_prefix(text, "CWE-");
    is_name.then(|| {
        if has_prefix(text, "GHSA-") {
            format!("GHSA-{}", text.get(5..).unwrap_or_default().to_ascii_lowercase())
        } else {
            text.to_owned()
        }
    })
}

/// Whether the text is `CVE-`, a year and a number of four or more digits.
pub(crate) fn is_cve(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')).is_some_and(|(year, number)| {
        year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)
    })
}

/// The CVEs that a text names, each once, in its order.
pub(super) fn cves_in(text: &str) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
    let mut cves: Vec<String> = Vec::new();
    for name in words.filter(|word| has_prefix(word, "CVE-")).filter_map(canonical) {
        if !cves.contains(&name) {
            cves.push(name);
        }
    }
    cves
}

/// Whether a bulletin of a distribution is about security by its id. Red Hat and those that follow it
/// put `BA` (bug fix) or `EA` (enhancement) behind the letters of their name: `ALBA-2019:0973`.
pub(super) fn is_security_bulletin(id: &str) -> bool {
    let kind = id.split('-').next().and_then(|letters| letters.get(2..));
    !matches!(kind, Some("BA" | "EA"))
}

/// The number of a weakness, `CWE-79` or `CWE-79 Cross-site Scripting`.
///
/// None for the two categories 937 and 1035 (lists of OWASP), which some publishers put on every
/// record: they say nothing about it.
pub(super) fn weakness(text: &str) -> Option<u32> {
    let text = text.trim();
    let number = has_prefix(text, "CWE-").then(|| text.get(4..)).flatten()?;
    let end = number.bytes().take_while(u8::is_ascii_digit).count();
    let number = number.get(..end)?.parse().ok()?;
    (!matches!(number, 0 | 937 | 1035)).then_some(number)
}

/// Each number once, in order.
pub(super) fn weaknesses(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<u32> {
    let mut numbers: Vec<u32> =
        texts.into_iter().filter_map(|text| weakness(text.as_ref())).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The canonical names other than `id` itself, each once, sorted.
pub(super) fn aliases(id: &str, names: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<String> {
    let mut aliases: Vec<String> =
        names.into_iter().filter_map(|name| canonical(name.as_ref())).collect();
    aliases.retain(|alias| alias != id);
    aliases.sort_unstable();
    aliases.dedup();
    aliases
}

fn has_prefix(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_canonical_or_none() {
        for (text, expected) in [
            ("CVE-2021-44228", Some("CVE-2021-44228")),
            (" cvE-2014-3530 ", Some("CVE-2014-3530")),
            ("CVE-46838", None),
            ("CVE-????-?????", None),
            ("CVE-2021-123", None),
            ("CVE", None),
            ("ghsa-JFH8-c2jp-5v3q", Some("GHSA-jfh8-c2jp-5v3q")),
            ("GO-2020-0001", Some("GO-2020-0001")),
            ("ALSA-2022:4587", Some("ALSA-2022:4587")),
            ("VSV00010", Some("VSV00010")),
            ("CWE-201", None),
            ("2018-05-20", None),
            ("All versions", None),
            ("unknown", None),
            ("r2", None),
            ("", None),
        ] {
            assert_eq!(canonical(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn texts_name_cves_and_bulletins_their_kind() {
        let text = "* gzip (CVE-2022-1271), (cve-2023-0001 CVE-2022-1271) CVE-2022 CVE-1";
        assert_eq!(cves_in(text), ["CVE-2022-1271", "CVE-2023-0001"]);
        for (id, expected) in [
            ("RHSA-2022:1", true),
            ("ALBA-2019:1", false),
            ("RHEA-2019:1", false),
            ("USN-1-1", true),
        ] {
            assert_eq!(is_security_bulletin(id), expected, "{id}");
        }
    }

    #[test]
    fn weaknesses_are_numbers() {
        for (text, expected) in [
            ("CWE-79", Some(79)),
            ("CWE-863 Incorrect Authorization", Some(863)),
            ("CWE-121: Stack-based Buffer Overflow", Some(121)),
            ("CWE-1035", None),
            ("CWE-", None),
            ("CWE-99999999999", None),
            ("NVD-CWE-noinfo", None),
            ("n/a", None),
        ] {
            assert_eq!(weakness(text), expected, "{text}");
        }
    }
}
