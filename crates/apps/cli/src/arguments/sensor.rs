//! Flags of the commands about the sensor.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Subcommand};

const RUN_EXAMPLES: &str = "Exit codes:
  0 it ran as long as it should   1 the sensor could not work   3 events were lost

Examples:
  bulkhead sensor run
  bulkhead sensor run -r shipped -r local.yaml
  bulkhead sensor run -r falco_rules.yaml -r local.yaml -o json=alerts.json --duration 60";

const CAPTURE_EXAMPLES: &str = "Example:
  bulkhead sensor capture -o events.bulkhead --duration 10";

#[derive(Debug, Subcommand)]
pub(crate) enum Sensor {
    /// Watch what processes do, and tell what rules are met
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Record what processes do
    #[command(after_help = CAPTURE_EXAMPLES)]
    Capture(Capture),
    /// Tell what this kernel lets the sensor see
    Status,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Rule file, repeatable; each can change what those before it define. `shipped` stands for the rules that
    /// come with the program, which are used where none is named
    #[arg(short, long = "rules", value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// Where alerts go: text or json, to a file or to standard output
    #[arg(short, long = "output", value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) outputs: Vec<AlertOutput>,
    /// Seconds after which the sensor ends; without it, when it is told to
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) duration: Option<Duration>,
    /// Tell of every rule that an event meets, not only of the first
    #[arg(long)]
    pub(crate) all_rules: bool,
    #[command(flatten)]
    pub(crate) names: Names,
}

/// How the names are found that rules call addresses by.
#[derive(Debug, Args)]
pub(crate) struct Names {
    /// Who is asked for the addresses of names that rules say (`fd.sip.name`), such as a cluster's own name server;
    /// without it, whom this machine asks
    #[arg(long = "name-server", value_name = "ADDRESS[:PORT]", value_parser = name_server)]
    pub(crate) servers: Vec<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Capture {
    /// The recording
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Seconds after which the sensor ends; without it, when it is told to
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) duration: Option<Duration>,
    /// Record only the system calls that these rule files ask for
    #[arg(short, long = "rules", value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) names: Names,
}

/// A form of alerts, and where they go: standard output where no file is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlertOutput {
    pub(crate) is_json: bool,
    pub(crate) file: Option<PathBuf>,
}

impl FromStr for AlertOutput {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (form, file) = match text.split_once('=') {
            Some((form, "-")) => (form, None),
            Some((_, "")) => return Err("the file has no name: write it as json=FILE".to_owned()),
            Some((form, file)) => (form, Some(PathBuf::from(file))),
            None => (text, None),
        };
        match form {
            "text" => Ok(Self { is_json: false, file }),
            "json" => Ok(Self { is_json: true, file }),
            _ => Err(format!("{form} is no form of alerts: text and json are")),
        }
    }
}

/// An address, with a port or without.
fn name_server(text: &str) -> Result<SocketAddr, String> {
    let whole = text.parse().or_else(|_| text.parse::<IpAddr>().map(|ip| (ip, 53).into()));
    whole.map_err(|_| format!("{text} is no address: 10.96.0.10 and [fd00::a]:5353 are"))
}

/// Seconds, with a fraction or not.
fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text} is no number of seconds"))?;
    Duration::try_from_secs_f64(number).map_err(|error| error.to_string())
}
