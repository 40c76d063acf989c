//! What files ask of the engine that reads them.

use crate::load::value::text;
use crate::problem::Problem;
use crate::yaml::{Node, Value};

/// The version of Falco's engine whose language this one reads.
pub const ENGINE_VERSION: [u64; 3] = [0, 63, 0];

/// The plugin whose fields are part of this engine, and the version whose fields these are.
const BUILT_IN: (&str, [u64; 3]) = ("container", [0, 6, 0]);

/// A version that a file asks for; a number alone is the middle one of three.
pub(crate) fn require_engine(node: &Node) -> Result<(), Problem> {
    let written = text("required_engine_version", node)?.as_str();
    let required = match written.parse() {
        Ok(number) => Some([0, number, 0]),
        Err(_) => read(written),
    };
    let ours = shown(ENGINE_VERSION);
    match required {
        None => Err(Problem::error(node.place.clone(), format!("`{written}` is no version"))
            .hint(format!("write x.y.z, such as {ours}"))),
        Some(required)
            if required.first() != ENGINE_VERSION.first() || required > ENGINE_VERSION =>
        {
            Err(Problem::error(
                node.place.clone(),
                format!("the file needs engine {written}; this one reads the language of {ours}"),
            )
            .hint("use rules for an older engine, or a newer Bulkhead"))
        }
        Some(_) => Ok(()),
    }
}

/// Plugins that a file asks for: of several alternatives one suffices.
pub(crate) fn require_plugins(node: &Node, problems: &mut Vec<Problem>) -> Result<(), Problem> {
    let list = |node: &Node, what: &str| match &node.value {
        Value::List(nodes) => Ok(nodes.clone()),
        _ => Err(Problem::error(node.place.clone(), format!("`{what}` is not a list"))),
    };
    for plugin in list(node, "required_plugin_versions")? {
        let mut names = vec![requirement(&plugin)?];
        if let Some(alternatives) = value(&plugin, "alternatives") {
            for alternative in list(alternatives, "alternatives")? {
                names.push(requirement(&alternative)?);
            }
        }
        if let Some((name, version)) = names.iter().find(|(name, _)| name == BUILT_IN.0) {
            if *version > BUILT_IN.1 {
                let (asked, ours) = (shown(*version), shown(BUILT_IN.1));
                let message = format!("the file needs plugin {name} {asked}; {ours} is known here");
                problems.push(Problem::warning(plugin.place.clone(), message));
            }
        } else {
            let names: Vec<_> = names.into_iter().map(|(name, _)| name).collect();
            let message = format!("there is no plugin {} here", names.join(" or "));
            problems.push(
                Problem::warning(plugin.place.clone(), message)
                    .hint("rules of its source are left out, and fields of its are unknown"),
            );
        }
    }
    Ok(())
}

/// The name of a plugin and a version that can be read.
fn requirement(plugin: &Node) -> Result<(String, [u64; 3]), Problem> {
    let [name, version] = ["name", "version"].map(|key| {
        let missing = || Problem::error(plugin.place.clone(), format!("a plugin has no `{key}`"));
        text(key, value(plugin, key).ok_or_else(missing)?)
    });
    let (name, version) = (name?, version?);
    let Some(read) = read(version.as_str()) else {
        let message = format!("`{}` is no version", version.as_str());
        return Err(Problem::error(version.start(), message).hint("write x.y.z"));
    };
    Ok((name.as_str().to_owned(), read))
}

fn value<'node>(node: &'node Node, key: &str) -> Option<&'node Node> {
    let Value::Map(pairs) = &node.value else { return None };
    pairs.iter().find(|(name, _)| name.as_str() == key).map(|(_, value)| value)
}

/// `x.y.z`, with or without what semantic versioning allows behind it.
fn read(version: &str) -> Option<[u64; 3]> {
    let core = version.split(['-', '+']).next()?;
    let mut numbers = core.split('.').map(|number| number.parse().ok());
    let read = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(read)
}

fn shown(version: [u64; 3]) -> String {
    version.map(|number| number.to_string()).join(".")
}
