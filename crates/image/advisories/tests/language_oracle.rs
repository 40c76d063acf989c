//! The archives of `RustSec`, rubysec, `FriendsOfPHP` and endoflife.date against a reading of their lines,
//! which shares nothing with the readers but the archive and the order of versions.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::path::Path;

use bulkhead_advisories::{Catalogue, Format, Item, locate, read};
use bulkhead_archive::{decode, tar};
use bulkhead_limits::{Budget, Limits};
use bulkhead_versions::{RangeSet, Scheme};

/// An advisory as its lines tell it.
struct Advisory {
    /// The CVE, or another name that the reader must give among id and aliases.
    name: Option<String>,
    package: String,
    /// Alternatives of comparisons that hold together.
    requirements: Vec<String>,
    /// Whether versions that satisfy a requirement are the safe ones.
    is_safe: bool,
}

/// All files of an archive of a format, with the items that the reader makes of it.
fn archives(format: Format, check: impl Fn(Vec<(String, String)>, Vec<Item>)) {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let catalogue = Catalogue::embedded().unwrap();
    for located in locate(&catalogue, &folder).unwrap().feeds {
        for file in located.files.iter().filter(|_| located.feed.format == format) {
            let mut items = Vec::new();
            let budget = Budget::new(Limits::DEFAULT);
            let summary = read(located.feed, file, &budget, &mut |item| items.push(item)).unwrap();
            // Some advisories call every version safe.
            let other = |message: &str| message != "no version is affected";
            let problem = summary.problems.iter().find(|problem| other(&problem.message));
            assert_eq!(problem, None, "{}", file.display());
            check(files(file), items);
        }
    }
}

fn files(archive: &Path) -> Vec<(String, String)> {
    let budget = Budget::new(Limits::DEFAULT);
    let stream = BufReader::new(fs_err::File::open(archive).unwrap());
    let decoded = decode(stream, &budget).unwrap().buffered();
    let mut reader = tar::Reader::new(decoded, &budget);
    let mut files = Vec::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        if entry.kind == tar::Kind::File {
            let mut content = Vec::new();
            reader.content().read_to_end(&mut content).unwrap();
            let path = String::from_utf8_lossy(&entry.path).into_owned();
            files.push((path, String::from_utf8_lossy(&content).into_owned()));
        }
    }
    files
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, own)| own == extension)
}

/// Whether a version satisfies comparisons that are separated by commas.
fn satisfies(scheme: Scheme, requirement: &str, version: &str) -> bool {
    requirement.split(',').map(str::trim).filter(|one| !one.is_empty()).all(|one| {
        let digits = one.find(|letter: char| letter.is_ascii_alphanumeric()).unwrap();
        let (operator, bound) = (one[..digits].trim(), &one[digits..]);
        let order = scheme.compare(version.as_bytes(), bound.as_bytes());
        match operator {
            ">=" => order.is_ge(),
            ">" if bound == "0" => true,
            ">" => order.is_gt(),
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            "=" => order.is_eq(),
            "~>" => {
                order.is_ge()
                    && scheme.compare(version.as_bytes(), next(bound, 1).as_bytes()).is_lt()
            }
            "^" | "" => {
                let kept = bound.split('.').take_while(|number| *number == "0").count() + 1;
                let end = next(bound, bound.split('.').count() - kept);
                order.is_ge() && scheme.compare(version.as_bytes(), end.as_bytes()).is_lt()
            }
            other => panic!("{other:?} in {requirement:?}"),
        }
    })
}

/// The version with the last `dropped` numbers gone and the one before them one higher.
fn next(version: &str, dropped: usize) -> String {
    let plain = version.split(['-', '+']).next().unwrap();
    let mut numbers: Vec<u64> =
        plain.split('.').map(|number| number.parse().unwrap_or_default()).collect();
    let count = numbers.len();
    numbers.truncate((count - dropped).max(1));
    *numbers.last_mut().unwrap() += 1;
    numbers.resize(count, 0);
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// Versions around those that a requirement names.
fn probes(requirements: &[String]) -> Vec<String> {
    let mut probes = vec!["0.0.1".to_owned(), "9999.0.0".to_owned()];
    for requirement in requirements {
        for word in
            requirement.split([',', ' ', '<', '>', '=', '~', '^']).filter(|word| !word.is_empty())
        {
            let padded = match word.split('.').count() {
                _ if word.contains(['-', '+']) => word.to_owned(),
                1 => format!("{word}.0.0"),
                2 => format!("{word}.0"),
                _ => word.to_owned(),
            };
            probes.push(next(&padded, 0));
            probes.push(padded);
        }
    }
    probes
}

fn compare(scheme: Scheme, mut advisories: Vec<Advisory>, items: &[Item]) {
    let all = advisories.len();
    advisories.retain(|advisory| {
        let named = |version: &String| {
            advisory.requirements.iter().any(|one| satisfies(scheme, one, version))
        };
        !advisory.is_safe || !probes(&advisory.requirements).iter().all(named)
    });
    let mut rows: BTreeMap<(String, String), Vec<RangeSet>> = BTreeMap::new();
    let mut count = 0;
    for item in items {
        let Item::Record(record) = item else { panic!("{item:?}") };
        count += 1;
        for row in &record.affected {
            for name in record.aliases.iter().chain([&record.id]) {
                let key = (name.clone(), row.key.name().to_owned());
                rows.entry(key).or_default().push(row.versions.clone());
            }
        }
    }
    // Between those of which a probe is affected, and all.
    assert!((advisories.len()..=all).contains(&count), "{count}");
    for advisory in advisories {
        let Some(name) = &advisory.name else { continue };
        let package = if scheme == Scheme::Packagist {
            advisory.package.to_lowercase()
        } else {
            advisory.package.clone()
        };
        let found = rows
            .get(&(name.clone(), package))
            .unwrap_or_else(|| panic!("{name} of {}", advisory.package));
        for version in probes(&advisory.requirements) {
            let named = advisory.requirements.iter().any(|one| satisfies(scheme, one, &version));
            let expected = named != advisory.is_safe;
            // Two advisories may share name and package: one of the rows is this one's.
            let agrees =
                found.iter().any(|row| row.contains(scheme, version.as_bytes()) == expected);
            assert!(agrees, "{name} {} {version}: {found:?}", advisory.package);
        }
    }
}

/// Texts in quotation marks, of single or double ones.
fn quoted(text: &str) -> Vec<String> {
    let mut parts = text.split(['"', '\'']);
    let mut quoted = Vec::new();
    while let (Some(_), Some(inside)) = (parts.next(), parts.next()) {
        quoted.push(inside.to_owned());
    }
    quoted
}

#[test]
fn every_vulnerability_of_rustsec_is_told() {
    archives(Format::Rustsec, |files, items| {
        let mut advisories = Vec::new();
        for (path, text) in
            files.iter().filter(|(path, _)| path.contains("crates/") && has_extension(path, "md"))
        {
            let head = text.split("```").nth(1).unwrap();
            let value = |key: &str| {
                let line =
                    head.lines().find(|line| line.split('=').next().unwrap().trim() == key)?;
                quoted(line).into_iter().next()
            };
            if value("informational").is_some() || value("withdrawn").is_some() {
                continue;
            }
            // A list may go over lines; it ends with a bracket.
            let list = |key: &str| {
                let start =
                    head.find(&format!("\n{key} ")).or_else(|| head.find(&format!("\n{key}=")));
                start.map_or(Vec::new(), |start| quoted(head[start..].split(']').next().unwrap()))
            };
            let requirements = [list("patched"), list("unaffected")].concat();
            let name = Some(value("id").unwrap_or_else(|| panic!("{path}")));
            let package = value("package").unwrap();
            advisories.push(Advisory { name, package, requirements, is_safe: true });
        }
        compare(Scheme::Semver, advisories, &items);
    });
}

#[test]
fn every_advisory_of_rubysec_is_told() {
    archives(Format::Rubysec, |files, items| {
        let mut advisories = Vec::new();
        for (_, text) in
            files.iter().filter(|(path, _)| path.contains("gems/") && has_extension(path, "yml"))
        {
            let value = |key: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key}:")))?;
                Some(line.trim().trim_matches(['"', '\'']).to_owned())
            };
            let mut requirements = Vec::new();
            let mut in_list = false;
            for line in text.lines() {
                match line.trim_start().strip_prefix("- ") {
                    Some(item) if in_list => {
                        requirements.push(item.trim().trim_matches(['"', '\'']).to_owned());
                    }
                    _ => {
                        in_list = line.starts_with("patched_versions:")
                            || line.starts_with("unaffected_versions:");
                    }
                }
            }
            let name = value("cve").filter(|cve| !cve.is_empty()).map(|cve| format!("CVE-{cve}"));
            let package = value("gem").unwrap();
            advisories.push(Advisory { name, package, requirements, is_safe: true });
        }
        compare(Scheme::Gem, advisories, &items);
    });
}

#[test]
fn every_advisory_of_friends_of_php_is_told() {
    archives(Format::FriendsOfPhp, |files, items| {
        let mut advisories = Vec::new();
        for (_, text) in
            files.iter().filter(|(path, _)| has_extension(path, "yaml") && !path.starts_with('.'))
        {
            let value = |key: &str| {
                let line = text.lines().find_map(|line| line.strip_prefix(&format!("{key}:")))?;
                Some(line.trim().trim_matches(['"', '\'']).to_owned())
            };
            let branches = text.lines().filter_map(|line| line.trim().strip_prefix("versions:"));
            let requirements = branches
                .map(|list| list.trim().trim_matches(['[', ']']).replace(['"', '\''], ""))
                .collect();
            let name = value("cve").filter(|cve| cve.starts_with("CVE-"));
            let package = value("reference").unwrap().replace("composer://", "");
            advisories.push(Advisory { name, package, requirements, is_safe: false });
        }
        compare(Scheme::Packagist, advisories, &items);
    });
}

/// The releases of a product whose name is also the `ID` of the distribution.
#[test]
fn every_end_of_a_release_is_told() {
    archives(Format::Endoflife, |files, items| {
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        for item in &items {
            let Item::EndOfLife(end) = item else { panic!("{item:?}") };
            told.insert(end.scope.to_string(), end.day.clone());
        }
        for product in ["debian", "ubuntu", "fedora", "rhel", "almalinux", "sles"] {
            let Some((_, text)) =
                files.iter().find(|(path, _)| path.ends_with(&format!("products/{product}.md")))
            else {
                continue;
            };
            let mut cycle = String::new();
            let mut count = 0;
            for line in text.lines().map(|line| line.trim().trim_start_matches("- ")) {
                if let Some(value) = line.strip_prefix("releaseCycle:") {
                    value.trim().trim_matches('"').clone_into(&mut cycle);
                } else if let Some(day) = line.strip_prefix("eol:") {
                    let day = day.split_whitespace().next().unwrap();
                    // Releases of Debian are those of their first number.
                    if product == "debian" && cycle.contains('.') {
                        continue;
                    }
                    let scope = format!("{product}:{cycle}");
                    assert_eq!(
                        told.get(&scope).map(String::as_str),
                        Some(day).filter(|day| day.len() == 10),
                        "{scope}"
                    );
                    count += 1;
                }
            }
            assert!(count > 0, "{product}");
        }
    });
}
