//! The list of crates that cargo-auditable has the linker put into a binary: JSON in the section
//! `.dep-v0`, compressed by zlib (PARSING.md and the schema in its repository).

use bulkhead_archive::{ReadAt, zlib_whole};
use bulkhead_limits::Budget;
use bulkhead_model::ProblemKind;
use serde::de::{Deserialize, IgnoredAny, MapAccess};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use crate::executable::Executable;
use crate::json::{self, Fields, Flag, Many, Text};
use crate::locked::Locked;
use crate::reading::{Fault, Parsed};

/// No program of Rust is smaller.
pub(super) const SMALLEST: u64 = 4 << 10;

const SECTION: &[&str] = &[".dep-v0"];
/// The largest section, and the largest list in it: what `auditable-info` reads at most.
const MOST_COMPRESSED: u64 = 8 << 20;
const MOST_BYTES: u64 = 64 << 20;

/// The crates that are in a binary.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, DeriveDeserialize)]
pub(super) struct Audited {
    /// Dependencies are places in this list.
    pub(super) crates: Vec<Locked>,
    /// The crate that the binary was built of, by place.
    pub(super) root: Option<u32>,
}

/// The list of a binary; nothing, without a problem, for one that has none.
pub(super) fn read(content: &dyn ReadAt, budget: &Budget) -> Parsed<Option<Audited>> {
    let mut sections =
        Executable::all(content, SECTION).into_iter().filter_map(|program| program.section);
    // The programs of a universal binary are built of the same crates.
    let Some(section) = sections.next() else { return None.into() };
    if section.size > MOST_COMPRESSED {
        let message = format!("a list of crates of {} bytes", section.size);
        return Fault::new(ProblemKind::LimitReached, message).into();
    }
    let mut stream = vec![0; usize::try_from(section.size).unwrap_or_default()];
    if let Err(error) = content.read_exact_at(section.offset, &mut stream) {
        return Fault::malformed(format!("the list of crates cannot be read: {error}")).into();
    }
    match zlib_whole(&stream, MOST_BYTES.min(budget.limits().file_bytes), budget) {
        Ok(json) => parse(&json),
        Err(error) => Fault::malformed(format!("the list of crates: {error}")).into(),
    }
}

/// The list itself, without the crates that only built the binary and are not in it.
fn parse(json: &[u8]) -> Parsed<Option<Audited>> {
    let Document(entries) = match json::read(json) {
        Ok(document) => document,
        Err(error) => return Fault::malformed(format!("the list of crates: {error}")).into(),
    };
    let mut audited = Audited::default();
    // The new place of each entry; none for those that are left out.
    let mut places: Vec<Option<u32>> = Vec::with_capacity(entries.len());
    for entry in &entries {
        let is_there = !entry.builds && !entry.package.name.is_empty();
        places.push(is_there.then(|| {
            let place = crate::locked::place(&audited.crates);
            audited.crates.push(entry.package.clone());
            if entry.is_root {
                audited.root = Some(place);
            }
            place
        }));
    }
    for one in &mut audited.crates {
        let needed = std::mem::take(&mut one.dependencies).into_iter();
        let place = |old: u32| places.get(usize::try_from(old).ok()?).copied().flatten();
        one.dependencies = needed.filter_map(place).collect();
    }
    Some(audited).into()
}

#[derive(Debug, Default)]
struct Document(Vec<Entry>);

impl<'de> Fields<'de> for Document {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        match key {
            "packages" => self.0 = values.next_value::<Many<Entry>>()?.0,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

#[derive(Debug, Default)]
struct Entry {
    package: Locked,
    is_root: bool,
    /// Runs while the binary is built.
    builds: bool,
}

impl<'de> Fields<'de> for Entry {
    fn field<A: MapAccess<'de>>(&mut self, key: &str, values: &mut A) -> Result<(), A::Error> {
        let text = |values: &mut A| values.next_value::<Text<'de>>().map(Text::into_string);
        match key {
            "name" => self.package.name = text(values)?,
            "version" => self.package.version = text(values)?,
            "source" => {
                let source = text(values)?;
                if source != "crates.io" {
                    self.package.property("cargo:source", source);
                }
            }
            "kind" => self.builds = text(values)? == "build",
            "root" => self.is_root = values.next_value::<Flag>()?.0,
            "dependencies" => self.package.dependencies = values.next_value::<Numbers>()?.0,
            _ => drop(values.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

/// Places in the list.
#[derive(Debug, Default)]
struct Numbers(Vec<u32>);

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json::Names(numbers) = Deserialize::deserialize(deserializer)?;
        Ok(Self(numbers.iter().filter_map(|number| number.parse().ok()).collect()))
    }
}
