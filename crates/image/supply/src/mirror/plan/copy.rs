//! What a server with the layout of a mirror folder has.

use std::sync::PoisonError;

use bulkhead_advisories::{FeedSource, Listed, Listing, matches};

use super::{Wanted, read};
use crate::mirror::folder::is_safe;
use crate::mirror::server::{Server, decoded};
use crate::mirror::{MirrorError, Session, State};

/// The files that a server says it has.
pub(super) fn of_listing(server: &Server, feed: &FeedSource, state: &State) -> Vec<Wanted> {
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
pub(super) async fn of_server(
    session: &Session,
    server: &Server,
    feed: &FeedSource,
    failures: &mut Vec<MirrorError>,
) -> Vec<Wanted> {
    let mut found = Vec::new();
    for pattern in &feed.paths {
        // What no page names may be there or not.
        let is_optional = pattern.rsplit('/').next().is_none_or(|name| !name.contains('*'));
        match expanded(session, server, pattern).await {
            Ok(paths) => found.extend(paths.into_iter().map(|path| Wanted {
                url: server.address(path.split('/')),
                path,
                digest: None,
                revision: None,
                checksum: None,
                is_optional,
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
