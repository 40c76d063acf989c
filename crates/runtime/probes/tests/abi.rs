//! The same layout on both sides: what `bpf/abi.h` lets the C compiler check is what Rust has.

#![expect(clippy::expect_used, reason = "a test whose header is not there must fail")]

use std::collections::BTreeMap;

use bulkhead_probes::{BITS, CODES, LAYOUT};

fn header() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/bpf/abi.h");
    fs_err::read_to_string(path).expect("the header of the programs")
}

#[test]
fn fields_lie_where_c_has_them() {
    let text = header();
    let checked: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("ABI_FIELD("))
        .map(|line| line.trim_end_matches(");").to_owned())
        .collect();
    // `type` is no name for a field of Rust's.
    let ours: Vec<String> = LAYOUT
        .iter()
        .map(|(structure, field, offset, size)| match (*structure, *field) {
            ("socket_part", "kind") => format!("{structure}, type, {offset}, {size}"),
            _ => format!("{structure}, {field}, {offset}, {size}"),
        })
        .collect();
    assert_eq!(ours, checked);
}

#[test]
fn structures_end_where_c_has_it() {
    let mut ends = BTreeMap::new();
    for (structure, _, offset, size) in LAYOUT {
        ends.insert(*structure, offset + size);
    }
    let text = header();
    let sizes: BTreeMap<&str, usize> = text
        .lines()
        .filter_map(|line| line.strip_prefix("ABI_SIZE(")?.strip_suffix(");")?.split_once(", "))
        .map(|(name, size)| (name, size.parse().expect("a size")))
        .collect();
    assert_eq!(ends, sizes);
}

/// Each name that an enumeration of the header gives a number has the same number here, and the other way about.
#[test]
fn numbers_mean_the_same() {
    let text = header();
    let mut theirs = BTreeMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix('\t')) {
        let Some((name, rest)) = line.split_once(" = ") else { continue };
        // Not the code of a macro.
        let Some(Ok(number)) = rest.split(',').next().map(str::parse::<u32>) else { continue };
        theirs.insert(name.to_owned(), number);
    }
    assert_eq!(theirs.remove("LANES"), u32::try_from(bulkhead_probes::LANES).ok());
    assert_eq!(theirs.remove("CPU_ROOM"), Some(bulkhead_probes::CPU_ROOM));
    let arguments = ["FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH"];
    let ours: BTreeMap<String, u32> = CODES
        .iter()
        .chain(BITS)
        // C counts arguments; names for them are Rust's.
        .filter(|(name, _)| !arguments.iter().any(|number| *name == format!("ROLE_{number}")))
        .map(|(name, number)| ((*name).to_owned(), *number))
        .collect();
    assert_eq!(ours, theirs);
}

#[test]
fn versions_are_the_same() {
    assert!(header().contains(&format!("#define ABI_VERSION {}\n", bulkhead_probes::ABI_VERSION)));
}
