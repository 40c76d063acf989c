//! Debian's registry: free, behind an account, behind tokens, behind a proxy.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bulkhead_end_to_end::{ACCOUNT, Access, Registry, RegistryOptions};
use bulkhead_testing::Authority;
use tempfile::TempDir;

use super::tokens::TokenServer;
use super::{essence, index, layout};
use crate::bulkhead::Scan;

/// A registry with TLS, and the file with its authority.
struct Trusted {
    registry: Registry,
    folder: TempDir,
}

impl Trusted {
    fn start(access: Access) -> Self {
        Self::beside("", access)
    }

    /// A registry beside a server with another authority.
    fn beside(other: &str, access: Access) -> Self {
        let authority = Authority::new();
        let (certificate, key) = authority.server();
        let roots = format!("{}{other}", authority.certificate());
        let tls = (roots.clone(), certificate, key.serialize_pem());
        let options = RegistryOptions { tls: Some(tls), access };
        let folder = tempfile::tempdir().expect("a folder");
        fs_err::write(folder.path().join("ca.pem"), roots).expect("it is there");
        Self { registry: Registry::start(&options).expect("a registry"), folder }
    }

    fn root(&self) -> String {
        self.folder.path().join("ca.pem").display().to_string()
    }

    /// A folder for docker's configuration.
    fn configured(&self, json: &str) -> std::path::PathBuf {
        let folder = self.folder.path().join("docker");
        fs_err::create_dir_all(&folder).expect("a folder");
        fs_err::write(folder.join("config.json"), json).expect("a file");
        folder
    }
}

fn has_tools() -> bool {
    let tools = ["docker-registry", "skopeo"].map(bulkhead_testing::tool);
    tools.iter().all(Option::is_some)
}

#[test]
fn findings_do_not_depend_on_the_way() {
    if !has_tools() {
        return;
    }
    let layout = layout();
    let registry = Registry::start(&RegistryOptions::default()).expect("a registry");
    let reference = registry.fill(layout.path(), "team/app:1").expect("it takes the image");
    let expected = Scan::of(&format!("oci-dir:{}", layout.path().display()), &[]);
    assert!(!expected.findings().is_empty(), "{}", expected.errors);
    for target in [reference.clone(), format!("registry:{reference}")] {
        let found = Scan::of(&target, &[]);
        assert_eq!(found.code, expected.code, "{}", found.errors);
        assert_eq!(essence(&found), essence(&expected));
    }
    let missing = Scan::of(&format!("{}/team/app:2", registry.authority()), &[]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.errors.contains("team/app"), "{}", missing.errors);
}

#[test]
fn one_platform_of_several_is_scanned() {
    if !has_tools() {
        return;
    }
    let layout = index();
    let registry = Registry::start(&RegistryOptions::default()).expect("a registry");
    let reference = registry.fill(layout.path(), "app").expect("it takes the images");
    for platform in ["linux/amd64", "linux/arm64", "all"] {
        let flags = ["--platform", platform];
        let expected = Scan::of(&format!("oci-dir:{}", layout.path().display()), &flags);
        let found = Scan::of(&reference, &flags);
        assert_eq!(found.code, expected.code, "{}", found.errors);
        assert_eq!(essence(&found), essence(&expected), "{platform}");
    }
    let missing = Scan::of(&reference, &["--platform", "linux/s390x"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.errors.contains("linux/arm64"), "names what there is: {}", missing.errors);
}

#[test]
fn an_account_comes_from_the_user_the_file_or_a_helper() {
    if !has_tools() {
        return;
    }
    let there = Trusted::start(Access::Basic);
    let reference = there.registry.fill(layout().path(), "app").expect("it takes the image");
    let (root, authority) = (there.root(), there.registry.authority());
    let code = |scan: &Scan| scan.code;

    let distrusting = Scan::of(&reference, &[]);
    assert_eq!(code(&distrusting), Some(1));
    assert!(distrusting.errors.contains("--cacert"), "{}", distrusting.errors);
    let nobody = Scan::of(&reference, &["--cacert", &root]);
    assert_eq!(code(&nobody), Some(1));
    assert!(nobody.errors.contains("docker login"), "{}", nobody.errors);

    let pair = BASE64_STANDARD.encode(format!("{}:{}", ACCOUNT.0, ACCOUNT.1));
    let file = format!(r#"{{"auths":{{"{authority}":{{"auth":"{pair}"}}}}}}"#);
    let folder = there.configured(&file);
    let stored = Scan::prepared(&reference, &["--cacert", &root], |command| {
        command.env("DOCKER_CONFIG", &folder)
    });
    assert_eq!(code(&stored), Some(0), "{}", stored.errors);
    let insecure = Scan::prepared(&reference, &["--insecure"], |command| {
        command.env("DOCKER_CONFIG", &folder)
    });
    assert_eq!(code(&insecure), Some(0), "{}", insecure.errors);

    let helper = there.folder.path().join("docker-credential-tests");
    let (user, password) = ACCOUNT;
    let script = format!(
        "#!/bin/sh\nread server\n[ \"$1 $server\" = \"get {authority}\" ] || exit 1\n\
         echo '{{\"ServerURL\":\"x\",\"Username\":\"{user}\",\"Secret\":\"{password}\"}}'\n"
    );
    fs_err::write(&helper, script).expect("a file");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs_err::set_permissions(&helper, executable).expect("it is ours");
    let folder = there.configured(&format!(r#"{{"credHelpers":{{"{authority}":"tests"}}}}"#));
    let path = format!("{}:/usr/bin:/bin", there.folder.path().display());
    let kept = Scan::prepared(&reference, &["--cacert", &root], |command| {
        command.env("DOCKER_CONFIG", &folder).env("PATH", path)
    });
    assert_eq!(code(&kept), Some(0), "{}", kept.errors);

    for (password, expect) in [(ACCOUNT.1, 0), ("swordfish", 1)] {
        let input = there.folder.path().join("password");
        fs_err::write(&input, format!("{password}\n")).expect("a file");
        let input = fs_err::File::open(&input).expect("it is there").into_file();
        let flags = ["--cacert", &root, "--username", ACCOUNT.0, "--password-stdin"];
        let given = Scan::prepared(&reference, &flags, |command| command.stdin(input));
        assert_eq!(code(&given), Some(expect), "{}", given.errors);
        assert!(!given.errors.contains("swordfish"), "{}", given.errors);
    }
}

#[test]
fn tokens_are_fetched_from_the_server_that_the_registry_names() {
    if !has_tools() {
        return;
    }
    let tokens = TokenServer::start();
    let access = Access::Token { realm: tokens.realm(), certificate: tokens.certificate() };
    let there = Trusted::beside(tokens.root(), access);
    let reference = there.registry.fill(layout().path(), "app").expect("it takes the image");
    let root = there.root();
    let pair = BASE64_STANDARD.encode(format!("{}:{}", ACCOUNT.0, ACCOUNT.1));
    let authority = there.registry.authority();
    let folder = there.configured(&format!(r#"{{"auths":{{"{authority}":{{"auth":"{pair}"}}}}}}"#));
    let scan = Scan::prepared(&reference, &["--cacert", &root], |command| {
        command.env("DOCKER_CONFIG", &folder)
    });
    assert_eq!(scan.code, Some(0), "{}", scan.errors);
    assert!(!scan.findings().is_empty());
    let nobody = Scan::of(&reference, &["--cacert", &root]);
    assert_eq!(nobody.code, Some(1), "{}", nobody.errors);
}

#[test]
fn proxies_are_used_but_where_they_must_not_be() {
    if !has_tools() {
        return;
    }
    let there = Trusted::start(Access::Free);
    let reference = there.registry.fill(layout().path(), "app").expect("it takes the image");
    let (proxy, tunnels) = proxy();
    for (without, used) in [("", true), ("localhost", false)] {
        let before = tunnels.load(Ordering::SeqCst);
        let scan = Scan::prepared(&reference, &["--cacert", &there.root()], |command| {
            command.env("HTTPS_PROXY", &proxy).env("NO_PROXY", without)
        });
        assert_eq!(scan.code, Some(0), "{}", scan.errors);
        assert_eq!(tunnels.load(Ordering::SeqCst) > before, used, "NO_PROXY={without}");
    }
}

/// A proxy that opens tunnels (RFC 9110, 9.3.6), and how many it opened.
fn proxy() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("it is bound");
    let tunnels = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tunnels);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            thread::spawn(move || tunnel(stream));
        }
    });
    (format!("http://{address}"), tunnels)
}

fn tunnel(mut client: TcpStream) -> Option<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).ok()? > 0 {
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8(head).ok()?;
    let place = head.strip_prefix("CONNECT ")?.split(' ').next()?;
    let server = TcpStream::connect(place).ok()?;
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    let (mut from, mut to) = (client.try_clone().ok()?, server.try_clone().ok()?);
    thread::spawn(move || std::io::copy(&mut from, &mut to));
    std::io::copy(&mut &server, &mut client).ok()?;
    Some(())
}
