//! Names of the properties that carry what the specification has no field for.
//!
//! They are a format that others store: a name keeps its meaning for ever.

/// The version of this set of names; its presence says that the document is our own.
pub(crate) const FORMAT: &str = "bulkhead:format";
/// The value of [`FORMAT`].
pub(crate) const FORMAT_VERSION: &str = "1";

/// The package's name, where component name and group do not give it back.
pub(crate) const NAME: &str = "bulkhead:name";
/// The package's type, where the package URL does not name it.
pub(crate) const TYPE: &str = "bulkhead:type";
/// The architecture.
pub(crate) const ARCHITECTURE: &str = "bulkhead:architecture";
/// The source package's name.
pub(crate) const SOURCE_NAME: &str = "bulkhead:source:name";
/// The source package's version.
pub(crate) const SOURCE_VERSION: &str = "bulkhead:source:version";
/// The bom-ref of the system package that owns this one's files.
pub(crate) const OWNED_BY: &str = "bulkhead:owned-by";
/// The bom-ref of the package in whose archive or binary this one lies.
pub(crate) const CONTAINED_IN: &str = "bulkhead:contained-in";
/// Prefix of a package's own properties: `bulkhead:property:python:direct_url`.
pub(crate) const PROPERTY: &str = "bulkhead:property:";
/// Prefix of what an occurrence cannot hold: `bulkhead:location:0:layer`, its value index and
/// `diff_id`; `bulkhead:location:0:path` and `bulkhead:location:0:inside:0` for paths in archives.
pub(crate) const LOCATION: &str = "bulkhead:location:";

/// The group of a name, where the form has no field for it.
pub(crate) const GROUP: &str = "bulkhead:group";
/// The package URL, where the form does not admit it.
pub(crate) const PURL: &str = "bulkhead:purl";
/// One of several licences, where the form has a field for one.
pub(crate) const LICENCE: &str = "bulkhead:licence";
/// A file, where the form has no field for it.
pub(crate) const OCCURRENCE: &str = "bulkhead:occurrence";

/// `VERSION_CODENAME` of os-release.
pub(crate) const CODENAME: &str = "bulkhead:os:codename";
/// One word of `ID_LIKE` of os-release.
pub(crate) const LIKE: &str = "bulkhead:os:like";
/// The scope of the distribution's advisories.
pub(crate) const SCOPE: &str = "bulkhead:os:scope";

/// The scheme of the target.
pub(crate) const TARGET_KIND: &str = "bulkhead:target:kind";
/// One tag of the image.
pub(crate) const TAG: &str = "bulkhead:image:tag";
/// The manifest's digest.
pub(crate) const MANIFEST: &str = "bulkhead:image:manifest";
/// The configuration's digest.
pub(crate) const CONFIGURATION: &str = "bulkhead:image:configuration";
/// The platform.
pub(crate) const PLATFORM: &str = "bulkhead:image:platform";
/// Prefix of the layers: `bulkhead:layer:0:size`, `:digest`, `:diff_id`, `:created_by`.
pub(crate) const LAYER: &str = "bulkhead:layer:";
/// A part of the target that was not assessed, as JSON of the report's form.
pub(crate) const NOT_ASSESSED: &str = "bulkhead:not-assessed";

/// Whether and how a vulnerability is known to be exploited.
pub(crate) const EXPLOITED: &str = "bulkhead:exploited:";
/// A finding of the vulnerability: its id and the bom-ref that it is about.
pub(crate) const FINDING: &str = "bulkhead:finding";

/// The property of a package that holds the label of its module, as the inventory names it.
pub(crate) const MODULE: &str = "rpm:modularity";
