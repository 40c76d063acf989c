//! Pairs of versions in their order, from the test data: `a < b`, `a = b`, `a > b` by line, `#` and
//! `//` before comments. How a file's name begins says whose versions they are.

use std::cmp::Ordering;
use std::path::PathBuf;

use bulkhead_versions::Scheme;

/// How the files of a scheme begin.
const FILES: [(&str, &[Scheme]); 12] = [
    ("alpine-", &[Scheme::Apk]),
    ("cran-", &[Scheme::Cran]),
    ("debian-", &[Scheme::Dpkg]),
    ("hackage-", &[Scheme::Hackage]),
    ("maven-", &[Scheme::Maven]),
    ("nuget-", &[Scheme::NuGet]),
    ("packagist-", &[Scheme::Packagist]),
    ("pub-", &[Scheme::Pub]),
    ("pypi-", &[Scheme::Pep440]),
    ("redhat-", &[Scheme::Rpm]),
    ("rubygems-", &[Scheme::Gem]),
    ("semver-", &[Scheme::Semver, Scheme::Npm, Scheme::Go]),
];

pub(crate) struct Pair {
    pub(crate) left: String,
    pub(crate) order: Ordering,
    pub(crate) right: String,
}

/// The files of the test data with the schemes of each.
pub(crate) fn files() -> Vec<(PathBuf, &'static [Scheme])> {
    let schemes = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str())?.to_owned();
        FILES.into_iter().find(|(start, _)| name.starts_with(start)).map(|(_, schemes)| schemes)
    };
    bulkhead_testing::data_files("fixtures/version-order")
        .into_iter()
        .filter_map(|path| schemes(&path).map(|schemes| (path, schemes)))
        .collect()
}

pub(crate) fn read(path: &PathBuf) -> Vec<Pair> {
    let text = fs_err::read_to_string(path).expect("test data can be read");
    text.lines().map(str::trim).filter(|line| !is_comment(line)).map(read_pair).collect()
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

fn read_pair(line: &str) -> Pair {
    let words: Vec<&str> = line.split_whitespace().collect();
    let &[left, order, right] = words.as_slice() else {
        panic!("not a pair of versions: {line}");
    };
    let order = match order {
        "<" => Ordering::Less,
        "=" => Ordering::Equal,
        ">" => Ordering::Greater,
        _ => panic!("not an order: {line}"),
    };
    Pair { left: left.to_owned(), order, right: right.to_owned() }
}
