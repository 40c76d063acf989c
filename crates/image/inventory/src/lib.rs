//! Detectors that read installed packages, and the assembly of an inventory from what they found.
//!
//! A detector looks at one file at a time and keeps what it says ([`detectors`]). Afterwards
//! [`assemble`] puts these facts together in the merged view: which system this is, which packages
//! are installed in it, and how they hang together. One module per package manager holds both
//! halves; its parsers take bytes and return what they could read.

#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

mod address;
mod apk;
mod assemble;
mod cargo;
mod composer;
mod conan;
mod conda;
mod deb822;
mod dotnet;
mod dpkg;
mod draft;
mod executable;
#[cfg(test)]
mod fixture;
mod golang;
mod java;
mod json;
mod locked;
mod notation;
mod npm;
mod opkg;
mod origin;
mod os_release;
mod owners;
mod pacman;
mod purl;
mod python;
mod reading;
#[cfg(test)]
mod real_data;
#[cfg(test)]
mod real_data_locks;
mod rpm;
mod ruby;
mod unread;

use bulkhead_layers::Detector;

pub use apk::ApkDetector;
pub use assemble::{Mode, assemble};
pub use cargo::CargoDetector;
pub use composer::ComposerDetector;
pub use conan::ConanDetector;
pub use conda::CondaDetector;
pub use dotnet::DotnetDetector;
pub use dpkg::DpkgDetector;
pub use golang::GoDetector;
pub use java::JavaDetector;
pub use npm::NpmDetector;
pub use opkg::OpkgDetector;
pub use os_release::OsReleaseDetector;
pub use pacman::PacmanDetector;
pub use python::PythonDetector;
pub use rpm::RpmDetector;
pub use ruby::RubyDetector;
pub use unread::UnreadDetector;

/// Every detector of this crate, for the pass over the files.
pub fn detectors() -> Vec<Box<dyn Detector>> {
    vec![
        Box::new(OsReleaseDetector),
        Box::new(DpkgDetector),
        Box::new(ApkDetector),
        Box::new(RpmDetector),
        Box::new(PacmanDetector),
        Box::new(OpkgDetector),
        Box::new(NpmDetector),
        Box::new(PythonDetector),
        Box::new(JavaDetector),
        Box::new(GoDetector),
        Box::new(RubyDetector),
        Box::new(CargoDetector),
        Box::new(ComposerDetector),
        Box::new(DotnetDetector),
        Box::new(ConanDetector),
        Box::new(CondaDetector),
        Box::new(UnreadDetector),
    ]
}
