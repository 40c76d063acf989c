//! One place that a repository can be read from or written to, and the right to do so.

use std::sync::Arc;

use bulkhead_http::{
    Address, Client, Guard, HttpError, Method, Request, Response, Secret, Sink, StatusCode,
    Transfer, Url,
};
use tokio::sync::{Mutex, OnceCell};

use crate::challenge::Challenge;
use crate::credentials::{Credential, Credentials, basic, bearer};
use crate::token::{TokenRequest, fetch_token};
use crate::{RegistryError, reference};

/// Times that a transfer asks for a new token: each lasts some minutes.
const RENEWALS: u32 = 20;

/// A repository in one registry.
pub(crate) struct Endpoint {
    pub(crate) client: Client,
    pub(crate) credentials: Arc<Credentials>,
    /// Host and port, as the user knows them.
    pub(crate) registry: String,
    pub(crate) repository: String,
    /// What is asked for where the registry does not say: `pull`, `pull,push`.
    pub(crate) actions: &'static str,
    /// Whether the reference names this registry; else it is a mirror.
    pub(crate) is_home: bool,
    scheme: OnceCell<&'static str>,
    authorization: Mutex<Option<Secret>>,
}

impl Endpoint {
    pub(crate) fn new(
        client: Client,
        credentials: Arc<Credentials>,
        (registry, repository): (String, String),
        actions: &'static str,
        is_home: bool,
    ) -> Self {
        let (scheme, authorization) = (OnceCell::new(), Mutex::new(None));
        Self { client, credentials, registry, repository, actions, is_home, scheme, authorization }
    }

    /// Sends what `shape` makes of a request for a path below the repository: `manifests/latest`.
    /// Signs in where the registry asks for that. Refusals are errors, all else is an answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        shape: impl Fn(Request) -> Request,
    ) -> Result<Response, RegistryError> {
        let url = self.url(path).await?;
        self.send_to(method, &url, shape).await
    }

    /// The same for an address that the registry gave, which gets credentials only where it is the
    /// registry's own.
    pub(crate) async fn send_to(
        &self,
        method: Method,
        url: &Url,
        shape: impl Fn(Request) -> Request,
    ) -> Result<Response, RegistryError> {
        let is_own = url.origin() == self.url("").await?.origin();
        let used = self.authorization.lock().await.clone().filter(|_| is_own);
        let plain = shape(Request::to(method, url.clone()));
        let response = self.client.send(&plain.clone().authorization(used.clone())).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return self.allowed(response, used.is_some()).await;
        }
        // Whoever a redirect leads to must not ask for the credentials of this registry.
        if !is_own || response.url().origin() != url.origin() {
            return Err(self.denied(response.refusal().await, used.is_some()));
        }
        let challenge = Challenge::read(&response.headers("www-authenticate"));
        let credential = self.credential().await?;
        let signed_in = credential.is_some();
        let renewed = self.sign_in(challenge, credential, used.as_ref()).await?;
        if renewed.is_none() {
            return Err(self.denied(response.refusal().await, signed_in));
        }
        let response = self.client.send(&plain.authorization(renewed)).await?;
        self.allowed(response, signed_in).await
    }

    /// Fetches a blob into a sink from a position on; says how far that came.
    pub(crate) async fn transfer(
        &self,
        path: &str,
        part: &mut Part,
        sink: &mut dyn Sink,
    ) -> Result<(), RegistryError> {
        let url = self.url(path).await?;
        let mut renewals = 0;
        loop {
            let used = self.authorization.lock().await.clone();
            let mut transfer = Transfer {
                request: Request::to(Method::GET, url.clone()).authorization(used.clone()),
                position: part.position,
                guard: Guard::Digest,
                size: part.size,
                limit: part.limit,
            };
            let outcome = self.client.transfer(&mut transfer, sink).await;
            let progress = transfer.position > part.position;
            part.position = transfer.position;
            match outcome {
                Ok(_) => return Ok(()),
                Err(HttpError::Status { status: 401, .. }) if renewals == 0 || progress => {
                    renewals += 1;
                    if renewals > RENEWALS {
                        return Err(
                            self.refused(HttpError::TimedOut { address: Address::from(&url) })
                        );
                    }
                    self.forget(used.as_ref()).await;
                    let answer = self.send(Method::HEAD, path, |request| request).await?;
                    answer.successful().await.map_err(|error| self.refused(error))?;
                }
                Err(error) => return Err(self.refused(error)),
            }
        }
    }

    /// The address of a path below the repository.
    pub(crate) async fn url(&self, path: &str) -> Result<Url, RegistryError> {
        let scheme = self.scheme.get_or_try_init(|| self.find_scheme()).await?;
        let host = reference::host(&self.registry);
        let url = format!("{scheme}://{host}/v2/{}/{path}", self.repository);
        Ok(Request::get(&url)?.url().clone())
    }

    /// What a failed request means here.
    pub(crate) fn refused(&self, error: HttpError) -> RegistryError {
        match error.status() {
            Some(401 | 403) => self.denied(error, false),
            _ => error.into(),
        }
    }

    /// A registry on this machine, and one that may be insecure, may do without TLS; it is still
    /// tried first.
    async fn find_scheme(&self) -> Result<&'static str, RegistryError> {
        let host = reference::host(&self.registry);
        if !is_loopback(host) && !self.client.network().is_insecure(host) {
            return Ok("https");
        }
        let ping = |scheme| Request::get(&format!("{scheme}://{host}/v2/")).map(Request::question);
        match self.client.send(&ping("https")?).await {
            Err(HttpError::Connect { .. } | HttpError::Broken { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok("https"),
        }
        self.client.send(&ping("http")?).await?;
        Ok("http")
    }

    async fn credential(&self) -> Result<Option<Credential>, RegistryError> {
        match &self.credentials.given {
            Some(given) if self.is_home => Ok(Some(given.clone())),
            _ => self.credentials.stored(&self.registry, &self.repository).await,
        }
    }

    /// What to answer to a challenge; none where there is nothing to answer with. Of several that ask
    /// at once one gets a token, which serves the others, too.
    async fn sign_in(
        &self,
        challenge: Option<Challenge>,
        credential: Option<Credential>,
        used: Option<&Secret>,
    ) -> Result<Option<Secret>, RegistryError> {
        let mut authorization = self.authorization.lock().await;
        if authorization.as_ref() != used && authorization.is_some() {
            return Ok(authorization.clone());
        }
        let renewed = match (challenge, credential) {
            (Some(_), Some(Credential::Registry(token))) => Some(bearer(&token)),
            (Some(Challenge::Basic), Some(Credential::Password { username, password })) => {
                Some(basic(&username, &password))
            }
            (None | Some(Challenge::Basic), _) => None,
            (Some(Challenge::Bearer { realm, service, scope }), credential) => {
                let own = format!("repository:{}:{}", self.repository, self.actions);
                let scope = scope.filter(|_| self.actions == "pull").unwrap_or(own);
                let request = TokenRequest { realm, service, scope, credential };
                Some(bearer(&fetch_token(self, request).await?))
            }
        };
        // The same again would be refused again.
        let renewed = renewed.filter(|renewed| Some(renewed) != used);
        authorization.clone_from(&renewed);
        Ok(renewed)
    }

    async fn forget(&self, used: Option<&Secret>) {
        let mut authorization = self.authorization.lock().await;
        if authorization.as_ref() == used {
            *authorization = None;
        }
    }

    async fn allowed(
        &self,
        response: Response,
        signed_in: bool,
    ) -> Result<Response, RegistryError> {
        match response.status().as_u16() {
            401 | 403 => Err(self.denied(response.refusal().await, signed_in)),
            _ => Ok(response),
        }
    }

    pub(crate) fn denied(&self, error: HttpError, signed_in: bool) -> RegistryError {
        let HttpError::Status { status, message, .. } = error else { return error.into() };
        RegistryError::Denied {
            registry: self.registry.clone(),
            repository: self.repository.clone(),
            status,
            message: crate::answer::message(&message),
            signed_in,
        }
    }
}

/// A part of a blob: from where on, and how much there should be at the end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) position: u64,
    pub(crate) size: Option<u64>,
    pub(crate) limit: u64,
}

fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => host,
        _ => authority,
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
