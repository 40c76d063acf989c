//! Mirrors of a mirror: the test data as a server of files has them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bulkhead_advisories::Catalogue;
use bulkhead_http::{Client, Network, Proxies};
use bulkhead_supply::mirror::{Mirror, Options, Outcome, Server as Source};
use bulkhead_testing::{Answer, Asked, Server};

use crate::publisher::{Nobody, options};

/// Serves a folder with pages that list it.
fn files(folder: PathBuf, with_state: bool) -> Server {
    Server::tls(move |asked| answer(&folder, with_state, asked))
}

fn answer(folder: &Path, with_state: bool, asked: &Asked) -> Answer {
    let path = asked.path.trim_start_matches("/copy/").replace("%3A", ":");
    if !asked.path.starts_with("/copy/") || (path.starts_with("bulkhead/") && !with_state) {
        return Answer::status(404);
    }
    let place = folder.join(&path);
    if place.is_dir() {
        let names = fs_err::read_dir(&place).unwrap().map(|entry| {
            let entry = entry.unwrap();
            let slash = if entry.path().is_dir() { "/" } else { "" };
            // As python3's http.server writes them.
            let name = entry.file_name().to_string_lossy().replace(':', "%3A");
            format!("<li><a href=\"{name}{slash}\">x</a></li>\n")
        });
        return Answer::of(names.collect::<String>());
    }
    match fs_err::read(&place) {
        Ok(content) => {
            let day = "Wed, 21 Oct 2015 07:28:00 GMT";
            let right = Answer::of(content).with("last-modified", day);
            match asked.header("if-modified-since") {
                Some(since) if since == day => Answer { status: 304, body: Vec::new(), ..right },
                _ => right,
            }
        }
        Err(_) => Answer::status(404),
    }
}

fn client(servers: &[&Server]) -> Client {
    let root = tempfile::NamedTempFile::new().unwrap();
    let roots: String = servers.iter().map(|server| server.root()).collect();
    fs_err::write(root.path(), roots).unwrap();
    let roots = vec![root.path().to_owned()];
    Network { proxies: Proxies::Direct, roots, ..Network::default() }.client().unwrap()
}

fn copy(server: &Server, to: &Path) -> Vec<Outcome> {
    let from = server.url("/copy").replace("://", "://me:word@");
    let from = Source::parse(&from, None, false).unwrap();
    let options = Options { from: Some(from), ..options() };
    let catalogue = Catalogue::embedded().unwrap();
    let mut mirror = Mirror::open(to).unwrap();
    mirror.update(&catalogue, &client(&[server]), &options, Arc::new(Nobody)).unwrap()
}

/// The files of feeds, by their paths below the folder.
fn content(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let catalogue = Catalogue::embedded().unwrap();
    let relative = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    let files = bulkhead_testing::files_below(folder);
    let own = files.iter().filter(|path| {
        let path = relative(path);
        catalogue.feeds.iter().any(|feed| feed.holds(&path))
    });
    own.map(|path| (relative(path), fs_err::read(path).unwrap())).collect()
}

#[test]
fn a_copy_has_the_same_files_and_copies_of_it_are_checked() {
    let Some(feeds) = bulkhead_testing::data("feeds") else { return };
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());

    // By pages.
    let server = files(feeds.clone(), false);
    let outcomes = copy(&server, first.path());
    let failures: Vec<_> = outcomes.iter().flat_map(|it| &it.failures).collect();
    assert!(failures.is_empty(), "{failures:?}");
    let expected = content(&feeds);
    assert!(!expected.is_empty());
    assert!(content(first.path()) == expected, "a copy has other files or other bytes");
    assert!(server.seen().iter().all(|asked| asked.header("authorization").is_some()));
    let again = copy(&server, first.path());
    assert!(again.iter().all(|it| it.fetched == 0 && it.removed == 0), "{again:?}");

    // By what the copy remembers.
    let server = files(first.path().to_owned(), true);
    copy(&server, second.path());
    assert!(content(second.path()) == expected, "a copy of the copy differs");
    let before = server.seen().len();
    let again = copy(&server, second.path());
    assert!(again.iter().all(|it| it.fetched == 0), "{again:?}");
    assert_eq!(server.seen().len(), before + 1, "digests tell that nothing changed");

    // A file that is not what is told of it.
    let (path, old) = &expected[0];
    let forged = [old.as_slice(), b" "].concat();
    fs_err::write(first.path().join(path), forged).unwrap();
    fs_err::remove_file(second.path().join(path)).unwrap();
    let outcomes = copy(&server, second.path());
    let failures: Vec<_> = outcomes.iter().flat_map(|it| &it.failures).collect();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(failures[0].message.contains("its publisher says"), "{failures:?}");
}

#[test]
fn credentials_stay_with_the_server_that_they_are_for() {
    let elsewhere = Server::tls(|_| Answer::of("{\"vulnerabilities\": []}"));
    let target = elsewhere.url("/object?signature=abc");
    let server = Server::tls(move |asked| match asked.path.as_str() {
        "/copy/www.cisa.gov/feeds/known_exploited_vulnerabilities.json" => Answer::to(&target),
        _ => Answer::status(404),
    });
    let folder = tempfile::tempdir().unwrap();
    let from = server.url("/copy").replace("://", "://me:word@");
    let from = Source::parse(&from, None, false).unwrap();
    let options = Options { from: Some(from), feeds: vec!["cisa-kev".to_owned()], ..options() };
    let catalogue = Catalogue::embedded().unwrap();
    let mut mirror = Mirror::open(folder.path()).unwrap();
    let client = client(&[&server, &elsewhere]);
    let outcome = mirror.update(&catalogue, &client, &options, Arc::new(Nobody)).unwrap();
    assert_eq!(outcome[0].fetched, 1, "{outcome:?}");
    assert!(
        server.seen().iter().all(|it| it.header("authorization") == Some("Basic bWU6d29yZA=="))
    );
    assert_eq!(elsewhere.seen().len(), 1);
    assert_eq!(elsewhere.seen()[0].header("authorization"), None);
    let state = fs_err::read_to_string(folder.path().join("bulkhead/mirror.json")).unwrap();
    assert!(!state.contains("word") && !state.contains("signature"), "{state}");
}
