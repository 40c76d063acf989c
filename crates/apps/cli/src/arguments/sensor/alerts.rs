//! Flags about alerts: where they go, and which are held back.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bulkhead_alerts::{Bounds, Facility, Rate};
use bulkhead_outputs::Address;
use clap::Args;

use super::seconds;

/// Where alerts go.
#[derive(Debug, Args)]
pub(crate) struct Outputs {
    /// Where alerts go: text or json, to a file or to standard output; syslog=unix:PATH, or a server by
    /// syslog=udp://HOST:PORT, tcp://, tls://. Repeatable
    #[arg(short = 'o', long = "output", value_name = "FORMAT[=PLACE]", default_value = "text")]
    pub(crate) places: Vec<AlertOutput>,
    /// MiB that a file of alerts may have before it is put aside as FILE.1; 0 for no limit
    #[arg(long, value_name = "MIB", default_value_t = 100)]
    pub(crate) rotate_size: u32,
    /// How many files of alerts are kept that were put aside
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    pub(crate) rotate_keep: u32,
    /// Certificates that a syslog server's has to be signed by, PEM; without it those of the system
    #[arg(long, value_name = "FILE")]
    pub(crate) syslog_cacert: Option<PathBuf>,
    /// Our own certificate for a syslog server that asks for one, PEM, with those between it and its authority
    #[arg(long, value_name = "FILE", requires = "syslog_key")]
    pub(crate) syslog_cert: Option<PathBuf>,
    /// The key of it, PEM, without a password
    #[arg(long, value_name = "FILE", requires = "syslog_cert")]
    pub(crate) syslog_key: Option<PathBuf>,
    /// What syslog takes alerts for: user, daemon, auth, authpriv, local0 to local7 and others
    #[arg(long, value_name = "FACILITY", default_value = "authpriv")]
    pub(crate) syslog_facility: Facility,
}

/// Which alerts are held back. What is held back is counted, and told as a sum.
#[derive(Debug, Args)]
pub(crate) struct Restraint {
    /// Seconds for which equal alerts are told once; 0 tells each
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = seconds)]
    pub(crate) group: Duration,
    /// Alerts of one rule a second, and ten times as many at once; 0 for no limit
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    pub(crate) rule_limit: u32,
    /// Alerts of all rules together a second, and ten times as many at once; 0 for no limit
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub(crate) limit: u32,
}

impl Restraint {
    /// What that means for the stream of alerts.
    pub(crate) fn bounds(&self) -> Bounds {
        let rate = |count: u32| {
            (count > 0).then(|| Rate { per_second: count, burst: count.saturating_mul(BURST) })
        };
        Bounds {
            window: u64::try_from(self.group.as_nanos()).unwrap_or(u64::MAX),
            rule: rate(self.rule_limit),
            all: rate(self.limit),
            groups: Bounds::GROUPS,
        }
    }
}

/// How many times as many alerts as in a second may come at once.
const BURST: u32 = 10;

/// A form of alerts, and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AlertOutput {
    Text(Place),
    Json(Place),
    Syslog(Address),
}

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Standard,
    File(PathBuf),
}

impl FromStr for AlertOutput {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (form, place) = text.split_once('=').unwrap_or((text, "-"));
        let lines = || match place {
            "-" => Ok(Place::Standard),
            "" => Err("the file has no name: write it as json=FILE".to_owned()),
            file => Ok(Place::File(PathBuf::from(file))),
        };
        match form {
            "text" => lines().map(Self::Text),
            "json" => lines().map(Self::Json),
            "syslog" => {
                place.parse().map(Self::Syslog).map_err(|error: bulkhead_outputs::OutputError| {
                    format!("{error}: {}", error.hint().unwrap_or_default())
                })
            }
            _ => Err(format!("{form} is no form of alerts: text, json and syslog are")),
        }
    }
}
