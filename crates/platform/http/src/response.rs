//! What is answered.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{StatusCode, Url};

use crate::{Address, HttpError, retry};

/// Bytes of a refusal that are read.
const REFUSAL: u64 = 64 << 10;

/// Characters of a refusal that are shown.
const SHOWN: usize = 300;

/// An answer, of any status; its body was not read yet.
#[derive(Debug)]
pub struct Response {
    inner: reqwest::Response,
    address: Address,
    document: Duration,
    position: u64,
}

impl Response {
    pub(crate) fn new(inner: reqwest::Response, document: Duration) -> Self {
        let address = Address::from(inner.url());
        Self { inner, address, document, position: 0 }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.inner.status()
    }

    /// A header, where it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers().get(name)?.to_str().ok()
    }

    /// All values of a header that are text.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let values = self.inner.headers().get_all(name).iter();
        values.filter_map(|value| value.to_str().ok()).map(str::to_owned).collect()
    }

    /// Where the answer came from, after redirects.
    pub fn url(&self) -> &Url {
        self.inner.url()
    }

    /// The same as it may be shown.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Bytes of the body, where they are announced.
    pub fn length(&self) -> Option<u64> {
        self.inner.content_length()
    }

    /// The answer itself where it is a success (2xx), else what it says as an error.
    pub async fn successful(self) -> Result<Self, HttpError> {
        if self.status().is_success() { Ok(self) } else { Err(self.refusal().await) }
    }

    /// What the answer says, as an error.
    pub async fn refusal(self) -> HttpError {
        let status = self.status().as_u16();
        let retry_after = retry::asked(self.inner.headers());
        let address = self.address.clone();
        let body = self.start(REFUSAL).await;
        let text = String::from_utf8_lossy(&body);
        let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        let words: String = printable.take(SHOWN).collect();
        HttpError::Status { address, status, message: words.trim().to_owned(), retry_after }
    }

    /// The next piece of the body; none at its end.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, HttpError> {
        match self.inner.chunk().await {
            Ok(piece) => {
                let count = piece.as_ref().map_or(0, |piece| piece.len() as u64);
                self.position = self.position.saturating_add(count);
                Ok(piece)
            }
            Err(error) => Err(HttpError::broken(&error, self.address.clone(), self.position)),
        }
    }

    /// The whole body of a document of at most `limit` bytes.
    pub async fn document(mut self, limit: u64) -> Result<Vec<u8>, HttpError> {
        let address = self.address.clone();
        if let Some(size) = self.length().filter(|size| *size > limit) {
            return Err(HttpError::TooLarge { address, size: Some(size), limit });
        }
        let (mut bytes, patience) = (Vec::new(), self.document);
        let reading = async {
            while let Some(piece) = self.piece().await? {
                if (bytes.len() as u64).saturating_add(piece.len() as u64) > limit {
                    let address = self.address.clone();
                    return Err(HttpError::TooLarge { address, size: None, limit });
                }
                bytes.extend_from_slice(&piece);
            }
            Ok(())
        };
        // A server that sends a byte now and then never stalls, and never ends either.
        match tokio::time::timeout(patience, reading).await {
            Ok(read) => read.map(|()| bytes),
            Err(_) => Err(HttpError::TimedOut { address }),
        }
    }

    /// As much of the body as comes, at most `limit` bytes.
    async fn start(mut self, limit: u64) -> Vec<u8> {
        let (mut bytes, patience) = (Vec::new(), self.document);
        let reading = async {
            while (bytes.len() as u64) < limit {
                match self.piece().await {
                    Ok(Some(piece)) => bytes.extend_from_slice(&piece),
                    Ok(None) | Err(_) => break,
                }
            }
        };
        let _ = tokio::time::timeout(patience, reading).await;
        bytes
    }
}
