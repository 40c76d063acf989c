//! The system calls, their numbers, and what is looked at when one returns (`content/system-calls.yaml`).

use std::collections::HashMap;

use serde::Deserialize;

use crate::ProbesError;
use crate::abi::Lane;
use crate::plan::{Plan, Step};

/// The text of `content/system-calls.yaml`.
const EMBEDDED: &str = include_str!("../../../../content/system-calls.yaml");

/// One system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCall {
    /// Its name.
    pub name: String,
    /// Its number for programs of 64 bits.
    pub x86_64: Option<u32>,
    /// Its number for programs of 32 bits.
    pub i386: Option<u32>,
    /// What is looked at.
    pub plan: Plan,
    /// What rules call it, where that is another name: that of the call that does the same with the same arguments, which
    /// 32-bit programs have by two numbers.
    same_as: Option<String>,
    /// Functions of the kernel that do it, where they have other names.
    functions: Vec<String>,
}

impl SystemCall {
    /// The name by which rules know it: `setuid32` is `setuid` to them.
    pub fn told_as(&self) -> &str {
        self.same_as.as_deref().unwrap_or(&self.name)
    }

    /// The functions of the kernel that do it, without what stands before their names (`__x64_sys_`).
    pub(crate) fn functions(&self) -> impl Iterator<Item = &str> {
        let own = self.functions.is_empty().then_some(&self.name);
        self.functions.iter().chain(own).map(String::as_str)
    }
}

/// All system calls that are known.
#[derive(Clone, Debug)]
pub struct SystemCalls {
    all: Vec<SystemCall>,
    by_name: HashMap<String, usize>,
    told_as: HashMap<String, Vec<usize>>,
    by_number: HashMap<(bool, u32), usize>,
    /// Opcodes of `io_uring`, and the number that does the same for programs of 64 bits.
    pub(crate) operations: Vec<(u32, u32)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    calls: Vec<Entry>,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    x86_64: Option<u32>,
    i386: Option<u32>,
    #[serde(rename = "as")]
    same_as: Option<String>,
    #[serde(default)]
    functions: Vec<String>,
    lane: String,
    #[serde(default)]
    steps: Vec<String>,
    #[serde(default)]
    flags: Vec<String>,
    payload: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    opcode: u32,
    call: String,
}

impl SystemCalls {
    /// The calls that this build knows.
    pub fn embedded() -> Result<Self, ProbesError> {
        Self::read(EMBEDDED)
    }

    fn read(text: &str) -> Result<Self, ProbesError> {
        let content: Content =
            serde_saphyr::from_str(text).map_err(|error| ProbesError::Calls(error.to_string()))?;
        let mut calls = SystemCalls {
            all: Vec::new(),
            by_name: HashMap::new(),
            told_as: HashMap::new(),
            by_number: HashMap::new(),
            operations: Vec::new(),
        };
        for (place, entry) in content.calls.into_iter().enumerate() {
            let plan = plan(&entry)
                .ok_or_else(|| ProbesError::Calls(format!("{}: no such step", entry.name)))?;
            calls.by_name.insert(entry.name.clone(), place);
            let told_as = entry.same_as.as_ref().unwrap_or(&entry.name).clone();
            calls.told_as.entry(told_as).or_default().push(place);
            for (compat, number) in [(false, entry.x86_64), (true, entry.i386)] {
                calls.by_number.extend(number.map(|number| ((compat, number), place)));
            }
            let Entry { name, x86_64, i386, same_as, functions, .. } = entry;
            calls.all.push(SystemCall { name, x86_64, i386, plan, same_as, functions });
        }
        for operation in content.operations {
            let number = calls.named(&operation.call).and_then(|call| call.x86_64);
            let number = number.ok_or(ProbesError::UnknownCall(operation.call))?;
            calls.operations.push((operation.opcode, number));
        }
        Ok(calls)
    }

    /// Every call, by its number.
    pub fn iter(&self) -> impl Iterator<Item = &SystemCall> {
        self.all.iter()
    }

    /// A call by its name.
    pub fn named(&self, name: &str) -> Option<&SystemCall> {
        self.all.get(*self.by_name.get(name)?)
    }

    /// The calls that rules know by a name: what has it, and what 32-bit programs have beside.
    pub fn told_as(&self, name: &str) -> impl Iterator<Item = &SystemCall> {
        let places = self.told_as.get(name).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.all.get(*place))
    }

    /// The same, or what has the name itself in the kernel's tables.
    pub(crate) fn wanted(&self, name: &str) -> Vec<&SystemCall> {
        let told: Vec<_> = self.told_as(name).collect();
        if told.is_empty() { self.named(name).into_iter().collect() } else { told }
    }

    /// A call by its number, which `compat` says the table of.
    pub fn numbered(&self, number: u32, compat: bool) -> Option<&SystemCall> {
        self.all.get(*self.by_number.get(&(compat, number))?)
    }
}

fn plan(entry: &Entry) -> Option<Plan> {
    let lane = match entry.lane.as_str() {
        "process" => Lane::Process,
        "network" => Lane::Network,
        "file" => Lane::File,
        _ => Lane::Other,
    };
    let steps: Option<Vec<Step>> = entry.steps.iter().map(|text| Step::read(text)).collect();
    let has = |flag: &str| entry.flags.iter().any(|given| given == flag);
    Some(Plan {
        steps: steps?,
        copies: has("copies"),
        failures_only: has("failures"),
        connects: has("connects"),
        executes: has("executes"),
        counts_messages: has("counts-messages"),
        askers_only: false,
        payload: entry.payload,
        ..Plan::of_lane(lane)
    })
}
