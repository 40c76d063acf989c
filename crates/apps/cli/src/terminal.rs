//! The streams that people look at.

use std::io::{self, IsTerminal as _, Write as _};

use bulkhead_report::Style;

use crate::arguments::{Colour, Common};

/// Columns where standard output is no terminal.
const PLAIN_WIDTH: usize = 120;

/// How to write to people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terminal {
    quiet: bool,
    progress: bool,
    colour: Colour,
}

impl Default for Terminal {
    fn default() -> Self {
        Self { quiet: false, progress: false, colour: Colour::Auto }
    }
}

impl Terminal {
    pub(crate) fn new(common: &Common) -> Self {
        let progress = !common.quiet && !common.no_progress && io::stderr().is_terminal();
        Self { quiet: common.quiet, progress, colour: common.color }
    }

    /// Whether progress is shown.
    pub(crate) const fn shows_progress(self) -> bool {
        self.progress
    }

    /// The layout of results on standard output.
    pub(crate) fn style(self) -> Style {
        let stdout = io::stdout();
        let colour = match self.colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never,
        };
        let width = if stdout.is_terminal() {
            rustix::termios::tcgetwinsize(&stdout).map_or(0, |size| usize::from(size.ws_col))
        } else {
            // What a script that calls us for a person sets.
            let columns = std::env::var("COLUMNS").ok();
            columns.and_then(|columns| columns.parse().ok()).unwrap_or(0)
        };
        Style { width: if width == 0 { PLAIN_WIDTH } else { width.max(40) }, colour }
    }

    /// Something the user should know, to standard error.
    pub(crate) fn warning(self, message: &str, hint: Option<&str>) {
        if !self.quiet {
            self.write("warning", "\x1b[1;33m", message, hint);
        }
    }

    /// How far a long work has come, to standard error.
    pub(crate) fn note(self, message: &str) {
        if !self.quiet {
            self.write("note", "\x1b[1m", message, None);
        }
    }

    /// What went wrong, to standard error.
    pub(crate) fn error(self, message: &str, hint: Option<&str>) {
        self.write("error", "\x1b[1;31m", message, hint);
    }

    fn write(self, label: &str, colour: &str, message: &str, hint: Option<&str>) {
        let choice = match self.colour {
            Colour::Always => anstream::ColorChoice::Always,
            Colour::Never => anstream::ColorChoice::Never,
            Colour::Auto => anstream::AutoStream::choice(&io::stderr()),
        };
        let hint = hint.map(|hint| format!("\x1b[1mhint\x1b[0m: {hint}\n")).unwrap_or_default();
        let mut text = format!("{colour}{label}\x1b[0m: {message}\n{hint}");
        if choice == anstream::ColorChoice::Never {
            text = anstream::adapter::strip_str(&text).to_string();
        }
        // At once, so that what several processes of ours say stays apart. Nothing can be done where the stream
        // is closed.
        let _ = io::stderr().write_all(text.as_bytes());
    }
}
