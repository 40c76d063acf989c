//! Flags of the commands about the sensor.

mod alerts;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bulkhead_probes::Hooks;
use clap::{Args, Subcommand};

use super::{Choice, Form};

pub(crate) use alerts::{AlertOutput, Outputs, Place, Restraint};

const RUN_EXAMPLES: &str = "Exit codes:
  0 it ran as long as it should   1 the sensor could not work   3 events were lost

Examples:
  bulkhead sensor run
  bulkhead sensor run -r shipped -r local.yaml
  bulkhead sensor run --switch off:tag=network --priority warning
  bulkhead sensor run -r falco_rules.yaml -r local.yaml -o json=alerts.json --duration 60";

const CAPTURE_EXAMPLES: &str = "Example:
  bulkhead sensor capture -o events.bulkhead --duration 10";

const STATUS_EXAMPLES: &str = "Exit codes:
  0 all is well   1 nothing can be told   3 something is not seen: what, is said

Examples:
  bulkhead sensor status
  bulkhead sensor status -o json --measure 0
  curl --unix-socket /run/bulkhead/sensor.sock http://sensor/metrics";

#[derive(Debug, Subcommand)]
pub(crate) enum Sensor {
    /// Watch what processes do, and tell what rules are met
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Record what processes do
    #[command(after_help = CAPTURE_EXAMPLES)]
    Capture(Capture),
    /// Ask the sensor that runs how it is; without one, tell what this kernel would let it see
    #[command(after_help = STATUS_EXAMPLES)]
    Status(SensorStatus),
}

/// What the sensor tells of itself, and what it may use up.
#[derive(Debug, Args)]
pub(crate) struct Upkeep {
    /// The socket on which it tells root how it is, or none; without it /run/bulkhead/sensor.sock
    #[arg(long, value_name = "PATH|none")]
    pub(crate) socket: Option<PathBuf>,
    /// Where Prometheus finds metrics: an address of this machine for itself, or unix:PATH
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics: Option<MetricsAddress>,
    /// Seconds between signs of life, and that one may take; 0 for none
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    pub(crate) canary: Duration,
    /// Hundredths of one processor that it may use up before it looks at less
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_cpu: Option<u32>,
    /// Memory that it may use up before it looks at less
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_memory: Option<u32>,
    /// What system calls are told by: functions of those that rules want, or tracepoints that all go through; without it
    /// functions, where the kernel takes programs there and preempts none
    #[arg(long, value_name = "functions|tracepoints", value_parser = hooks)]
    pub(crate) hooks: Option<Hooks>,
    /// Let the kernel count what each probe costs, which costs as well
    #[arg(long)]
    pub(crate) costs: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SensorStatus {
    /// table or json
    #[arg(short, long, value_name = "FORMAT", default_value = "table")]
    pub(crate) output: Form,
    /// The socket that the sensor was given; without it /run/bulkhead/sensor.sock
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Seconds for which the kernel counts what the probes cost; 0 for not at all
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "1")]
    pub(crate) measure: Duration,
}

/// Where metrics are told: never to another machine, as there is neither TLS nor a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MetricsAddress {
    /// An address of this machine for itself.
    Loopback(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
}

impl FromStr for MetricsAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HINT: &str = "write it as 127.0.0.1:9400, [::1]:9400 or unix:PATH";
        if let Some(path) = text.strip_prefix("unix:") {
            let path = PathBuf::from(path);
            return if path.is_absolute() {
                Ok(Self::Unix(path))
            } else {
                Err(format!("the path of a socket begins with /; {HINT}"))
            };
        }
        let numbers = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
        let address: SocketAddr = numbers
            .as_deref()
            .unwrap_or(text)
            .parse()
            .map_err(|_| format!("{text} is no address with a port; {HINT}"))?;
        if address.ip().to_canonical().is_loopback() {
            return Ok(Self::Loopback(address));
        }
        Err(format!(
            "metrics are told to this machine only, and others reach {address}: there is neither TLS nor \
             a sign-in here; {HINT}, and put a proxy that has both before it"
        ))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Rule file, or a folder of them, repeatable; each can change what those before it define. `shipped` stands for
    /// the rules that come with the program, which are used where none is named
    #[arg(short, long = "rules", value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[command(flatten)]
    pub(crate) outputs: Outputs,
    /// Seconds after which the sensor ends; without it, when it is told to
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) duration: Option<Duration>,
    /// Tell of every rule that an event meets, not only of the first
    #[arg(long)]
    pub(crate) all_rules: bool,
    #[command(flatten)]
    pub(crate) names: Names,
    #[command(flatten)]
    pub(crate) restraint: Restraint,
    #[command(flatten)]
    pub(crate) upkeep: Upkeep,
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
    pub(crate) choice: Choice,
    #[command(flatten)]
    pub(crate) names: Names,
    #[command(flatten)]
    pub(crate) upkeep: Upkeep,
}

/// An address, with a port or without.
fn name_server(text: &str) -> Result<SocketAddr, String> {
    let whole = text.parse().or_else(|_| text.parse::<IpAddr>().map(|ip| (ip, 53).into()));
    whole.map_err(|_| format!("{text} is no address: 10.96.0.10 and [fd00::a]:5353 are"))
}

fn hooks(text: &str) -> Result<Hooks, String> {
    let known = [Hooks::Functions, Hooks::Tracepoints];
    let found = known.into_iter().find(|hooks| hooks.name() == text);
    found.ok_or_else(|| format!("{text} is neither functions nor tracepoints"))
}

/// Seconds, with a fraction or not.
fn seconds(text: &str) -> Result<Duration, String> {
    let number: f64 = text.parse().map_err(|_| format!("{text} is no number of seconds"))?;
    Duration::try_from_secs_f64(number).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_told_to_this_machine_only() {
        for inside in ["127.0.0.1:9400", "127.9.9.9:1", "[::1]:9400", "localhost:9400"] {
            assert!(matches!(inside.parse(), Ok(MetricsAddress::Loopback(_))), "{inside}");
        }
        assert!(matches!("unix:/run/a".parse(), Ok(MetricsAddress::Unix(_))));
        for outside in
            ["0.0.0.0:9400", "[::]:9400", ":9400", "192.0.2.1:9400", "unix:a", "9400", "host:9400"]
        {
            let refused = outside.parse::<MetricsAddress>().unwrap_err();
            assert!(refused.contains("127.0.0.1:9400"), "{refused}");
        }
    }
}
