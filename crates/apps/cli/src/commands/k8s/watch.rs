//! `bulkhead k8s watch`: what begins to fail in a cluster, and what no longer does.

mod line;
mod sight;
mod standing;
mod world;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bulkhead_cluster::{Heard, Stopper};
use bulkhead_model::{Finding, FindingId, NotAssessed};
use bulkhead_report::printable;
use bulkhead_scan::{Gate, Testimony};
use jiff::{SignedDuration, Timestamp};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

use super::{GATE, INCOMPLETE, diff, objects};
use crate::arguments::{Charts, K8sWatch, Organisation};
use crate::commands::answers;
use crate::failure::Failure;
use crate::terminal::Terminal;
use line::{Event, Lines};
use standing::Standing;
use world::World;

/// How long is waited for more after the first news: what belongs together is told together.
const GATHERING: Duration = Duration::from_millis(200);

/// How much is taken in before it is judged, if news does not end; and of how many objects the failures are
/// held against exceptions at once.
const AT_ONCE: usize = 2_000;

/// How often it is looked whether an exception has expired.
const EXPIRY: Duration = Duration::from_secs(30);

/// The name that means no base.
const NONE: &str = "none";

pub(super) fn run(
    arguments: &K8sWatch,
    organisation: &Organisation,
    terminal: Terminal,
) -> Result<u8, Failure> {
    let testimony = answers::read_or_find_exceptions(&arguments.ignorefile)?;
    for problem in testimony.exceptions.iter().flat_map(|file| &file.problems) {
        terminal.warning(&printable(&problem.message), None);
    }
    let mut base = base(arguments, organisation, &testimony)?;
    let cluster = objects::connect(&arguments.connection)?;
    let version = objects::version(&cluster)?;
    let (collections, absent) = objects::judged(arguments.secrets);
    let mut watch = cluster.watch(&collections);
    end_on_signals(watch.stopper())?;

    let mut session = Session {
        world: World::new(&collections, absent, organisation.settings()),
        standing: Standing::new(testimony)?,
        lines: Lines::new(arguments),
        gate: arguments.fail_on.as_ref(),
        is_hit: false,
        was_blind: false,
        terminal,
    };
    // Counted from when everything was listed: how long that takes is the cluster's own matter.
    let mut until = None;
    let mut is_started = false;
    let mut is_ending = false;
    while !is_ending && !session.lines.is_closed() {
        let mut patience = Some(left(until).map_or(EXPIRY, |left| left.min(EXPIRY)));
        for _ in 0..AT_ONCE {
            match watch.next(patience) {
                Heard::News(news) => session.world.take(news, Timestamp::now()),
                Heard::Nothing => break,
                Heard::Stopped => is_ending = true,
            }
            if is_ending {
                break;
            }
            patience = Some(GATHERING);
        }
        if is_started {
            is_ending |= left(until).is_some_and(|left| left.is_zero());
            session.settle()?;
        } else if session.world.is_known() {
            session.start(cluster.address(), &version, base.take())?;
            is_started = true;
            until = arguments.duration.and_then(from_now);
        }
    }
    if !is_started {
        return Err(Failure::new(
            "it was ended before everything was listed",
            "give it more time: a large cluster is listed in some minutes",
        ));
    }
    session.end()
}

/// What is known, what was told, and what came of it.
struct Session<'a> {
    world: World,
    standing: Standing,
    lines: Lines,
    gate: Option<&'a Gate>,
    is_hit: bool,
    was_blind: bool,
    terminal: Terminal,
}

impl Session<'_> {
    /// Tells what there is, and holds it against what was before.
    fn start(
        &mut self,
        cluster: &str,
        server_version: &str,
        mut base: Option<BTreeMap<FindingId, Finding>>,
    ) -> Result<(), Failure> {
        let now = Timestamp::now();
        let touched = self.world.settle();
        self.warn();
        let mut news = Vec::new();
        for part in touched.chunks(AT_ONCE) {
            for event in self.standing.check(&self.world, part, now) {
                let Some(base) = &mut base else { break };
                let is_known = event.finding().is_some_and(|it| base.remove(&it.id).is_some());
                if !is_known || !matches!(event, Event::Appeared { .. }) {
                    news.push(event);
                }
            }
        }
        let (failing, answered) = self.standing.counts();
        self.lines.write(
            now,
            &Event::Started {
                cluster: cluster.to_owned(),
                server_version: server_version.to_owned(),
                objects: self.world.ledger().objects().len() as u64,
                verdicts: self.world.counts(),
                failing,
                answered,
                not_assessed: self.not_assessed(),
            },
        )?;
        if let Some(base) = base {
            news.extend(self.standing.gone_since(&base, &self.world));
        }
        news.iter().try_for_each(|event| self.tell(now, event))
    }

    /// Tells what came of the news since the last time.
    fn settle(&mut self) -> Result<(), Failure> {
        let now = Timestamp::now();
        for event in self.world.sights(now) {
            self.was_blind |= matches!(event, Event::Sees { listed_anew: true, .. });
            self.tell(now, &event)?;
        }
        let touched = self.world.settle();
        self.warn();
        for part in touched.chunks(AT_ONCE) {
            for event in self.standing.check(&self.world, part, now) {
                self.tell(now, &event)?;
            }
        }
        // Later than what was heard, since that may be what is expired, too.
        for event in self.standing.check(&self.world, &self.standing.expired(now), now) {
            self.tell(now, &event)?;
        }
        Ok(())
    }

    fn tell(&mut self, now: Timestamp, event: &Event) -> Result<(), Failure> {
        if let (Event::Appeared { finding, .. }, Some(gate)) = (event, self.gate) {
            self.is_hit |= gate.hits(std::slice::from_ref(finding)) > 0;
        }
        self.lines.write(now, event)
    }

    fn warn(&mut self) {
        let broken = self.world.take_problems().into_iter().chain(self.standing.take_problems());
        for problem in broken {
            self.terminal.warning(&printable(&problem), None);
        }
    }

    fn not_assessed(&self) -> Vec<NotAssessed> {
        let mut all = self.world.not_assessed();
        all.sort();
        all
    }

    fn end(mut self) -> Result<u8, Failure> {
        let not_assessed = self.not_assessed();
        let incomplete = !not_assessed.is_empty() || self.was_blind || self.world.had_problems();
        let exit_code = match (self.is_hit, incomplete) {
            (true, _) => GATE,
            (false, true) => INCOMPLETE,
            (false, false) => 0,
        };
        let (failing, answered) = self.standing.counts();
        let (appeared, gone) = self.lines.told();
        let event =
            Event::Ended { failing, answered, appeared, gone, not_assessed, incomplete, exit_code };
        self.lines.write(Timestamp::now(), &event)?;
        Ok(exit_code)
    }
}

/// The failures from before; none where those at the beginning count.
fn base(
    arguments: &K8sWatch,
    organisation: &Organisation,
    testimony: &Testimony,
) -> Result<Option<BTreeMap<FindingId, Finding>>, Failure> {
    let Some(path) = &arguments.base else { return Ok(None) };
    if path == Path::new(NONE) {
        return Ok(Some(BTreeMap::new()));
    }
    let mut findings = BTreeMap::new();
    diff::base(path, &Charts::default(), organisation, testimony, &mut |finding| {
        findings.insert(finding.id.clone(), finding);
    })?;
    Ok(Some(findings))
}

/// The time so many seconds from now; none where that is further than any time goes.
fn from_now(seconds: u64) -> Option<Timestamp> {
    let seconds = SignedDuration::from_secs(i64::try_from(seconds).ok()?);
    Timestamp::now().checked_add(seconds).ok()
}

/// How long it is until then; none where there is no such time.
fn left(until: Option<Timestamp>) -> Option<Duration> {
    let left = until?.duration_since(Timestamp::now());
    Some(Duration::try_from(left).unwrap_or(Duration::ZERO))
}

/// The first SIGTERM or SIGINT ends in order, the second at once.
fn end_on_signals(stopper: Stopper) -> Result<(), Failure> {
    let is_ending = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        // In this order: the first signal finds the flag as it was.
        flag::register_conditional_default(signal, Arc::clone(&is_ending))?;
        flag::register(signal, Arc::clone(&is_ending))?;
    }
    let (mut ends, end) = UnixStream::pair()?;
    for signal in [SIGTERM, SIGINT] {
        low_level::pipe::register(signal, end.try_clone()?)?;
    }
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        // It waits for a byte of the first signal, and ends with the process.
        let _ = ends.read(&mut [0]);
        stopper.stop();
    })?;
    Ok(())
}
