//! Rules that change while the sensor watches.

use std::collections::BTreeMap;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::sensor::Sensor;

/// Tells every mark, and which version of the rules that is. A version beside the first is met by an own kind of
/// call besides, for which the other ones do not ask.
fn rules(version: &str, own: &str, kinds: &str) -> String {
    format!(
        "- rule: Marked
  desc: each version tells it
  condition: evt.type in (open, openat) and fd.name startswith /marked/
  output: '{version} %fd.name'
  priority: NOTICE

- rule: {own}
  desc: this version alone tells it
  condition: evt.type in ({kinds}) and evt.args contains /marked/
  output: '{version} %evt.args'
  priority: NOTICE
"
    )
}

fn one() -> String {
    rules("one", "Mark removed", "unlink, unlinkat")
}

fn two() -> String {
    rules("two", "Mark made", "mkdir, mkdirat")
}

const BROKEN: &str = "- rule: Marked
  desc: it ends in the middle
  condition: evt.type = open and fd.nam = /marked
  output: 'x'
  priority: NOTICE
";

const OF_MAP: &str = "- rule: Of the map
  desc: its name says the version
  condition: evt.type in (open, openat) and fd.name = /of-the-map/VERSION
  output: '%fd.name'
  priority: NOTICE
";

/// Files as a ConfigMap is mounted: a link to a link to a folder, which is replaced at once.
struct Map(tempfile::TempDir);

impl Map {
    fn new() -> Self {
        let map = Self(tempfile::tempdir().unwrap());
        for version in ["1", "2"] {
            let folder = map.0.path().join(version);
            fs_err::create_dir(&folder).unwrap();
            let rules = OF_MAP.replace("VERSION", version);
            fs_err::write(folder.join("rules.yaml"), rules).unwrap();
        }
        map.lead_to("1");
        symlink("..data/rules.yaml", map.path()).unwrap();
        map
    }

    fn path(&self) -> std::path::PathBuf {
        self.0.path().join("rules.yaml")
    }

    fn lead_to(&self, version: &str) {
        let [new, link] = ["..tmp", "..data"].map(|name| self.0.path().join(name));
        symlink(version, &new).unwrap();
        fs_err::rename(new, link).unwrap();
    }
}

/// Puts a file in the place of another, as careful editors do.
fn put(sensor: &Sensor, rules: &str) {
    let new = sensor.path("new");
    fs_err::write(&new, rules).unwrap();
    fs_err::rename(new, sensor.path("rules.yaml")).unwrap();
}

/// Waits until rules were loaded, or refused, so many times.
fn wait(sensor: &Sensor, rule: &str, times: usize) -> Value {
    let told = Sensor::until(|| sensor.alerts(rule).get(times - 1).cloned());
    told.unwrap_or_else(|| panic!("{rule}, {times}: {}", sensor.said()))
}

/// Opens something until it is told, and returns what is said of it.
fn meet(sensor: &Sensor, path: &str) -> String {
    let told = Sensor::until(|| {
        let _ = fs_err::File::open(path);
        let mut told = sensor.told().into_iter();
        told.find(|alert| alert["output_fields"]["fd.name"] == *path)
    });
    let told = told.unwrap_or_else(|| panic!("{path} is not told: {}", sensor.said()));
    told["output"].as_str().unwrap().to_owned()
}

#[test]
fn changed_rules_come_into_force_and_broken_ones_do_not() {
    let map = Map::new();
    let path = map.path();
    let more = ["-r", path.to_str().unwrap(), "--rule-limit", "0", "--limit", "0"];
    let Some(sensor) = Sensor::start(&one(), &more) else { return };
    assert!(meet(&sensor, "/marked/first").contains("one /marked/first"));

    // Written in place, and broken: told with its place, in the stream and beside it.
    fs_err::write(sensor.path("rules.yaml"), BROKEN).unwrap();
    let refused = wait(&sensor, "Sensor refuses rules", 1);
    let problem = &refused["rules"]["problems"][0];
    let column = BROKEN.lines().nth(2).unwrap().find("fd.nam ").unwrap() + 1;
    assert_eq!((&problem["line"], &problem["column"]), (&3.into(), &column.into()), "{refused}");
    assert!(problem["file"].as_str().unwrap().ends_with("/rules.yaml"), "{refused}");
    assert!(problem["message"].as_str().unwrap().contains("fd.nam"), "{refused}");
    assert!(problem["hint"].as_str().unwrap().contains("fd.name"), "{refused}");
    assert_eq!((&refused["record"], &refused["rules"]["loaded"]), (&"rules".into(), &Value::Null));
    let place = format!("rules.yaml:3:{column}");
    let said = Sensor::until(|| Some(sensor.said()).filter(|said| said.contains(&place)));
    let said = said.unwrap_or_else(|| panic!("{place}: {}", sensor.said()));
    assert!(said.contains("hint:") && said.contains("the last rules stay in force"), "{said}");
    assert!(meet(&sensor, "/marked/second").contains("one /marked/second"));

    // Put in its place, and well.
    put(&sensor, &two());
    let loaded = wait(&sensor, "Sensor loads rules", 1);
    assert_eq!(loaded["rules"]["loaded"], 3, "{loaded}");
    assert!(meet(&sensor, "/marked/third").contains("two /marked/third"));

    // Nothing changed but that somebody asks.
    sensor.signal(Signal::HUP);
    wait(&sensor, "Sensor loads rules", 2);

    map.lead_to("2");
    wait(&sensor, "Sensor loads rules", 3);
    meet(&sensor, "/of-the-map/2");
    assert_eq!(sensor.alerts("Sensor refuses rules").len(), 1);

    // A file that is gone changes nothing either.
    fs_err::remove_file(sensor.path("rules.yaml")).unwrap();
    let refused = wait(&sensor, "Sensor refuses rules", 2);
    let problem = refused["rules"]["problems"][0]["message"].as_str().unwrap();
    assert!(problem.contains("o such file"), "{refused}");
    assert!(meet(&sensor, "/marked/fourth").contains("two /marked/fourth"));
}

/// What is switched off by its name stays so, whatever the files come to say; what fits no rule is named.
#[test]
fn a_rule_that_is_switched_off_is_not_told_and_stays_off() {
    let more = ["--switch", "off:rule=Mark *", "--switch", "off:tag=nobodys"];
    let Some(sensor) = Sensor::start(&one(), &more) else { return };
    let said = sensor.said();
    assert!(said.contains("no rule fits off:tag=nobodys"), "{said}");
    assert!(!said.contains("no rule fits off:rule"), "{said}");
    mark(1);
    // What comes later is told: what came before would have been.
    meet(&sensor, "/marked/first");
    let off = &sensor.status()["rules"];
    assert_eq!((&off["live"], &off["off"]), (&1.into(), &1.into()), "{off}");
    let affected = serde_json::json!([{
        "rule": "Mark removed", "state": "off", "reasons": ["`off:rule=Mark *` switches it off"],
    }]);
    assert_eq!(off["affected"], affected);

    put(&sensor, &two());
    assert_eq!(wait(&sensor, "Sensor loads rules", 1)["rules"]["loaded"], 1);
    mark(2);
    assert!(meet(&sensor, "/marked/second").contains("two /marked/second"));
    for rule in ["Mark removed", "Mark made"] {
        assert_eq!(sensor.alerts(rule), Vec::<Value>::new());
    }
}

/// How often rules change while marks are made.
const CHANGES: usize = 12;

/// How often all is done again where the sensor itself says that it lost something.
const ATTEMPTS: usize = 5;

#[test]
fn what_either_set_tells_is_told_once_while_they_change() {
    let more = ["--rule-limit", "0", "--limit", "0"];
    for _ in 0..ATTEMPTS {
        let Some(sensor) = Sensor::start(&one(), &more) else { return };
        meet(&sensor, "/marked/begin");
        let count = mark_while_rules_change(&sensor);
        meet(&sensor, "/marked/end");
        if sensor.alerts("Sensor lost events").is_empty() {
            each_is_told_once(&sensor, count);
            return;
        }
    }
    panic!("the sensor lost something in each of {ATTEMPTS} attempts");
}

/// Makes marks without a break while one version of the rules follows the other. How many.
fn mark_while_rules_change(sensor: &Sensor) -> usize {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let marks = scope.spawn(|| {
            let mut count = 0;
            while !is_over.load(Ordering::Relaxed) {
                mark(count);
                count += 1;
            }
            count
        });
        for change in 1..=CHANGES {
            put(sensor, &if change % 2 == 0 { one() } else { two() });
            sensor.signal(Signal::HUP);
            wait(sensor, "Sensor loads rules", change);
        }
        is_over.store(true, Ordering::Relaxed);
        marks.join().unwrap()
    })
}

/// Opens, removes and makes something that cannot be there, under a number of its own.
fn mark(number: usize) {
    let path = format!("/marked/{number}");
    let _ = fs_err::File::open(&path);
    let _ = fs_err::remove_file(&path);
    let _ = fs_err::create_dir(&path);
    // As many as a sensor on a busy machine keeps up with.
    std::thread::sleep(Duration::from_millis(1));
}

fn each_is_told_once(sensor: &Sensor, count: usize) {
    let mut of: BTreeMap<(String, usize), Vec<String>> = BTreeMap::new();
    for alert in sensor.told() {
        let (rule, output) = (alert["rule"].as_str().unwrap(), alert["output"].as_str().unwrap());
        let Some((before, behind)) = output.split_once("/marked/") else { continue };
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        let Ok(number) = digits.parse() else { continue };
        let version = if before.contains("one ") { "one" } else { "two" };
        of.entry((rule.to_owned(), number)).or_default().push(version.to_owned());
    }
    let told = |rule: &str, number: usize| of.get(&(rule.to_owned(), number));
    let versions: Vec<&str> = (0..count)
        .map(|number| match told("Marked", number).map(Vec::as_slice) {
            Some([version]) => version.as_str(),
            other => panic!("{number} of {count}: {other:?}"),
        })
        .collect();
    let turns = versions.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(turns > CHANGES / 2, "{turns} turns in {count} marks");
    // What one version alone asks for is told as long as it is in force: between two marks that it told, all is.
    for (number, pair) in versions.windows(2).enumerate() {
        for (version, rule) in [("one", "Mark removed"), ("two", "Mark made")] {
            let times = told(rule, number).map_or(0, Vec::len);
            match pair.iter().filter(|one| **one == version).count() {
                2 => assert_eq!(times, 1, "{rule}, {number} of {count}"),
                0 => assert_eq!(times, 0, "{rule}, {number} of {count}"),
                _ => assert!(times <= 1, "{rule}, {number} of {count}"),
            }
        }
    }
}
