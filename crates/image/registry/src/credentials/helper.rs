//! Programs that keep credentials: `docker-credential-NAME get`, the server on standard input, a
//! JSON document on standard output (docker-credential-helpers, "Development").

use std::process::{Output, Stdio};
use std::time::Duration;

use bulkhead_http::Secret;
use serde::Deserialize;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use super::Credential;
use crate::RegistryError;

/// Some ask the user, or a service; none may take for ever.
const PATIENCE: Duration = Duration::from_mins(1);

/// The user name that marks an identity token.
const TOKEN: &str = "<token>";

/// What a helper says where it knows nothing of a server: with a failure, and in these words.
const UNKNOWN: &str = "credentials not found";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks the helper of this name; none where it knows nothing of the server.
pub(super) async fn get(name: &str, server: &str) -> Result<Option<Credential>, RegistryError> {
    let program = format!("docker-credential-{name}");
    let failed = |cause: String| RegistryError::Helper {
        program: program.clone(),
        registry: server.to_owned(),
        cause,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !name.chars().all(is_plain) {
        return Err(failed("its name is no plain name of a program".to_owned()));
    }
    let asked = timeout(PATIENCE, ask(&program, server)).await;
    let output = asked.map_err(|_| failed(format!("no answer in {} s", PATIENCE.as_secs())))?;
    let output = output.map_err(|error| failed(error.kind().to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        if said.contains(UNKNOWN) {
            return Ok(None);
        }
        // Its standard output is where secrets are; it is not shown.
        let words = String::from_utf8_lossy(&output.stderr);
        let line = words.lines().next().unwrap_or_default();
        return Err(failed(format!("it failed ({}) {line}", output.status).trim().to_owned()));
    }
    let answer: Answer = serde_json::from_slice(&output.stdout)
        .map_err(|_| failed("it answered something else than JSON".to_owned()))?;
    let secret = Secret::new(answer.secret);
    Ok(match answer.username.as_str() {
        _ if secret.is_empty() => None,
        TOKEN => Some(Credential::Identity(secret)),
        _ => Some(Credential::Password { username: answer.username, password: secret }),
    })
}

async fn ask(program: &str, server: &str) -> std::io::Result<Output> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // A helper that does not listen answers all the same, or fails on its own.
        let _ = input.write_all(server.as_bytes()).await;
    }
    child.wait_with_output().await
}
