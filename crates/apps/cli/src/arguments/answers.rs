//! Flags about what somebody said of findings before.

use std::path::PathBuf;

use clap::Args;

/// Ignore files and VEX documents.
#[derive(Debug, Args)]
pub(crate) struct Answers {
    /// Accepted findings: a .trivyignore, .trivyignore.yaml, .grype.yaml, osv-scanner.toml or
    /// `exceptions` of your own. Repeatable; none asks for not even those of the working directory
    #[arg(long, value_name = "FILE")]
    pub(crate) ignorefile: Vec<PathBuf>,
    /// What somebody says about vulnerabilities in products: an OpenVEX, CSAF or CycloneDX
    /// document. Repeatable
    #[arg(long, value_name = "FILE")]
    pub(crate) vex: Vec<PathBuf>,
}
