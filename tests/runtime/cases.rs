//! What rules are met by, and what just misses them, run in a container.

use serde_json::Value;

use crate::container::{Container, GATE, PROGRAMS};
use crate::sensor::Sensor;

/// What a rule is met by, and what just misses it: words of a command that runs in a container. One that begins
/// with a name of [`Container::programs`] is the trigger under that name.
pub(crate) struct Case {
    pub(crate) rule: &'static str,
    pub(crate) meets: &'static [&'static str],
    pub(crate) misses: &'static [&'static str],
}

pub(crate) const fn case(
    rule: &'static str,
    meets: &'static [&'static str],
    misses: &'static [&'static str],
) -> Case {
    Case { rule, meets, misses }
}

/// What a container has to do for a rule, and whether the rule is met then.
pub(crate) type Line = (&'static str, bool, &'static [&'static str]);

/// Runs lines in a container, and returns the alerts of each.
pub(crate) fn alerts_of(sensor: &Sensor, container: &Container, lines: &[Line]) -> Vec<Vec<Value>> {
    conduct(sensor, container, lines.iter().map(|(.., words)| *words))
}

/// Runs commands in a container, one after the other, and returns the alerts of each.
pub(crate) fn conduct<'a, Word: AsRef<str> + 'a>(
    sensor: &Sensor,
    container: &Container,
    commands: impl Iterator<Item = &'a [Word]>,
) -> Vec<Vec<Value>> {
    let count = write_script(container, commands);
    container.exec(&[&format!("{PROGRAMS}/trigger"), "conduct", SCRIPT]);
    (0..count).map(|number| sensor.until(&number.to_string())).collect()
}

/// The same, by the first process of a container, which attends.
pub(crate) fn conduct_at_gate<'a, Word: AsRef<str> + 'a>(
    sensor: &Sensor,
    container: &Container,
    commands: impl Iterator<Item = &'a [Word]>,
) -> Vec<Vec<Value>> {
    let count = write_script(container, commands);
    fs_err::write(container.inside(GATE), format!("{SCRIPT}\n")).expect("somebody attends");
    (0..count).map(|number| sensor.until(&number.to_string())).collect()
}

/// Where the commands lie in a container.
const SCRIPT: &str = "/triggers/script";

/// Writes the commands down in a container; how many there are.
fn write_script<'a, Word: AsRef<str> + 'a>(
    container: &Container,
    commands: impl Iterator<Item = &'a [Word]>,
) -> usize {
    let line = |words: &[Word]| {
        let words = words.iter().map(|word| match word.as_ref().strip_prefix('@') {
            Some(name) => format!("{PROGRAMS}/{name}"),
            None => word.as_ref().to_owned(),
        });
        words.collect::<Vec<_>>().join("\t")
    };
    let script: Vec<String> = commands.map(line).collect();
    fs_err::write(container.inside(SCRIPT), script.join("\n")).expect("a script");
    script.len()
}

/// The lines of cases, each with what it is about.
pub(crate) fn lines(cases: &'static [Case], is_wanted: impl Fn(&Case, bool) -> bool) -> Vec<Line> {
    let both = |case: &'static Case| [(case, true, case.meets), (case, false, case.misses)];
    let wanted = cases.iter().flat_map(both).filter(|(case, meets, _)| is_wanted(case, *meets));
    wanted.map(|(case, meets, words)| (case.rule, meets, words)).collect()
}
