//! Which files a feed has, and where each is to be had.

mod copy;
mod publisher;

use std::collections::{BTreeMap, HashMap};

use bulkhead_advisories::{DigestOf, FeedSource, Listed, Listing, listed};
use bulkhead_http::{Method, Request, Url};
use bulkhead_limits::{Budget, Limits};

use super::folder::is_safe;
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
        (None, _) => publisher::of_publisher(session, feed, &mut failures).await,
        (Some(server), Some(state)) => copy::of_listing(server, feed, state),
        (Some(server), None) => copy::of_server(session, server, feed, &mut failures).await,
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

fn shown(url: &Url) -> String {
    Request::to(Method::GET, url.clone()).address().to_string()
}
