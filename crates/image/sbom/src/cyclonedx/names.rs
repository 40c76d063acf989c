//! Names of the properties that carry what the specification has no field for.
//!
//! They are a format that others store: a name keeps its meaning for ever.

/// The version of this set of names; its presence says that the document is our own.
pub(super) const FORMAT: &str = "bulkhead:format";
/// The value of [`FORMAT`].
pub(super) const FORMAT_VERSION: &str = "1";

/// The package's name, where component name and group do not give it back.
pub(super) const NAME: &str = "bulkhead:name";
/// The package's type, where the package URL does not name it.
pub(super) const TYPE: &str = "bulkhead:type";
/// The package URL, where the component cannot have it.
pub(super) const ARCHITECTURE: &str = "bulkhead:architecture";
/// The source package's name.
pub(super) const SOURCE_NAME: &str = "bulkhead:source:name";
/// The source package's version.
pub(super) const SOURCE_VERSION: &str = "bulkhead:source:version";
/// The bom-ref of the system package that owns this one's files.
pub(super) const OWNED_BY: &str = "bulkhead:owned-by";
/// The bom-ref of the package in whose archive or binary this one lies.
pub(super) const CONTAINED_IN: &str = "bulkhead:contained-in";
/// Prefix of a package's own properties: `bulkhead:property:python:direct_url`.
pub(super) const PROPERTY: &str = "bulkhead:property:";
/// Prefix of what an occurrence cannot hold: `bulkhead:location:0:layer`, its value index and
/// `diff_id`; `bulkhead:location:0:path` and `bulkhead:location:0:inside:0` for paths in archives.
pub(super) const LOCATION: &str = "bulkhead:location:";

/// `VERSION_CODENAME` of os-release.
pub(super) const CODENAME: &str = "bulkhead:os:codename";
/// One word of `ID_LIKE` of os-release.
pub(super) const LIKE: &str = "bulkhead:os:like";
/// The scope of the distribution's advisories.
pub(super) const SCOPE: &str = "bulkhead:os:scope";

/// The scheme of the target.
pub(super) const TARGET_KIND: &str = "bulkhead:target:kind";
/// One tag of the image.
pub(super) const TAG: &str = "bulkhead:image:tag";
/// The manifest's digest.
pub(super) const MANIFEST: &str = "bulkhead:image:manifest";
/// The configuration's digest.
pub(super) const CONFIGURATION: &str = "bulkhead:image:configuration";
/// The platform.
pub(super) const PLATFORM: &str = "bulkhead:image:platform";
/// Prefix of the layers: `bulkhead:layer:0:size`, `:digest`, `:diff_id`, `:created_by`.
pub(super) const LAYER: &str = "bulkhead:layer:";
/// A part of the target that was not assessed, as JSON of the report's form.
pub(super) const NOT_ASSESSED: &str = "bulkhead:not-assessed";

/// Whether and how a vulnerability is known to be exploited.
pub(super) const EXPLOITED: &str = "bulkhead:exploited:";
/// A finding of the vulnerability: its id and the bom-ref that it is about.
pub(super) const FINDING: &str = "bulkhead:finding";
