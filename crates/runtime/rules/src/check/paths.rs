//! `pmatch`: whether a path is one of some paths or lies below one.

use bulkhead_events::Glob;

use super::literals::Literals;

/// Paths whose parts may be patterns.
#[derive(Debug, Clone)]
pub(crate) struct Paths {
    paths: Vec<Vec<Part>>,
}

#[derive(Debug, Clone)]
enum Part {
    Name(Vec<u8>),
    /// And what it begins with.
    Pattern(Glob, Vec<u8>),
}

impl Paths {
    pub(crate) fn new(paths: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Self {
        let part = |part: &[u8]| {
            if part.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[')) {
                Part::Pattern(Glob::new(part), Literals::of(part).start)
            } else {
                Part::Name(part.to_vec())
            }
        };
        let paths = paths.into_iter().map(|path| parts(path.as_ref()).map(part).collect());
        Self { paths: paths.collect() }
    }

    /// What the paths that match begin with, each with one of these.
    pub(crate) fn starts(&self) -> Vec<Vec<u8>> {
        let start = |path: &Vec<Part>| {
            let mut start = b"/".to_vec();
            for (number, part) in path.iter().enumerate() {
                if number > 0 {
                    start.push(b'/');
                }
                match part {
                    Part::Name(name) => start.extend(name),
                    Part::Pattern(_, known) => {
                        start.extend(known);
                        break;
                    }
                }
            }
            start
        };
        self.paths.iter().map(start).collect()
    }

    pub(crate) fn matches(&self, path: &[u8]) -> bool {
        self.paths.iter().any(|ancestor| {
            let mut below = parts(path);
            ancestor.iter().all(|part| {
                below.next().is_some_and(|name| match part {
                    Part::Name(expected) => expected == name,
                    Part::Pattern(pattern, _) => pattern.matches(name),
                })
            })
        })
    }
}

/// The names of a path; slashes that stand together are one.
fn parts(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lie_below_their_ancestors() {
        let paths = Paths::new(["/etc", "/var/lib/*/data/", "/root/.cassandra"]);
        for (path, expected) in [
            ("/etc", true),
            ("/etc/", true),
            ("/etc/shadow", true),
            ("/etcetera", false),
            ("/var/lib/x/data/y", true),
            ("/var/lib/x/y/data", false),
            ("/var/lib", false),
            ("/root/.cassandra/a/b", true),
            ("/", false),
        ] {
            assert_eq!(paths.matches(path.as_bytes()), expected, "{path}");
        }
        assert!(Paths::new(["/"]).matches(b"/x"));
        assert!(!Paths::new([""; 0]).matches(b"/x"));
    }

    #[test]
    fn what_lies_below_begins_with_what_is_known() {
        let paths = Paths::new(["/etc/", "/home/*/.config", "/root/.bash*", "/var//lib", "/"]);
        let starts = paths.starts();
        let starts: Vec<_> = starts.iter().map(|start| start.escape_ascii().to_string()).collect();
        assert_eq!(starts, ["/etc", "/home/", "/root/.bash", "/var/lib", "/"]);
    }
}
