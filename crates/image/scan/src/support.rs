//! Until when the publisher supports the release in the target.

use bulkhead_advisories::Database;
use bulkhead_model::{EndOfLife, Inventory, Problem, ProblemKind, Scope};

/// What the databases tell of the release; none where no database knows of an end.
///
/// Support lasts until the end of the day that is told. Where databases differ, the last day counts: a
/// publisher prolongs and does not cut short.
pub(crate) fn of(inventory: &Inventory, databases: &[&Database], today: &str) -> Vec<EndOfLife> {
    let Some(scope) = scope(inventory) else { return Vec::new() };
    // Matching has read the same row, and named the damage where it cannot be read.
    let known = databases.iter().filter_map(|database| database.end_of_life(scope).ok().flatten());
    let end = known.max().map(|(day, source)| EndOfLife {
        ended: day.as_str() < today,
        scope: scope.clone(),
        day,
        source,
    });
    end.into_iter().collect()
}

/// The gates of `--exit-on-eol` that are hit, or what keeps it from an answer.
pub(crate) fn gate(inventory: &Inventory, ends: &[EndOfLife]) -> Result<Vec<String>, Problem> {
    match scope(inventory) {
        Some(scope) if ends.is_empty() => {
            let message = format!(
                "no database in use tells until when {scope} is supported: --exit-on-eol decided \
                 nothing; build one from feeds with endoflife.date among them"
            );
            Err(Problem::general(ProblemKind::Unresolved, message))
        }
        _ => {
            let ended = ends.iter().filter(|end| end.ended);
            Ok(ended.map(|end| format!("end of life: {} on {}", end.scope, end.day)).collect())
        }
    }
}

fn scope(inventory: &Inventory) -> Option<&Scope> {
    inventory.operating_system.as_ref()?.scope.as_ref()
}

#[cfg(test)]
mod tests {
    use bulkhead_advisories::{BuildOptions, Builder, EndOfLife as Told, Item};
    use bulkhead_model::{Location, OperatingSystem};

    use super::*;

    fn database(feed: &str, ends: &[(&str, &str)]) -> Database {
        let mut builder = Builder::new();
        for (scope, day) in ends {
            let told = Told { scope: scope.parse().unwrap(), day: (*day).to_owned() };
            builder.push(feed, Item::EndOfLife(told));
        }
        Database::from_bytes(feed, builder.finish(&BuildOptions::default()).unwrap()).unwrap()
    }

    fn inventory(scope: &str) -> Inventory {
        let system = OperatingSystem {
            id: String::new(),
            version: String::new(),
            codename: None,
            like: Vec::new(),
            pretty_name: String::new(),
            scope: scope.parse().ok(),
            location: Location::default(),
        };
        Inventory { operating_system: Some(system), ..Inventory::default() }
    }

    #[test]
    fn support_lasts_through_the_day_that_is_told() {
        let ends = [("debian:11", "2024-08-14"), ("debian:12", "2026-06-10")];
        let (one, other) = (database("a", &ends), database("b", &[("debian:11", "2024-08-31")]));
        for (scope, today, expected) in [
            ("debian:11", "2024-08-31", "debian:11 2024-08-31 b false"),
            ("debian:11", "2024-09-01", "debian:11 2024-08-31 b true"),
            ("debian:12", "2026-06-11", "debian:12 2026-06-10 a true"),
            ("debian:13", "2026-06-11", ""),
            ("", "2026-06-11", ""),
        ] {
            let found = of(&inventory(scope), &[&one, &other], today);
            let shown: Vec<String> = found
                .iter()
                .map(|end| format!("{} {} {} {}", end.scope, end.day, end.source, end.ended))
                .collect();
            assert_eq!(shown.join(", "), expected, "{scope} {today}");
        }
    }

    #[test]
    fn the_gate_is_hit_missed_or_undecided() {
        let database = database("a", &[("debian:11", "2024-08-14")]);
        let gate = |scope: &str, today| {
            let inventory = inventory(scope);
            gate(&inventory, &of(&inventory, &[&database], today))
        };
        assert_eq!(gate("debian:11", "2024-08-14"), Ok(Vec::new()));
        let hit = vec!["end of life: debian:11 on 2024-08-14".to_owned()];
        assert_eq!(gate("debian:11", "2025-01-01"), Ok(hit));
        let problem = gate("debian:13", "2025-01-01").unwrap_err();
        assert!(problem.message.contains("debian:13"), "{}", problem.message);
        // Nothing is undecided where there is no distribution.
        assert_eq!(gate("", "2025-01-01"), Ok(Vec::new()));
    }
}
