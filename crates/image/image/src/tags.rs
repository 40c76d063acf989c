//! Names of the images in one source, and what a user writes for them.

/// Chooses by what the user wrote: a full name, what follows its last colon, or the name with less
/// before it than it has (`app:1` for `docker.io/library/app:1`). Whoever has exactly this name
/// comes before those that only end so.
pub(crate) fn named<T>(items: Vec<T>, wanted: &str, names: impl Fn(&T) -> Vec<String>) -> Vec<T> {
    let exact = |item: &T| names(item).iter().any(|name| name == wanted);
    let exactly_named = items.iter().any(exact);
    let ends_so = |item: &T| names(item).iter().any(|name| ends_with(name, wanted));
    items
        .into_iter()
        .filter(|item| if exactly_named { exact(item) } else { ends_so(item) })
        .collect()
}

fn ends_with(name: &str, wanted: &str) -> bool {
    name.strip_suffix(wanted).is_some_and(|before| before.ends_with(['/', ':']))
}

/// Names for a message: each once, not too many.
pub(crate) fn list(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 20;
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    match (names.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => names.join(", "),
        (false, more) => format!("{} and {more} more", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 4] =
        ["docker.io/library/app:1.0", "example.com:5000/app:2", "example.com:5000/other:2", "2"];

    #[track_caller]
    fn check(wanted: &str, expect: &[usize]) {
        let all = (0..NAMES.len()).collect();
        let chosen = named(all, wanted, |&index| vec![NAMES[index].to_owned()]);
        assert_eq!(chosen, expect, "{wanted}");
    }

    #[test]
    fn names_may_be_written_short() {
        check("docker.io/library/app:1.0", &[0]);
        check("library/app:1.0", &[0]);
        check("app:1.0", &[0]);
        check("1.0", &[0]);
        check("0", &[]);
        check("pp:1.0", &[]);
        check("app:2", &[1]);
        check("2", &[3]);
    }

    #[test]
    fn a_short_name_may_fit_several() {
        let chosen = named(NAMES[1..3].to_vec(), "2", |name| vec![(*name).to_owned()]);
        assert_eq!(chosen, NAMES[1..3]);
    }
}
