//! Tokens of a registry's token server (distribution, "token authentication").

use bulkhead_http::{Method, Request, Secret, Url};

use crate::credentials::{Credential, basic};
use crate::endpoint::Endpoint;
use crate::{RegistryError, answer};

/// Bytes that an answer may have; tokens have a few thousand.
const LIMIT: u64 = 1 << 20;

/// Who we are to a token server.
const CLIENT: &str = "bulkhead";

/// What a token is asked for.
pub(crate) struct TokenRequest {
    pub(crate) realm: String,
    pub(crate) service: Option<String>,
    pub(crate) scope: String,
    pub(crate) credential: Option<Credential>,
}

/// Asks a token server for a token.
pub(crate) async fn fetch_token(
    endpoint: &Endpoint,
    asked: TokenRequest,
) -> Result<Secret, RegistryError> {
    let protocol =
        |cause: String| RegistryError::Protocol { registry: endpoint.registry.clone(), cause };
    let realm = Request::get(&asked.realm)
        .map_err(|_| protocol("its token server has no address".to_owned()))?;
    let home = endpoint.url("").await?;
    let is_weaker = home.scheme() == "https" && realm.url().scheme() == "http";
    if is_weaker && !endpoint.client.network().is_insecure(&authority(realm.url())) {
        let cause = format!("its token server {} has no TLS", realm.address());
        return Err(protocol(cause));
    }
    let signed_in = asked.credential.is_some();
    let response = endpoint.client.send(&request(realm.url().clone(), asked)).await?;
    let response = response.successful().await.map_err(|error| match error.status() {
        Some(400 | 401 | 403) => endpoint.denied(error, signed_in),
        _ => error.into(),
    })?;
    let bytes = response.document(LIMIT).await?;
    answer::token(&bytes).ok_or_else(|| protocol("its token server gave no token".to_owned()))
}

fn request(mut realm: Url, asked: TokenRequest) -> Request {
    let TokenRequest { service, scope, credential, .. } = asked;
    let mut pairs = vec![("scope", scope), ("client_id", CLIENT.to_owned())];
    pairs.extend(service.map(|service| ("service", service)));
    match credential {
        Some(Credential::Identity(token)) => {
            // A form is written like a query.
            let mut form = realm.clone();
            form.query_pairs_mut()
                .clear()
                .extend_pairs(&pairs)
                .append_pair("grant_type", "refresh_token")
                .append_pair("refresh_token", token.expose());
            let body = form.query().unwrap_or_default().to_owned();
            Request::to(Method::POST, realm)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(body)
        }
        credential => {
            realm.query_pairs_mut().extend_pairs(&pairs);
            let authorization = match credential {
                Some(Credential::Password { username, password }) => {
                    realm.query_pairs_mut().append_pair("account", &username);
                    Some(basic(&username, &password))
                }
                _ => None,
            };
            Request::to(Method::GET, realm).authorization(authorization)
        }
    }
}

fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port_or_known_default().map_or(host.to_owned(), |port| format!("{host}:{port}"))
}
