//! What went wrong, and what to do about it.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use bulkhead_advisories::{BuildError, DatabaseError};
use bulkhead_cluster::ClusterError;
use bulkhead_exceptions::ExceptionsError;
use bulkhead_objects::SnapshotError;
use bulkhead_outputs::OutputError;
use bulkhead_posture::CatalogueError;
use bulkhead_probes::ProbesError;
use bulkhead_rbac::RbacError;
use bulkhead_registry::RegistryError;
use bulkhead_remediation::RemediationError;
use bulkhead_report::{ReportError, printable};
use bulkhead_scan::ScanError;
use bulkhead_sensor::SensorError;
use bulkhead_settings::SettingsError;
use bulkhead_supply::exchange::ExchangeError;
use bulkhead_supply::mirror::MirrorError;
use bulkhead_supply::signing::SigningError;

use crate::terminal::Terminal;

/// The exit code of a failed tool.
const FAILED: u8 = 1;

/// The exit code where a signature, or what it should prove, is not accepted.
const REFUSED: u8 = 4;

/// An error as it is shown, with its hint.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    hint: Option<String>,
    code: u8,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), code: FAILED }
    }

    /// What went wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Writes it to standard error, and gives its exit code.
    pub(crate) fn report(&self, terminal: Terminal) -> ExitCode {
        terminal.error(&printable(&self.message), self.hint.as_deref());
        ExitCode::from(self.code)
    }

    fn of(error: &dyn Error, hint: Option<String>) -> Self {
        Self { message: chain(error), hint, code: FAILED }
    }

    fn refused_where(self, refused: bool) -> Self {
        Self { code: if refused { REFUSED } else { self.code }, ..self }
    }
}

/// Shows clap's message. Help and version are results; everything else is a failure, which clap
/// would end with 2, the code of a gate.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be done where the stream is closed.
    let _ = error.print();
    if error.use_stderr() {
        let _ = std::io::stderr().flush();
        return ExitCode::from(FAILED);
    }
    ExitCode::SUCCESS
}

/// The error and its causes, each once: some errors have their cause in their own message.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let message = inner.to_string();
        if !text.contains(&message) {
            let _ = write!(text, ": {message}");
        }
        cause = inner.source();
    }
    text
}

impl From<ScanError> for Failure {
    fn from(error: ScanError) -> Self {
        Self::of(&error, error.hint())
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<SensorError> for Failure {
    fn from(error: SensorError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<ProbesError> for Failure {
    fn from(error: ProbesError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<ExceptionsError> for Failure {
    fn from(error: ExceptionsError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::of(&error, error.hint())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self::of(&error, Some(error.hint().to_owned()))
    }
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        Self::of(&error, None)
    }
}

impl From<bulkhead_advisories::Error> for Failure {
    fn from(error: bulkhead_advisories::Error) -> Self {
        Self::of(&error, None)
    }
}

impl From<MirrorError> for Failure {
    fn from(error: MirrorError) -> Self {
        Self::of(&error, error.hint())
    }
}

impl From<SigningError> for Failure {
    fn from(error: SigningError) -> Self {
        Self::of(&error, error.hint()).refused_where(error.is_refusal())
    }
}

impl From<ExchangeError> for Failure {
    fn from(error: ExchangeError) -> Self {
        Self::of(&error, error.hint()).refused_where(error.is_refusal())
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::of(&error, error.hint())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::of(&error, None)
    }
}

impl From<CatalogueError> for Failure {
    fn from(error: CatalogueError) -> Self {
        Self::of(&error, None)
    }
}

impl From<ClusterError> for Failure {
    fn from(error: ClusterError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<SnapshotError> for Failure {
    fn from(error: SnapshotError) -> Self {
        let hint = "give a file that `bulkhead k8s scan --cluster --snapshot FILE` wrote";
        Self::of(&error, Some(hint.to_owned()))
    }
}

impl From<RemediationError> for Failure {
    fn from(error: RemediationError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<RbacError> for Failure {
    fn from(error: RbacError) -> Self {
        Self::of(&error, error.hint().map(str::to_owned))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::of(&error, None)
    }
}
