//! Repairs of every case of `content/controls`, and of manifests that others wrote.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

#[expect(dead_code, reason = "the tests of controls use more of it")]
#[path = "../../posture/tests/checks/common.rs"]
mod common;
#[path = "../../posture/tests/checks/edit.rs"]
#[expect(dead_code, reason = "the tests of controls use more of it")]
mod edit;

#[path = "mending/cases.rs"]
mod cases;
#[path = "mending/check.rs"]
mod check;
#[path = "mending/files.rs"]
mod files;
#[path = "mending/fixtures.rs"]
mod fixtures;
#[path = "mending/yaml.rs"]
mod yaml;
