//! What publishers have.

use bulkhead_advisories::{Checksum, DigestOf, FeedSource, Fetch, Listed, Step, matches};
use bulkhead_http::{Method, Request, Url};
use bulkhead_limits::Exceeded;

use super::{Wanted, read, shown};
use crate::mirror::server::decoded;
use crate::mirror::{MirrorError, Session};

/// Listings that one listing may lead to; a publisher has some dozen releases.
const LISTINGS: u64 = 1_000;

/// What a publisher has, as the catalogue says how to find out.
pub(super) async fn of_publisher(
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
        if found.len() as u64 > LISTINGS {
            let cause = Exceeded::Entries { limit: LISTINGS }.into();
            return Err(MirrorError::Listing { address: fetch.url.clone(), cause });
        }
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

#[cfg(test)]
mod tests {
    use bulkhead_advisories::Catalogue;

    use super::*;
    use crate::mirror::folder::is_safe;

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
