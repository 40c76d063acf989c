//! Components of the control plane: static pods with a command line.

use crate::flags::{Flag, Flags, Word};
use crate::place::Place;
use crate::subject::{Container, Pod};

/// A component of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    ApiServer,
    ControllerManager,
    Scheduler,
    Etcd,
    Proxy,
    /// API server, controller manager and scheduler.
    Core,
    /// Controller manager and scheduler.
    Local,
}

/// A running component, by the command line of its container.
#[derive(Debug, Clone)]
pub(crate) struct Component<'a> {
    pub(crate) container: Container<'a>,
    which: Which,
    flags: Flags<'a>,
}

impl Which {
    /// The component of a program's name.
    fn of_program(word: &str) -> Option<Self> {
        let name = word.rsplit('/').next().unwrap_or(word);
        Some(match name {
            "kube-apiserver" => Self::ApiServer,
            "kube-controller-manager" => Self::ControllerManager,
            "kube-scheduler" => Self::Scheduler,
            "etcd" => Self::Etcd,
            "kube-proxy" => Self::Proxy,
            _ => return None,
        })
    }

    fn includes(self, component: Self) -> bool {
        match self {
            Self::Core => {
                matches!(component, Self::ApiServer | Self::ControllerManager | Self::Scheduler)
            }
            Self::Local => matches!(component, Self::ControllerManager | Self::Scheduler),
            _ => self == component,
        }
    }
}

impl<'a> Component<'a> {
    /// The component that a container runs: by the first word of its command line.
    pub(crate) fn of(container: Container<'a>) -> Option<Self> {
        let body = container.body;
        let first = body.command.first().or_else(|| body.args.first())?;
        let which = Which::of_program(first)?;
        let words = [("command", &body.command), ("args", &body.args)];
        let words = words.into_iter().flat_map(|(list, words)| {
            words.iter().enumerate().map(move |(position, text)| Word { text, list, position })
        });
        Some(Self { container, which, flags: Flags::new(words.collect()) })
    }

    /// The components that the containers of a pod run.
    pub(crate) fn all(pod: Pod<'a>) -> impl Iterator<Item = Self> {
        pod.containers().filter_map(Self::of)
    }

    pub(crate) fn is(&self, which: Which) -> bool {
        which.includes(self.which)
    }

    pub(crate) fn flag(&self, name: &str) -> Option<Flag<'a>> {
        self.flags.get(name).or_else(|| self.variable(name))
    }

    /// etcd takes each flag from the environment, too: `ETCD_CERT_FILE`. (etcd, "Configuration options")
    fn variable(&self, name: &str) -> Option<Flag<'a>> {
        if self.which != Which::Etcd {
            return None;
        }
        let variables = self.container.body.env.iter().enumerate();
        let (position, variable) = variables.into_iter().find(|(_, variable)| {
            let own = variable.name.strip_prefix("ETCD_").unwrap_or_default();
            own.len() == name.len()
                && own.bytes().zip(name.bytes()).all(|(own, letter)| {
                    own == if letter == b'-' { b'_' } else { letter.to_ascii_uppercase() }
                })
        })?;
        let value = variable.value.as_deref()?;
        Some(Flag { value, word: Word { text: value, list: "env", position } })
    }

    /// The value of a flag, if it is set to one.
    pub(crate) fn value(&self, name: &str) -> &'a str {
        self.flag(name).map_or("", |flag| flag.value)
    }

    /// Where a flag stands, or would.
    pub(crate) fn place(&self, flag: Option<Flag<'a>>) -> Place<'a> {
        match flag {
            Some(Flag { word, .. }) if word.list == "args" => {
                self.container.at("args[]").at(word.position)
            }
            Some(Flag { word, .. }) if word.list == "env" => {
                self.container.at("env[].value").at(word.position)
            }
            Some(Flag { word, .. }) => self.container.at("command[]").at(word.position),
            None if self.container.body.command.is_empty() => self.container.at("args"),
            None => self.container.at("command"),
        }
    }
}
