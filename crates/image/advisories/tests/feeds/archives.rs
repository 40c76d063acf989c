//! Archives around records: as packed for a mirror and as the publisher packs them.

use bulkhead_advisories::FeedError;
use bulkhead_limits::{Budget, Limits};

use super::{feed, lines, problems, whole};

/// A tar of regular files (POSIX 1003.1, ustar).
pub(super) fn tar(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = Vec::new();
    for (path, content) in files {
        let mut header = [0_u8; 512];
        header[..path.len()].copy_from_slice(path.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        header[148..156].fill(b' ');
        header[156] = b'0';
        header[257..265].copy_from_slice(b"ustar\x0000");
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        archive.extend(header);
        archive.extend(content.as_bytes());
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.extend([0; 1024]);
    archive
}

/// A zip of stored files (APPNOTE 4.3).
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (path, content) in files {
        let offset = u32::try_from(archive.len()).unwrap();
        let size = u32::try_from(content.len()).unwrap().to_le_bytes();
        let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        common.extend(crc32(content.as_bytes()).to_le_bytes());
        common.extend(size);
        common.extend(size);
        common.extend(u16::try_from(path.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        archive.extend(b"PK\x03\x04");
        archive.extend(&common);
        archive.extend(path.as_bytes());
        archive.extend(content.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(path.as_bytes());
    }
    let (start, size) = (archive.len(), directory.len());
    archive.extend(directory);
    archive.extend(b"PK\x05\x06\0\0\0\0");
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    archive.extend(count);
    archive.extend(count);
    archive.extend(u32::try_from(size).unwrap().to_le_bytes());
    archive.extend(u32::try_from(start).unwrap().to_le_bytes());
    archive.extend([0, 0]);
    archive
}

fn crc32(content: &[u8]) -> u32 {
    let sum = content.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    });
    !sum
}

const ADVISORY: &str = "{identifier: CVE-2021-39391, package_slug: npm/a, affected_range: <1.0.0}";
const CVE: &str =
    r#"{"cveMetadata":{"cveId":"CVE-2023-24018","state":"PUBLISHED"},"containers":{"cna":{}}}"#;
const OSV: &str = r#"{"id":"PYSEC-2020-1","affected":[{"package":{"ecosystem":"PyPI","name":"a"},"versions":["1"]}]}"#;

#[test]
fn the_publishers_own_top_folder_is_accepted() {
    let expected = ["CVE-2021-39391 npm a (,1.0.0) affected"];
    for archive in [
        tar(&[("npm/a/CVE-2021-39391.yml", ADVISORY), ("README.md", "x")]),
        tar(&[("advisories-community-main/npm/a/CVE-2021-39391.yml", ADVISORY), ("a/ci.yml", "[")]),
    ] {
        let (items, summary) = whole("gitlab-community", &archive).unwrap();
        assert_eq!(lines(&items), expected);
        assert_eq!(problems(&summary), Vec::<String>::new());
    }
    for path in
        ["2023/24xxx/CVE-2023-24018.json", "vulnrichment-develop/2023/24xxx/CVE-2023-24018.json"]
    {
        let archive = tar(&[(path, CVE), ("assets/schema.json", "{"), ("README.md", "x")]);
        let (items, summary) = whole("cisa-vulnrichment", &archive).unwrap();
        assert_eq!(lines(&items), ["CVE-2023-24018"]);
        assert_eq!(problems(&summary), Vec::<String>::new());
    }
}

#[test]
fn a_broken_record_is_named_and_the_others_stand() {
    let archive = tar(&[("npm/a/B.yml", "identifier: ["), ("npm/a/C.yml", ADVISORY)]);
    let (items, summary) = whole("gitlab-community", &archive).unwrap();
    assert_eq!(items.len(), 1);
    assert!(problems(&summary)[0].starts_with("npm/a/B.yml: "), "{:?}", problems(&summary));

    let mut archive =
        zip(&[("A.json", OSV), ("B.json", "{"), ("C.json", OSV), ("readme.txt", "x")]);
    let first = archive.windows(5).position(|window| window == b"PYSEC").unwrap();
    archive[first] = b'Q';
    let (items, summary) = whole("osv-pypi", &archive).unwrap();
    assert_eq!(items.len(), 1);
    let names: Vec<String> =
        problems(&summary).iter().map(|problem| problem[..7].to_owned()).collect();
    assert_eq!(names, ["A.json:", "B.json:"]);
}

#[test]
fn items_come_in_the_archives_order() {
    let names: Vec<String> = (0..3000).map(|number| format!("PYSEC-2020-{number}")).collect();
    let files: Vec<(String, String)> = names
        .iter()
        .map(|name| (format!("{name}.json"), OSV.replace("PYSEC-2020-1", name)))
        .collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (items, _) = whole("osv-pypi", &zip(&files)).unwrap();
    let read: Vec<String> =
        lines(&items).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(read, names);
}

#[test]
fn what_came_before_a_cut_stands() {
    let archive = tar(&[("npm/a/A.yml", ADVISORY), ("npm/a/B.yml", ADVISORY)]);
    let mut items = Vec::new();
    let cut = &archive[..512 + 512 + 512 + 7];
    let error = bulkhead_advisories::read_content(
        &feed("gitlab-community"),
        &cut,
        &super::budget(),
        &mut |item| items.push(item),
    );
    assert!(matches!(error, Err(FeedError::Archive(_))), "{error:?}");
    assert_eq!(items.len(), 1);
    assert!(whole("osv-pypi", b"PK\x03\x04").is_err());
}

#[test]
fn limits_hold() {
    let archive = tar(&[("npm/a/A.yml", ADVISORY), ("npm/a/B.yml", "["), ("npm/a/C.yml", "[")]);
    let read = |limits| {
        let budget = Budget::new(limits);
        let content = archive.as_slice();
        bulkhead_advisories::read_content(&feed("gitlab-community"), &content, &budget, &mut |_| ())
    };
    assert!(read(Limits { bytes: 1000, ..Limits::DEFAULT }).is_err());
    assert!(read(Limits { entries: 2, ..Limits::DEFAULT }).is_err());
    let summary = read(Limits { problems: 1, ..Limits::DEFAULT }).unwrap();
    assert_eq!((summary.problems.len(), summary.further_problems), (1, 1));
    let kev = br#"{"vulnerabilities":[]}"#.as_slice();
    let small = Budget::new(Limits { file_bytes: 10, ..Limits::DEFAULT });
    let read = bulkhead_advisories::read_content(&feed("cisa-kev"), &kev, &small, &mut |_| ());
    assert!(matches!(read, Err(FeedError::Limit(_))), "{read:?}");
}

#[test]
fn a_postponed_feed_is_refused_with_the_reason() {
    let postponed =
        bulkhead_advisories::FeedSource { postponed: Some("later".to_owned()), ..feed("osv-pypi") };
    let content = zip(&[]);
    let content = content.as_slice();
    let read =
        bulkhead_advisories::read_content(&postponed, &content, &super::budget(), &mut |_| ());
    assert!(matches!(read, Err(FeedError::Postponed { .. })), "{read:?}");
}
