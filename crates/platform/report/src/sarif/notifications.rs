//! What a run says about itself: what it did not assess, what was broken, what is old.

use bulkhead_model::Report;

use super::document::{
    Configuration, Descriptor, Location, Message, Notification, NotificationReference,
};
use super::results::file;
use super::text::message;
use crate::table::gaps;
use crate::words;

/// The kinds of notifications, in the order of their descriptors.
#[derive(Clone, Copy)]
enum Kind {
    NotAssessed,
    Problem,
    EndOfLife,
    OldFeed,
}

impl Kind {
    const ALL: [Self; 4] = [Self::NotAssessed, Self::Problem, Self::EndOfLife, Self::OldFeed];

    const fn id(self) -> &'static str {
        match self {
            Self::NotAssessed => "not-assessed",
            Self::Problem => "problem",
            Self::EndOfLife => "end-of-life",
            Self::OldFeed => "old-feed",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::NotAssessed => "NotAssessed",
            Self::Problem => "DoubtfulFile",
            Self::EndOfLife => "EndOfLife",
            Self::OldFeed => "OldFeed",
        }
    }

    const fn level(self) -> &'static str {
        match self {
            Self::NotAssessed => "error",
            Self::Problem | Self::EndOfLife | Self::OldFeed => "warning",
        }
    }

    const fn meaning(self) -> &'static str {
        match self {
            Self::NotAssessed => {
                "A part of the target was not assessed: that nothing was found in it means nothing."
            }
            Self::Problem => "A file could not be read, or was read with doubt.",
            Self::EndOfLife => "Until when a release in the target is supported.",
            Self::OldFeed => {
                "A feed is older than the pace of its publisher: later vulnerabilities are missing."
            }
        }
    }
}

pub(super) fn descriptors() -> Vec<Descriptor> {
    let descriptor = |kind: Kind| Descriptor {
        id: kind.id().to_owned(),
        name: kind.name(),
        short_description: Message::plain(kind.meaning()),
        full_description: Message::plain(kind.meaning()),
        help: Message::plain(kind.meaning()),
        help_uri: None,
        default_configuration: Configuration { level: kind.level() },
        relationships: Vec::new(),
        properties: serde_json::Value::Null,
    };
    Kind::ALL.map(descriptor).into()
}

pub(super) fn of(report: &Report) -> Vec<Notification> {
    let not_assessed = report.not_assessed.iter().map(|part| {
        let hint = part.hint.as_deref().map(|it| format!(" ({it})")).unwrap_or_default();
        notification(Kind::NotAssessed, &format!("{}{hint}", gaps::describe(part, report)))
    });
    let problems = report.problems.iter().map(|problem| {
        let place = problem.location.as_ref().map(|location| Location {
            physical_location: file(location, report),
            logical_locations: Vec::new(),
        });
        let text = gaps::describe_problem(problem);
        let notification = notification(Kind::Problem, &text);
        Notification { locations: place.into_iter().collect(), ..notification }
    });
    let releases = report.end_of_life.iter().map(|release| {
        let level = if release.ended { "warning" } else { "note" };
        Notification { level, ..notification(Kind::EndOfLife, &words::end_of_life(release)) }
    });
    let feeds = report.databases.iter().flat_map(|database| &database.feeds);
    let old = feeds.filter(|feed| feed.outdated).map(|feed| {
        let date = feed.date.as_deref().unwrap_or("no date");
        notification(Kind::OldFeed, &format!("The newest statement of {} has {date}", feed.id))
    });
    not_assessed.chain(problems).chain(releases).chain(old).collect()
}

fn notification(kind: Kind, text: &str) -> Notification {
    Notification {
        descriptor: NotificationReference { id: kind.id(), index: kind as usize },
        level: kind.level(),
        message: Message::plain(format!("{}.", message(text).trim_end_matches('.'))),
        locations: Vec::new(),
    }
}
