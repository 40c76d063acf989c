//! Every affected range of GitLab's advisories: a packed folder of YAML files, one per advisory,
//! below the name of the package's type.

use std::io::Read as _;

use bulkhead_versions::{RangeError, RangeSet, Scheme};

const SCHEMES: [(&str, Scheme); 7] = [
    ("gem/", Scheme::Gem),
    ("go/", Scheme::Go),
    ("maven/", Scheme::Maven),
    ("npm/", Scheme::Npm),
    ("nuget/", Scheme::NuGet),
    ("packagist/", Scheme::Packagist),
    ("pypi/", Scheme::Pep440),
];

#[test]
fn every_range_is_read_or_refused_for_a_reason() {
    let path = "feeds/gitlab.com/gitlab-org/advisories-community.tar.gz";
    let Some(archive) = bulkhead_testing::data(path) else { return };
    let (mut read, mut refused) = (0_usize, Vec::new());
    for (scheme, range) in ranges(&archive) {
        match scheme.parse_range(&range) {
            Ok(set) => {
                read += 1;
                assert!(!set.is_empty(), "{range}");
                assert_eq!(set.to_string().parse::<RangeSet>().as_ref(), Ok(&set), "{range}");
            }
            // The feed leaves the range out where it does not know one.
            Err(RangeError::Missing { at: 0 }) if range.is_empty() => {}
            Err(error) => refused.push(format!("{range}: {error}")),
        }
    }
    assert!(read > 0, "no range was found");
    assert!(refused.len() * 1_000 <= read, "of {read} refused:\n{}", refused.join("\n"));
}

/// The ranges of the archive with their schemes.
fn ranges(archive: &std::path::Path) -> Vec<(Scheme, String)> {
    let mut bytes = Vec::new();
    let file = fs_err::File::open(archive).expect("test data can be read");
    #[expect(
        clippy::disallowed_types,
        reason = "trusted test data of one member; no need of a budget"
    )]
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("test data is gzip");
    let mut ranges = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((header, after)) = rest.split_at_checked(512) {
        let text = |from: usize, to: usize| {
            String::from_utf8_lossy(&header[from..to]).trim_matches(['\0', ' ']).to_owned()
        };
        let length = usize::from_str_radix(&text(124, 136), 8).unwrap_or_default();
        let (content, next) = after.split_at(length.min(after.len()));
        let name = format!("{}/{}", text(345, 500), text(0, 100));
        let name = name.trim_start_matches(['.', '/']);
        let scheme = SCHEMES.into_iter().find(|(folder, _)| name.starts_with(folder));
        let range = affected_range(&String::from_utf8_lossy(content));
        ranges.extend(scheme.zip(range).map(|((_, scheme), range)| (scheme, range)));
        rest = next.get(length.next_multiple_of(512) - length..).unwrap_or_default();
    }
    ranges
}

/// The value of `affected_range`, which may go on in indented lines.
fn affected_range(yaml: &str) -> Option<String> {
    let (_, value) = yaml.split_once("\naffected_range:")?;
    let mut lines = value.lines();
    let mut range = lines.next()?.trim().to_owned();
    for line in lines.take_while(|line| line.starts_with(' ')) {
        range.push(' ');
        range.push_str(line.trim());
    }
    Some(range.trim_matches(['"', '\'']).trim().to_owned())
}
