//! Feeds whose files their publishers list.

use std::io::Write as _;

use bulkhead_advisories::Catalogue;
use sha2::{Digest as _, Sha256};

use crate::publisher::Publisher;
use crate::{NEW, OLD};

const LISTED: &str = "[{url: 'SERVER/kev/', follow: [{listing: page, take: ['v*/']}, \
                      {listing: page, take: ['*.json']}]}]";

fn sha256(content: &[u8]) -> String {
    let digits: Vec<String> =
        Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    digits.concat()
}

fn listed() -> (Publisher, Catalogue) {
    let publisher = Publisher::new();
    publisher.serve("/kev/", "<a href='../'>up</a><a href='v1/'>1</a><a href=\"v2/\">2</a>");
    publisher.serve("/kev/v1/", "<a href='a.json'></a><a href='b.json'></a><a href='c.txt'></a>");
    publisher.serve("/kev/v2/", "<a href='/kev/v2/a.json'></a>");
    for path in ["/kev/v1/a.json", "/kev/v1/b.json", "/kev/v2/a.json"] {
        publisher.serve(path, OLD);
    }
    let catalogue = publisher.catalogue(&[("kev", LISTED)]);
    (publisher, catalogue)
}

#[test]
fn what_is_not_listed_any_more_is_removed() {
    let (publisher, catalogue) = listed();
    assert_eq!(publisher.update(&catalogue)[0].fetched, 3);
    let own = publisher.mirror().join("localhost/kev/own.json");
    fs_err::write(&own, "{}").unwrap();
    publisher.serve("/kev/v1/", "<a href='a.json'></a>");
    let outcome = publisher.update(&catalogue).remove(0);
    assert_eq!((outcome.unchanged, outcome.removed), (2, 1));
    assert_eq!(publisher.mirrored("/kev/v1/b.json"), None);
    assert!(own.is_file(), "what a user put there is the user's");
}

#[test]
fn nothing_is_removed_where_something_failed() {
    let (publisher, catalogue) = listed();
    publisher.update(&catalogue);
    publisher.serve("/kev/v1/", "<html>We are sorry</html>");
    let outcome = publisher.update(&catalogue).remove(0);
    assert!(outcome.failures[0].message.contains("lists nothing like *.json"), "{outcome:?}");
    assert_eq!(outcome.removed, 0);
    publisher.withdraw("/kev/v1/");
    let outcome = publisher.update(&catalogue).remove(0);
    assert!(outcome.failures[0].message.contains("404"), "{outcome:?}");
    assert_eq!(publisher.mirrored("/kev/v1/b.json").unwrap(), OLD);
}

#[test]
fn a_listing_that_tells_versions_saves_requests() {
    const LINES: &str =
        "[{url: 'SERVER/kev/changes.csv', follow: [{listing: lines, take: ['*.json']}]}]";
    let publisher = Publisher::new();
    publisher.serve("/kev/a.json", OLD);
    publisher.serve("/kev/b.json", OLD);
    publisher.serve("/kev/changes.csv", "\"a.json\",\"2024-01-01\"\n\"b.json\",\"2024-01-01\"\n");
    let catalogue = publisher.catalogue(&[("kev", LINES)]);
    assert_eq!(publisher.update(&catalogue)[0].fetched, 2);
    publisher.serve("/kev/b.json", NEW);
    publisher.serve("/kev/changes.csv", "\"a.json\",\"2024-01-01\"\n\"b.json\",\"2024-02-02\"\n");
    let before = publisher.server.seen().len();
    let outcome = publisher.update(&catalogue).remove(0);
    assert_eq!((outcome.unchanged, outcome.fetched), (1, 1));
    assert!(publisher.asked("/kev/a.json", before).is_empty());
    assert_eq!(publisher.mirrored("/kev/b.json").unwrap(), NEW);
}

#[test]
fn repositories_name_files_by_their_digests() {
    const REPOSITORY: &str = "[{url: 'SERVER/kev/mirror.list', follow: [\
                              {listing: lines, take: ['/kev/*'], then: [repodata/repomd.xml]},\
                              {listing: repository, take: ['*-list.json']}]}]";
    let publisher = Publisher::new();
    publisher.serve("/kev/mirror.list", format!("{}\n", publisher.server.url("/kev/guid")));
    let describe = |content: &[u8]| {
        format!(
            "<repomd><data type='list'><checksum type='sha256'>{}</checksum>\
             <location href='repodata/1-list.json'/></data></repomd>",
            sha256(content)
        )
    };
    publisher.serve("/kev/guid/repodata/repomd.xml", describe(OLD));
    publisher.serve("/kev/guid/repodata/1-list.json", OLD);
    let text = serde_json::to_string(&publisher.catalogue(&[("kev", REPOSITORY)]).feeds).unwrap();
    let text = text.replace("localhost/kev/*/*", "localhost/kev/guid/repodata/*");
    let catalogue = Catalogue::parse(&format!("silences: {{}}\nfeeds: {text}")).unwrap();
    assert_eq!(publisher.update(&catalogue)[0].fetched, 1);
    // Another file under the same name is refused, twice.
    publisher.serve("/kev/guid/repodata/repomd.xml", describe(NEW));
    let before = publisher.server.seen().len();
    publisher.serve("/kev/guid/repodata/1-list.json", "{\"version\": \"forged\"}");
    let outcome = publisher.update(&catalogue).remove(0);
    assert!(outcome.failures[0].message.contains("its publisher says"), "{outcome:?}");
    assert_eq!(publisher.asked("/kev/guid/repodata/1-list.json", before).len(), 2);
    assert_eq!(publisher.mirrored("/kev/guid/repodata/1-list.json").unwrap(), OLD);
    publisher.serve("/kev/guid/repodata/1-list.json", NEW);
    assert_eq!(publisher.update(&catalogue)[0].fetched, 1);
}

#[test]
fn checksums_beside_the_files_are_held_to() {
    const STORED: &str = "[{url: 'SERVER/kev/list.json', checksum: {ending: .sha256}}]";
    const UNPACKED: &str = "[{url: 'SERVER/kev/list.json.gz', \
                            checksum: {ending: .meta, instead_of: .json.gz, of: unpacked}}]";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(NEW).unwrap();
    let gzip = gzip.finish().unwrap();
    for (fetch, path, file, beside) in [
        (STORED, "/kev/list.json", NEW, "/kev/list.json.sha256"),
        (UNPACKED, "/kev/list.json.gz", gzip.as_slice(), "/kev/list.meta"),
    ] {
        let publisher = Publisher::new();
        let catalogue = publisher.catalogue(&[("kev", fetch)]);
        publisher.serve(path, file);
        for (checksum, problem) in [
            (None, "404"),
            (Some("<html>sorry</html>".to_owned()), "tells no SHA-256"),
            (Some(format!("sha256:{}\n", sha256(OLD).to_uppercase())), "its publisher says"),
        ] {
            if let Some(checksum) = checksum {
                publisher.serve(beside, checksum);
            }
            let outcome = publisher.update(&catalogue).remove(0);
            assert!(outcome.failures[0].message.contains(problem), "{problem}: {outcome:?}");
            assert_eq!(publisher.mirrored(path), None);
        }
        // The checksum is written after the file: the second look finds both.
        let right = format!("sha256:{}\n", sha256(NEW).to_uppercase());
        publisher.then_serve(beside, right.as_bytes(), |right| right);
        assert_eq!(publisher.update(&catalogue)[0].fetched, 1);
        assert_eq!(publisher.mirrored(path).unwrap(), file);
    }
}
