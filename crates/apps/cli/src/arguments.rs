//! The command line: names, defaults, help.

mod answers;
mod database;
mod exchange;
mod k8s;
mod network;
mod rules;
mod sensor;

use std::path::PathBuf;

use bulkhead_image::PlatformChoice;
use bulkhead_model::Severity;
use bulkhead_scan::Gate;
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use answers::Answers;
pub(crate) use database::{Diff, Form, Search, Status, Update};
pub(crate) use exchange::{Edition, Keygen, Pull, Push, Sign, Trust, Verify};
pub(crate) use k8s::{
    Audited, Charts, Connection, ControlList, Controls, Destination, Difference, K8s, K8sCommand,
    K8sDiff, K8sFix, K8sScan, K8sWatch, Netpol, Objects as K8sObjects, Organisation, Paths,
    PathsForm, Question, Rbac, Reach, ReachForm, Suggest, WatchForm, WhoCan,
};
pub(crate) use network::{Network, Registries};
pub(crate) use rules::{
    Check as RulesCheck, Choice, Explain as RulesExplain, Form as RulesForm, List as RulesList,
    Replay as RulesReplay, Rules,
};
pub(crate) use sensor::{
    AlertOutput, Capture, MetricsAddress, Names, Outputs, Place, Run, Sensor, SensorStatus, Upkeep,
};

use crate::output::Output;

const EXAMPLES: &str = "Examples:
  bulkhead scan docker-archive:image.tar
  bulkhead scan oci-dir:layout:1.4 -o table -o json=report.json --fail-on critical+fixable
  bulkhead explain CVE-2021-44228 report.json
  bulkhead db update

Every flag can be set by environment and file, too: --fail-on is BULKHEAD_FAIL_ON and
the key fail-on of bulkhead.yaml. `bulkhead config show` lists them all.";

const SCAN_EXAMPLES: &str = "Targets:
  [HOST/]NAME[:TAG]          an image in a registry; without HOST on Docker Hub
  containerd:NAME            an image in containerd's store, running or not
  oci-dir:PATH[:TAG]         an image layout in a folder
  oci-archive:FILE[:TAG]     the same in a tar
  docker-archive:FILE[:TAG]  what `docker save` writes, gzip or not
  rootfs:PATH                an unpacked system
  dir:PATH                   a project with its lock files
  sbom:FILE                  a bill of materials: CycloneDX, SPDX, Syft's JSON
  purl:pkg:TYPE/NAME@V       one package

Exit codes:
  0 clean   1 the tool failed   2 a gate was hit   3 something was not assessed
  Where several hold: 1, then 2, then 3. The JSON report has them all.

Examples:
  bulkhead scan docker-archive:image.tar
  bulkhead scan alpine:3.18
  bulkhead scan containerd:alpine:3.18 --containerd-namespace k8s.io
  bulkhead scan oci-dir:layout --db advisories.db --fail-on high+fixable,exploited
  bulkhead scan rootfs:/mnt --severity critical,high --only-fixed
  bulkhead scan sbom:bom.json -o json=report.json -o table
  bulkhead scan alpine:3.18 -o html=report.html -o sarif=report.sarif -o junit=report.xml
  bulkhead scan app.example/shop:1.4 --ignorefile accepted.yaml --vex shop.openvex.json";

const FAIL_ON: &str = "Exit with 2 where a finding meets the expression

Alternatives are separated by `,`, terms that must hold together joined by `+`:
  critical, high, medium, low, negligible   rated at least so
  unknown                                   rated by nobody
  exploited                                 known to be exploited
  epss>=0.5                                 as likely to be exploited within thirty days
  fixable                                   a fixed version exists
  any                                       every finding
The gate looks at all findings, also those that --severity and --only-fixed hide, but
not at those that an ignore file or a VEX document suppresses.";

/// Finds the known vulnerabilities of container images
#[derive(Debug, Parser)]
#[command(name = "bulkhead", version, after_help = EXAMPLES, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Settings file; without it bulkhead.yaml in the working directory, if there is one
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Write errors alone to standard error: no warnings, no progress
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Show no progress
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto", alias = "colour")]
    pub(crate) color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the vulnerabilities of an image, a system, a project or a bill of materials
    #[command(after_help = SCAN_EXAMPLES)]
    Scan(Scan),
    /// List the software of a target, as CycloneDX unless told otherwise
    Sbom(Sbom),
    /// Tell why a finding is in a report, or why it is not; without a report, what is known of an id
    Explain(Explain),
    /// Make advisory databases, and look into them
    #[command(subcommand)]
    Db(Database),
    /// Check, test and explain detection rules
    #[command(subcommand)]
    Rules(Rules),
    /// Watch what processes and containers do
    #[command(subcommand)]
    Sensor(Sensor),
    /// Look into Kubernetes clusters and their manifests
    K8s(Box<K8s>),
    /// Show the settings, and where each comes from
    #[command(subcommand)]
    Config(Config),
    /// Show the version, and those of the forms that are read and written
    Version,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Scan {
    /// What to scan, by scheme; see below
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) view: View,
    /// What to look for; by default everything that this version can
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = scanner)]
    pub(crate) scanners: Vec<Scanner>,
    #[command(flatten)]
    pub(crate) databases: Databases,
    /// Show only findings of these severities: critical, high, medium, low, negligible, unknown
    #[arg(short, long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) severity: Vec<Severity>,
    /// Show only findings that a newer version fixes
    #[arg(long, visible_alias = "ignore-unfixed")]
    pub(crate) only_fixed: bool,
    #[arg(long, value_name = "EXPR", help = FAIL_ON.lines().next(), long_help = FAIL_ON)]
    pub(crate) fail_on: Option<Gate>,
    /// Exit with 2 where the release of the target's distribution is supported no more
    #[arg(long)]
    pub(crate) exit_on_eol: bool,
    /// Exit with 3 for a single broken file, too
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) answers: Answers,
    /// List in the table what ignore files and VEX documents suppress
    #[arg(long)]
    pub(crate) show_suppressed: bool,
    #[command(flatten)]
    pub(crate) caching: Caching,
    #[command(flatten)]
    pub(crate) network: Network,
    #[command(flatten)]
    pub(crate) registries: Registries,
}

/// Where results are kept for later scans.
#[derive(Debug, Args)]
pub(crate) struct Caching {
    /// Neither use nor keep results of earlier scans
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Folder of results; without it bulkhead in the user's cache folder
    #[arg(long, value_name = "DIR")]
    pub(crate) cache_dir: Option<PathBuf>,
    /// MiB of disk that results may take; what was not used for longest goes first
    #[arg(long, value_name = "MIB", default_value_t = 2048)]
    pub(crate) cache_size: u64,
}

/// What is looked at, and how it is shown.
#[derive(Debug, Args)]
pub(crate) struct View {
    /// Form of the result, to standard output or into FILE: table, json, cyclonedx, spdx, sarif,
    /// junit, markdown, html. Repeatable
    #[arg(
        short,
        long,
        value_name = "FORMAT[=FILE]",
        visible_short_alias = 'f',
        visible_alias = "format"
    )]
    pub(crate) output: Vec<Output>,
    /// Which platform of an image for several: OS/ARCHITECTURE[/VARIANT], or all
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform: Option<PlatformChoice>,
    /// MiB of memory that a worker may use, and that may be kept of one image; at least 256
    #[arg(
        long,
        value_name = "MIB",
        default_value_t = 2048,
        value_parser = clap::value_parser!(u64).range(256..=1 << 20)
    )]
    pub(crate) max_memory: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Databases {
    /// Advisory database; without it the one in the user's data folder, else the embedded starter set
    #[arg(long, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Advisories of your own beside the database: a YAML file, or a folder of them. Repeatable
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) advisories: Vec<PathBuf>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bulkhead sbom oci-dir:layout -o cyclonedx=bom.json
  bulkhead sbom alpine:3.18 -o spdx=bom.spdx.json")]
pub(crate) struct Sbom {
    /// What to look at, by scheme, as for scan
    pub(crate) target: String,
    #[command(flatten)]
    pub(crate) view: View,
    #[command(flatten)]
    pub(crate) caching: Caching,
    #[command(flatten)]
    pub(crate) network: Network,
    #[command(flatten)]
    pub(crate) registries: Registries,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bulkhead explain CVE-2021-44228 report.json
  bulkhead explain CVE-2021-44228 report.json --vex vendor.vex.json
  bulkhead explain GHSA-jfh8-c2jp-5v3q --db advisories.db")]
pub(crate) struct Explain {
    /// The vulnerability by any of its names
    pub(crate) id: String,
    /// A report that `bulkhead scan TARGET -o json=FILE` wrote
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) answers: Answers,
    #[command(flatten)]
    pub(crate) databases: Databases,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Database {
    /// Build a database of a folder of feeds in their publishers' own formats
    #[command(after_help = "Example:\n  bulkhead db build --feeds mirror -o advisories.db")]
    Build(Build),
    /// Fetch the publishers' feeds into a mirror folder, and build a database of it
    #[command(after_help = database::UPDATE_EXAMPLES)]
    Update(Update),
    /// Show how old a database and its feeds are
    #[command(after_help = database::STATUS_EXAMPLES)]
    Status(Status),
    /// Compare two databases
    #[command(after_help = database::DIFF_EXAMPLES)]
    Diff(Diff),
    /// Show what a database has about a vulnerability or a package
    #[command(after_help = database::SEARCH_EXAMPLES)]
    Search(Search),
    /// Make a key pair with which databases are signed
    #[command(after_help = exchange::KEYGEN_EXAMPLE)]
    Keygen(Keygen),
    /// Sign a database
    #[command(after_help = exchange::SIGN_EXAMPLES)]
    Sign(Sign),
    /// Hold every byte of a database against its signatures
    #[command(after_help = exchange::VERIFY_EXAMPLE)]
    Verify(Verify),
    /// Bring a signed database into a registry
    #[command(after_help = exchange::PUSH_EXAMPLES)]
    Push(Push),
    /// Bring the database up to what a registry has, if its signature is trusted
    #[command(after_help = exchange::PULL_EXAMPLES)]
    Pull(Pull),
}

#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The mirror folder: a folder per publisher, as content/feeds.yaml describes it
    #[arg(long, value_name = "DIR")]
    pub(crate) feeds: PathBuf,
    /// The database; without it the one in the user's data folder, which scans use by themselves
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Advisories of your own: a YAML file, or a folder of them. Repeatable
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) advisories: Vec<PathBuf>,
    /// The day or instant of building; without it the newest day of the feeds
    #[arg(long, value_name = "TIME")]
    pub(crate) built_at: Option<String>,
    /// The day or instant after which the database should not be used
    #[arg(long, value_name = "TIME")]
    pub(crate) expires_at: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Config {
    /// List every setting with its value and origin
    Show,
}

/// What can be looked for in this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scanner {
    Vulnerabilities,
}

fn scanner(name: &str) -> Result<Scanner, String> {
    match name {
        "vuln" => Ok(Scanner::Vulnerabilities),
        "secret" | "license" | "config" | "malware" | "signature" => {
            Err("not built into this version, which has vuln".to_owned())
        }
        _ => Err("no scanner: expected vuln".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    /// Settings are shared by name, so a flag must be the same flag in every command of the first
    /// level.
    #[test]
    fn equal_names_mean_equal_flags() {
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for command in Arguments::command().get_subcommands() {
            for argument in command.get_arguments() {
                let Some(long) = argument.get_long() else { continue };
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                let first = known.entry(long.to_owned()).or_insert_with(|| help.clone());
                assert_eq!(*first, help, "--{long} of {}", command.get_name());
            }
        }
    }

    #[test]
    fn the_documentation_names_every_flag() {
        const DOCUMENTATION: &str = include_str!("../../../../docs/cli.md");
        fn check(command: &clap::Command) {
            for argument in command.get_arguments() {
                let name = argument.get_long().filter(|long| *long != "help").unwrap_or_default();
                let known =
                    matches!(name, "" | "version") || DOCUMENTATION.contains(&format!("`--{name}"));
                assert!(known, "docs/cli.md lacks --{name} of {}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
