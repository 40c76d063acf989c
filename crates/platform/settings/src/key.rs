//! The names under which a flag can be set.

use clap::{Arg, Command};

/// Calls `visit` with every flag of the tree of commands, with its key.
pub(crate) fn each<'a>(root: &'a Command, visit: &mut dyn FnMut(String, &'a Arg)) {
    fn descend<'a>(command: &'a Command, path: &[&str], visit: &mut dyn FnMut(String, &'a Arg)) {
        for argument in command.get_arguments() {
            if let Some(key) = of(argument, path) {
                visit(key, argument);
            }
        }
        for inner in command.get_subcommands() {
            let path: Vec<&str> = path.iter().copied().chain([inner.get_name()]).collect();
            descend(inner, &path, visit);
        }
    }
    descend(root, &[], visit);
}

/// The key of an argument of the command with this path; none for those that are not flags, and for
/// help and version.
pub(crate) fn of(argument: &Arg, path: &[&str]) -> Option<String> {
    let long = argument.get_long()?;
    if matches!(long, "help" | "version") {
        return None;
    }
    // The first level shares its keys.
    let prefix = if path.len() > 1 { format!("{}-", path.join("-")) } else { String::new() };
    Some(format!("{prefix}{long}"))
}

/// The environment variable of a key.
pub(crate) fn variable(key: &str) -> String {
    format!("BULKHEAD_{}", key.replace('-', "_").to_uppercase())
}
