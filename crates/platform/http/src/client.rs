//! Sending requests.

use std::future::Future;
use std::sync::Arc;

use reqwest::header::{AUTHORIZATION, HeaderValue, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method, StatusCode, Url};
use tokio::runtime::{Handle, Runtime};

use crate::{Address, HttpError, Network, Proxies, Request, Response, retry};

/// Redirects that are followed.
const REDIRECTS: usize = 8;

/// What servers see.
const AGENT: &str = concat!("bulkhead/", env!("CARGO_PKG_VERSION"));

/// The one client of a [`Network`]. Clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    network: Network,
    strict: reqwest::Client,
    /// Checks no certificate: for the hosts that the network calls insecure.
    lax: reqwest::Client,
    /// For callers that are not asynchronous themselves.
    runtime: Option<Runtime>,
    handle: Handle,
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Waiting for its threads, as dropping it does, is forbidden where tasks run.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Client {
    pub(crate) fn new(network: &Network) -> Result<Self, HttpError> {
        if network.offline {
            return Err(HttpError::Offline);
        }
        let roots = roots(network)?;
        let made = |error: reqwest::Error| HttpError::Client(crate::error::chain(&error));
        let strict = builder(network).tls_certs_merge(roots).build().map_err(made)?;
        let lax = builder(network).tls_danger_accept_invalid_certs(true).build().map_err(made)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("network")
            .enable_all()
            .build()
            .map_err(|error| HttpError::Client(error.to_string()))?;
        let (network, handle) = (network.clone(), runtime.handle().clone());
        let shared = Shared { network, strict, lax, runtime: Some(runtime), handle };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Waits for something asynchronous. Not to be called where tasks run.
    pub fn wait<F: Future>(&self, work: F) -> F::Output {
        self.handle().block_on(work)
    }

    /// Where tasks of this client run.
    pub fn handle(&self) -> &Handle {
        &self.shared.handle
    }

    /// The network that this is the client of.
    pub fn network(&self) -> &Network {
        &self.shared.network
    }

    /// Sends a request and follows redirects. What may succeed at another time is tried again as the
    /// network says; the last answer is given whatever its status is.
    pub async fn send(&self, request: &Request) -> Result<Response, HttpError> {
        let mut failed = 0;
        loop {
            let outcome = self.follow(request).await;
            failed += 1;
            let asked = match &outcome {
                Ok(response) if retry::is_transient(response.status()) => {
                    retry::asked(response.headers())
                }
                Err(error) if error.is_transient() => None,
                _ => return self.finished(outcome),
            };
            if request.is_question {
                return self.finished(outcome);
            }
            match self.shared.network.retry.wait(failed, asked) {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return self.finished(outcome),
            }
        }
    }

    fn finished(
        &self,
        outcome: Result<reqwest::Response, HttpError>,
    ) -> Result<Response, HttpError> {
        outcome.map(|response| Response::new(response, self.shared.network.patience.document))
    }

    /// Sends a request once and follows redirects.
    async fn follow(&self, request: &Request) -> Result<reqwest::Response, HttpError> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let response = self.once(request, &url).await?;
            match self.redirect(request, &url, &response)? {
                Some(next) => url = next,
                None => return Ok(response),
            }
        }
        let cause = format!("more than {REDIRECTS} times");
        Err(HttpError::Redirect { address: request.address(), cause })
    }

    async fn once(&self, request: &Request, url: &Url) -> Result<reqwest::Response, HttpError> {
        let client = if self.is_insecure(url) { &self.shared.lax } else { &self.shared.strict };
        let mut builder =
            client.request(request.method.clone(), url.clone()).headers(request.headers.clone());
        if let Some(secret) = &request.authorization
            && url.origin() == request.url.origin()
            && let Ok(mut value) = HeaderValue::try_from(secret.expose())
        {
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        builder.send().await.map_err(|error| HttpError::unanswered(&error, Address::from(url)))
    }

    /// Where an answer leads on to, if it does.
    fn redirect(
        &self,
        request: &Request,
        url: &Url,
        response: &reqwest::Response,
    ) -> Result<Option<Url>, HttpError> {
        let is_reading = matches!(request.method, Method::GET | Method::HEAD);
        let follows = match response.status() {
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => is_reading,
            _ => false,
        };
        let Some(location) = response.headers().get(LOCATION).filter(|_| follows) else {
            return Ok(None);
        };
        let refused = |cause: String| HttpError::Redirect { address: Address::from(url), cause };
        let next = location.to_str().ok().and_then(|text| url.join(text).ok());
        let next = next.filter(|next| matches!(next.scheme(), "http" | "https") && next.has_host());
        let mut next = next.ok_or_else(|| refused("to something that is no address".to_owned()))?;
        if url.scheme() == "https" && next.scheme() == "http" && !self.is_insecure(&next) {
            let to = Address::from(&next);
            return Err(refused(format!("to {to}, which is not followed: it has no TLS")));
        }
        // Else they would be sent as credentials of ours.
        let _ = next.set_username("");
        let _ = next.set_password(None);
        Ok(Some(next))
    }

    fn is_insecure(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        match url.port_or_known_default() {
            Some(port) => self.shared.network.is_insecure(&format!("{host}:{port}")),
            None => self.shared.network.is_insecure(host),
        }
    }
}

fn builder(network: &Network) -> reqwest::ClientBuilder {
    let patience = network.patience;
    let builder = reqwest::Client::builder()
        .user_agent(AGENT)
        .redirect(Policy::none())
        .referer(false)
        .connect_timeout(patience.connect)
        .read_timeout(patience.stall);
    match network.proxies {
        Proxies::Environment => builder,
        Proxies::Direct => builder.no_proxy(),
    }
}

fn roots(network: &Network) -> Result<Vec<Certificate>, HttpError> {
    let mut roots = Vec::new();
    for path in &network.roots {
        let wrong = |cause: String| HttpError::Roots { path: path.clone(), cause };
        let pem = fs_err::read(path).map_err(|error| wrong(error.kind().to_string()))?;
        let found = Certificate::from_pem_bundle(&pem)
            .map_err(|_| wrong("a certificate in it cannot be read".to_owned()))?;
        if found.is_empty() {
            return Err(wrong("there is no certificate in it".to_owned()));
        }
        roots.extend(found);
    }
    Ok(roots)
}
