//! One item of a file: what it defines, or what it does to something defined before.

use rustc_hash::FxHashSet;

use super::collection::{Collection, Kind, Object};
use super::keys::{APPENDED, ENABLED, Key};
use super::lists::is_delimiter;
use super::value::{self, Value};
use crate::problem::{Problem, nearest};
use crate::text::Text;
use crate::version;
use crate::yaml::{self, Node};

/// The keys that belong to no kind of object.
const TEST: &str = "test";
const ENGINE: &str = "required_engine_version";
const PLUGINS: &str = "required_plugin_versions";
/// The keys that say what an item does to an earlier one.
const APPEND: &str = "append";
const OVERRIDE: &str = "override";

/// What is done with the value of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Append,
    Replace,
}

pub(crate) fn read(node: &Node, collection: &mut Collection) -> Result<(), Problem> {
    let yaml::Value::Map(pairs) = &node.value else {
        return Err(Problem::error(node.place.clone(), "an item is not a mapping of keys")
            .hint("an item begins with `- rule:`, `- macro:` or `- list:`"));
    };
    let item = Item { node, pairs };
    collection.items = collection.items.saturating_add(1);
    for kind in Kind::ALL {
        if let Some(name) = item.get(kind.name()) {
            let name = value::text(kind.name(), name)?;
            collection.count(Some(kind));
            return item.object(kind, name, collection);
        }
    }
    if item.get(TEST).is_some() {
        collection.count(None);
        collection.tests.push(node.clone());
        Ok(())
    } else if let Some(required) = item.get(ENGINE) {
        version::require_engine(required)
    } else if let Some(required) = item.get(PLUGINS) {
        version::require_plugins(required, &mut collection.problems)
    } else {
        let first = pairs.first().map_or("", |(key, _)| key.as_str());
        let known = Kind::ALL.map(Kind::name).into_iter().chain([TEST, ENGINE, PLUGINS]);
        let mut problem =
            Problem::warning(node.place.clone(), format!("an unknown item `{first}` was ignored"));
        problem.hint = nearest(first, known).map(|near| format!("did you mean `{near}`"));
        collection.problems.push(problem);
        Ok(())
    }
}

struct Item<'node> {
    node: &'node Node,
    pairs: &'node [(Text, Node)],
}

impl<'node> Item<'node> {
    fn get(&self, key: &str) -> Option<&'node Node> {
        self.pairs.iter().find(|(name, _)| name.as_str() == key).map(|(_, node)| node)
    }

    /// What `override` says; nothing where there is nothing in it.
    fn overrides(&self) -> Option<&'node Node> {
        self.get(OVERRIDE).filter(|node| match &node.value {
            yaml::Value::Nothing => false,
            yaml::Value::Map(pairs) => !pairs.is_empty(),
            _ => true,
        })
    }

    fn object(&self, kind: Kind, name: &Text, collection: &mut Collection) -> Result<(), Problem> {
        collection.problems.extend(doubtful_name(kind, name));
        self.warn_of_keys(kind, &mut collection.problems);
        let changes = self.changes(kind, collection)?;
        let now = collection.items;
        let given: Vec<Key> =
            kind.keys().iter().filter(|key| self.get(key.name).is_some()).copied().collect();
        // What defines nothing switches an earlier rule.
        let toggles = kind == Kind::Rule
            && changes.is_empty()
            && given.contains(&ENABLED)
            && !given.iter().any(|key| key.required);
        if changes.is_empty() && !toggles {
            let object = self.define(kind, name)?;
            if let Some(earlier) = collection.of(kind).get(name.as_str())
                && earlier.source() != object.source()
            {
                let (other, own) = (earlier.source(), object.source());
                let message = format!("the rule was for events of `{other}`, and is for `{own}`");
                return Err(Problem::error(name.start(), message)
                    .hint(format!("give it `source: {other}`, or a name of its own")));
            }
            collection.of(kind).define(object, now);
            return Ok(());
        }
        let replaces = !changes.is_empty()
            && kind != Kind::Rule
            && changes.iter().all(|(_, change)| *change == Change::Replace);
        let Some(object) = collection.of(kind).get_mut(name.as_str()) else {
            // What replaces all of a list or macro defines it where there was none.
            if replaces {
                let object = self.define(kind, name)?;
                collection.of(kind).define(object, now);
                return Ok(());
            }
            return Err(Problem::error(
                name.start(),
                format!("there is no {} `{}` yet to change", kind.name(), name.as_str()),
            )
            .hint("give the file that defines it first"));
        };
        let mut ignored = Vec::new();
        for key in given {
            let Some(node) = self.get(key.name) else { continue };
            match changes.iter().find(|(changed, _)| *changed == key) {
                Some((_, Change::Append)) => object.append(key, Value::read(key, node)?)?,
                Some((_, Change::Replace)) => object.set(key, Value::read(key, node)?),
                None if toggles && key == ENABLED => object.set(key, Value::read(key, node)?),
                None if self.overrides().is_none() => {
                    let beside = if toggles { "`enabled` alone" } else { "`append: true`" };
                    let message = format!("`{}` is ignored beside {beside}", key.name);
                    ignored
                        .push(Problem::warning(node.place.clone(), message).hint("use `override`"));
                }
                None => {
                    return Err(Problem::error(
                        node.place.clone(),
                        format!(
                            "`{}` is given, but `override` does not say what to do with it",
                            key.name
                        ),
                    )
                    .hint(format!("add `{}: replace` to `override`, or drop the key", key.name)));
                }
            }
        }
        object.changed = now;
        collection.problems.extend(ignored);
        Ok(())
    }

    fn define(&self, kind: Kind, name: &Text) -> Result<Object, Problem> {
        let mut object = Object::new(name.as_str().to_owned(), name.start());
        for key in kind.keys() {
            match self.get(key.name) {
                Some(node) => object.set(*key, Value::read(*key, node)?),
                None if key.required => {
                    return Err(Problem::error(
                        self.node.place.clone(),
                        format!("{} `{}` has no `{}`", kind.name(), name.as_str(), key.name),
                    )
                    .hint(format!("add `{}`, or `override` to change an earlier one", key.name)));
                }
                None => {}
            }
        }
        Ok(object)
    }

    /// What `override` says, or `append: true`.
    fn changes(
        &self,
        kind: Kind,
        collection: &mut Collection,
    ) -> Result<Vec<(Key, Change)>, Problem> {
        let appends = self.get(APPEND).map(|node| value::flag(APPEND, node)).transpose()?;
        let Some(overrides) = self.overrides() else {
            if appends != Some(true) {
                return Ok(Vec::new());
            }
            let place = self.node.place.clone();
            collection.problems.push(
                Problem::warning(place, "`append: true` is deprecated").hint("use `override`"),
            );
            let appended = || kind.keys().iter().filter(|key| APPENDED.contains(key));
            let given: Vec<_> = appended()
                .filter(|key| self.get(key.name).is_some())
                .map(|key| (*key, Change::Append))
                .collect();
            if given.is_empty() {
                return Err(self.nothing_to_change(appended()));
            }
            return Ok(given);
        };
        if appends == Some(true) {
            return Err(Problem::error(
                overrides.place.clone(),
                "`override` and `append` stand in one item",
            )
            .hint("drop `append`"));
        }
        let yaml::Value::Map(pairs) = &overrides.value else {
            return Err(Problem::error(overrides.place.clone(), "`override` is not a mapping")
                .hint("write `override: {condition: append}`"));
        };
        pairs.iter().map(|(name, node)| self.change(kind, name, node)).collect()
    }

    fn change(&self, kind: Kind, name: &Text, node: &Node) -> Result<(Key, Change), Problem> {
        let text = name.as_str();
        let Some(key) = kind.keys().iter().find(|key| key.name == text) else {
            return Err(Problem::error(name.start(), format!("a {} has no `{text}`", kind.name())));
        };
        let (change, allowed) = match value::text(text, node)?.as_str() {
            "append" => (Change::Append, key.append),
            "replace" => (Change::Replace, key.replace),
            other => {
                return Err(Problem::error(
                    node.place.clone(),
                    format!("`{other}` is neither `append` nor `replace`"),
                ));
            }
        };
        if !allowed {
            let problem = Problem::error(
                node.place.clone(),
                format!("`{text}` of a {} cannot be changed so", kind.name()),
            );
            return Err(if key.replace { problem.hint("use `replace`") } else { problem });
        }
        if self.get(text).is_none() {
            return Err(Problem::error(
                name.start(),
                format!("`override` names `{text}`, which the item does not give"),
            ));
        }
        Ok((*key, change))
    }

    fn nothing_to_change(&self, keys: impl Iterator<Item = &'static Key>) -> Problem {
        let keys: Vec<_> = keys.map(|key| key.name).collect();
        Problem::error(self.node.place.clone(), "the item changes nothing")
            .hint(format!("give one of {}", keys.join(", ")))
    }

    fn warn_of_keys(&self, kind: Kind, problems: &mut Vec<Problem>) {
        let known = || kind.keys().iter().map(|key| key.name);
        let mut seen = FxHashSet::default();
        for (key, _) in self.pairs {
            let name = key.as_str();
            let problem = if !seen.insert(name) {
                format!("`{name}` stands twice; the first is used")
            } else if known().chain([kind.name(), APPEND, OVERRIDE]).any(|known| known == name) {
                continue;
            } else {
                format!("a {} has no `{name}`; it was ignored", kind.name())
            };
            let mut problem = Problem::warning(key.start(), problem);
            problem.hint = nearest(name, known())
                .filter(|near| *near != name)
                .map(|near| format!("did you mean `{near}`"));
            problems.push(problem);
        }
    }
}

/// A macro is called where comparisons stand, a list where values stand: a name with other characters may be hard to
/// call, which is no reason to refuse the file.
fn doubtful_name(kind: Kind, name: &Text) -> Option<Problem> {
    let text = name.as_str();
    let is_plain = match kind {
        Kind::Rule => true,
        Kind::Macro => {
            text.starts_with(|first: char| first.is_ascii_alphabetic())
                && text.chars().all(|inner| inner.is_ascii_alphanumeric() || inner == '_')
        }
        Kind::List => !text.is_empty() && !text.contains(is_delimiter),
    };
    let message = format!("`{text}` is an odd name for a {}", kind.name());
    let hint = "conditions can only name it for certain if it has letters, digits and underscores";
    (!is_plain).then(|| Problem::warning(name.start(), message).hint(hint))
}
