//! What is asked.

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url};

use crate::{Address, HttpError, Secret};

/// A request. Everything in it but [`Request::authorization`] goes wherever redirects lead.
#[derive(Debug, Clone)]
pub struct Request {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) authorization: Option<Secret>,
    pub(crate) body: Option<Bytes>,
    pub(crate) is_question: bool,
}

impl Request {
    /// A request for an address of `http` or `https`.
    pub fn new(method: Method, url: &str) -> Result<Self, HttpError> {
        let parsed = Url::parse(url).ok();
        let url = parsed
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or(HttpError::NoAddress)?;
        Ok(Self::to(method, url))
    }

    /// A request that reads.
    pub fn get(url: &str) -> Result<Self, HttpError> {
        Self::new(Method::GET, url)
    }

    /// A request for an address that was checked before.
    pub fn to(method: Method, url: Url) -> Self {
        let headers = HeaderMap::new();
        Self { method, url, headers, authorization: None, body: None, is_question: false }
    }

    /// Sets a header. What is no header is left out: names come from code, and a value that cannot
    /// be sent is one that no server has asked for.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.insert(name, value);
        }
        self
    }

    /// Sets the `Authorization` header, which no other origin than this request's gets.
    #[must_use]
    pub fn authorization(mut self, value: Option<Secret>) -> Self {
        self.authorization = value;
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Makes it a question whose answer may well be none, and that is not tried again.
    #[must_use]
    pub fn question(mut self) -> Self {
        self.is_question = true;
        self
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The address as it may be shown.
    pub fn address(&self) -> Address {
        Address::from(&self.url)
    }
}
