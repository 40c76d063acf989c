//! The nouns that every stream shares.
//!
//! Plain data: no input or output, no clock, no knowledge of any file format. A type enters this
//! crate when two streams use it. Everything here can be serialised; what is stored or sent carries
//! a version at its root ([`Report::schema_version`]).

mod answer;
mod coverage;
mod digest;
mod entry_path;
mod evidence;
mod finding;
mod inventory;
mod location;
mod package;
mod posture;
mod printable;
mod problem;
mod report;
mod scope;
mod severity;
mod suppression;
mod vulnerability;

pub use answer::{Answer, AnswerOutcome, Verdict, Void};
pub use coverage::{NotAssessed, NotAssessedReason};
pub use digest::{Digest, DigestError, identity};
pub use entry_path::EntryPath;
pub use evidence::{Ancestor, ContainerEvidence, Evidence, PodEvidence, ProcessEvidence};
pub use finding::{ControlDetail, Detail, Finding, FindingId, FindingKind, Subject, Text};
pub use inventory::{Inventory, OperatingSystem, Relation, RelationKind};
pub use location::{LayerReference, Location};
pub use package::{Package, PackageId, PackageType, SourcePackage};
pub use posture::{Clauses, ControlStatement, Posture, VerdictCounts};
pub use printable::{is_unsafe, printable};
pub use problem::{Problem, ProblemKind};
pub use report::{
    DatabaseStatement, EndOfLife, FeedStatement, ImageStatement, LayerStatement, Outcome, Report,
    Target,
};
pub use scope::{Ecosystem, PackageKey, Scope};
pub use severity::{Rating, Severity};
pub use suppression::{Suppressed, Suppression, SuppressionSource};
pub use vulnerability::{
    AdvisoryMatch, Confidence, Cvss, ExploitPrediction, FixState, KnownExploitation,
    VulnerabilityDetail,
};
