//! What the sinks write to.

use std::fs::File;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use bulkhead_frames::send;
use bulkhead_outputs::{Gap, Lines, Syslog, Voice, Written};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::super::outlets::{NextFile, SinkOutlet, handed};
use super::{Delivery, SinksProgram};
use crate::SensorError;
use crate::names::NameServers;

/// How long messages that wait may still be sent when the sensor ends.
const LAST: Duration = Duration::from_secs(5);

/// Deliveries after which a file that could not be put aside is tried again.
const AGAIN: u32 = 256;

/// The outputs, by their places.
#[derive(Default)]
pub(super) struct Outputs {
    places: Vec<Output>,
    hands: Option<UnixStream>,
    warn: Option<fn(&str)>,
}

enum Output {
    Lines(Writing),
    Syslog(Syslog),
    /// Nobody reads it any more.
    Closed,
}

/// A file that is written to.
struct Writing {
    lines: Lines,
    /// What was not written since it was last told.
    missing: u64,
    /// All that was not written.
    lost: u64,
    /// Deliveries for which no new file is asked.
    patience: u32,
}

impl Outputs {
    /// Takes files over, and starts what sends to servers.
    pub(super) fn open(
        program: &SinksProgram<'_>,
        words: &[u8],
        outlets: Vec<SinkOutlet>,
        files: Vec<File>,
        hands: UnixStream,
        servers: &NameServers,
    ) -> Result<Self, SensorError> {
        let mut files = files.into_iter();
        let mut places = Vec::new();
        for outlet in outlets {
            places.push(match outlet {
                SinkOutlet::Lines(limit) => {
                    let file = files.next().ok_or(SensorError::Alone)?;
                    let lines = Lines::new(file, limit);
                    Output::Lines(Writing { lines, missing: 0, lost: 0, patience: 0 })
                }
                SinkOutlet::Syslog(target) => {
                    let (gap, words, warn) = (program.gap, words.to_vec(), program.warn);
                    let servers = servers.clone();
                    Output::Syslog(Syslog::start(
                        target,
                        Voice {
                            message: Box::new(move |Gap { dropped }| gap(&words, dropped)),
                            warning: Box::new(warn),
                            look_up: Box::new(move |host| {
                                servers.resolve(host).unwrap_or_default()
                            }),
                        },
                    )?)
                }
            });
        }
        Ok(Self { places, hands: Some(hands), warn: Some(program.warn) })
    }

    /// Writes to one of them. An error where none of them takes anything any more.
    pub(super) fn write(&mut self, delivery: Delivery) -> Result<(), SensorError> {
        self.take_unasked()?;
        let place = delivery.output;
        if self.is_full(place, delivery.bytes.len()) {
            self.renew(place)?;
        }
        let warn = self.warn;
        let Some(output) = self.places.get_mut(usize::from(place)) else { return Ok(()) };
        match output {
            Output::Syslog(syslog) => syslog.send(delivery.bytes),
            Output::Lines(writing) => {
                if !writing.write(&delivery.bytes, warn) {
                    *output = Output::Closed;
                }
            }
            Output::Closed => {}
        }
        if self.places.iter().all(|output| matches!(output, Output::Closed)) {
            return Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into());
        }
        Ok(())
    }

    /// Ends them in order. How much could not be written or sent.
    pub(super) fn end(self) -> u64 {
        let warn = self.warn;
        let lost = self.places.into_iter().map(|output| match output {
            Output::Lines(writing) => {
                if let (Some(warn), 1..) = (warn, writing.missing) {
                    warn(&format!("{} alerts were not written", writing.missing));
                }
                writing.lost
            }
            Output::Closed => 0,
            Output::Syslog(syslog) => {
                let missing = syslog.end(LAST);
                if let (Some(warn), 1..) = (warn, missing) {
                    warn(&format!("{missing} messages were not sent to syslog"));
                }
                missing
            }
        });
        lost.fold(0, u64::saturating_add)
    }

    fn is_full(&mut self, place: u16, more: usize) -> bool {
        match self.places.get_mut(usize::from(place)) {
            Some(Output::Lines(writing)) if writing.lines.is_full(more) => {
                writing.patience = writing.patience.saturating_sub(1);
                writing.patience == 0
            }
            _ => false,
        }
    }

    /// Asks the hands for the next file of an output, and waits for it: nothing is written in between.
    fn renew(&mut self, place: u16) -> Result<(), SensorError> {
        // Where they are gone the sensor ends, and the old file takes the rest.
        let Some(hands) = self.hands.take() else { return Ok(()) };
        if send(&hands, &NextFile(place), &[]).is_err() {
            return Ok(());
        }
        while let Some((other, file)) = handed(&hands)? {
            self.take(other, file);
            if other == place {
                self.hands = Some(hands);
                break;
            }
        }
        Ok(())
    }

    /// Takes files that the hands opened anew of their own accord.
    fn take_unasked(&mut self) -> Result<(), SensorError> {
        loop {
            let Some(hands) = &self.hands else { return Ok(()) };
            let mut waiting = [PollFd::new(hands, PollFlags::IN)];
            if poll(&mut waiting, Some(&Timespec::default()))? == 0 {
                return Ok(());
            }
            match handed(hands)? {
                Some((place, file)) => self.take(place, file),
                None => self.hands = None,
            }
        }
    }

    fn take(&mut self, place: u16, file: Result<File, String>) {
        let Some(Output::Lines(writing)) = self.places.get_mut(usize::from(place)) else { return };
        match file {
            Ok(file) => {
                writing.lines.replace(file);
                writing.patience = 0;
            }
            Err(cause) => {
                writing.patience = AGAIN;
                if let Some(warn) = self.warn {
                    warn(&format!("a full file of alerts cannot be put aside, and grows: {cause}"));
                }
            }
        }
    }
}

impl Writing {
    /// Whether it takes more.
    fn write(&mut self, bytes: &[u8], warn: Option<fn(&str)>) -> bool {
        let warn = |text: &str| warn.into_iter().for_each(|warn| warn(text));
        match self.lines.write(bytes) {
            Written::Whole => {
                if self.missing > 0 {
                    warn(&format!("alerts are written again; {} were not", self.missing));
                    self.missing = 0;
                }
            }
            Written::Not(error) => {
                if self.missing == 0 {
                    warn(&format!("alerts cannot be written: {error}"));
                }
                // Each alert is a line.
                let alerts = bytes.split_inclusive(|byte| *byte == b'\n').count() as u64;
                self.missing = self.missing.saturating_add(alerts);
                self.lost = self.lost.saturating_add(alerts);
            }
            Written::Never => return false,
        }
        true
    }
}
