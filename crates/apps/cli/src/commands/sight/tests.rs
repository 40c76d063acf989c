//! Without a part of the probes just those rules are blind that ask for it. Which these are is found out here from the
//! text of the rules alone, which shares nothing with the engine.

use std::collections::{BTreeMap, BTreeSet};

use bulkhead_limits::{Budget, Limits};
use bulkhead_probes::{FeatureReport, FeatureState};
use bulkhead_rules::{Coverage, RuleFile, SHIPPED, Selection};
use regex::Regex;
use serde_json::Value;

use super::*;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[test]
fn without_a_feature_just_its_rules_are_blind() -> Result<()> {
    let mut falco = Vec::new();
    for path in bulkhead_testing::data_files("fixtures/falco-rules") {
        falco.push((path.display().to_string(), fs_err::read(path)?));
    }
    let falco: Vec<RuleFile<'_>> =
        falco.iter().map(|(name, bytes)| RuleFile { name, bytes }).collect();
    for files in [SHIPPED, &falco] {
        let texts = Texts::of(files)?;
        let selection = Selection::everything();
        let loaded = bulkhead_rules::load(files, &selection, &Budget::new(Limits::DEFAULT));
        let set = loaded.set.ok_or("the files make no rule set")?;
        let blind = |sight: &Sight| -> BTreeSet<String> {
            let coverage = set.coverage(sight).into_iter();
            let blind = coverage.filter(|(_, worth)| matches!(worth, Coverage::Blind(_)));
            blind.map(|(rule, _)| rule.name.to_string()).collect()
        };
        assert_eq!(blind(&sight(&[])), BTreeSet::new(), "with all features");
        for feature in Feature::ALL {
            let report = FeatureReport { feature: *feature, state: FeatureState::Off };
            let features = [FeatureStatus::from(&report)];
            let expected: BTreeSet<String> = texts
                .rules
                .iter()
                .filter(|(_, rule)| rule.needs(*feature))
                .map(|(name, _)| name.clone())
                .collect();
            assert_eq!(blind(&sight(&features)), expected, "without {feature}");
        }
    }
    Ok(())
}

/// What is told beside calls needs a feature, or none: without it a rule that asks for nothing else is blind.
#[test]
fn what_is_no_call_is_blind_without_what_tells_it_alone() -> Result<()> {
    let calls = |kind: &Kind| !kind.is_system_call();
    for kind in Kind::all().filter(calls) {
        let name = kind.name();
        let text = format!(
            "- rule: r\n  desc: d\n  output: o\n  priority: info\n  condition: evt.type={name}\n"
        );
        let files = [RuleFile { name: "f", bytes: text.as_bytes() }];
        let budget = Budget::new(Limits::DEFAULT);
        let loaded = bulkhead_rules::load(&files, &Selection::default(), &budget);
        let set = loaded.set.ok_or("the file makes no rule set")?;
        let blinds = |feature: &&Feature| {
            let report = FeatureReport { feature: **feature, state: FeatureState::Off };
            let coverage = set.coverage(&sight(&[FeatureStatus::from(&report)]));
            matches!(coverage[0].1, Coverage::Blind(_))
        };
        let blinding: Vec<&str> =
            Feature::ALL.iter().filter(blinds).map(|feature| feature.name()).collect();
        let expected: &[&str] = match name {
            "procexit" => &["exit"],
            "signaldeliver" => &["signals"],
            "dns" => &["calls"],
            _ => &[],
        };
        assert_eq!(blinding, expected, "{name}");
        assert_eq!(set.coverage(&sight(&[]))[0].1, Coverage::Live, "{name}");
    }
    Ok(())
}

/// What the text of a rule asks for: the condition, and the steps before it.
struct Asked {
    parts: Vec<BTreeSet<String>>,
    text: String,
}

impl Asked {
    /// Whether one of the parts can only be met by what a feature tells.
    fn needs(&self, feature: Feature) -> bool {
        let execution = |kind: &String| kind.starts_with("execve");
        let birth = |kind: &String| ["clone", "clone3", "fork", "vfork"].contains(&kind.as_str());
        let all = |of: &dyn Fn(&String) -> bool| self.parts.iter().any(|part| part.iter().all(of));
        match feature {
            Feature::Execute => all(&execution),
            Feature::Exit => all(&|kind| kind == "procexit"),
            Feature::Calls => all(&|kind| !execution(kind) && !birth(kind) && kind != "procexit"),
            Feature::EntryCopies => self.text.contains("evt.is_swapped=true"),
            Feature::Signals => all(&|kind| kind == "signaldeliver"),
            Feature::Rings => self.text.contains("evt.origin=io_uring"),
            _ => false,
        }
    }
}

/// The rules of files by their texts.
struct Texts {
    rules: BTreeMap<String, Asked>,
}

impl Texts {
    fn of(files: &[RuleFile<'_>]) -> Result<Self> {
        let mut macros = BTreeMap::new();
        let mut found: Vec<(String, String, Vec<String>)> = Vec::new();
        for file in files {
            let items: Vec<Value> = serde_saphyr::from_slice(file.bytes)?;
            for item in items {
                let condition = item["condition"].as_str().unwrap_or_default().to_owned();
                if let Some(name) = item["macro"].as_str() {
                    macros.insert(name.to_owned(), condition);
                } else if let (Some(name), false) = (item["rule"].as_str(), condition.is_empty()) {
                    let steps = item["sequence"]["steps"].as_array().into_iter().flatten();
                    let steps = steps.filter_map(Value::as_str).map(str::to_owned);
                    found.push((name.to_owned(), condition, steps.collect()));
                }
            }
        }
        let kinds = Kinds {
            macros,
            one: Regex::new(r"evt\.type\s*=\s*(\w+)")?,
            several: Regex::new(r"evt\.type\s+in\s*\(([^()]*)\)")?,
            compared: Regex::new(
                r#"[a-z]\w*\.[\w.]+(\[[^\]]*\])?\s*((=|!=|<=?|>=?|\bin\b|\w+)\s*(\([^()]*\)|"[^"]*"|'[^']*'|[^\s()]+)|exists)"#,
            )?,
            word: Regex::new(r"[A-Za-z_][A-Za-z0-9_]*")?,
        };
        let asked = |(name, condition, steps): (String, String, Vec<String>)| {
            let parts = std::iter::once(&condition).chain(&steps).map(|text| kinds.of(text));
            (name, Asked { parts: parts.collect(), text: condition.clone() })
        };
        Ok(Self { rules: found.into_iter().map(asked).collect() })
    }
}

/// Finds the kinds of events that a text names, itself or by macros.
struct Kinds {
    macros: BTreeMap<String, String>,
    one: Regex,
    several: Regex,
    compared: Regex,
    word: Regex,
}

impl Kinds {
    fn of(&self, text: &str) -> BTreeSet<String> {
        let mut kinds = BTreeSet::new();
        let one = self.one.captures_iter(text).map(|found| found[1].to_owned());
        let several = self.several.captures_iter(text);
        let several = several.flat_map(|found| {
            found[1].split(',').map(|kind| kind.trim().to_owned()).collect::<Vec<_>>()
        });
        kinds.extend(one.chain(several));
        // What is left without the comparisons are macros.
        let rest = self.compared.replace_all(text, " ");
        for word in self.word.find_iter(&rest) {
            if let Some(body) = self.macros.get(word.as_str()) {
                kinds.extend(self.of(body));
            }
        }
        kinds
    }
}
