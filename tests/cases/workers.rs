//! Workers that die of a layer: the layer is not assessed, the rest of the image is reported.

#![expect(clippy::unwrap_used, reason = "a test that cannot make its input must fail")]

use std::path::PathBuf;
use std::time::Duration;

use bulkhead_end_to_end::{Image, Layer, Packing, Tar};
use bulkhead_image::PlatformChoice;
use bulkhead_limits::Limits;
use bulkhead_model::NotAssessedReason;
use bulkhead_scan::{Request, Silent, Survey, WorkerCommand};

use crate::samples::npm_package;

/// The worker with a fault: built beside the tests, as every example is.
fn sabotaged_worker() -> WorkerCommand {
    let tests = std::env::current_exe().unwrap();
    let folder = tests.ancestors().nth(2).unwrap();
    let program: PathBuf = folder.join("examples/sabotaged_worker");
    assert!(program.is_file(), "{} is built by cargo test", program.display());
    WorkerCommand { program, arguments: Vec::new() }
}

fn package(name: &str) -> Vec<u8> {
    let json = format!(r#"{{"name": "{name}", "version": "1.0.0"}}"#);
    let path = format!("app/node_modules/{name}/package.json");
    Tar::new().file(path, json).finish()
}

/// Scans an image with this layer between two sound ones.
fn survey(layer: Vec<u8>, patience: Duration) -> Survey {
    let layers = vec![
        Layer::from_bytes("ADD first", package("first")),
        Layer::from_bytes("RUN fault", layer),
        Layer::from_bytes("ADD last", package("last")),
    ];
    survey_with(layers, Limits { time: patience, memory: 512 << 20, ..Limits::DEFAULT })
}

fn survey_with(layers: Vec<Layer>, limits: Limits) -> Survey {
    let folder = tempfile::tempdir().unwrap();
    Image::new(layers).write_layout(folder.path()).unwrap();
    let request = Request {
        target: format!("oci-dir:{}", folder.path().display()),
        platform: PlatformChoice::Host,
        limits,
        worker: sabotaged_worker(),
        cache: None,
        sources: bulkhead_scan::Sources::default(),
    };
    bulkhead_scan::survey(&request, &Silent).unwrap().remove(0)
}

/// A layer that kills its worker by the means of this name.
#[track_caller]
fn check(means: &str, expect: &str) {
    let patience = Duration::from_secs(if means == "silence" { 3 } else { 120 });
    let layer = Tar::new().file(format!("sabotage/{means}"), "x").finish();
    check_survey(&survey(layer, patience), expect);
}

#[track_caller]
fn check_survey(survey: &Survey, expect: &str) {
    let names: Vec<_> = survey.inventory.packages.iter().map(|package| &package.name).collect();
    assert_eq!(names, ["first", "last"], "the other layers are reported");
    let [only] = survey.not_assessed.as_slice() else { panic!("{:?}", survey.not_assessed) };
    let NotAssessedReason::Layer { index: 1, cause, .. } = &only.reason else { panic!("{only:?}") };
    assert!(cause.contains(expect), "{cause}");
    assert!(only.hint.is_some());
}

#[test]
fn a_worker_that_runs_out_of_memory() {
    check("memory", "ran out of its 512 MiB of memory");
}

#[test]
fn a_worker_that_overflows_its_stack() {
    check("stack", "overflowed its stack");
}

#[test]
fn a_worker_that_panics() {
    check("panic", "a fault of the parser");
}

/// Nobody wants the file by its own name, so the first reading goes well. The link to it makes the
/// second one deadly, and with it goes what lies behind the other link.
#[test]
fn a_worker_that_dies_of_what_lies_behind_a_link() {
    const STATUS: &str = "Package: hidden\nStatus: install ok installed\nVersion: 1\n\n";
    let layer = Tar::new()
        .file("srv/payload", "sabotage: panic")
        .link("app/node_modules/linked/package.json", "/srv/payload")
        .file("srv/dpkg/status", STATUS)
        .link("var/lib/dpkg", "/srv/dpkg");
    let survey = survey(layer.finish(), Duration::from_mins(2));
    check_survey(&survey, "a fault of the parser");
}

/// A layer of more names than anybody has files; what came before them is reported.
#[test]
fn a_layer_with_too_many_entries() {
    let tar = npm_package(Tar::new(), "app/node_modules/before", "before", "1.0.0");
    let tar = (0..2_000).fold(tar, |tar, number| tar.file(format!("many/{number}"), ""));
    let layers = vec![
        Layer::from_bytes("ADD first", package("first")),
        Layer::from_bytes("RUN many", tar.finish()),
    ];
    let survey = survey_with(layers, Limits { entries: 1_000, ..Limits::DEFAULT });
    let names: Vec<_> = survey.inventory.packages.iter().map(|package| &package.name).collect();
    assert_eq!(names, ["before", "first"]);
    let [only] = survey.not_assessed.as_slice() else { panic!("{:?}", survey.not_assessed) };
    let NotAssessedReason::Layer { index: 1, cause, .. } = &only.reason else { panic!("{only:?}") };
    assert!(cause.contains("more than 1000 archive entries"), "{cause}");
    assert!(only.hint.as_ref().unwrap().contains("do not run"), "{only:?}");
}

/// Each layer is within the limit of a worker; what the scan would have to keep of them all is not.
#[test]
fn layers_that_are_too_much_together() {
    const LAYERS: usize = 4;
    // What merging needs of each is some hundred bytes and thrice the name.
    let name = "n".repeat(80);
    let tar = (0..200_000).fold(Tar::new(), |tar, number| tar.file(format!("{name}/{number}"), ""));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("layer.tar");
    fs_err::write(&file, tar.finish()).unwrap();
    let mut layer = Layer::from_file("RUN many", &file);
    layer.packing = Packing::Plain;
    let mut layers = vec![layer; LAYERS];
    layers.insert(0, Layer::from_bytes("ADD first", package("first")));
    let survey = survey_with(layers, Limits { memory: 256 << 20, ..Limits::DEFAULT });
    let lost: Vec<_> = survey.not_assessed.iter().map(|part| (&part.reason, &part.hint)).collect();
    assert!((1..LAYERS).contains(&lost.len()), "{lost:?}");
    for (reason, hint) in lost {
        let NotAssessedReason::Layer { cause, .. } = reason else { panic!("{reason:?}") };
        assert!(cause.contains("does not fit into the 256 MiB"), "{cause}");
        assert!(hint.as_ref().unwrap().contains("--max-memory"));
    }
}

#[test]
fn a_worker_that_falls_silent() {
    check("silence", "gave no sign for 3 s");
}

#[test]
fn a_program_that_is_no_worker() {
    let mut request = Request {
        target: String::new(),
        platform: PlatformChoice::Host,
        limits: Limits { time: Duration::from_secs(5), ..Limits::DEFAULT },
        worker: WorkerCommand { program: "/bin/false".into(), arguments: Vec::new() },
        cache: None,
        sources: bulkhead_scan::Sources::default(),
    };
    let folder = tempfile::tempdir().unwrap();
    Image::new(Vec::new()).write_layout(folder.path()).unwrap();
    request.target = format!("oci-dir:{}", folder.path().display());
    let error = bulkhead_scan::survey(&request, &Silent).unwrap_err();
    assert!(error.to_string().contains("exit status: 1"), "{error}");
}
