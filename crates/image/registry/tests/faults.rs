//! Repositories on servers that refuse, lie, stall and lead elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare must fail")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bulkhead_http::{HttpError, Network, Patience, Proxies, Retry, Secret};
use bulkhead_model::Digest;
use bulkhead_registry::{
    Credential, Credentials, Manifest, Mirror, Reference, Registries, RegistryError, Repository,
};
use bulkhead_testing::{Answer, Asked, Fault, Server};

const CONTENT: &[u8] = b"0123456789";
const BASIC: &str = "Basic bWU6d29yZA==";

struct Access {
    credentials: Credentials,
    mirrors: Vec<Mirror>,
    network: Network,
}

impl Default for Access {
    fn default() -> Self {
        let moment = Duration::from_millis(1);
        let network = Network {
            proxies: Proxies::Direct,
            retry: Retry { attempts: 3, first: moment, longest: moment },
            patience: Patience { stall: Duration::from_secs(1), ..Patience::default() },
            ..Network::default()
        };
        Self { credentials: Credentials::default(), mirrors: Vec::new(), network }
    }
}

impl Access {
    fn of_account() -> Self {
        let password = Secret::new("word");
        let given = Credential::Password { username: "me".to_owned(), password };
        let credentials = Credentials { given: Some(given), files: Vec::new() };
        Self { credentials, ..Self::default() }
    }

    fn registries(self) -> Registries {
        let client = self.network.client().unwrap();
        Registries::new(client, self.credentials, self.mirrors)
    }

    fn manifest(self, server: &Server, name: &str) -> Result<Manifest, RegistryError> {
        let reference: Reference = format!("{}/{name}", server.authority()).parse().unwrap();
        let registries = self.registries();
        registries.client().wait(registries.repository(&reference).manifest(&reference))
    }

    fn blob(self, server: &Server) -> Result<Vec<u8>, RegistryError> {
        let reference: Reference = format!("{}/app", server.authority()).parse().unwrap();
        let registries = self.registries();
        let repository: Repository = registries.repository(&reference);
        registries.client().wait(repository.blob(&Digest::of(CONTENT), 1 << 20))
    }
}

fn blob_path() -> String {
    format!("/v2/app/blobs/{}", Digest::of(CONTENT))
}

fn is_ping(asked: &Asked) -> bool {
    asked.path == "/v2/"
}

#[test]
fn refusals_say_who_refuses_what() {
    for (status, words) in [(401, "refuses"), (403, "refuses"), (404, "has no"), (500, "500")] {
        let said = r#"{"errors":[{"code":"X","message":"not for you"}]}"#;
        let server = Server::plain(move |_| Answer { status, ..Answer::of(said) });
        let error = Access::default().manifest(&server, "app").unwrap_err();
        let text = error.to_string();
        assert!(text.contains(words) && text.contains(&server.authority()), "{text}");
        let told = matches!(status, 401 | 403);
        assert!(!told || text.contains("not for you") && !text.contains("errors"), "{text}");
        assert!(status == 500 || error.hint().is_some());
    }
}

#[test]
fn accounts_are_shown_to_those_who_ask() {
    let server = Server::plain(|asked| match asked.header("authorization") {
        Some(BASIC) => Answer::of("{}"),
        _ => Answer::status(401).with("www-authenticate", "Basic realm=\"r\""),
    });
    assert_eq!(Access::of_account().manifest(&server, "app").unwrap().bytes, b"{}");
    let error = Access::default().manifest(&server, "app").unwrap_err();
    assert!(matches!(error, RegistryError::Denied { signed_in: false, .. }), "{error}");
    assert!(error.hint().unwrap().contains("docker login"));
}

#[test]
fn an_account_that_is_refused_is_not_tried_again() {
    let server = Server::plain(|asked| {
        if is_ping(asked) {
            Answer::of("")
        } else {
            Answer::status(401).with("www-authenticate", "Basic realm=\"r\"")
        }
    });
    let error = Access::of_account().manifest(&server, "app").unwrap_err();
    assert!(matches!(error, RegistryError::Denied { signed_in: true, .. }), "{error}");
    assert_eq!(server.seen().iter().filter(|asked| !is_ping(asked)).count(), 2);
}

/// A registry with a token server, and a redirect of its blobs to another host.
fn with_tokens(blobs: String) -> (Server, Server) {
    let tokens = Server::plain(|asked| {
        let allowed = asked.path.contains("scope=repository%3Aapp%3Apull")
            && asked.path.contains("service=s%20p") | asked.path.contains("service=s+p")
            && asked.header("authorization") == Some(BASIC);
        if allowed { Answer::of(r#"{"token":"t"}"#) } else { Answer::status(401) }
    });
    let challenge = format!("Bearer realm=\"{}\",service=\"s p\"", tokens.url("/token"));
    let server = Server::plain(move |asked| match asked.header("authorization") {
        _ if is_ping(asked) => Answer::of(""),
        Some("Bearer t") if asked.path.contains("/blobs/") => Answer::to(&blobs),
        Some("Bearer t") => Answer::of("{}"),
        _ => Answer::status(401).with("www-authenticate", &challenge),
    });
    (server, tokens)
}

#[test]
fn tokens_go_to_the_registry_and_accounts_to_its_token_server() {
    let elsewhere = Server::plain(|asked| Answer::of(CONTENT).ranged(asked));
    let (server, tokens) = with_tokens(elsewhere.url("/signed?secret=1"));
    assert_eq!(Access::of_account().blob(&server).unwrap(), CONTENT);
    assert_eq!(tokens.seen().len(), 1);
    let shown = |server: &Server| {
        let seen = server.seen().into_iter();
        seen.filter_map(|it| it.header("authorization").map(str::to_owned)).collect::<Vec<_>>()
    };
    assert!(shown(&server).iter().all(|value| value == "Bearer t"));
    assert!(shown(&elsewhere).is_empty());
}

#[test]
fn whoever_a_redirect_leads_to_cannot_ask_for_the_account() {
    let thief = Server::plain(|_| {
        Answer::status(401).with("www-authenticate", "Basic realm=\"give it to me\"")
    });
    let target = thief.url("/");
    let server = Server::plain(
        move |asked| {
            if is_ping(asked) { Answer::of("") } else { Answer::to(&target) }
        },
    );
    let error = Access::of_account().manifest(&server, "app").unwrap_err();
    assert!(matches!(error, RegistryError::Denied { .. }), "{error}");
    assert!(Access::of_account().blob(&server).is_err());
    assert!(!thief.seen().is_empty());
    assert!(thief.seen().iter().all(|asked| asked.header("authorization").is_none()));
}

#[test]
fn tokens_that_run_out_are_renewed() {
    let tokens = AtomicUsize::new(0);
    let tokens = Server::plain(move |_| {
        let number = tokens.fetch_add(1, Ordering::Relaxed);
        Answer::of(format!(r#"{{"token":"t{number}"}}"#))
    });
    let challenge = format!("Bearer realm=\"{}\"", tokens.url("/"));
    let server = Server::plain(move |asked| {
        let is_start = asked.header("range").is_none();
        match asked.header("authorization") {
            _ if is_ping(asked) => Answer::of(""),
            Some("Bearer t0") if is_start => Answer::of(CONTENT).fault(Fault::Cut(4)),
            Some("Bearer t1") => Answer::of(CONTENT).ranged(asked),
            _ => Answer::status(401).with("www-authenticate", &challenge),
        }
    });
    assert_eq!(Access::default().blob(&server).unwrap(), CONTENT);
    assert_eq!(tokens.seen().len(), 2);
}

#[test]
fn what_has_another_digest_is_refused() {
    let server = Server::plain(|_| Answer::of("something else"));
    let error = Access::default().blob(&server).unwrap_err();
    assert!(matches!(error, RegistryError::Digest { .. }), "{error}");
    let name = format!("app@{}", Digest::of(CONTENT));
    let error = Access::default().manifest(&server, &name).unwrap_err();
    assert!(matches!(error, RegistryError::Digest { .. }), "{error}");
    let digest = Digest::of(CONTENT);
    let server = Server::plain(move |_| {
        Answer::of("something else").with("docker-content-digest", digest.as_str())
    });
    let error = Access::default().manifest(&server, "app").unwrap_err();
    assert!(matches!(error, RegistryError::Digest { .. }), "{error}");
}

#[test]
fn a_manifest_of_100_mb_is_refused_before_it_is_read() {
    let server = Server::plain(|_| Answer::of("{").fault(Fault::Promise(100 << 20)));
    let error = Access::default().manifest(&server, "app").unwrap_err();
    assert!(matches!(error, RegistryError::Http(HttpError::TooLarge { .. })), "{error}");
}

#[test]
fn blobs_go_on_where_they_broke_off_and_end_at_last() {
    let server = Server::plain(|asked| {
        if asked.path != blob_path() {
            return Answer::of("");
        }
        let answer = Answer::of(CONTENT).ranged(asked);
        if answer.body.len() > 4 { answer.fault(Fault::Stall(4)) } else { answer }
    });
    assert_eq!(Access::default().blob(&server).unwrap(), CONTENT);
    let server = Server::plain(|asked| {
        if asked.path != blob_path() {
            return Answer::of("");
        }
        Answer::of(CONTENT).ranged(asked).fault(Fault::Cut(0))
    });
    let error = Access::default().blob(&server).unwrap_err();
    assert!(matches!(error, RegistryError::Http(HttpError::Broken { .. })), "{error}");
}

#[test]
fn mirrors_are_asked_first_and_never_with_the_account() {
    let mirror = Server::plain(|asked| match asked.path.as_str() {
        "/v2/hub/app/manifests/latest" => Answer::of("mirrored"),
        _ => Answer::status(404).with("www-authenticate", "Basic"),
    });
    let server = Server::plain(|_| Answer::of("at home"));
    let access = || {
        let text = format!("{}={}/hub", server.authority(), mirror.authority());
        Access { mirrors: vec![text.parse().unwrap()], ..Access::of_account() }
    };
    assert_eq!(access().manifest(&server, "app").unwrap().bytes, b"mirrored");
    assert!(server.seen().is_empty());
    assert_eq!(access().manifest(&server, "app:2").unwrap().bytes, b"at home");
    assert!(mirror.seen().iter().all(|asked| asked.header("authorization").is_none()));
}

#[test]
fn a_token_server_without_tls_gets_nothing() {
    let tokens = Server::plain(|_| Answer::of(r#"{"token":"t"}"#));
    let challenge = format!("Bearer realm=\"{}\"", tokens.url("/"));
    let server = Server::tls(move |_| Answer::status(401).with("www-authenticate", &challenge));
    let root = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(root.path(), server.root()).unwrap();
    let mut access = Access::of_account();
    access.network.roots.push(root.path().to_owned());
    let error = access.manifest(&server, "app").unwrap_err();
    assert!(matches!(error, RegistryError::Protocol { .. }), "{error}");
    assert!(tokens.seen().is_empty());
}

#[test]
fn uploads_follow_the_place_that_is_named_without_credentials_elsewhere() {
    let store = Server::plain(|_| Answer::status(201));
    let place = store.url("/upload?state=1");
    let server = Server::plain(move |asked| match asked.method.as_str() {
        _ if asked.header("authorization").is_none() && !is_ping(asked) => {
            Answer::status(401).with("www-authenticate", "Basic")
        }
        "HEAD" => Answer::status(404),
        "POST" => Answer::status(202).with("location", &place),
        _ => Answer::status(201),
    });
    let registries = Access::of_account().registries();
    let reference: Reference = format!("{}/app:1", server.authority()).parse().unwrap();
    let repository = registries.writable(&reference);
    let digest = registries.client().wait(repository.push_blob(CONTENT)).unwrap();
    assert_eq!(digest, Digest::of(CONTENT));
    let [put] = store.seen().try_into().unwrap();
    assert_eq!((put.method.as_str(), put.body.as_slice()), ("PUT", CONTENT));
    assert!(put.path.starts_with("/upload?state=1&digest=sha256%3A"), "{}", put.path);
    assert!(put.header("authorization").is_none());
}
