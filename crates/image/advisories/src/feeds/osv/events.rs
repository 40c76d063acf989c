//! The events of a range (section "affected[].ranges[].events fields").

use std::borrow::Cow;
use std::cmp::Ordering;

use bulkhead_versions::{Bound, Interval, Scheme};
use serde::Deserialize;

/// One event: one of the fields. `introduced` of `0` means "from the first version on".
#[derive(Deserialize, Debug, Default)]
pub(super) struct Event<'a> {
    #[serde(borrow, default)]
    introduced: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(super) fixed: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    last_affected: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    limit: Option<Cow<'a, str>>,
}

/// What an event does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Introduced,
    LastAffected,
    Fixed,
}

/// The affected intervals: events in the order of versions, whatever order they are written in.
/// An event that changes nothing (a second fix) has no effect, as the schema's algorithm has it
/// (section "Evaluation").
///
/// `limit` ends an interval like `fixed` does, but carries no fix.
pub(super) fn intervals(scheme: Scheme, events: &[Event<'_>]) -> Result<Vec<Interval>, String> {
    let mut steps: Vec<(Step, &str)> = Vec::new();
    for event in events {
        let step = match (
            &event.introduced,
            &event.last_affected,
            event.fixed.as_ref().or(event.limit.as_ref()),
        ) {
            (Some(version), None, None) => (Step::Introduced, version),
            (None, Some(version), None) => (Step::LastAffected, version),
            (None, None, Some(version)) => (Step::Fixed, version),
            (None, None, None) => return Err("an event that is none of the known ones".to_owned()),
            _ => return Err("an event that is several at once".to_owned()),
        };
        if step.1.is_empty() {
            return Err("an event at no version".to_owned());
        }
        // `limit: *` ends nothing.
        if step.1 != "*" {
            steps.push((step.0, step.1));
        }
    }
    steps.sort_by(|left, right| order(scheme, left, right));
    let mut intervals = Vec::new();
    let mut open: Option<Bound> = None;
    let mut rest = steps.as_mut_slice();
    while let Some(first) = rest.first().copied() {
        let same = rest.iter().take_while(|step| order(scheme, &first, step).is_eq()).count();
        let (here, later) = rest.split_at_mut(same);
        // Ranges that adjoin meet at one version. As a rule their events are written in order; where
        // they are not, the one from below ends before the one that ends above begins.
        let ends_above = later.first().is_some_and(|(step, _)| *step != Step::Introduced);
        if open.is_some() && ends_above {
            here.sort_by_key(|(step, _)| *step == Step::Introduced);
        } else {
            // What ends after a version ends last.
            here.sort_by_key(|(step, _)| *step == Step::LastAffected);
        }
        for (step, version) in here {
            match (step, open.take()) {
                (Step::Introduced, None) if *version == "0" => open = Some(Bound::Unbounded),
                (Step::Introduced, None) => open = Some(Bound::Inclusive((*version).to_owned())),
                (Step::Introduced, still) => open = still,
                (Step::LastAffected, Some(low)) => {
                    let high = Bound::Inclusive((*version).to_owned());
                    intervals.push(Interval { low, high });
                }
                (Step::Fixed, Some(low)) => {
                    let high = Bound::Exclusive((*version).to_owned());
                    intervals.push(Interval { low, high });
                }
                (Step::LastAffected | Step::Fixed, None) => {}
            }
        }
        rest = later;
    }
    intervals.extend(open.map(|low| Interval { low, high: Bound::Unbounded }));
    Ok(intervals)
}

/// The order of versions. At one version the order of the document counts, because a fix that was incomplete
/// introduces what it should have ended (`fixed` and `introduced` at 2.4.50).
fn order(scheme: Scheme, left: &(Step, &str), right: &(Step, &str)) -> Ordering {
    let is_first = |(step, version): &(Step, &str)| *step == Step::Introduced && *version == "0";
    is_first(right)
        .cmp(&is_first(left))
        .then_with(|| scheme.compare(left.1.as_bytes(), right.1.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(events: &str) -> Result<String, String> {
        let events: Vec<Event<'_>> = serde_json::from_str(events).unwrap();
        let low = |bound: &Bound| match bound {
            Bound::Unbounded => "(".to_owned(),
            Bound::Inclusive(version) => format!("[{version}"),
            Bound::Exclusive(version) => format!("({version}"),
        };
        let high = |bound: &Bound| match bound {
            Bound::Unbounded => ")".to_owned(),
            Bound::Inclusive(version) => format!("{version}]"),
            Bound::Exclusive(version) => format!("{version})"),
        };
        let intervals = intervals(Scheme::Semver, &events)?;
        let shown = intervals.iter().map(|i| format!("{},{}", low(&i.low), high(&i.high)));
        Ok(shown.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn events_make_intervals_in_any_order() {
        for (events, expected) in [
            (r#"[{"introduced":"0"},{"fixed":"1.2.0"}]"#, "(,1.2.0)"),
            (r#"[{"fixed":"1.2.0"},{"introduced":"0"}]"#, "(,1.2.0)"),
            (r#"[{"introduced":"0"}]"#, "(,)"),
            (r#"[{"introduced":"1.0.0"}]"#, "[1.0.0,)"),
            (r#"[{"introduced":"1.0.0"},{"last_affected":"1.0.0"}]"#, "[1.0.0,1.0.0]"),
            (
                r#"[{"fixed":"2.1.0"},{"introduced":"0"},{"introduced":"2.0.0"},{"fixed":"1.10.0"}]"#,
                "(,1.10.0) [2.0.0,2.1.0)",
            ),
            (r#"[{"introduced":"0"},{"fixed":"1.2.0"},{"fixed":"1.3.0"}]"#, "(,1.2.0)"),
            (
                r#"[{"introduced":"1.0.0"},{"fixed":"1.1.0"},{"introduced":"1.1.0"},{"fixed":"1.2.0"}]"#,
                "[1.0.0,1.1.0) [1.1.0,1.2.0)",
            ),
            (r#"[{"introduced":"1.0.0"},{"fixed":"1.0.0"}]"#, "[1.0.0,1.0.0)"),
            (r#"[{"last_affected":"1.0.0"},{"introduced":"1.0.0"}]"#, "[1.0.0,1.0.0]"),
            (r#"[{"introduced":"0"},{"limit":"1.2.0"}]"#, "(,1.2.0)"),
            (r#"[{"introduced":"0"},{"limit":"*"}]"#, "(,)"),
            (r#"[{"fixed":"1.2.0"}]"#, ""),
            (r#"[{"introduced":"1.0.0"},{"fixed":"1.0.0"}]"#, "[1.0.0,1.0.0)"),
            // Ranges that adjoin: the second one is the fix of the fix (CVE-2021-42013).
            (
                r#"[{"introduced":"2.4.49"},{"fixed":"2.4.50"},{"introduced":"2.4.50"},{"fixed":"2.4.51"}]"#,
                "[2.4.49,2.4.50) [2.4.50,2.4.51)",
            ),
            (
                r#"[{"introduced":"2.4.50"},{"fixed":"2.4.51"},{"introduced":"0"},{"fixed":"2.4.50"}]"#,
                "(,2.4.50) [2.4.50,2.4.51)",
            ),
            (
                r#"[{"introduced":"0"},{"fixed":"2.0.0"},{"introduced":"2.0.0"}]"#,
                "(,2.0.0) [2.0.0,)",
            ),
            (r#"[{"introduced":"0"},{"introduced":"1.0.0"},{"fixed":"1.0.0"}]"#, "(,1.0.0)"),
            (
                r#"[{"introduced":"0"},{"last_affected":"1.0.0"},{"introduced":"1.0.0"},{"fixed":"2.0.0"}]"#,
                "(,1.0.0] [1.0.0,2.0.0)",
            ),
            ("[]", ""),
        ] {
            assert_eq!(shown(events).as_deref(), Ok(expected), "{events}");
        }
    }

    #[test]
    fn other_events_are_refused() {
        for events in [r"[{}]", r#"[{"introduced":"0","fixed":"1"}]"#, r#"[{"fixed":""}]"#] {
            assert!(shown(events).is_err(), "{events}");
        }
    }
}
