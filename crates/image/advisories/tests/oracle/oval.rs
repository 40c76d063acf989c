//! OVAL by its tags alone: no tree, no schema. Each test that a definition refers to and that compares
//! a version is a statement; the last module that was enabled before it, in the same part, is its.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use bulkhead_archive::decode;
use bulkhead_limits::{Budget, Limits};

use super::{Expected, Statement};

/// A tag with its attributes, and the text behind it.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    text: &'a str,
}

impl<'a> Tag<'a> {
    fn of(piece: &'a str) -> Self {
        let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
        let (name, attributes) = tag.split_once([' ', '\n', '\t']).unwrap_or((tag, ""));
        let name = name.trim_end_matches('/');
        let (slash, name) = name.strip_prefix('/').map_or(("", name), |name| ("/", name));
        let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
        let name = if slash.is_empty() {
            name
        } else {
            ["/definition", "/criteria"].into_iter().find(|one| &one[1..] == name).unwrap_or("/")
        };
        Self { name, attributes, text: text.trim() }
    }

    fn attribute(&self, key: &str) -> String {
        let start = format!(" {key}=\"");
        let spaced = format!(" {}", self.attributes);
        let found = spaced.split_once(&start).map(|(_, rest)| rest.split('"').next().unwrap());
        found.unwrap_or_default().to_owned()
    }

    fn is_closed(&self) -> bool {
        self.attributes.ends_with('/')
    }
}

pub fn expected(file: &Path) -> Expected {
    let mut text = String::new();
    let budget = Budget::new(Limits::DEFAULT);
    let content = std::io::BufReader::new(fs_err::File::open(file).unwrap());
    decode(content, &budget).unwrap().buffered().read_to_string(&mut text).unwrap();
    let tags: Vec<Tag<'_>> = text.split('<').map(Tag::of).collect();
    let release = ["Red Hat Enterprise Linux ", "cpe:/o:rocky:rocky:", "that Ubuntu "]
        .iter()
        .find_map(|name| {
            text.split(name).skip(1).find(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
        .unwrap()
        .split([' ', ':', '<'])
        .next()
        .unwrap();
    let parts = Parts { release: release.to_owned(), ..Parts::of(&tags) };
    let mut expected = Expected::default();
    let mut start = 0;
    for (position, tag) in tags.iter().enumerate() {
        match tag.name {
            "definition" => start = position,
            "/definition" => parts.definition(&tags[start..position], &mut expected),
            _ => {}
        }
    }
    expected
}

/// What definitions refer to, by identifier.
#[derive(Default)]
struct Parts {
    /// Object and state.
    tests: BTreeMap<String, (String, String)>,
    /// Names, or the variable of them.
    objects: BTreeMap<String, String>,
    /// Version and architectures.
    states: BTreeMap<String, (String, BTreeSet<String>)>,
    variables: BTreeMap<String, Vec<String>>,
    /// The release that the whole file is about.
    release: String,
}

impl Parts {
    fn of(tags: &[Tag<'_>]) -> Self {
        let mut parts = Self::default();
        let mut id = String::new();
        for tag in tags {
            match tag.name {
                "rpminfo_test" | "dpkginfo_test" | "rpminfo_object" | "dpkginfo_object"
                | "rpminfo_state" | "dpkginfo_state" | "constant_variable" => {
                    id = tag.attribute("id");
                }
                name if name.ends_with("_test") || name.ends_with("_object") => id.clear(),
                "object" => {
                    parts.tests.entry(id.clone()).or_default().0 = tag.attribute("object_ref");
                }
                "state" => {
                    parts.tests.entry(id.clone()).or_default().1 = tag.attribute("state_ref");
                }
                "name" => {
                    let variable = tag.attribute("var_ref");
                    let name = if variable.is_empty() { tag.text.to_owned() } else { variable };
                    parts.objects.insert(id.clone(), name);
                }
                "value" => parts.variables.entry(id.clone()).or_default().push(tag.text.to_owned()),
                "evr" if tag.attribute("operation") == "less than" => {
                    let version = tag.text.strip_prefix("0:").unwrap_or(tag.text).to_owned();
                    parts.states.entry(id.clone()).or_default().0 = version;
                }
                "arch" if !tag.text.is_empty() => {
                    let all = tag.text.split('|').map(str::to_owned).collect();
                    parts.states.entry(id.clone()).or_default().1 = all;
                }
                _ => {}
            }
        }
        parts
    }

    fn definition(&self, tags: &[Tag<'_>], expected: &mut Expected) {
        let references = || tags.iter().filter(|tag| tag.name == "reference");
        let is_cve = |tag: &&Tag<'_>| tag.attribute("source") == "CVE";
        let Some(bulletin) = references().find(|tag| !is_cve(tag)) else { return };
        let bulletin = bulletin.attribute("ref_id");
        let mut cves: BTreeSet<String> =
            references().filter(is_cve).map(|tag| tag.attribute("ref_id")).collect();
        let text = |name: &str| tags.iter().find(|tag| tag.name == name).map_or("", |tag| tag.text);
        if cves.is_empty() {
            // The reader keeps so much of a text.
            let words = text("description").split(['(', ')', ' ', ',', '\n', ';', '.']);
            cves.extend(words.filter(|word| word.starts_with("CVE-")).map(str::to_owned));
        }
        if cves.is_empty() && text("severity") == "None" {
            return;
        }
        expected.covers.extend(cves.into_iter().map(|cve| (bulletin.clone(), cve)));
        let named: Vec<&str> = text("title")
            .split([' ', ','])
            .filter(|word| word.contains(':') && !word.ends_with(':') && !word.contains(&bulletin))
            .collect();
        // A module counts from its criterion to the end of the criteria around it.
        let mut modules: Vec<Option<String>> = Vec::new();
        for tag in tags {
            match tag.name {
                "criteria" if !tag.is_closed() => {
                    modules.push(modules.last().cloned().unwrap_or_default());
                }
                "/criteria" => drop(modules.pop()),
                "criterion" => {
                    let comment = tag.attribute("comment");
                    if let Some(module) = comment.strip_prefix("Module ") {
                        let module = module.strip_suffix(" is enabled").unwrap();
                        *modules.last_mut().unwrap() = Some(module.to_owned());
                    }
                    let enabled = modules.last().cloned().flatten();
                    self.test(&tag.attribute("test_ref"), &bulletin, enabled, &named, expected);
                }
                _ => {}
            }
        }
    }

    fn test(
        &self,
        id: &str,
        bulletin: &str,
        enabled: Option<String>,
        named: &[&str],
        expected: &mut Expected,
    ) {
        let Some((object, state)) = self.tests.get(id) else { return };
        let Some((fixed, architectures)) = self.states.get(state) else { return };
        let name = self.objects[object].clone();
        let modules = match (enabled, fixed.contains(".module")) {
            (Some(module), _) => vec![module],
            (None, false) => vec![String::new()],
            (None, true) if named.is_empty() => vec!["*".to_owned()],
            (None, true) => named.iter().map(|&module| module.to_owned()).collect(),
        };
        if fixed.is_empty() {
            return;
        }
        for package in self.variables.get(&name).cloned().unwrap_or_else(|| vec![name]) {
            for module in &modules {
                expected.statements.insert(Statement {
                    bulletin: bulletin.to_owned(),
                    release: self.release.clone(),
                    package: package.clone(),
                    fixed: fixed.clone(),
                    architectures: architectures.clone(),
                    module: module.clone(),
                });
            }
        }
    }
}
