//! Objects, controls, reachability and rights: how long they take and how much memory they need.
//!
//! Each measurement is a process of its own and prints one line: seconds, the most memory in bytes, and what
//! came of it, which shows that nothing was left out.

mod manifests;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use bulkhead_limits::{Budget, Limits};
use bulkhead_objects::Objects;
use bulkhead_posture::{Cluster, Ledger, Settings, Verdict};
use bulkhead_rbac::{
    Binding, Graph, Inventory, Place, Reach, Role, RoleReference, Rule, Source, Subject, Where,
    escalations,
};
use bulkhead_reachability::Reachability;

/// How often a measurement is repeated; the fastest counts.
const TURNS: usize = 3;

/// Writes what is measured, or runs a measurement.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<()> {
    let number = |text: &str| text.parse::<usize>().context("a whole number");
    let (time, what) = match arguments {
        ["deployments", count, file] => {
            return Ok(fs_err::write(file, manifests::deployments(number(count)?))?);
        }
        ["list", count, file] => return Ok(fs_err::write(file, manifests::list(number(count)?))?),
        ["events", parser, file] => events(parser, &fs_err::read_to_string(file)?)?,
        ["posture", file] => posture(Path::new(file))?,
        ["change", file] => change(Path::new(file))?,
        ["reachability", pods, policies] => reachability(number(pods)?, number(policies)?)?,
        ["rights", roles] => rights(number(roles)?)?,
        _ => bail!(
            "usage: kubernetes deployments COUNT FILE | list COUNT FILE | events granit|saphyr|libyaml FILE | posture \
             FILE | change FILE | reachability PODS POLICIES | rights ROLES"
        ),
    };
    println!("{} {} {what}", time.as_secs_f64(), peak_memory()?);
    Ok(())
}

/// The fastest of some turns, and what the last one gave.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn fastest<T>(mut turn: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<(Duration, T)> {
    let mut best = None;
    for _ in 0..TURNS {
        let start = Instant::now();
        let result = turn()?;
        let time = start.elapsed();
        best = Some((best.map_or(time, |(best, _)| time.min(best)), result));
    }
    best.context("at least one turn")
}

/// The most memory that this process held. (proc(5), `VmHWM`)
fn peak_memory() -> anyhow::Result<usize> {
    let status = fs_err::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    Ok(kibibytes.context("the kernel tells the most memory")? * 1024)
}

/// Takes a file apart into events, and does nothing with them.
fn events(parser: &str, text: &str) -> anyhow::Result<(Duration, String)> {
    let (time, count) = match parser {
        "granit" => fastest(|| {
            let mut parser = granit_parser::Parser::new_from_str(text);
            parser.try_fold(0_usize, |count, event| {
                event.map(|_| count + 1).map_err(anyhow::Error::from)
            })
        })?,
        "saphyr" => fastest(|| {
            let mut parser = saphyr_parser::Parser::new_from_str(text);
            parser.try_fold(0_usize, |count, event| {
                event.map(|_| count + 1).map_err(anyhow::Error::from)
            })
        })?,
        "libyaml" => fastest(|| {
            let mut bytes = text.as_bytes();
            let mut parser = libyaml_safer::Parser::new();
            parser.set_input_string(&mut bytes);
            parser.try_fold(0_usize, |count, event| {
                event.map(|_| count + 1).map_err(anyhow::Error::from)
            })
        })?,
        _ => bail!("there is no parser {parser}"),
    };
    Ok((time, format!("{count} events")))
}

/// Reads a file and judges its objects by every control.
fn posture(file: &Path) -> anyhow::Result<(Duration, String)> {
    let settings = Settings { complete: false, ..Settings::default() };
    let (time, (objects, failures, verdicts)) = fastest(|| {
        let mut objects = Objects::new();
        objects.add("objects.yaml", &fs_err::read(file)?, &Budget::new(Limits::DEFAULT));
        ensure!(objects.problems.is_empty(), "{:?}", objects.problems.first());
        let cluster = Cluster::new(&objects.objects, &settings);
        let (mut failures, mut verdicts) = (0_usize, 0_usize);
        cluster.judge_all(&objects.objects, |judgement| {
            verdicts += 1;
            failures += usize::from(judgement.verdict == Verdict::Fail);
        });
        Ok((objects.objects.len(), failures, verdicts))
    })?;
    Ok((time, format!("{objects} objects, {verdicts} verdicts, {failures} failures")))
}

/// One change of one object of many, judged anew with all that it touches: the mean of many changes.
#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn change(file: &Path) -> anyhow::Result<(Duration, String)> {
    const CHANGES: u32 = 100;
    let read = |text: &[u8]| {
        let mut objects = Objects::new();
        objects.add("objects.yaml", text, &Budget::new(Limits::DEFAULT));
        objects.objects
    };
    let mut ledger = Ledger::new(Settings { complete: false, ..Settings::default() });
    let all = read(&fs_err::read(file)?).into_iter();
    ledger.apply(all.map(|object| (object.to_string(), Some(object))).collect());
    let text = manifests::deployments(1);
    let changed = text.replace("web:1.0", "web:latest");
    let versions = [read(text.as_bytes()), read(changed.as_bytes())].concat();
    let (start, mut others) = (Instant::now(), 0);
    for turn in 1..=CHANGES {
        let object = versions.get(turn as usize % 2).context("two versions")?;
        others += ledger.apply(vec![(object.to_string(), Some(object.clone()))]).len();
    }
    let time = start.elapsed() / CHANGES;
    Ok((time, format!("{others} other verdicts after {CHANGES} changes")))
}

/// From objects to what all groups of pods may reach.
fn reachability(pods: usize, policies: usize) -> anyhow::Result<(Duration, String)> {
    let mut objects = Objects::new();
    let text = manifests::network(pods, policies);
    objects.add("cluster.yaml", text.as_bytes(), &Budget::new(Limits::DEFAULT));
    ensure!(objects.problems.is_empty(), "{:?}", objects.problems.first());
    let (time, (groups, connections)) = fastest(|| {
        let cluster = bulkhead_reachability::Cluster::of(&objects);
        let reachability = Reachability::new(&cluster);
        Ok((reachability.groups().len(), reachability.grouped_connections().len()))
    })?;
    Ok((time, format!("{groups} groups, {connections} connections")))
}

/// The closure of all rights: one account and one binding for each role.
fn rights(roles: usize) -> anyhow::Result<(Duration, String)> {
    let escalations = escalations()?;
    let (roles, bindings, inventory) = cluster_of_roles(roles);
    let mut inputs = vec![(roles, bindings); TURNS];
    let (time, (steps, paths)) = fastest(|| {
        let (roles, bindings) = inputs.pop().context("an input for each turn")?;
        let graph = Graph::new(roles, bindings, Source::Server);
        let reach = Reach::new(&graph, &inventory, &escalations);
        Ok((reach.steps(), reach.paths(&Place::Everything(Where::Cluster)).len()))
    })?;
    Ok((time, format!("{steps} steps, {paths} ways to everything")))
}

/// Roles in namespaces of fifty, each bound to an account of its own; one in a hundred leads on.
fn cluster_of_roles(count: usize) -> (Vec<Role>, Vec<Binding>, Inventory) {
    let (mut roles, mut bindings, mut inventory) = (Vec::new(), Vec::new(), Inventory::default());
    for number in 0..count {
        let (namespace, name) = (format!("n{}", number / 50), format!("r{number}"));
        let (resource, verb) = match number % 100 {
            0 => ("serviceaccounts/token", "create"),
            50 => ("pods", "create"),
            75 => ("secrets", "list"),
            _ => (["configmaps", "services", "endpoints"][number % 3], "get"),
        };
        roles.push(Role {
            namespace: Some(namespace.clone()),
            name: name.clone(),
            rules: vec![Rule {
                verbs: vec![verb.to_owned()],
                api_groups: vec![String::new()],
                resources: vec![resource.to_owned()],
                ..Rule::default()
            }],
            ..Role::default()
        });
        let account = Subject::ServiceAccount { namespace: namespace.clone(), name: name.clone() };
        inventory.accounts.insert((namespace.clone(), name.clone()));
        bindings.push(Binding {
            namespace: Some(namespace),
            name: name.clone(),
            role: RoleReference::Role(name),
            subjects: vec![account],
            is_built_in: false,
        });
    }
    (roles, bindings, inventory)
}
