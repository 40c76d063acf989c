//! Progress on a terminal.

use bulkhead_scan::Progress;
use bulkhead_supply::mirror::Watch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::Terminal;

/// A bar that appears with the first byte and leaves nothing behind.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    /// Of stored bytes of layers.
    pub(crate) fn bytes(terminal: Terminal) -> Self {
        Self::new(terminal, "{msg} {wide_bar} {binary_bytes}/{binary_total_bytes} {eta}")
    }

    /// Of files that come.
    pub(crate) fn transfers(terminal: Terminal) -> Self {
        let bar = Self::new(terminal, "{pos}/{len} files {wide_bar} {wide_msg}");
        bar.0.set_length(0);
        bar
    }

    /// Of files.
    pub(crate) fn files(terminal: Terminal) -> Self {
        Self::new(terminal, "{pos}/{len} files {wide_bar} {wide_msg}")
    }

    fn new(terminal: Terminal, template: &str) -> Self {
        let target = if terminal.shows_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many of so many are done, this one last.
    pub(crate) fn step(&self, done: usize, of: usize, last: &str) {
        self.0.set_length(of as u64);
        self.0.set_message(last.to_owned());
        self.0.set_position(done as u64);
    }

    /// So many of so many bytes are done.
    pub(crate) fn reach(&self, done: u64, of: u64) {
        self.0.set_length(of);
        self.0.set_position(done);
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Watch for Bar {
    fn found(&self, files: u64) {
        self.0.inc_length(files);
    }

    fn received(&self, _: u64) {
        self.0.tick();
    }

    fn done(&self, path: &str) {
        self.0.set_message(path.to_owned());
        self.0.inc(1);
    }
}

impl Progress for Bar {
    fn begin(&self, bytes: u64, layers: usize) {
        let layers = if layers == 1 { "1 layer".to_owned() } else { format!("{layers} layers") };
        self.0.set_message(layers);
        self.0.set_length(bytes);
        self.0.set_position(0);
    }

    fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }

    fn finish(&self) {
        self.clear();
    }
}
