//! Which files a feed has, and where each is to be had.

use std::collections::{BTreeMap, HashMap};
use std::sync::PoisonError;

use bulkhead_advisories::{
    Checksum, DigestOf, FeedSource, Fetch, Listed, Listing, Step, listed, matches,
};
use bulkhead_http::{Method, Request, Url};
use bulkhead_limits::{Budget, Limits};

use super::folder::is_safe;
use super::server::{Server, decoded};
use super::{MirrorError, Session, State};

/// Bytes of a listing.
const LISTING: u64 = 64 << 20;

/// Files of one feed; publishers that serve an advisory each have some ten thousand.
const FILES: u64 = 200_000;

/// A file to be had.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) url: Url,
    /// Below the mirror folder, with `/`. It is one of the feed's.
    pub(super) path: String,
    /// The SHA-256 that the listing tells.
    pub(super) digest: Option<String>,
    /// Another text for each version, as the listing tells.
    pub(super) revision: Option<String>,
    /// Where its checksum lies, and of what it is.
    pub(super) checksum: Option<(Url, DigestOf)>,
    /// Whether it may be that there is none.
    pub(super) is_optional: bool,
}

/// Names that lie in folders of a server; folders have a `/` at the end.
pub(super) type Pages = HashMap<Url, Vec<String>>;

/// The files of a feed, by their paths, and what could not be found out.
pub(super) async fn of(
    session: &Session,
    feed: &FeedSource,
    listing: Option<&State>,
) -> (Vec<Wanted>, Vec<MirrorError>) {
    let (mut files, mut failures) = (BTreeMap::new(), Vec::new());
    let found = match (&session.options.from, listing) {
        (None, _) => of_publisher(session, feed, &mut failures).await,
        (Some(server), Some(state)) => of_listing(server, feed, state),
        (Some(server), None) => of_server(session, server, feed, &mut failures).await,
    };
    for file in found {
        if feed.holds(&file.path) && is_safe(&file.path) {
            files.entry(file.path.clone()).or_insert(file);
        } else {
            failures.push(MirrorError::Place { address: shown(&file.url) });
        }
    }
    (files.into_values().collect(), failures)
}

async fn of_publisher(
    session: &Session,
    feed: &FeedSource,
    failures: &mut Vec<MirrorError>,
) -> Vec<Wanted> {
    let mut found = Vec::new();
    for fetch in &feed.fetches {
        match followed(session, fetch).await {
            Ok(files) => found.extend(files),
            Err(error) => failures.push(error),
        }
    }
    found
}

/// The files of one entry of the catalogue.
async fn followed(session: &Session, fetch: &Fetch) -> Result<Vec<Wanted>, MirrorError> {
    let start = Request::get(&fetch.url)?.url().clone();
    let mut found = vec![(start, Listed::default())];
    for step in &fetch.follow {
        let mut next = Vec::new();
        for (address, _) in found {
            next.extend(taken(session, step, &address).await?);
        }
        found = next;
    }
    let wanted = found.into_iter().map(|(url, entry)| {
        let path = match (&fetch.path, fetch.follow.as_slice()) {
            (Some(path), []) => path.clone(),
            _ => default_path(&url),
        };
        let checksum = fetch.checksum.as_ref().and_then(|it| beside(&url, it));
        let Listed { digest, revision, .. } = entry;
        Wanted { url, path, digest, revision, checksum, is_optional: false }
    });
    Ok(wanted.collect())
}

/// What a step takes of a listing.
async fn taken(
    session: &Session,
    step: &Step,
    address: &Url,
) -> Result<Vec<(Url, Listed)>, MirrorError> {
    let request = Request::to(Method::GET, address.clone());
    let entries = read(session, &request, step.listing).await?;
    let patterns: Vec<Url> =
        step.take.iter().filter_map(|pattern| address.join(pattern).ok()).collect();
    let mut next = Vec::new();
    for entry in entries {
        let Ok(mut url) = address.join(&entry.address) else { continue };
        url.set_fragment(None);
        if !patterns.iter().any(|pattern| is_taken(pattern, &url)) {
            continue;
        }
        if step.then.is_empty() {
            next.push((url, entry));
            continue;
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        let below = step.then.iter().filter_map(|path| url.join(path).ok());
        next.extend(below.map(|url| (url, Listed::default())));
    }
    if next.is_empty() {
        return Err(MirrorError::Empty { address: shown(address), wanted: step.take.join(", ") });
    }
    Ok(next)
}

/// Whether an address is one that a pattern stands for. One with credentials, a query or of another
/// server never is: a listing says what there is, not whom else to ask.
fn is_taken(pattern: &Url, url: &Url) -> bool {
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let path = if pattern.path().ends_with('/') {
        url.path()
    } else {
        url.path().strip_suffix('/').unwrap_or(url.path())
    };
    plain && pattern.origin() == url.origin() && matches(pattern.path(), path)
}

/// The files that a server says it has.
fn of_listing(server: &Server, feed: &FeedSource, state: &State) -> Vec<Wanted> {
    let own = state.files.iter().filter(|(path, _)| feed.holds(path) && is_safe(path));
    own.map(|(path, file)| Wanted {
        url: server.address(path.split('/')),
        path: path.clone(),
        digest: Some(file.sha256.to_ascii_lowercase()),
        revision: None,
        checksum: None,
        is_optional: false,
    })
    .collect()
}

/// The files of a server that does not say what it has: where the feed's files lie in a mirror
/// folder, by the pages that list the server's folders.
async fn of_server(
    session: &Session,
    server: &Server,
    feed: &FeedSource,
    failures: &mut Vec<MirrorError>,
) -> Vec<Wanted> {
    let mut found = Vec::new();
    for pattern in &feed.paths {
        match expanded(session, server, pattern).await {
            Ok(paths) => found.extend(paths.into_iter().map(|path| Wanted {
                url: server.address(path.split('/')),
                path,
                digest: None,
                revision: None,
                checksum: None,
                is_optional: !pattern.contains('*'),
            })),
            Err(error) => failures.push(error),
        }
    }
    found
}

/// The paths that a server has for a pattern.
async fn expanded(
    session: &Session,
    server: &Server,
    pattern: &str,
) -> Result<Vec<String>, MirrorError> {
    let names: Vec<&str> = pattern.split('/').collect();
    let mut paths = vec![String::new()];
    for (position, name) in names.iter().enumerate() {
        let is_last = position + 1 == names.len();
        let mut next = Vec::new();
        for path in paths {
            let below = |name: &str| match path.as_str() {
                "" => name.to_owned(),
                path => format!("{path}/{name}"),
            };
            if !name.contains('*') {
                next.push(below(name));
                continue;
            }
            let there = names_in(session, server, &path).await?;
            let there = there.iter().filter_map(|found| match found.strip_suffix('/') {
                Some(folder) if !is_last => Some(folder),
                None if is_last => Some(found.as_str()),
                _ => None,
            });
            next.extend(there.filter(|found| matches(name, found)).map(below));
        }
        paths = next;
    }
    Ok(paths)
}

/// The names in a folder of a server; none where it has no such folder. One that the server does not
/// list is a failure: what lies in it is not known to be gone.
async fn names_in(
    session: &Session,
    server: &Server,
    path: &str,
) -> Result<Vec<String>, MirrorError> {
    let names = path.split('/').filter(|name| !name.is_empty());
    let folder = server.address(names.chain([""]));
    let known = {
        let pages = session.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(&folder).cloned()
    };
    if let Some(known) = known {
        return Ok(known);
    }
    let read = read(session, &server.request(folder.clone()), Listing::Page).await;
    let entries = match read {
        Err(MirrorError::Http(error)) if matches!(error.status(), Some(404 | 410)) => Vec::new(),
        read => read?,
    };
    let below = |entry: &Listed| {
        let url = folder.join(&entry.address).ok()?;
        if url.origin() != folder.origin() || url.query().is_some() {
            return None;
        }
        let name = url.path().strip_prefix(folder.path())?;
        let is_one = !name.is_empty() && !name.trim_end_matches('/').contains('/');
        decoded(name).filter(|_| is_one)
    };
    let mut found: Vec<String> = entries.iter().filter_map(below).collect();
    found.sort();
    found.dedup();
    let mut pages = session.pages.lock().unwrap_or_else(PoisonError::into_inner);
    pages.insert(folder, found.clone());
    Ok(found)
}

/// The entries of a listing.
async fn read(
    session: &Session,
    request: &Request,
    form: Listing,
) -> Result<Vec<Listed>, MirrorError> {
    let permit = session.permits.acquire().await;
    let response = session.client.send(request).await?.successful().await?;
    let document = response.document(LISTING).await?;
    drop(permit);
    let budget = Budget::new(Limits { entries: FILES, name_bytes: 2048, ..Limits::DEFAULT });
    listed(form, &document, &budget)
        .map_err(|cause| MirrorError::Listing { address: shown(request.url()), cause })
}

/// The checksum beside a file.
fn beside(url: &Url, checksum: &Checksum) -> Option<(Url, DigestOf)> {
    let mut beside = url.clone();
    beside.set_path(&checksum.address_of(url.path())?);
    Some((beside, checksum.of))
}

/// The host's name and the path of an address.
fn default_path(url: &Url) -> String {
    // What cannot be decoded leads to no place: `is_safe` has the last word.
    let path = decoded(url.path()).unwrap_or_default();
    format!("{}{path}", url.host_str().unwrap_or_default())
}

fn shown(url: &Url) -> String {
    Request::to(Method::GET, url.clone()).address().to_string()
}

#[cfg(test)]
mod tests {
    use bulkhead_advisories::Catalogue;

    use super::*;

    #[test]
    fn listings_lead_nowhere_else() {
        let base = Url::parse("https://h.example/oval/index.html").unwrap();
        for (pattern, entry, expected) in [
            ("v*/", "v3.21/", true),
            ("v*/", "v3.21", false),
            ("v*/", "v3/deeper/", false),
            ("*", "v3.21/", true),
            ("*.json", "https://h.example/oval/a.json", true),
            ("*.json", "/oval/a.json", true),
            ("*.json", "https://elsewhere.example/oval/a.json", false),
            ("*.json", "http://h.example/oval/a.json", false),
            ("*.json", "//elsewhere.example/oval/a.json", false),
            ("*.json", "https://me:word@h.example/oval/a.json", false),
            ("*.json", "a.json?x", false),
            ("*.json", "../a.json", false),
            ("*.json", "%2e%2e/a.json", false),
            ("/feeds/*.gz", "/feeds/a.gz", true),
        ] {
            let (pattern, url) = (base.join(pattern).unwrap(), base.join(entry).unwrap());
            assert_eq!(is_taken(&pattern, &url), expected, "{pattern} {entry}");
        }
    }

    /// An address that each step of an entry leads to, and where its file would lie.
    #[test]
    fn every_feed_of_the_catalogue_is_fetched_to_its_place() {
        for feed in Catalogue::embedded().unwrap().feeds {
            assert_eq!(feed.fetches.is_empty(), feed.by_hand.is_some(), "{}", feed.id);
            for fetch in &feed.fetches {
                let mut urls = vec![Url::parse(&fetch.url).unwrap()];
                for step in &fetch.follow {
                    urls = urls.iter().flat_map(|url| examples(step, url)).collect();
                }
                for url in urls {
                    let path = fetch.path.clone().unwrap_or_else(|| default_path(&url));
                    assert!(feed.holds(&path) && is_safe(&path), "{}: {path}", feed.id);
                    let told = fetch.checksum.as_ref().is_none_or(|it| beside(&url, it).is_some());
                    assert!(told, "{}: no checksum of {url}", feed.id);
                }
            }
        }
    }

    fn examples(step: &Step, listing: &Url) -> Vec<Url> {
        let example = |pattern: &String| {
            let mut url = listing.join(&pattern.replace('*', "1")).unwrap();
            assert!(is_taken(&listing.join(pattern).unwrap(), &url), "{pattern}");
            if step.then.is_empty() {
                return vec![url];
            }
            url.set_path(&format!("{}/", url.path().trim_end_matches('/')));
            step.then.iter().map(|path| url.join(path).unwrap()).collect()
        };
        step.take.iter().flat_map(example).collect()
    }

    #[test]
    fn files_lie_where_their_addresses_say() {
        for (url, path, expected) in [
            ("https://h.example/a/b.json", "h.example/a/b.json", true),
            ("https://h.example:8443/a%3Ab", "h.example/a:b", true),
            ("https://h.example/a%2F..%2Fb", "h.example/a/../b", false),
        ] {
            let found = default_path(&Url::parse(url).unwrap());
            assert_eq!((found.as_str(), is_safe(&found)), (path, expected));
        }
    }
}
