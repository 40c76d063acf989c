//! Giving a command line its environment variables and the values of the file.

use clap::builder::BoolishValueParser;
use clap::{Arg, ArgAction, Command};

use crate::{Settings, SettingsError, key};

/// The command line with every flag settable by environment and file. Unknown keys of the file are
/// refused here.
///
/// The values of the file become defaults: whatever the environment or a flag says overrides them.
pub fn apply(root: Command, settings: &Settings) -> Result<Command, SettingsError> {
    settings.check(&root)?;
    Ok(extend(root, &[], settings))
}

fn extend(command: Command, path: &[String], settings: &Settings) -> Command {
    let command = command.mut_args(|argument| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match key::of(&argument, &path) {
            Some(key) => settable(argument, &key, settings),
            None => argument,
        }
    });
    command.mut_subcommands(|inner| {
        let name = inner.get_name().to_owned();
        let path: Vec<String> = path.iter().cloned().chain([name]).collect();
        extend(inner, &path, settings)
    })
}

fn settable(argument: Arg, key: &str, settings: &Settings) -> Arg {
    // Shown by `config show`, not in every line of the help.
    let mut argument = argument.env(key::variable(key)).hide_env(true);
    let is_switch = matches!(argument.get_action(), ArgAction::SetTrue);
    if is_switch {
        // 1, yes and on are as good as true.
        argument = argument.value_parser(BoolishValueParser::new());
    }
    match settings.get(key) {
        Some(entry) => argument.default_values(entry.values.clone()).hide_default_value(!is_switch),
        None => argument,
    }
}
