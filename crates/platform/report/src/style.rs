//! How a text for people is laid out and coloured. Colour repeats what words say, never more.

use anstyle::{AnsiColor, Color};
use bulkhead_model::Severity;

/// The terminal that a text is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns. Identifiers may exceed it: they are never broken.
    pub width: usize,
    /// Whether escape sequences for colours may be written.
    pub colour: bool,
}

impl Style {
    /// For files and pipes: wide, without colour.
    pub const PLAIN: Self = Self { width: 120, colour: false };

    /// Headings and names of packages.
    pub fn strong(self, text: &str) -> String {
        self.paint(anstyle::Style::new().bold(), text)
    }

    /// What is of less interest.
    pub fn faint(self, text: &str) -> String {
        self.paint(anstyle::Style::new().dimmed(), text)
    }

    /// What must not be overlooked.
    pub fn warning(self, text: &str) -> String {
        self.paint(foreground(AnsiColor::Yellow).bold(), text)
    }

    /// What is bad.
    pub fn alarm(self, text: &str) -> String {
        self.paint(foreground(AnsiColor::Red).bold(), text)
    }

    /// What is good: a fix.
    pub fn good(self, text: &str) -> String {
        self.paint(foreground(AnsiColor::Green), text)
    }

    /// A severity, or what belongs to it.
    pub(crate) fn severity(self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Critical => foreground(AnsiColor::Red).bold(),
            Severity::High => foreground(AnsiColor::Red),
            Severity::Medium => foreground(AnsiColor::Yellow),
            Severity::Low => foreground(AnsiColor::Cyan),
            Severity::Negligible => anstyle::Style::new().dimmed(),
            Severity::Unknown => foreground(AnsiColor::Magenta),
        };
        self.paint(style, text)
    }

    fn paint(self, style: anstyle::Style, text: &str) -> String {
        if !self.colour || text.is_empty() {
            return text.to_owned();
        }
        format!("{style}{text}{style:#}")
    }
}

fn foreground(colour: AnsiColor) -> anstyle::Style {
    anstyle::Style::new().fg_color(Some(Color::Ansi(colour)))
}
