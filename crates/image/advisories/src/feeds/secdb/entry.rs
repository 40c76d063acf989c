//! One entry of the list of what a version fixes: names and remarks, written by hand.

use std::collections::BTreeSet;

use super::names;

/// `CVE-2017-2616 XSA-200`, `CVE-2018-14881 (BGP)`, `CVE N/A ZBX-11023`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    text: String,
    /// Numbers of CVEs.
    pub(super) cves: BTreeSet<String>,
    /// Names of other publishers.
    pub(super) others: BTreeSet<String>,
    /// What looks like a CVE and is none.
    pub(super) unclear: Vec<String>,
}

impl Entry {
    /// CVEs are taken wherever they stand, other names only outside of parentheses, where remarks
    /// stand that may look like one (`IKEv1`).
    pub(super) fn parse(text: &str) -> Self {
        let mut entry = Self { text: text.trim().to_owned(), ..Self::default() };
        let mut depth: usize = 0;
        for piece in text.split_inclusive(['(', ')', '[', ']']) {
            let words = piece.split(|character: char| {
                character.is_whitespace() || "()[],;+&".contains(character)
            });
            for word in words {
                entry.word(word.trim_matches(['.', ':', '"', '\'']), depth == 0);
            }
            if piece.ends_with(['(', '[']) {
                depth = depth.saturating_add(1);
            } else if piece.ends_with([')', ']']) {
                depth = depth.saturating_sub(1);
            }
        }
        entry
    }

    fn word(&mut self, word: &str, outside: bool) {
        let shouted = word.bytes().take(2).all(|byte| byte.is_ascii_uppercase());
        match names::canonical(whole_cve(word)) {
            Some(name) if names::is_cve(&name) => drop(self.cves.insert(name)),
            Some(name) if outside && shouted => drop(self.others.insert(name)),
            None if is_unclear(word) => self.unclear.push(word.to_owned()),
            _ => {}
        }
    }

    /// The vulnerabilities that the entry names, each with its other names.
    ///
    /// A name beside one CVE is another name of it, unless it is known to be a bulletin about
    /// several. Without a CVE the first name stands for the vulnerability.
    pub(super) fn vulnerabilities(
        &self,
        bulletins: &BTreeSet<String>,
    ) -> Vec<(String, Vec<String>)> {
        let mut others = self.others.iter().filter(|name| !bulletins.contains(*name)).cloned();
        if self.cves.is_empty() {
            let id = others.next().or_else(|| self.others.first().cloned());
            return id.map(|id| (id, others.collect())).into_iter().collect();
        }
        let aliases: Vec<String> = if self.cves.len() == 1 { others.collect() } else { Vec::new() };
        self.cves.iter().map(|cve| (cve.clone(), aliases.clone())).collect()
    }

    /// The entry itself, where it says more than the name of one CVE.
    pub(super) fn remark(&self) -> Option<String> {
        (!names::is_cve(&self.text)).then(|| self.text.clone())
    }
}

/// A CVE that was fixed in parts, `CVE-2017-17434-1`, without the number of the part.
fn whole_cve(word: &str) -> &str {
    let end = word.match_indices('-').nth(2).map_or(word.len(), |(end, _)| end);
    let cve = word.get(..end).unwrap_or(word);
    if names::canonical(cve).is_some_and(|name| names::is_cve(&name)) { cve } else { word }
}

/// A CVE with its number mistyped. One whose number was not known yet (`CVE-????-?????`) is left to
/// the name beside it.
fn is_unclear(word: &str) -> bool {
    let start = word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-"));
    start && word.bytes().any(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_remarks() {
        for (text, expected) in [
            ("CVE-2021-44228", "CVE-2021-44228"),
            ("cve-2021-44228", "CVE-2021-44228"),
            ("CVE-2017-2616 XSA-200", "CVE-2017-2616=XSA-200"),
            ("CVE-2018-12891  XSA-264", "CVE-2018-12891=XSA-264"),
            ("GNUTLS-SA-2020-03-31 CVE-2020-11501", "CVE-2020-11501=GNUTLS-SA-2020-03-31"),
            ("CVE-2019-17349 CVE-2019-17350 XSA-295", "CVE-2019-17349 CVE-2019-17350"),
            ("CVE-2019-1234 CVE-2019-1234", "CVE-2019-1234"),
            ("CVE-2019-1234, CVE-2019-1235", "CVE-2019-1234 CVE-2019-1235"),
            ("CVE-2019-1234 (+ regression)", "CVE-2019-1234"),
            ("CVE-2018-14469 (IKEv1)", "CVE-2018-14469"),
            ("CVE-2018-14880 (OSPF6)", "CVE-2018-14880"),
            ("CVE-2019-1234 (and CVE-2019-1235)", "CVE-2019-1234 CVE-2019-1235"),
            ("CVE-2019-1234 fixed with r2", "CVE-2019-1234"),
            ("CVE N/A ZBX-11023", "ZBX-11023"),
            ("CVE-????-????? XSA-312", "XSA-312"),
            ("CVE-2022-45059 VSV00010", "CVE-2022-45059=VSV00010"),
            ("GHSA-fhpf-pp6p-55qc", "GHSA-fhpf-pp6p-55qc"),
            ("ALPINE-14094", "ALPINE-14094"),
            ("XSA-1000 XSA-248", "XSA-248"),
            ("CVE-2017-17434-1", "CVE-2017-17434"),
            ("CVE-46838", ""),
            ("see the changelog", ""),
            ("((((", ""),
            ("", ""),
        ] {
            let bulletins = BTreeSet::from(["XSA-1000".to_owned()]);
            let shown: Vec<String> = Entry::parse(text)
                .vulnerabilities(&bulletins)
                .into_iter()
                .map(|(id, aliases)| {
                    aliases.into_iter().fold(id, |shown, alias| format!("{shown}={alias}"))
                })
                .collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn a_mistyped_number_is_said() {
        assert_eq!(Entry::parse("CVE-46838").unclear, ["CVE-46838"]);
        assert_eq!(Entry::parse("CVE-????-????? XSA-312").unclear, Vec::<String>::new());
    }
}
