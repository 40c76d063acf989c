//! Patterns of paths against the libraries that Trivy and Grype use.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use bulkhead_exceptions::{Dialect, Glob, Regex};

/// What patterns are put together from.
const PIECES: [&str; 13] =
    ["a", "b", ".", "*", "**", "?", "/", "[ab]", "[^a]", "{a,b}", "{a/b,b}", "\\*", "ab"];

const PATHS: [&str; 12] =
    ["a", "b", "ab", "a/b", "a/b/a", "b/a", "aa/bb", ".a", "a.b", "*", "a/ab", "b/a/b/ab"];

/// Every pattern of up to four pieces that begins with a name, or with what may be anywhere.
fn patterns() -> Vec<String> {
    let mut patterns = vec![String::new()];
    let mut longer = patterns.clone();
    for _ in 0..4 {
        longer = longer
            .iter()
            .flat_map(|start| PIECES.iter().map(move |piece| format!("{start}{piece}")))
            .collect();
        patterns.extend(longer.iter().cloned());
    }
    // Of what nobody writes each version of the library has its own idea.
    let is_odd = |pattern: &str| {
        // Before a closing `/**` a star that stands for nothing is lost there.
        let is_lost = pattern.len() > "*/**".len() && pattern.ends_with("*/**");
        is_lost || pattern.contains("***") || pattern.contains("//") || pattern.ends_with('/')
    };
    patterns.retain(|it| !it.is_empty() && !it.starts_with('/') && !is_odd(it));
    patterns
}

#[test]
fn globs_are_those_of_the_tools() {
    let Some(go) = bulkhead_testing::tool("go") else { return };
    let patterns = patterns();
    let mut lines = String::new();
    for pattern in &patterns {
        for path in PATHS {
            writeln!(lines, "{pattern}\t{path}\n/{pattern}\t/{path}").unwrap();
        }
    }
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go-ignore");
    let mut child = Command::new(go)
        .args(["run", "."])
        .current_dir(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = String::from_utf8(output.stdout).unwrap();
    let mut answers = answers.lines();
    let mut wrong = Vec::new();
    let mut matched = 0;
    for pattern in &patterns {
        let relative = Glob::read(pattern, Dialect::Relative);
        let absolute = Glob::read(&format!("/{pattern}"), Dialect::Absolute);
        for path in PATHS {
            let (trivy, grype) = (answers.next().unwrap(), answers.next().unwrap());
            for (glob, theirs) in [
                (&relative, trivy.chars().nth(1).unwrap()),
                (&absolute, grype.chars().next().unwrap()),
            ] {
                let ours = glob.as_ref().is_ok_and(|glob| glob.matches(path));
                let expected = theirs.is_ascii_digit();
                matched += u32::from(expected);
                // What is not `a` may be a slash there, and is none here: a part is a part.
                let is_stricter = expected && pattern.contains("[^");
                if ours != expected && !is_stricter {
                    wrong.push(format!("{pattern} on {path}: {ours}, and {theirs}"));
                }
            }
        }
    }
    assert!(matched > 1_000, "only {matched} pairs match at all");
    let share = &wrong[..wrong.len().min(60)];
    assert!(wrong.is_empty(), "{} of them: {share:#?}", wrong.len());
}

#[test]
fn patterns_that_are_none_are_refused() {
    for pattern in ["[", "[a", "{a", "a\\", "[a-"] {
        assert!(Glob::read(pattern, Dialect::Relative).is_err(), "{pattern}");
    }
    assert!(Regex::whole("(").is_err());
    assert!(
        Regex::whole(&"(a{1,1000}){1,1000}".repeat(3)).is_err(),
        "it would take too much memory"
    );
}

#[test]
fn expressions_hold_for_the_whole_name() {
    for (source, name, matches) in [
        ("lib.*", "libc6", true),
        ("lib.*", "zlib", false),
        ("a|b", "ab", false),
        ("^libc6$", "libc6", true),
    ] {
        assert_eq!(Regex::whole(source).unwrap().matches(name), matches, "{source} {name}");
    }
}
