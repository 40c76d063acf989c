//! File, environment and flag, on a small command line.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::Path;

use bulkhead_settings::{Origin, Settings, SettingsError, apply, origins};
use clap::{Arg, ArgAction, ArgMatches, Command};

fn command() -> Command {
    let output = Arg::new("output").long("output").action(ArgAction::Append);
    let build = Command::new("build").arg(Arg::new("feeds").long("feeds"));
    Command::new("bulkhead")
        .arg(Arg::new("config").long("config").global(true))
        .subcommand(
            Command::new("scan")
                .arg(Arg::new("target"))
                .arg(Arg::new("fail").long("fail-on").default_value("never"))
                .arg(Arg::new("strict").long("strict").action(ArgAction::SetTrue))
                .arg(Arg::new("severity").long("severity").value_delimiter(',').num_args(1..))
                .arg(Arg::new("token").long("token").hide_env_values(true))
                .arg(output),
        )
        .subcommand(Command::new("db").subcommand(build))
}

fn settings(text: &str) -> Result<Settings, SettingsError> {
    Settings::parse(Path::new("bulkhead.yaml"), text)
}

fn scan(text: &str, arguments: &[&str]) -> ArgMatches {
    let command = apply(command(), &settings(text).unwrap()).unwrap();
    let arguments = ["bulkhead", "scan"].iter().chain(arguments);
    let matches = command.try_get_matches_from(arguments).unwrap();
    matches.subcommand_matches("scan").unwrap().clone()
}

fn all(matches: &ArgMatches, name: &str) -> Vec<String> {
    matches.get_many::<String>(name).into_iter().flatten().cloned().collect()
}

#[test]
fn values_of_the_file_hold_until_a_flag_says_otherwise() {
    let text =
        "fail-on: high\nstrict: true\nseverity: [high, critical]\noutput:\n  - table\n  - json=x\n";
    let plain = scan(text, &[]);
    assert_eq!(all(&plain, "fail"), ["high"]);
    assert!(plain.get_flag("strict"));
    assert_eq!(all(&plain, "severity"), ["high", "critical"]);
    assert_eq!(all(&plain, "output"), ["table", "json=x"]);
    let flags = scan(text, &["--fail-on", "low", "--output", "cyclonedx"]);
    assert_eq!(all(&flags, "fail"), ["low"]);
    assert_eq!(all(&flags, "output"), ["cyclonedx"]);
    let nothing = scan("# nothing\n", &[]);
    assert_eq!(all(&nothing, "fail"), ["never"]);
    assert!(!nothing.get_flag("strict"));
}

#[test]
fn deeper_commands_have_their_names_in_the_key() {
    let command = apply(command(), &settings("db-build-feeds: mirror").unwrap()).unwrap();
    let matches = command.try_get_matches_from(["bulkhead", "db", "build"]).unwrap();
    let build = matches.subcommand_matches("db").unwrap().subcommand_matches("build").unwrap();
    assert_eq!(all(build, "feeds"), ["mirror"]);
}

#[test]
fn mistakes_are_named_with_their_line() {
    for (text, message, hint) in [
        ("\nfail_on: high", "bulkhead.yaml:2: unknown key \"fail_on\"", "is fail-on meant?"),
        (
            "colour: x",
            "bulkhead.yaml:1: unknown key \"colour\"",
            "`bulkhead config show` lists all keys",
        ),
        (
            "fail-on: [a, b]",
            "bulkhead.yaml:1: \"fail-on\" takes one value, not a list",
            "write the value alone",
        ),
    ] {
        let error = settings(text).and_then(|it| apply(command(), &it)).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        assert_eq!(error.hint().unwrap(), hint, "{text}");
    }
    let twice = settings("strict: true\nstrict: false").unwrap_err().to_string();
    assert!(twice.contains("line 2") && twice.contains("strict"), "{twice}");
    for text in ["- a\n- b", "fail-on: {a: b}", "fail-on: [", "just text"] {
        let error = settings(text).unwrap_err();
        assert!(matches!(error, SettingsError::Syntax { .. }), "{text}: {error}");
        assert!(error.to_string().contains("line 1"), "{error}");
    }
}

#[test]
fn every_value_has_an_origin() {
    let settings = settings("\nfail-on: high\n").unwrap();
    let environment = |name: &str| match name {
        "BULKHEAD_STRICT" => Some("1".into()),
        "BULKHEAD_TOKEN" => Some("word".into()),
        _ => None,
    };
    let all = origins(&command(), &settings, &environment);
    let of = |key: &str| all.iter().find(|setting| setting.key == key).unwrap();
    assert_eq!(of("fail-on").origin.to_string(), "bulkhead.yaml:2");
    assert_eq!(of("fail-on").values, ["high"]);
    assert_eq!(of("strict").origin, Origin::Environment("BULKHEAD_STRICT".to_owned()));
    assert_eq!(of("db-build-feeds").variable, "BULKHEAD_DB_BUILD_FEEDS");
    assert_eq!(of("severity").origin, Origin::Default);
    assert_eq!(of("token").origin, Origin::Environment("BULKHEAD_TOKEN".to_owned()));
    assert_eq!(of("token").values, ["(hidden)"]);
}

#[test]
fn a_named_file_must_exist_and_the_default_one_need_not() {
    let folder = tempfile::tempdir().unwrap();
    let absent = Settings::find(Some(&folder.path().join("absent.yaml"))).unwrap_err();
    assert!(matches!(absent, SettingsError::Unreadable(_)));
    assert_eq!(Settings::find(None).unwrap(), Settings::default());
}
