//! One way to the network: certificates, proxies, retries, redaction, and none at all when offline.
//!
//! [`Network`] says how the network may be used; [`Network::client`] makes the one [`Client`] of it.
//! [`Client::send`] sends a [`Request`] and gives the answer whatever its status is;
//! [`Response::successful`] makes an error of what is no success. [`Client::transfer`] fetches
//! something large into a [`Sink`] and goes on where it broke off, and is also the way to ask
//! whether a document has changed:
//!
//! ```no_run
//! # fn main() -> Result<(), bulkhead_http::HttpError> {
//! use bulkhead_http::{Network, Request, Transfer, Transferred};
//!
//! let client = Network::default().client()?;
//! let request = Request::get("https://example.org/feed.json")?.header("if-none-match", "\"v1\"");
//! let mut feed = Vec::new();
//! let mut transfer = Transfer::new(request, 64 << 20);
//! match client.wait(client.transfer(&mut transfer, &mut feed))? {
//!     Transferred::Unchanged => println!("as it was"),
//!     Transferred::Whole { etag, .. } => println!("{} bytes, {etag:?}", feed.len()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What holds for every request:
//!
//! - Offline there is no client, so that nothing can be sent by mistake.
//! - Credentials travel in [`Request::authorization`] only. They go to the origin that the request
//!   names and to no other: a redirect to another scheme, host or port does not get them.
//! - No redirect leads from `https` to `http`, but to hosts that may be reached insecurely.
//! - Errors name addresses without user, password and query, where signatures stand.
//! - 429 and 5xx, broken connections and stalls are tried again a bounded number of times.

mod address;
mod client;
mod error;
mod network;
mod request;
mod response;
mod retry;
mod secret;
mod transfer;

pub use address::Address;
pub use client::Client;
pub use error::HttpError;
pub use network::{Network, Patience, Proxies};
pub use request::Request;
pub use reqwest::{Method, StatusCode, Url};
pub use response::Response;
pub use retry::Retry;
pub use secret::Secret;
pub use transfer::{Guard, Sink, Transfer, Transferred};
