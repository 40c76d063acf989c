//! Tests that ask a real Kubernetes API server, built by `cargo xtask kube`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot set itself up must fail"
)]

mod audit;
mod command;
mod escalations;
mod fixing;
mod gateway;
mod publishing;
mod questions;
mod rbac;
mod repair;
mod scanning;
mod watching;
mod webhook;
mod world;

use bulkhead_end_to_end::{KUBERNETES_PROGRAMS, Kubernetes};

/// A cluster of this test's own. None, and a recorded skip, where its programs are absent.
fn kubernetes() -> Option<Kubernetes> {
    if !Kubernetes::is_built() {
        let programs = KUBERNETES_PROGRAMS.join(", ");
        bulkhead_testing::skip(&format!(
            "{programs}: not all are there; `cargo xtask kube` builds"
        ));
        return None;
    }
    Some(Kubernetes::start().expect("a cluster starts"))
}
