//! Real images to scan, and the ways to make them: shared by the end-to-end tests, the demo and the
//! benchmarks.
//!
//! [`Image`] puts layers together and writes them in the formats that tools read. [`Tar`] writes a
//! layer entry by entry, sound or not. [`parts`] fetches real content from the distributions and
//! the registries, by their own clients, and keeps it below the target folder.
//!
//! Nothing here shares code with what it tests: the tar writer, the digests and the manifests are
//! written a second time on purpose.

mod binary;
mod cache;
mod containerd;
mod document;
mod image;
mod kubernetes;
mod machine;
pub mod parts;
mod program;
mod registry;
mod tar;
mod zip;

pub use binary::{BUILT, built_test, bulkhead, trigger};
pub use cache::{cached, target_folder};
pub use containerd::Containerd;
pub use document::{packages_of_document, plain_purl};
pub use image::{Image, Layer, Packing, write_index};
pub use kubernetes::{KUBERNETES_PROGRAMS, Kubernetes};
pub use machine::Machine;
pub use program::{path_with_system_folders, run, run_in, show, show_commands, shown};
pub use registry::{ACCOUNT, Access, Registry, RegistryOptions};
pub use tar::{Kind, Tar};
pub use zip::zip;
