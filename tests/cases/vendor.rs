//! A Python package that Debian brings, as the distribution's statements and the upstream ones have it.

use std::collections::BTreeSet;
use std::process::Command;

use bulkhead_end_to_end::{cached, parts, run as run_program};

use crate::bulkhead::{Scan, database, run, text};

/// The Debian package, its source, and the Python distribution in it.
const PACKAGE: (&str, &str, &str) = ("python3-werkzeug", "python-werkzeug", "Werkzeug");

/// Where Debian says anything of a vulnerability its word holds; where it says nothing, the upstream
/// finding stands as unconfirmed. What it says is read from its own file by a walk over the text.
#[test]
fn debian_overrules_upstream_about_what_it_built() {
    let Some(database) = database() else { return };
    let release = release();
    let Some(judged) = judged_by_debian(&release) else { return };
    let (package, _, distribution) = PACKAGE;
    let root = cached(package, &release, |root| parts::debian_package(root, package));
    let root = root.expect("Debian has the package");

    let database = database.to_str().expect("a plain path");
    let target = format!("rootfs:{}", root.display());
    let scan = Scan::of(&target, &["--db", database]);
    let about = |list: &str| -> Vec<(String, String)> {
        scan.list(list)
            .filter(|finding| text(finding, "/subject/name") == distribution)
            .map(|finding| (text(finding, "/rule"), text(finding, "/detail/confidence")))
            .collect()
    };
    let (found, overruled) = (about("/findings"), about("/overruled"));
    assert!(!found.is_empty() && !overruled.is_empty(), "{found:?} {overruled:?}");
    for (rule, confidence) in &found {
        assert_eq!(confidence, "unconfirmed", "{rule}");
        assert!(!judged.contains(rule), "{rule}: Debian has judged it");
    }
    for (rule, _) in &overruled {
        assert!(judged.contains(rule), "{rule}: Debian says nothing of it");
    }

    let report = root.with_extension("json");
    let output = format!("json={}", report.display());
    run(&["scan", &target, "--db", database, "-o", &output]);
    let (rule, _) = &overruled[0];
    let report = report.to_str().expect("a plain path");
    let page = run(&["explain", rule, report, "--db", database]);
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    assert!(page.contains("Overruled") && page.contains(package), "{page}");
}

/// The release of the machine, whose packages apt fetches: `bookworm`.
fn release() -> String {
    let text = fs_err::read_to_string("/etc/os-release").expect("the machine has a release");
    let name = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    name.expect("a release has a name").to_owned()
}

/// The vulnerabilities that Debian's definitions of a release name for the source package. None, and
/// a recorded skip, without them.
fn judged_by_debian(release: &str) -> Option<BTreeSet<String>> {
    let bzcat = bulkhead_testing::tool("bzcat")?;
    let files = bulkhead_testing::data_files("feeds/www.debian.org");
    let Some(file) = files.iter().find(|file| file.to_string_lossy().contains(release)) else {
        bulkhead_testing::skip(&format!("no definitions of Debian {release}"));
        return None;
    };
    let text = run_program(Command::new(bzcat).arg(file)).expect("bzip2 reads it");
    let text = String::from_utf8_lossy(&text).into_owned();
    let titles = text.lines().filter_map(|line| line.trim().strip_prefix("<title>"));
    let ids = titles.filter_map(|title| {
        let (id, source) = title.strip_suffix("</title>")?.split_once(' ')?;
        (source == PACKAGE.1).then(|| id.to_owned())
    });
    Some(ids.collect())
}
