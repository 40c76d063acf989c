//! What secdb says about an unpacked Alpine, worked out the plain way.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// The (origin, CVE) pairs that hold in a root file system. None where it is no Alpine whose release
/// secdb knows.
pub(super) fn pairs(root: &Path) -> Option<BTreeSet<(String, String)>> {
    let release = fs_err::read_to_string(root.join("etc/os-release")).ok()?;
    let value = |key: &str| {
        release.lines().find_map(|line| line.strip_prefix(key)).map(|it| it.trim_matches('"'))
    };
    if value("ID=") != Some("alpine") {
        return None;
    }
    let mut numbers = value("VERSION_ID=")?.split('.');
    let branch = format!("v{}.{}", numbers.next()?, numbers.next()?);
    let advisories = bulkhead_testing::data(&format!("feeds/secdb.alpinelinux.org/{branch}"))?;
    let installed = installed(root);
    let mut pairs = BTreeSet::new();
    for file in bulkhead_testing::files_below(&advisories) {
        let feed: Value =
            serde_json::from_slice(&fs_err::read(file).expect("a feed")).expect("JSON");
        for package in feed["packages"].as_array().expect("packages") {
            let package = &package["pkg"];
            let origin = package["name"].as_str().expect("a name");
            for (_, version) in installed.iter().filter(|(name, _)| name == origin) {
                let fixes = package["secfixes"].as_object().expect("fixes");
                for (fixed, ids) in fixes.iter().filter(|(fixed, _)| *fixed != "0") {
                    if compare(version, fixed) == Ordering::Less {
                        pairs.extend(cves(ids).map(|cve| (origin.to_owned(), cve)));
                    }
                }
            }
        }
    }
    Some(pairs)
}

/// Origin and version of each installed package (apk-tools, `lib/apk/db/installed`: paragraphs of
/// one-letter fields).
fn installed(root: &Path) -> BTreeSet<(String, String)> {
    let database = fs_err::read_to_string(root.join("lib/apk/db/installed")).expect("a database");
    let paragraphs = database.split("\n\n").filter(|paragraph| paragraph.contains("P:"));
    paragraphs
        .map(|paragraph| {
            let field = |key: &str| paragraph.lines().find_map(|line| line.strip_prefix(key));
            let name = field("o:").or(field("P:")).expect("a name");
            (name.to_owned(), field("V:").expect("a version").to_owned())
        })
        .collect()
}

/// An entry may hold several ids and remarks: `CVE-2019-9517 XSA-1 (+ regression)`.
fn cves(ids: &Value) -> impl Iterator<Item = String> {
    let entries = ids.as_array().expect("ids").iter().filter_map(Value::as_str);
    entries.flat_map(|entry| {
        entry
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .filter(|word| word.starts_with("CVE-"))
            .map(str::to_owned)
    })
}

/// The order of well-formed apk versions: `1.2.3a_rc1-r4`. Refuses what would need more rules than
/// this: an oracle may not guess.
fn compare(left: &str, right: &str) -> Ordering {
    let (left, right) = (key(left), key(right));
    left.partial_cmp(&right).expect("keys compare")
}

/// Numbers, letter, suffixes by rank and number, revision: compared in this order as lists.
type Key = (Vec<u64>, Option<char>, Vec<(i8, u64)>, u64);

fn key(version: &str) -> Key {
    let (version, revision) = version.rsplit_once("-r").unwrap_or((version, "0"));
    let mut parts = version.split('_');
    let head = parts.next().expect("a split has a first part");
    let letter = head.chars().last().filter(char::is_ascii_lowercase);
    let numbers = head.trim_end_matches(|c: char| c.is_ascii_lowercase());
    for component in numbers.split('.').skip(1) {
        assert!(component == "0" || !component.starts_with('0'), "no rule for {version}");
    }
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("no rule for {version}"));
    let mut suffixes: Vec<(i8, u64)> = parts
        .map(|suffix| {
            let name = suffix.trim_end_matches(|c: char| c.is_ascii_digit());
            let count = &suffix[name.len()..];
            let ranks = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];
            let rank = ranks.iter().position(|known| *known == name);
            let rank = i8::try_from(rank.unwrap_or_else(|| panic!("no rule for {version}")));
            (rank.expect("few ranks") - 4, if count.is_empty() { 0 } else { number(count) })
        })
        .collect();
    // No suffix ranks between `rc` and `cvs`, and ends every list.
    suffixes.push((0, 0));
    (numbers.split('.').map(number).collect(), letter, suffixes, number(revision))
}

#[test]
fn the_oracle_orders_versions_as_apk_does() {
    let rising = [
        "1.1.1_rc1-r0",
        "1.1.1-r0",
        "1.1.1-r2",
        "1.1.1a-r0",
        "1.1.1d_p1-r0",
        "1.1.10-r0",
        "1.2-r0",
    ];
    for pair in rising.windows(2) {
        assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
    }
}
