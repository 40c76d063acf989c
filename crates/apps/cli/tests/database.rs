//! `bulkhead db update`, `status`, `diff` and `search`, run as users run them.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use bulkhead_testing::{Answer, Server};
use serde_json::Value;
use tempfile::TempDir;

const SECDB: &str = "secdb.alpinelinux.org/v3.20/main.json";
const KEV: &str = "www.cisa.gov/feeds/known_exploited_vulnerabilities.json";

/// A folder with a mirror folder in it, and the binary in it without settings of this machine's user.
struct World {
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::cargo_bin("bulkhead").unwrap();
        command.env_clear().env("HOME", self.folder.path()).current_dir(&self.folder);
        command.env("SOURCE_DATE_EPOCH", "1764244800");
        command.args(arguments).output().unwrap()
    }

    /// Runs, expects an exit code, and gives what was written to both streams.
    fn expect(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let (result, errors) = (text(output.stdout), text(output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}{result}");
        (result, errors)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["-o", "json"]).collect();
        let output = self.run(&arguments);
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(value["schema_version"], "1.0");
        let schema = format!("content/schemas/db-{}-1.json", arguments[1]);
        let schema = fs_err::read(bulkhead_testing::repository().join(schema)).unwrap();
        let schema = jsonschema::validator_for(&serde_json::from_slice(&schema).unwrap()).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{arguments:?}");
        value
    }

    /// Two databases of small feeds: one of OpenSSL's fixes is another, one is new, one is gone.
    fn two_databases() -> Self {
        let world = Self::new();
        for (name, fixes) in [
            ("older", r#"{"3.3.0-r2": ["CVE-2024-0001"], "3.2.0-r0": ["CVE-2024-0003"]}"#),
            ("newer", r#"{"3.3.0-r3": ["CVE-2024-0001", "CVE-2024-0002"]}"#),
        ] {
            world.write(&format!("{name}/{SECDB}"), &secdb(fixes));
            world.write(&format!("{name}/{KEV}"), &kev("CVE-2024-0001"));
            let file = format!("{name}.db");
            world.expect(0, &["db", "build", "--feeds", name, "-o", &file, "--quiet"]);
        }
        world
    }
}

fn secdb(fixes: &str) -> String {
    format!(
        r#"{{"distroversion": "v3.20", "reponame": "main", "packages":
            [{{"pkg": {{"name": "openssl", "secfixes": {fixes}}}}}]}}"#
    )
}

fn kev(id: &str) -> String {
    format!(
        r#"{{"title": "KEV", "catalogVersion": "2025.11.20", "dateReleased": "2025-11-20T10:00:00Z",
            "count": 1, "vulnerabilities": [{{"cveID": "{id}", "vendorProject": "V",
            "product": "P", "vulnerabilityName": "N", "dateAdded": "2025-11-20",
            "shortDescription": "S", "requiredAction": "A", "dueDate": "2025-12-11",
            "knownRansomwareCampaignUse": "Unknown"}}]}}"#
    )
}

/// Serves a folder of files over TLS, with its pages.
fn serve(folder: &Path) -> Server {
    let folder = folder.to_owned();
    Server::tls(move |asked| {
        let place = folder.join(asked.path.trim_start_matches('/').replace("%3A", ":"));
        if place.is_dir() {
            let names = fs_err::read_dir(&place).unwrap().map(|entry| {
                let entry = entry.unwrap();
                let slash = if entry.path().is_dir() { "/" } else { "" };
                format!("<a href=\"./{}{slash}\">", entry.file_name().to_string_lossy())
            });
            return Answer::of(names.collect::<String>());
        }
        fs_err::read(&place).map_or_else(|_| Answer::status(404), Answer::of)
    })
}

#[test]
fn help_has_examples() {
    let world = World::new();
    for command in ["update", "status", "diff", "search"] {
        let (help, _) = world.expect(0, &["db", command, "--help"]);
        assert!(help.contains("Examples:") && help.contains(&format!("bulkhead db {command}")));
    }
}

#[test]
fn an_update_gives_what_a_build_of_the_same_files_gives() {
    let Some(feeds) = bulkhead_testing::data("feeds") else { return };
    let world = World::new();
    let server = serve(&feeds);
    world.write("ca.pem", server.root());
    let from = server.url("");
    let update = ["db", "update", "--from", &from, "--cacert", "ca.pem", "--quiet"];
    let (result, _) = world.expect(0, &update);
    assert!(result.contains("alpine-secdb") && result.contains("sha256:"), "{result}");
    let feeds = feeds.display().to_string();
    world.expect(0, &["db", "build", "--feeds", &feeds, "-o", "expected.db", "--quiet"]);
    let updated = fs_err::read(world.path(".local/share/bulkhead/advisories.db")).unwrap();
    assert!(updated == fs_err::read(world.path("expected.db")).unwrap(), "other bytes");
    // It is the database that other commands use by themselves, and the mirror is known.
    let status = world.json(&["db", "status"]);
    assert_eq!(status["database"]["starter"], false);
    assert!(status["mirror"]["feeds"].as_array().unwrap().len() > 1);
}

#[test]
fn a_feed_that_fails_is_named_and_the_database_is_built_of_the_rest() {
    let world = World::new();
    world.write(&format!("site/{SECDB}"), &secdb(r#"{"3.3.0-r2": ["CVE-2024-0001"]}"#));
    world.write(&format!("site/{KEV}"), &kev("CVE-2024-0001"));
    let server = serve(&world.path("site"));
    world.write("ca.pem", server.root());
    let from = server.url("");
    let update = |feeds: &'static str| {
        vec!["db", "update", "--feed", feeds, "--mirror-dir", "mirror", "-o", "x.db"]
    };
    let with = |mut update: Vec<&'static str>| -> Vec<String> {
        update.extend(["--cacert", "ca.pem"]);
        let all = update.iter().map(|it| (*it).to_owned());
        all.chain(["--from".to_owned(), from.clone()]).collect()
    };
    let run = |code, feeds| {
        let arguments = with(update(feeds));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        world.expect(code, &arguments)
    };
    run(0, "alpine-secdb,cisa-kev");
    let good = fs_err::read(world.path("x.db")).unwrap();

    world.write(&format!("site/{KEV}"), "<html>maintenance</html>");
    world.write(&format!("site/{SECDB}"), &secdb(r#"{"3.3.0-r3": ["CVE-2024-0001"]}"#));
    let (result, errors) = run(3, "alpine-secdb,cisa-kev");
    assert!(errors.contains("cisa-kev") && errors.contains("page of HTML"), "{errors}");
    assert!(result.contains("FAILED: the old is kept"), "{result}");
    let kept = fs_err::read_to_string(world.path("mirror").join(KEV)).unwrap();
    assert_eq!(kept, kev("CVE-2024-0001"));
    assert!(fs_err::read(world.path("x.db")).unwrap() != good);
    let found = world.json(&["db", "search", "CVE-2024-0001", "--db", "x.db"]);
    assert_eq!(found["vulnerability"]["exploited"], true);
}

#[test]
fn what_cannot_be_updated_is_said_before_anything_is_made() {
    let world = World::new();
    for (arguments, error, hint) in [
        (&["--offline"][..], "offline", "--offline"),
        (&["--feed", "alpine"], "no feed is called \"alpine\"", "docs/feeds.md"),
        (&["--feed", "fedora-bodhi"], "not fetched", "leave it out"),
        (&["--from", "http://me:word@mirror.example/"], "it has no TLS", "--insecure"),
        (&["--from", "mirror.example"], "no address of a mirror", "https://HOST"),
        (&["--insecure"], "--insecure is for the server", "--cacert"),
        (&["--cacert", "absent.pem"], "absent.pem", "BEGIN CERTIFICATE"),
        // Nothing listens there.
        (&["--from", "https://127.0.0.1:9/"], "cannot be reached", "check the name"),
    ] {
        let arguments: Vec<&str> = ["db", "update"].iter().chain(arguments).copied().collect();
        let (result, errors) = world.expect(1, &arguments);
        assert!(errors.contains(error) && errors.contains(hint), "{arguments:?}: {errors}");
        assert!(!errors.contains("word") && result.is_empty(), "{arguments:?}: {errors}");
        assert!(!world.path(".local/share/bulkhead/advisories.db").is_file());
    }
}

#[test]
fn the_status_tells_ages_and_what_is_outdated() {
    let world = World::two_databases();
    // Seven days after the newest of these statements, and eight.
    let status = world.json(&["db", "status", "--db", "newer.db"]);
    let feeds = status["database"]["feeds"].as_array().unwrap();
    let kev = feeds.iter().find(|feed| feed["id"] == "cisa-kev").unwrap();
    assert_eq!((&kev["age_days"], &kev["outdated"]), (&7.into(), &false.into()));
    assert_eq!(kev["records"], 1);
    let (table, _) = world.expect(0, &["db", "status", "--db", "newer.db"]);
    assert!(table.contains("alpine-secdb") && table.contains("7 d"), "{table}");

    let mut command = Command::cargo_bin("bulkhead").unwrap();
    command.env_clear().current_dir(&world.folder).env("SOURCE_DATE_EPOCH", "1764331200");
    let output = command.args(["db", "status", "--db", "newer.db"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8(output.stdout).unwrap().contains("OUTDATED"));

    let (_, warning) = world.expect(3, &["db", "status"]);
    assert!(warning.contains("bulkhead db update"), "{warning}");
    let (_, error) = world.expect(1, &["db", "status", "--db", "absent.db"]);
    assert!(error.contains("absent.db"), "{error}");
}

#[test]
fn databases_are_compared() {
    let world = World::two_databases();
    let found = world.json(&["db", "diff", "older.db", "newer.db"]);
    let scope = &found["scopes"][0];
    assert_eq!(scope["scope"], "alpine:3.20");
    assert_eq!((&scope["added"], &scope["removed"]), (&1.into(), &1.into()));
    assert_eq!(scope["changed"], 1);
    assert_eq!(scope["advisories"][0]["id"], "CVE-2024-0001");
    assert_eq!(scope["advisories"][0]["packages"]["openssl"], "changed");
    let (table, _) = world.expect(0, &["db", "diff", "older.db", "newer.db"]);
    for line in ["+ CVE-2024-0002", "- CVE-2024-0003", "~ CVE-2024-0001"] {
        assert!(table.contains(line), "{line}: {table}");
    }
    let (table, _) = world.expect(0, &["db", "diff", "newer.db", "newer.db"]);
    assert!(table.contains("no difference"), "{table}");
    let other = world.json(&["db", "diff", "older.db", "newer.db", "--scope", "npm"]);
    assert_eq!(other["scopes"], Value::Array(Vec::new()));
    world.expect(1, &["db", "diff", "older.db", "absent.db"]);
}

#[test]
fn a_database_is_searched_by_vulnerability_package_and_purl() {
    let world = World::two_databases();
    let search = |query: &str, more: &[&str]| {
        let arguments = ["db", "search", query, "--db", "newer.db"];
        let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
        world.json(&arguments)
    };
    let packages = |found: &Value| -> Vec<String> {
        let statements = found["statements"].as_array().unwrap().iter();
        statements.map(|it| format!("{} {} {}", it["scope"], it["package"], it["record"])).collect()
    };
    let openssl = |id: &str| format!("\"alpine:3.20\" \"openssl\" \"{id}\"");
    let both = [openssl("CVE-2024-0001"), openssl("CVE-2024-0002")];
    assert_eq!(packages(&search("cve-2024-0001", &[])), both[..1]);
    assert_eq!(search("cve-2024-0001", &[])["vulnerability"]["exploited"], true);
    assert_eq!(packages(&search("openssl", &[])), both);
    assert_eq!(packages(&search("openssl", &["--scope", "alpine:3.19"])), [""; 0]);
    for (purl, expected) in [
        ("pkg:apk/alpine/openssl", &both[..]),
        ("pkg:apk/alpine/openssl@3.3.0-r1?distro=alpine-3.20", &both),
        ("pkg:apk/alpine/openssl@3.3.0-r3", &[]),
        ("pkg:npm/openssl", &[]),
    ] {
        assert_eq!(packages(&search(purl, &[])), expected, "{purl}");
    }
    let (table, _) = world.expect(0, &["db", "search", "openssl", "--db", "newer.db"]);
    assert!(table.contains("2 statements about 1 package"), "{table}");
    let (none, _) = world.expect(0, &["db", "search", "nothing", "--db", "newer.db"]);
    assert!(none.contains("says nothing about nothing"), "{none}");
    let (_, error) = world.expect(1, &["db", "search", "pkg:nonsense", "--db", "newer.db"]);
    assert!(error.contains("pkg:TYPE/NAME"), "{error}");
}
