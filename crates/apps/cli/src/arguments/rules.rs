//! Flags of the commands about detection rules.

use std::path::PathBuf;

use bulkhead_rules::{Priority, Selection, Switch};
use clap::{Args, Subcommand, ValueEnum};

const CHECK_EXAMPLES: &str = "Exit codes:
  0 the files make a rule set   1 a file is broken

Examples:
  bulkhead rules check
  bulkhead rules check shipped local.yaml
  bulkhead rules check --switch 'off:rule=*' --switch on:tag=network";

const TEST_EXAMPLES: &str = "Exit codes:
  0 every test passed   1 a file is broken   2 a test failed   3 there is no test

Example:
  bulkhead rules test local.yaml
  bulkhead rules test --switch 'off:rule=*' --switch 'on:rule=*shell*'";

const REPLAY_EXAMPLES: &str = "Exit codes:
  0 all events were replayed   1 a file is broken   3 the recording could not be read to its end

Example:
  bulkhead rules replay events.recording -r falco_rules.yaml -o json";

const EXPLAIN_EXAMPLES: &str = "Events are a recording, or written down in YAML: a list
`events`, each with the fields that matter.

Example:
  bulkhead rules explain \"Terminal shell in container\" events.yaml -r falco_rules.yaml";

const LIST_EXAMPLES: &str = "Exit codes:
  0 done   1 a file is broken   3 a rule is blind on this kernel (--coverage)

Examples:
  bulkhead rules list
  bulkhead rules list --coverage
  bulkhead rules list falco_rules.yaml
  bulkhead rules list --used --switch off:tag=filesystem --priority warning -o json
  bulkhead rules list --fields";

#[derive(Debug, Subcommand)]
pub(crate) enum Rules {
    /// Read rule files as the sensor does, and tell what is wrong with them
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Run the tests that stand in rule files
    #[command(after_help = TEST_EXAMPLES)]
    Test(Check),
    /// Hold recorded events against rules, and write the alerts
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(Replay),
    /// Tell which part of a rule's condition an event meets or fails
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// List rules, or the fields that rules can ask for
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
}

/// Which rules are used.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Switch rules on or off, whatever their files say: off:tag=NAME, on:rule=PATTERN, in which `*` stands for any
    /// characters. Repeatable; of those that a rule fits the last one counts
    #[arg(long = "switch", value_name = "on|off:tag|rule=NAME")]
    pub(crate) switches: Vec<Switch>,
    /// Leave out rules that are less grave
    #[arg(long, value_name = "PRIORITY", default_value = "debug", value_parser = priority)]
    pub(crate) priority: Priority,
}

impl Choice {
    /// What that means for rules, beside what their files say.
    pub(crate) fn selection(&self) -> Selection {
        Selection { switches: self.switches.clone(), minimum: self.priority }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Rule files, or folders of them; each can change what those before it define. Without any, those that come with the program,
    /// for which `shipped` stands among others
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Show warnings, too, not only their number
    #[arg(short, long)]
    pub(crate) warnings: bool,
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// Form of the result
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// A recording, or events in YAML
    pub(crate) events: PathBuf,
    /// Rule file, repeatable; without any, the rules that come with the program
    #[arg(short, long = "rules", value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// Form of the alerts
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
    /// Tell every rule that an event meets, not only the first
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) choice: Choice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For people
    Text,
    /// For programs: a document with a schema, or for alerts a line each with the keys that Falco has
    Json,
}

fn priority(name: &str) -> Result<Priority, String> {
    let known = || Priority::ALL.map(Priority::name).join(", ").to_lowercase();
    Priority::read(name).ok_or_else(|| format!("one of {}", known()))
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The name of the rule
    pub(crate) rule: String,
    /// A recording, or events in YAML
    pub(crate) events: PathBuf,
    /// Only the event of this number
    #[arg(long, value_name = "NUMBER")]
    pub(crate) event: Option<u64>,
    /// Rule file, repeatable; without any, the rules that come with the program
    #[arg(short, long = "rules", value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// Show the whole condition, not only what decides
    #[arg(long)]
    pub(crate) whole: bool,
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// Form of the result
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Rule files; without any, those that come with the program
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// List the fields of events instead
    #[arg(long, conflicts_with = "files")]
    pub(crate) fields: bool,
    /// Tell what each rule is worth on this kernel: live, degraded or blind, and why. As root
    #[arg(long, conflicts_with = "fields")]
    pub(crate) coverage: bool,
    /// Only rules that are used
    #[arg(long, conflicts_with = "fields")]
    pub(crate) used: bool,
    #[command(flatten)]
    pub(crate) choice: Choice,
    /// Form of the result
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    pub(crate) output: Form,
}
