//! The state of a sensor for people. Words say everything; colour repeats it.

mod containers;
mod numbers;

use std::fmt::Write as _;
use std::time::Duration;

use bulkhead_report::{Style, printable};
use bulkhead_sensor::Status;
use bulkhead_sensor::status::{FeatureStatus, FeatureWorth, RuleWorth, Task};

use numbers::{bytes, count, grouped, nanoseconds, seconds, span};

/// The width of what stands before a line.
const LABEL: usize = 11;

/// Rules and losses that are listed at most; the rest is counted.
const LISTED: usize = 12;

/// All sections, with empty lines between them. `age`: how long ago this was said, where that is too long.
pub(super) fn table(status: &Status, age: Option<Duration>, style: Style) -> String {
    let mut page = Page { text: String::new(), style };
    if status.is_running {
        running(&mut page, status, age);
    } else {
        features(&mut page, status);
        hooks(&mut page, status);
        let programs = count(status.programs.len() as u64, "program", "programs");
        page.line("", &format!("{programs} in the kernel, none of them after this command"));
    }
    page.text
}

/// Text under construction.
struct Page {
    text: String,
    style: Style,
}

impl Page {
    /// A line behind a label; without one, below the text of the line before.
    fn line(&mut self, label: &str, text: &str) {
        let label = self.style.strong(&format!("{label:LABEL$}"));
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{label} {text}");
    }

    /// A line with a word in front that says what it is about.
    fn mark(&mut self, label: &str, word: &str, text: &str) {
        let painted = match word.trim_end() {
            "refused" | "blind" | "SILENT" | "lost" | "EXHAUSTED" => self.style.alarm(word),
            "degraded" | "given up" | "off" => self.style.warning(word),
            "works" | "alive" => self.style.good(word),
            _ => word.to_owned(),
        };
        self.line(label, &format!("{painted} {text}"));
    }

    fn heading(&mut self, text: &str) {
        let text = self.style.strong(text.trim_end());
        let _ = writeln!(self.text, "\n{text}");
    }

    fn row(&mut self, text: &str) {
        let _ = writeln!(self.text, "{}", text.trim_end());
    }
}

fn running(page: &mut Page, status: &Status, age: Option<Duration>) {
    let what = match status.task {
        Task::Watch => "watches",
        Task::Capture => "records",
    };
    let began = status.started.parse::<jiff::Timestamp>().ok();
    let written = status.written.parse::<jiff::Timestamp>().ok();
    let runs = began.zip(written).map(|(began, written)| {
        let runs = span(written.duration_since(began).unsigned_abs());
        format!("since {}, {runs}", began.strftime("%Y-%m-%d %H:%M:%S UTC"))
    });
    page.line(
        "SENSOR",
        &format!("{} {what} {}", printable(&status.program), runs.unwrap_or_default()),
    );
    if let Some(age) = age {
        let text = format!("it has said nothing for {}: what follows is as old", span(age));
        page.mark("", "SILENT", &text);
    }
    life(page, status);
    features(page, status);
    hooks(page, status);
    budget(page, status);
    rules(page, status);
    let (alerts, held) = (&status.alerts, &status.held);
    let suppressed = format!("{} suppressed", grouped(alerts.suppressed));
    page.line(
        "ALERTS",
        &format!(
            "{} sent, {suppressed}, of {}",
            grouped(alerts.emitted),
            count(alerts.events, "event", "events")
        ),
    );
    let of = |one: u64, limit: u64| format!("{} of {}", grouped(one), grouped(limit));
    page.line(
        "HELD",
        &format!(
            "{} processes, {} descriptors",
            of(held.processes, held.process_limit),
            of(held.descriptors, held.descriptor_limit)
        ),
    );
    if held.forgotten_processes > 0 {
        let forgotten = grouped(held.forgotten_processes);
        page.line("", &format!("{forgotten} processes were forgotten while they ran"));
    }
    processes(page, status);
    lanes(page, status);
    programs(page, status);
    containers::containers(page, status);
}

fn life(page: &mut Page, status: &Status) {
    let Some(canary) = &status.canary else {
        page.mark("LIFE", "off", "no sign of life is sent: nobody would notice blindness");
        return;
    };
    let rounds =
        format!("{} of {} signs came through", grouped(canary.returned), grouped(canary.rounds));
    if let Some(silent) = canary.silent_seconds {
        let text = format!("for {}: nothing is seen; {rounds}", seconds(silent));
        page.mark("LIFE", "SILENT", &text);
    } else {
        let last = canary.delay_seconds.map(|delay| format!(", the last in {}", seconds(delay)));
        let slowest =
            canary.slowest_seconds.map(|delay| format!(", the slowest in {}", seconds(delay)));
        let text = [rounds, last.unwrap_or_default(), slowest.unwrap_or_default()].concat();
        page.mark("LIFE", "alive", &text);
    }
    if canary.silences > 0 {
        page.line(
            "",
            &format!("silent {} since the start", count(canary.silences, "time", "times")),
        );
    }
}

fn features(page: &mut Page, status: &Status) {
    let of = |state: FeatureWorth| -> Vec<&FeatureStatus> {
        status.features.iter().filter(|one| one.state == state).collect()
    };
    let names = |found: &[&FeatureStatus]| {
        found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let mut label = "FEATURES";
    for (state, word) in [(FeatureWorth::Works, "works   "), (FeatureWorth::Off, "off     ")] {
        let found = of(state);
        if !found.is_empty() {
            let room = page.style.width.saturating_sub(LABEL + 10).max(20);
            for (at, line) in numbers::wrapped(&names(&found), room).iter().enumerate() {
                page.mark(
                    std::mem::take(&mut label),
                    if at == 0 { word } else { "        " },
                    line,
                );
            }
        }
    }
    for one in of(FeatureWorth::Refused) {
        let reason = printable(one.reason.as_deref().unwrap_or_default()).into_owned();
        page.mark(std::mem::take(&mut label), "refused ", &format!("{}: {reason}", one.name));
        if let Some(hint) = &one.hint {
            page.line("", &format!("         {hint}"));
        }
    }
}

fn hooks(page: &mut Page, status: &Status) {
    let what =
        if status.hooks.on == "functions" { "of calls that are wanted" } else { "of all calls" };
    page.line("HOOKS", &format!("{} {what}", status.hooks.on));
    if let Some(reason) = &status.hooks.reason {
        page.line("", &printable(reason));
    }
}

fn budget(page: &mut Page, status: &Status) {
    let budget = &status.budget;
    let may = |limit: Option<String>| {
        limit.map_or(", no limit".to_owned(), |limit| format!(" of {limit}"))
    };
    let cpu = may(budget.cpu_limit_percent.map(|limit| format!("{limit} %")));
    page.line("BUDGET", &format!("processor {:>10}{cpu}", format!("{:.1} %", budget.cpu_percent)));
    let memory = may(budget.memory_limit_bytes.map(bytes));
    page.line("", &format!("memory    {:>10}{memory}", bytes(budget.memory_bytes)));
    if budget.cpu_limit_percent.is_none() && budget.memory_limit_bytes.is_none() {
        return;
    }
    for step in budget.steps.iter().filter(|step| step.is_given_up) {
        page.mark("", "given up", &step.title);
    }
    if budget.is_exhausted {
        page.mark("", "EXHAUSTED", "all is given up that may be, and it is still too much");
    } else if budget.level == 0 {
        page.line("", "nothing is given up");
    }
}

fn rules(page: &mut Page, status: &Status) {
    let rules = &status.rules;
    if rules.live + rules.degraded + rules.blind + rules.off == 0 {
        return;
    }
    page.line(
        "RULES",
        &format!(
            "{} live, {} degraded, {} blind, {} off",
            grouped(rules.live),
            grouped(rules.degraded),
            grouped(rules.blind),
            grouped(rules.off)
        ),
    );
    // Those that somebody switched off are no news.
    let mut affected: Vec<_> = rules.affected.iter().collect();
    affected.sort_by_key(|rule| rule.state == RuleWorth::Off);
    for rule in affected.into_iter().take(LISTED) {
        let word = match rule.state {
            RuleWorth::Degraded => "degraded",
            RuleWorth::Blind => "blind   ",
            RuleWorth::Off => {
                let text = format!("{}: {}", rule.rule, rule.reasons.join(", "));
                page.line("", &format!("off      {}", printable(&text)));
                continue;
            }
        };
        page.mark("", word, &printable(&rule.rule));
        for reason in rule.reasons.iter().take(2) {
            page.line("", &format!("         {}", printable(reason)));
        }
    }
    let more = rules.affected.len().saturating_sub(LISTED);
    if more > 0 {
        page.line("", &format!("and {more} more: -o json lists them"));
    }
}

fn processes(page: &mut Page, status: &Status) {
    page.heading(&format!(
        "{:10} {:>8} {:>12} {:>10} {:>10}",
        "PROCESS", "PID", "CPU TIME", "RESIDENT", "ITS OWN"
    ));
    for one in &status.processes {
        page.row(&format!(
            "{:10} {:>8} {:>12} {:>10} {:>10}",
            one.part,
            one.process,
            nanoseconds(one.cpu_nanoseconds),
            bytes(one.resident_bytes),
            bytes(one.own_bytes)
        ));
    }
}

fn lanes(page: &mut Page, status: &Status) {
    page.heading(&format!("{:10} {:>14} {:>14} {:>14}", "LANE", "PRODUCED", "DELIVERED", "LOST"));
    for lane in &status.lanes {
        let sum = |of: fn(&bulkhead_sensor::status::ProcessorStatus) -> u64| {
            lane.processors.iter().map(of).fold(0, u64::saturating_add)
        };
        let lost = sum(|one| one.lost);
        let mut text = format!(
            "{:10} {:>14} {:>14} {:>14}",
            lane.lane,
            grouped(sum(|one| one.produced)),
            grouped(sum(|one| one.delivered)),
            grouped(lost)
        );
        if lost > 0 {
            text = page.style.alarm(&text);
        }
        page.row(&text);
    }
    for program in status.programs.iter().filter(|program| program.passed_over > 0).take(LISTED) {
        let runs = count(program.passed_over, "run", "runs");
        let name = printable(&program.name);
        page.mark("", "lost", &format!("{runs} of {name}, which the kernel passed over"));
    }
    let lost = status.lost_by_container.iter().filter(|loss| loss.lost > 0);
    for loss in lost.clone().take(LISTED) {
        let of = loss.container.as_deref().unwrap_or("the host");
        let what = count(loss.lost, "record", "records");
        let text = format!("{what} of {}, lane {}", printable(of), loss.lane);
        page.mark("", "lost", &text);
    }
    let more = lost.count().saturating_sub(LISTED);
    if more > 0 {
        page.line("", &format!("and of {more} more: -o json lists them"));
    }
    if status.unreadable_records > 0 {
        let unreadable = count(status.unreadable_records, "record", "records");
        page.mark("", "lost", &format!("{unreadable} that could not be read"));
    }
}

fn programs(page: &mut Page, status: &Status) {
    let mut counted: Vec<_> = status
        .programs
        .iter()
        .filter_map(|program| Some((program, program.cost?)))
        .filter(|(_, cost)| cost.runs > 0)
        .collect();
    if counted.is_empty() {
        return;
    }
    counted.sort_by_key(|(_, cost)| std::cmp::Reverse(cost.nanoseconds));
    page.heading(&format!("{:28} {:>14} {:>10} {:>12}", "PROGRAM", "HITS", "NS A HIT", "TIME"));
    for (program, cost) in counted {
        page.row(&format!(
            "{:28} {:>14} {:>10} {:>12}",
            printable(&program.name),
            grouped(cost.runs),
            grouped(cost.nanoseconds / cost.runs),
            nanoseconds(cost.nanoseconds)
        ));
    }
}
