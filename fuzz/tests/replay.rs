//! Every target on its seeds, its committed corpus, real files and mutations of them all.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use bulkhead_fuzz::{Target, inputs, mutations, targets};

/// Past this size an input is run as it is, but not mutated: a feed of 200 MB would take all day.
const MUTATED_BYTES: usize = 256 << 10;

/// How many real files one target is mutated from; all of them are run.
const MUTATED_FILES: usize = 64;

#[test]
fn each_target_reaches_its_success_path_and_never_panics() {
    let failures: Vec<String> =
        targets().iter().filter_map(|target| replay(target).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn names_are_unique_and_fit_for_a_folder() {
    let names: Vec<&str> = targets().iter().map(|target| target.name).collect();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), unique.len(), "a name is taken twice: {names:?}");
    for name in names {
        let fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        assert!(!name.is_empty() && name.bytes().all(fit), "{name} is not a plain name");
    }
}

/// Targets of feeds are called by their formats.
#[test]
fn every_format_of_a_feed_has_a_target() {
    let names: BTreeSet<&str> = targets().iter().map(|target| target.name).collect();
    let catalogue = bulkhead_advisories::Catalogue::embedded().expect("a catalogue");
    for feed in &catalogue.feeds {
        let format = serde_json::to_value(feed.format).expect("a name");
        let format = format.as_str().expect("a name");
        assert!(names.contains(format), "no target reads {format} of {}", feed.id);
    }
}

#[test]
fn each_corpus_folder_belongs_to_a_target() {
    let names: BTreeSet<&str> = targets().iter().map(|target| target.name).collect();
    for file in corpus(Path::new("")) {
        let folder = file.strip_prefix(corpus_root()).expect("below it").iter().next();
        let folder = folder.and_then(|name| name.to_str()).unwrap_or_default();
        assert!(
            names.contains(folder) || folder == "README.md",
            "{} belongs to no target",
            file.display()
        );
    }
}

fn replay(target: &Target) -> Result<(), String> {
    let seeds = (target.seeds)();
    let mut reached = false;
    for (index, seed) in seeds.iter().enumerate() {
        let origin = format!("seed {index}");
        reached |= run(target, seed, &origin)? | run_mutations(target, seed, &origin)?;
    }
    let mut files = Vec::new();
    for path in corpus(Path::new(target.name)) {
        let bytes = fs_err::read(&path).map_err(|error| error.to_string())?;
        files.push((path.display().to_string(), bytes));
    }
    files.extend(inputs(target));
    for (index, (origin, bytes)) in files.into_iter().enumerate() {
        reached |= run(target, &bytes, &origin)?;
        if index < MUTATED_FILES && bytes.len() <= MUTATED_BYTES {
            reached |= run_mutations(target, &bytes, &origin)?;
        }
    }
    if reached {
        Ok(())
    } else {
        Err(format!("{}: no input reaches the success path", target.name))
    }
}

fn run_mutations(target: &Target, input: &[u8], origin: &str) -> Result<bool, String> {
    let mut reached = false;
    for (index, mutation) in mutations(input).enumerate() {
        reached |= run(target, &mutation, &format!("mutation {index} of {origin}"))?;
    }
    Ok(reached)
}

fn run(target: &Target, input: &[u8], origin: &str) -> Result<bool, String> {
    catch_unwind(AssertUnwindSafe(|| (target.run)(input))).map_err(|_| {
        // The input is kept, so that it can be run again and added to the corpus.
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.crash", target.name));
        let kept = match fs_err::write(&kept, input) {
            Ok(()) => format!("kept in {}", kept.display()),
            Err(error) => error.to_string(),
        };
        format!("{}: panic on {origin} ({} bytes, {kept})", target.name, input.len())
    })
}

fn corpus(relative: &Path) -> Vec<PathBuf> {
    let folder = corpus_root().join(relative);
    if folder.is_dir() { bulkhead_testing::files_below(&folder) } else { Vec::new() }
}

fn corpus_root() -> PathBuf {
    bulkhead_testing::repository().join("fuzz/corpus")
}
