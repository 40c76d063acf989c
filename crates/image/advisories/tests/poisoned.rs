//! Feeds that are broken or hostile, beside one that is sound: a database is built, what is wrong is named
//! with its file, and nothing is lost of what is right.
#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

use std::path::Path;

use bulkhead_advisories::{BuildOptions, BuildSummary, Catalogue, Database, build, locate};
use bulkhead_model::PackageKey;

/// Where the sound file lies, and what it says.
const SOUND: &str = "secdb.alpinelinux.org/v3.18/main.json";
const SECDB: &str = r#"{"distroversion":"v3.18","reponame":"main","packages":[{"pkg":{"name":"curl",
"secfixes":{"8.1.0-r0":["CVE-2023-28319"]}}}]}"#;

/// A place in a mirror folder for each feed but the one of the sound file.
fn places() -> Vec<String> {
    let catalogue = Catalogue::embedded().unwrap();
    let others = catalogue.feeds.iter().filter(|feed| feed.id != "alpine-secdb");
    others.map(|feed| feed.paths[0].replace('*', "x")).collect()
}

/// Builds a database of the sound file and these, and checks that the sound one is whole in it.
fn built(files: &[(&str, &[u8])]) -> (Database, BuildSummary) {
    let mirror = tempfile::tempdir().unwrap();
    let sound = [(SOUND, SECDB.as_bytes())];
    for (path, content) in files.iter().chain(&sound) {
        let path = mirror.path().join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }
    let output = mirror.path().join("feeds.db");
    let options = BuildOptions::default();
    let summary = build(mirror.path(), &[], &output, &options, &|_, _, _| {}).unwrap();
    assert_eq!(summary.unknown, Vec::<std::path::PathBuf>::new());
    let database = Database::open(&output).unwrap();
    let key = PackageKey::new("alpine:3.18".parse().unwrap(), "curl");
    let [row] = &database.affected(&key).unwrap()[..] else {
        panic!("the sound statement is lost")
    };
    assert_eq!(row.versions.to_string(), "(,8.1.0-r0)");
    (database, summary)
}

/// What is wrong, each with its file.
fn shown(summary: &BuildSummary) -> Vec<String> {
    let problems = summary.problems.iter().map(|problem| match &problem.location {
        Some(place) => format!("{place}: {}", problem.message),
        None => problem.message.clone(),
    });
    problems.collect()
}

#[test]
fn every_format_survives_what_is_not_its_own() {
    let places = places();
    let deep = |open: &str, close: &str| [open.repeat(100_000), close.repeat(100_000)].concat();
    for (name, content, is_wrong) in [
        ("nothing", String::new(), true),
        ("a number", "5".to_owned(), true),
        ("a cut object", r#"{"a":"#.to_owned(), true),
        ("nested lists", deep("[", "]"), true),
        ("nested objects", deep(r#"{"a":"#, "}"), true),
        ("nested elements", deep("<a>", "</a>"), true),
        (
            "an entity that grows",
            format!("<!DOCTYPE a [<!ENTITY b \"{}\">]><a>&b;</a>", "c".repeat(9_999)),
            true,
        ),
        ("no text", "\u{0}".repeat(4_096), false),
        ("an empty list", "[]".to_owned(), false),
        (
            "an object of wrong types",
            r#"{"vulnerabilities":5,"packages":{},"updates":"a","a":[null]}"#.to_owned(),
            false,
        ),
        ("a list of wrong types", r#"[5,null,{"name":5},[[]],"a"]"#.to_owned(), false),
    ] {
        let files: Vec<(&str, &[u8])> =
            places.iter().map(|place| (place.as_str(), content.as_bytes())).collect();
        let (_, summary) = built(&files);
        let problems = shown(&summary);
        for (place, feed) in
            places.iter().zip(summary.feeds.iter().filter(|it| it.id != "alpine-secdb"))
        {
            assert_eq!(feed.records, 0, "{name}: {place}");
            let named = problems.iter().any(|problem| problem.contains(place.as_str()));
            assert!(named || !is_wrong, "{name}: {place} is not named in {problems:#?}");
        }
        for problem in &problems {
            assert!(
                places.iter().any(|place| problem.contains(place.as_str())),
                "{name}: {problem}"
            );
            assert!(problem.len() < 1_000, "{name}: {problem}");
        }
    }
}

/// The publishers' own files, cut in their middle.
#[test]
fn what_is_cut_off_is_named_and_what_came_before_it_stands() {
    let Some(folder) = bulkhead_testing::data("feeds") else { return };
    let catalogue = Catalogue::embedded().unwrap();
    for located in locate(&catalogue, &folder).unwrap().feeds {
        // The smallest file of each feed will do.
        let files = located.files.iter();
        let file = files.min_by_key(|file| fs_err::metadata(file).unwrap().len()).unwrap();
        let content = fs_err::read(file).unwrap();
        let place = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        if Path::new(place) == Path::new(SOUND) || content.len() > 4 << 20 {
            continue;
        }
        let (_, summary) = built(&[(place, &content[..content.len() / 2])]);
        let problems = shown(&summary);
        assert!(problems.iter().any(|problem| problem.contains(place)), "{place}: {problems:?}");
    }
}

#[test]
fn what_expands_without_end_is_stopped() {
    let frame = zstd::bulk::compress(&vec![b' '; 16 << 20], 1).unwrap();
    let bomb = frame.repeat(300);
    let places = places();
    let files: Vec<(&str, &[u8])> =
        places.iter().map(|place| (place.as_str(), bomb.as_slice())).collect();
    let (_, summary) = built(&files);
    let problems = shown(&summary);
    for place in &places {
        assert!(problems.iter().any(|problem| problem.contains(place.as_str())), "{place}");
    }
}

/// One name for everything: what is said of every package stands.
#[test]
fn names_that_collide_cost_no_statement() {
    const PACKAGES: usize = 20_000;
    let package = |number| {
        format!(
            r#""p{number}":{{"CVE-2020-0001":{{"releases":{{"bookworm":{{"status":"open"}}}}}}}}"#
        )
    };
    let tracker = format!("{{{}}}", (0..PACKAGES).map(package).collect::<Vec<_>>().join(","));
    let groups = (0..PACKAGES).map(|number| {
        format!(r#"{{"name":"AVG-1","packages":["p{number}"],"status":"Vulnerable","issues":["CVE-2020-{number:04}"]}}"#)
    });
    let groups = format!("[{}]", groups.collect::<Vec<_>>().join(","));
    let (database, summary) = built(&[
        ("security-tracker.debian.org/tracker/data/json", tracker.as_bytes()),
        ("security.archlinux.org/all.json", groups.as_bytes()),
    ]);
    assert_eq!(shown(&summary), Vec::<String>::new());
    for (scope, ids) in
        [("debian:12", ["CVE-2020-0001"; 2]), ("arch:rolling", ["CVE-2020-0000", "CVE-2020-19999"])]
    {
        for (number, id) in [0, PACKAGES - 1].into_iter().zip(ids) {
            let key = PackageKey::new(scope.parse().unwrap(), &format!("p{number}"));
            let rows = database.affected(&key).unwrap();
            let found = rows.iter().any(|row| row.vulnerabilities.iter().any(|own| own == id));
            assert!(found, "{key}: {rows:?}");
        }
    }
}

#[test]
fn versions_and_ranges_without_measure_stay_with_their_record() {
    let long = "1.".repeat(1 << 20);
    let fixes: Vec<String> =
        (0..50_000).map(|number| format!(r#""{number}-r0":["CVE-2020-0001"]"#)).collect();
    let secdb = format!(
        r#"{{"distroversion":"v3.18","packages":[{{"pkg":{{"name":"many","secfixes":{{{}}}}}}},
        {{"pkg":{{"name":"long","secfixes":{{"{long}":["CVE-2020-0001"]}}}}}},
        {{"pkg":{{"name":"odd","secfixes":{{"":["CVE-2020-0001"],"\u0000":["CVE-2020-0002"],"9":[]}}}}}},
        {{"pkg":{{"name":"last","secfixes":{{"1-r0":["CVE-2020-0003"]}}}}}}]}}"#,
        fixes.join(",")
    );
    let (database, _) = built(&[("secdb.alpinelinux.org/v3.18/community.json", secdb.as_bytes())]);
    let rows = |name: &str| {
        database.affected(&PackageKey::new("alpine:3.18".parse().unwrap(), name)).unwrap()
    };
    assert_eq!(rows("last").len(), 1);
    // Every version below the last fix is affected, however many there were.
    let [many] = &rows("many")[..] else { panic!("{} rows", rows("many").len()) };
    assert_eq!(many.versions.to_string(), "(,49999-r0)");
}
