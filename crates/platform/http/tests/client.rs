//! The client against servers that misbehave.

#![expect(clippy::unwrap_used, reason = "a test that cannot prepare must fail")]

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bulkhead_http::{
    Client, Guard, HttpError, Network, Patience, Proxies, Request, Retry, Secret, Sink, Transfer,
    Transferred,
};
use bulkhead_testing::{Answer, Asked, Fault, Server};

/// A network that gives up soon.
fn network() -> Network {
    let moment = Duration::from_millis(1);
    Network {
        proxies: Proxies::Direct,
        retry: Retry { attempts: 3, first: moment, longest: Duration::from_secs(1) },
        patience: Patience { stall: Duration::from_secs(1), ..Patience::default() },
        ..Network::default()
    }
}

fn trusting(server: &Server) -> Client {
    let root = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(root.path(), server.root()).unwrap();
    Network { roots: vec![root.path().to_owned()], ..network() }.client().unwrap()
}

/// The body of what is no refusal, and the final status of what is.
fn get(client: &Client, url: &str) -> Result<Vec<u8>, HttpError> {
    let request = Request::get(url)?.authorization(Some(Secret::new("Basic c2VjcmV0")));
    client.wait(async { client.send(&request).await?.successful().await?.document(1 << 20).await })
}

fn transfer(server: &Server, guard: Guard, sink: &mut Vec<u8>) -> Result<Transferred, HttpError> {
    let client = network().client().unwrap();
    let mut transfer = Transfer::new(Request::get(&server.url("/feed")).unwrap(), 1 << 20);
    transfer.guard = guard;
    client.wait(client.transfer(&mut transfer, sink))
}

#[test]
fn offline_there_is_no_client() {
    let error = Network { offline: true, ..network() }.client().unwrap_err();
    assert!(matches!(error, HttpError::Offline) && error.hint().is_some());
}

#[test]
fn only_known_authorities_are_trusted() {
    let server = Server::tls(|_| Answer::of("hello"));
    assert_eq!(get(&trusting(&server), &server.url("/")).unwrap(), b"hello");
    let error = get(&network().client().unwrap(), &server.url("/")).unwrap_err();
    assert!(matches!(error, HttpError::Certificate { .. }), "{error}");
    assert!(error.hint().unwrap().contains("--cacert"));
    let insecure = Network { insecure: vec!["localhost".to_owned()], ..network() };
    assert_eq!(get(&insecure.client().unwrap(), &server.url("/")).unwrap(), b"hello");
}

#[test]
fn a_file_without_certificates_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let network = Network { roots: vec![file.path().to_owned()], ..network() };
    let error = network.client().unwrap_err();
    assert!(matches!(error, HttpError::Roots { .. }), "{error}");
}

#[test]
fn what_may_pass_is_tried_again() {
    for status in [429, 500, 502, 503, 504] {
        let count = AtomicUsize::new(0);
        let server = Server::plain(move |_| match count.fetch_add(1, Ordering::Relaxed) {
            0 => Answer::status(status).with("retry-after", "0"),
            1 => Answer::status(status),
            _ => Answer::of("at last"),
        });
        assert_eq!(get(&network().client().unwrap(), &server.url("/")).unwrap(), b"at last");
        assert_eq!(server.seen().len(), 3, "{status}");
    }
}

#[test]
fn patience_ends() {
    for (answer, attempts) in [
        (Answer::status(503), 3),
        (Answer::status(429).with("retry-after", "3600"), 1),
        (Answer::status(401), 1),
        (Answer::status(404), 1),
    ] {
        let status = answer.status;
        let server = Server::plain(move |_| answer.clone());
        let error = get(&network().client().unwrap(), &server.url("/")).unwrap_err();
        assert_eq!((error.status(), server.seen().len()), (Some(status), attempts), "{error}");
        assert!(error.to_string().contains(&format!("status {status}")), "{error}");
    }
}

#[test]
fn a_server_that_falls_silent_is_left() {
    let server = Server::plain(|_| Answer::of("some").fault(Fault::Stall(2)));
    let error = get(&network().client().unwrap(), &server.url("/")).unwrap_err();
    assert!(matches!(error, HttpError::Broken { position: 2, .. }), "{error}");
}

#[test]
fn credentials_do_not_follow_redirects() {
    let elsewhere = Server::plain(|_| Answer::of("there"));
    let target = elsewhere.url("/blob?signature=abc");
    let server = Server::plain(move |asked: &Asked| match asked.path.as_str() {
        "/here" => Answer::to("/still-here"),
        "/still-here" => Answer::of("here"),
        _ => Answer::to(&target),
    });
    let client = network().client().unwrap();
    assert_eq!(get(&client, &server.url("/away")).unwrap(), b"there");
    assert_eq!(get(&client, &server.url("/here")).unwrap(), b"here");
    assert!(elsewhere.seen().iter().all(|asked| asked.header("authorization").is_none()));
    assert!(server.seen().iter().all(|asked| asked.header("authorization").is_some()));
    // The same host by another name is another origin.
    assert_eq!(elsewhere.seen().len(), 1);
}

#[test]
fn redirects_to_worse_places_are_refused() {
    let plain = Server::plain(|_| Answer::of("no"));
    let target = plain.url("/");
    let server = Server::tls(move |asked: &Asked| match asked.path.as_str() {
        "/plain" => Answer::to(&target),
        "/file" => Answer::to("file:///etc/passwd"),
        _ => Answer::to("/again"),
    });
    let client = trusting(&server);
    for path in ["/plain", "/file", "/again"] {
        let error = get(&client, &server.url(path)).unwrap_err();
        assert!(matches!(error, HttpError::Redirect { .. }), "{path}: {error}");
    }
    assert!(plain.seen().is_empty());
}

#[test]
fn documents_have_a_limit() {
    let server = Server::plain(|_| Answer::of("x").fault(Fault::Promise(100 << 20)));
    let error = get(&network().client().unwrap(), &server.url("/")).unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { size: Some(_), .. }), "{error}");
}

#[test]
fn transfers_go_on_where_they_broke_off() {
    let whole = Answer::of("0123456789").with("etag", "\"one\"");
    let server = Server::plain(move |asked| {
        let answer = whole.clone().ranged(asked);
        if answer.body.len() > 4 { answer.fault(Fault::Cut(3)) } else { answer }
    });
    let mut sink = Vec::new();
    transfer(&server, Guard::Validator(None), &mut sink).unwrap();
    assert_eq!(sink, b"0123456789");
    let seen = server.seen();
    let of = |name| seen.iter().map(|it| it.header(name)).collect::<Vec<_>>();
    assert_eq!(of("range"), [None, Some("bytes=3-"), Some("bytes=6-")]);
    assert_eq!(of("if-range"), [None, Some("\"one\""), Some("\"one\"")]);
}

#[test]
fn a_part_of_the_rest_is_not_the_rest() {
    let whole = Answer::of("0123456789").with("etag", "\"one\"");
    let server = Server::plain(move |asked| match asked.header("range") {
        None => whole.clone().fault(Fault::Cut(4)),
        Some("bytes=4-") => Answer { status: 206, ..Answer::of("456") }
            .with("content-range", "bytes 4-6/10")
            .with("etag", "\"one\""),
        Some(_) => whole.clone().ranged(asked),
    });
    let mut sink = Vec::new();
    transfer(&server, Guard::Validator(None), &mut sink).unwrap();
    assert_eq!(sink, b"0123456789");
}

#[test]
fn content_that_changed_begins_again() {
    let count = AtomicUsize::new(0);
    let server = Server::plain(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::of("old content").with("etag", "\"1\"").fault(Fault::Cut(4)),
        _ => Answer::of("new content").with("etag", "\"2\""),
    });
    let mut sink = Vec::new();
    let done = transfer(&server, Guard::Validator(None), &mut sink).unwrap();
    assert_eq!(sink, b"new content");
    assert_eq!(done, Transferred::Whole { etag: Some("\"2\"".into()), last_modified: None });
}

#[test]
fn a_part_of_another_version_is_never_joined() {
    let count = AtomicUsize::new(0);
    // It does not know If-Range.
    let server = Server::plain(move |asked| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::of("old content").with("etag", "\"1\"").fault(Fault::Cut(4)),
        _ => Answer::of("new content").with("etag", "\"2\"").ranged(asked),
    });
    let mut sink = Vec::new();
    transfer(&server, Guard::Validator(None), &mut sink).unwrap();
    assert_eq!(sink, b"new content");
    let ranges: Vec<bool> =
        server.seen().iter().map(|asked| asked.header("range").is_some()).collect();
    assert_eq!(ranges, [false, true, false]);
}

#[test]
fn a_day_of_change_guards_parts_where_it_is_old_enough() {
    const CHANGED: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
    for (date, ranges) in [("Wed, 21 Oct 2015 07:28:30 GMT", true), (CHANGED, false)] {
        let server = Server::plain(move |asked| {
            let whole = Answer::of("0123456789").with("last-modified", CHANGED).with("date", date);
            let answer = whole.ranged(asked);
            if asked.header("range").is_none() { answer.fault(Fault::Cut(4)) } else { answer }
        });
        let mut sink = Vec::new();
        let done = transfer(&server, Guard::Validator(None), &mut sink);
        assert_eq!(done.is_ok(), ranges, "{date}");
        let asked: Vec<Asked> = server.seen();
        let guarded = asked.iter().any(|it| it.header("if-range") == Some(CHANGED));
        assert_eq!(guarded, ranges, "{date}");
    }
}

#[test]
fn servers_without_parts_are_read_past_what_is_known() {
    let count = AtomicUsize::new(0);
    let server = Server::plain(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::of("0123456789").fault(Fault::Cut(4)),
        _ => Answer::of("0123456789"),
    });
    let mut sink = Vec::new();
    transfer(&server, Guard::Digest, &mut sink).unwrap();
    assert_eq!(sink, b"0123456789");
}

#[test]
fn a_part_of_something_else_is_refused() {
    let count = AtomicUsize::new(0);
    let server = Server::plain(move |_| match count.fetch_add(1, Ordering::Relaxed) {
        0 => Answer::of("0123456789").fault(Fault::Cut(4)),
        _ => Answer { status: 206, ..Answer::of("789") }.with("content-range", "bytes 7-9/10"),
    });
    let error = transfer(&server, Guard::Digest, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, HttpError::Answer { .. }), "{error}");
}

#[test]
fn a_transfer_that_never_ends_ends() {
    let server = Server::plain(|asked| Answer::of("0123456789").ranged(asked).fault(Fault::Cut(0)));
    let error = transfer(&server, Guard::Digest, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, HttpError::Broken { .. }), "{error}");
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn what_has_not_changed_is_not_sent() {
    let server = Server::plain(|asked| match asked.header("if-none-match") {
        Some("\"one\"") => Answer { status: 304, ..Answer::default() },
        _ => Answer::of("changed"),
    });
    let client = network().client().unwrap();
    let request = Request::get(&server.url("/")).unwrap().header("if-none-match", "\"one\"");
    let mut transfer = Transfer::new(request, 10);
    let done = client.wait(client.transfer(&mut transfer, &mut Vec::new())).unwrap();
    assert_eq!(done, Transferred::Unchanged);
}

#[test]
fn what_cannot_be_kept_is_not_fetched_on() {
    struct Full;
    impl Sink for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn restart(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let server = Server::plain(|_| Answer::of("0123456789"));
    let client = network().client().unwrap();
    let mut transfer = Transfer::new(Request::get(&server.url("/")).unwrap(), 10);
    let error = client.wait(client.transfer(&mut transfer, &mut Full)).unwrap_err();
    assert!(matches!(error, HttpError::Keep(_)), "{error}");
    assert_eq!(server.seen().len(), 1);
}
