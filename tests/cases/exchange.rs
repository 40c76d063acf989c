//! Signed databases through Debian's registry, by the real binary.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bulkhead_end_to_end::{ACCOUNT, Access, Registry, RegistryOptions};
use tempfile::TempDir;

use crate::bulkhead::{command, database};

/// A publisher and a machine, in one folder.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().expect("a folder") };
        fs_err::create_dir(place.folder.path().join("no-feeds")).expect("a folder");
        place.done(&["db", "keygen", "-o", "publisher"]);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("bulkhead can be started")
    }

    /// The same with another present, in seconds since 1970.
    fn run_at(&self, seconds: &str, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.env("SOURCE_DATE_EPOCH", seconds).output().expect("bulkhead can be started")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.current_dir(self.folder.path()).env("XDG_CONFIG_HOME", self.folder.path());
        command.env("NO_PROXY", "localhost").stdin(Stdio::null());
        command
    }

    /// Runs a command that must succeed, and gives what it says.
    fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Runs a command that must end with this code, and gives what it complains of.
    fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {errors}");
        assert!(errors.starts_with("error: ") && errors.contains("hint: "), "{errors}");
        errors
    }

    /// A database that has one advisory, about versions of a package below this one.
    fn build(&self, name: &str, below: &str) {
        self.advisory(below);
        self.done(&["db", "build", "--feeds", "no-feeds", "--advisories", "own.yaml", "-o", name]);
    }

    fn advisory(&self, below: &str) {
        let text = format!(
            "advisories:\n  - id: ACME-2026-1\n    severity: high\n    affected:\n      \
             - package: npm/widget\n        versions: [\"< {below}\"]\n"
        );
        fs_err::write(self.path("own.yaml"), text).expect("it is there");
    }
}

fn registry() -> Option<Registry> {
    bulkhead_testing::tool("docker-registry")?;
    Some(Registry::start(&RegistryOptions::default()).expect("a registry"))
}

/// Of the real feeds' database, one advisory more is a small part.
#[test]
fn editions_travel_as_differences() {
    let (Some(registry), Some(feeds)) = (registry(), bulkhead_testing::data("feeds")) else {
        return;
    };
    let Some(first) = database() else { return };
    let place = Place::new();
    let reference = format!("{}/team/advisories", registry.authority());
    fs_err::copy(first, place.path("first.db")).expect("it is there");
    let push = |file| {
        place.done(&[
            "db",
            "push",
            &reference,
            "--db",
            file,
            "--key",
            "publisher.key",
            "--sequence",
            sequence(file),
        ])
    };
    let pull = ["db", "pull", &reference, "--db", "in-use.db", "--trust", "publisher.pub"];
    push("first.db");
    let (fetched, length) = traffic(&place.done(&pull));
    assert!(fetched >= length, "a first pull brings everything");

    place.advisory("1.4.2");
    let feeds = feeds.display().to_string();
    place.done(&["db", "build", "--feeds", &feeds, "--advisories", "own.yaml", "-o", "second.db"]);
    push("second.db");
    let (fetched, length) = traffic(&place.done(&pull));
    assert!(fetched * 100 < length * 5, "{fetched} of {length} bytes");
    let bytes = |name| fs_err::read(place.path(name)).expect("it is there");
    assert!(bytes("in-use.db") == bytes("second.db"), "the file is the one that was pushed");
    assert!(place.done(&pull).contains("as before"));
    place.done(&["db", "verify", "in-use.db", "--trust", "publisher.pub"]);

    push("first.db");
    let errors = place.fails(4, &pull);
    assert!(errors.contains("it is edition 1, and 2 was here before"), "{errors}");
    assert!(bytes("in-use.db") == bytes("second.db"), "the database in use stays");
}

fn sequence(file: &str) -> &'static str {
    if file.starts_with("first") { "1" } else { "2" }
}

/// Bytes that were fetched, and those of the database.
fn traffic(said: &str) -> (u64, u64) {
    let line = said.lines().find(|line| line.starts_with("fetched ")).expect("the traffic");
    let numbers: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [_, _, fetched, length] => (*fetched, *length),
        _ => panic!("{line}"),
    }
}

#[test]
fn what_is_not_trusted_is_refused() {
    let Some(registry) = registry() else { return };
    let place = Place::new();
    let reference = format!("{}/advisories:today", registry.authority());
    place.build("own.db", "2.0");
    let push = ["db", "push", &reference, "--db", "own.db"];
    let errors = place.fails(4, &push);
    assert!(errors.contains("own.db is refused: it is not signed"), "{errors}");
    place.done(&["db", "sign", "own.db", "--key", "publisher.key"]);
    let said = place.done(&push);
    assert!(said.contains("edition "), "{said}");

    let pull = ["db", "pull", &reference, "--db", "in-use.db"];
    let errors = place.fails(1, &pull);
    assert!(errors.contains("no trusted key") && errors.contains("trusted-keys"), "{errors}");
    place.done(&["db", "keygen", "-o", "stranger"]);
    let strange = [&pull[..], &["--trust", "stranger.pub"]].concat();
    let errors = place.fails(4, &strange);
    assert!(errors.contains("which is not trusted"), "{errors}");
    assert!(!place.path("in-use.db").is_file());

    // The user's own folder of keys.
    let folder = place.path("bulkhead/trusted-keys");
    fs_err::create_dir_all(&folder).expect("a folder");
    fs_err::copy(place.path("publisher.pub"), folder.join("a.pub")).expect("it is there");
    place.done(&pull);
    let scan = ["scan", "purl:pkg:npm/widget@1.0", "--db", "in-use.db", "--fail-on", "any"];
    assert_eq!(place.run(&scan).status.code(), Some(2));

    // Signed in 2020, for 14 days.
    place.build("old.db", "2.0");
    let long_ago = ["db", "sign", "old.db", "--key", "publisher.key", "--sequence", "9999999999"];
    assert!(place.run_at("1600000000", &long_ago).status.success());
    place.done(&["db", "push", &reference, "--db", "old.db"]);
    let errors = place.fails(4, &pull);
    assert!(errors.contains("it expired at 2020-09-27") && errors.contains("clock"), "{errors}");
    // What is held against the clock is the clock.
    let output = place.run_at("1600000000", &pull);
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    let output = place.run_at("4102444800", &scan);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("warning: the database in-use.db expired at"), "{errors}");
}

#[test]
fn accounts_and_authorities_are_those_of_images() {
    if bulkhead_testing::tool("docker-registry").is_none() {
        return;
    }
    let authority = bulkhead_testing::Authority::new();
    let (certificate, key) = authority.server();
    let tls = (authority.certificate().to_owned(), certificate, key.serialize_pem());
    let options = RegistryOptions { tls: Some(tls), access: Access::Basic };
    let registry = Registry::start(&options).expect("a registry");
    let place = Place::new();
    fs_err::write(place.path("ca.pem"), authority.certificate()).expect("it is there");
    place.build("own.db", "2.0");
    let reference = format!("{}/advisories", registry.authority());
    let push = ["db", "push", &reference, "--db", "own.db", "--key", "publisher.key"];
    let errors = place.fails(1, &[&push[..], &["--cacert", "ca.pem"]].concat());
    assert!(errors.contains("docker login"), "{errors}");
    let pull = ["db", "pull", &reference, "--db", "in-use.db", "--trust", "publisher.pub"];
    for command_line in [&push, &pull[..]] {
        let flags = ["--cacert", "ca.pem", "--username", ACCOUNT.0, "--password-stdin"];
        let mut command = place.command(&[command_line, &flags].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let mut input = child.stdin.take().expect("a pipe");
        std::io::Write::write_all(&mut input, ACCOUNT.1.as_bytes()).expect("it reads");
        drop(input);
        assert!(child.wait().expect("it ends").success(), "{command_line:?}");
    }
    assert!(place.path("in-use.db").is_file());
}

/// Scans that run while editions follow each other see one of them.
#[test]
fn scans_go_on_while_pulls_swap() {
    let Some(registry) = registry() else { return };
    let place = Place::new();
    let reference = format!("{}/advisories", registry.authority());
    let publish = |sequence: &str, below: &str| {
        place.build("own.db", below);
        let push = ["db", "push", &reference, "--db", "own.db", "--key", "publisher.key"];
        place.done(&[&push[..], &["--sequence", sequence]].concat());
        let pull = ["db", "pull", &reference, "--db", "in-use.db", "--trust", "publisher.pub"];
        place.done(&pull);
    };
    publish("1", "9.0.1");
    std::thread::scope(|scope| {
        let pulls = scope.spawn(|| {
            for sequence in 2..8 {
                publish(&sequence.to_string(), &format!("9.0.{sequence}"));
            }
        });
        while !pulls.is_finished() {
            let scan = ["scan", "purl:pkg:npm/widget@1.0", "--db", "in-use.db", "--fail-on", "any"];
            let output = place.run(&scan);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{errors}");
        }
    });
}

/// OpenSSL reads our keys and accepts our signatures; we read and use its keys.
#[test]
fn keys_and_signatures_are_those_of_other_tools() {
    if bulkhead_testing::tool("openssl").is_none() {
        return;
    }
    let place = Place::new();
    place.build("own.db", "2.0");
    openssl(&place, &["genpkey", "-algorithm", "ed25519", "-out", "theirs.key"]);
    openssl(&place, &["pkey", "-in", "theirs.key", "-pubout", "-out", "theirs.pub"]);
    openssl(&place, &["pkey", "-in", "publisher.key", "-pubout", "-out", "again.pub"]);
    let text = |name| fs_err::read_to_string(place.path(name)).expect("it is there");
    assert_eq!(text("again.pub"), text("publisher.pub"));
    for (count, key) in ["publisher", "theirs"].into_iter().enumerate() {
        place.done(&["db", "sign", "own.db", "--key", &format!("{key}.key")]);
        let file = fs_err::read(place.path("own.db")).expect("it is there");
        let signature = &file[128 + 96 * count + 32..][..64];
        fs_err::write(place.path("signed"), &file[..128]).expect("it is there");
        fs_err::write(place.path("signature"), signature).expect("it is there");
        let public = format!("{key}.pub");
        let verify = ["pkeyutl", "-verify", "-pubin", "-inkey", &public, "-rawin"];
        openssl(&place, &[&verify[..], &["-in", "signed", "-sigfile", "signature"]].concat());
        place.done(&["db", "verify", "own.db", "--trust", &public]);
    }
}

fn openssl(place: &Place, arguments: &[&str]) {
    let mut command = Command::new("openssl");
    let output = command.args(arguments).current_dir(place.folder.path()).output();
    let output = output.expect("openssl can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
}

#[test]
fn private_keys_stay_private() {
    let place = Place::new();
    let mode = |name| {
        let metadata = fs_err::metadata(place.path(name)).expect("it is there");
        std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777
    };
    assert_eq!(mode("publisher.key"), 0o600);
    let errors = place.fails(1, &["db", "keygen", "-o", "publisher"]);
    assert!(errors.contains("not overwritten"), "{errors}");
    place.build("own.db", "2.0");
    let secret = fs_err::read_to_string(place.path("publisher.key")).expect("it is there");
    let secret = secret.lines().nth(1).expect("a line").to_owned();
    let damaged = secret.replace('M', "N");
    let text = format!("-----BEGIN PRIVATE KEY-----\n{damaged}\n-----END PRIVATE KEY-----\n");
    fs_err::write(place.path("damaged.key"), text).expect("it is there");
    for arguments in [
        &["db", "sign", "own.db", "--key", "damaged.key"][..],
        &["db", "sign", "own.db", "--key", "publisher.pub"],
        &["db", "verify", "own.db", "--trust", "publisher.key"],
        &["db", "verify", "own.db", "--trust", "own.db"],
    ] {
        let errors = place.fails(1, arguments);
        assert!(!errors.contains(&damaged[8..24]) && !errors.contains(&secret[8..24]), "{errors}");
    }
    assert!(is_unsigned(&place.path("own.db")));
}

fn is_unsigned(file: &Path) -> bool {
    fs_err::read(file).expect("it is there")[128..4064].iter().all(|byte| *byte == 0)
}
