//! The JSON documents of images: only the fields that are used, tolerant of all others.
//!
//! OCI image specification 1.1: "index", "manifest", "config"; the docker forms of the same fields.

use serde::Deserialize;
use std::collections::BTreeMap;

/// An image index, or an image manifest: an index may point to either.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct IndexOrManifest {
    pub(crate) media_type: Option<String>,
    /// Of an index.
    pub(crate) manifests: Option<Vec<Descriptor>>,
    /// Of a manifest.
    pub(crate) config: Option<Descriptor>,
    /// Of a manifest, bottom first.
    pub(crate) layers: Option<Vec<Descriptor>>,
}

/// A pointer to content.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Descriptor {
    #[serde(default)]
    pub(crate) media_type: Option<String>,
    pub(crate) digest: String,
    #[serde(default)]
    pub(crate) size: u64,
    #[serde(default)]
    pub(crate) platform: Option<DescriptorPlatform>,
    #[serde(default)]
    pub(crate) annotations: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DescriptorPlatform {
    pub(crate) os: String,
    #[serde(rename = "os.version")]
    pub(crate) os_version: Option<String>,
    pub(crate) architecture: String,
    pub(crate) variant: Option<String>,
}

/// The configuration of an image.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Configuration {
    pub(crate) os: String,
    #[serde(rename = "os.version")]
    pub(crate) os_version: Option<String>,
    pub(crate) architecture: String,
    pub(crate) variant: Option<String>,
    pub(crate) rootfs: RootFileSystem,
    pub(crate) history: Option<Vec<HistoryLine>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RootFileSystem {
    pub(crate) diff_ids: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct HistoryLine {
    pub(crate) created_by: Option<String>,
    pub(crate) empty_layer: bool,
}

/// An entry of the `manifest.json` that `docker save` writes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct DockerImage {
    pub(crate) config: String,
    pub(crate) repo_tags: Option<Vec<String>>,
    /// `null` of an image that has none.
    pub(crate) layers: Option<Vec<String>>,
}

impl Configuration {
    /// Whether this is the configuration of a container image, whatever it is called: other JSON
    /// documents read as one without anything in it.
    pub(crate) fn is_image(&self) -> bool {
        !self.architecture.is_empty() && self.rootfs.diff_ids.is_some()
    }

    /// The uncompressed digest and the history line of each layer, bottom first. History is left
    /// out where it does not fit the number of layers: a wrong line is worse than none.
    pub(crate) fn layers(&self) -> Vec<(Option<String>, Option<String>)> {
        let diff_ids = self.rootfs.diff_ids.as_deref().unwrap_or_default();
        let history = self.history.as_deref().unwrap_or_default();
        let lines: Vec<_> = history.iter().filter(|line| !line.empty_layer).collect();
        let fits = lines.len() == diff_ids.len();
        diff_ids
            .iter()
            .enumerate()
            .map(|(number, diff_id)| {
                let line = lines.get(number).filter(|_| fits);
                (Some(diff_id.clone()), line.and_then(|line| line.created_by.clone()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(history: &str, expect: &[Option<&str>]) {
        let json = format!(r#"{{"rootfs":{{"diff_ids":["a","b"]}},"history":{history}}}"#);
        let configuration: Configuration = serde_json::from_str(&json).unwrap();
        let lines: Vec<_> = configuration.layers().into_iter().map(|(_, line)| line).collect();
        let lines: Vec<_> = lines.iter().map(Option::as_deref).collect();
        assert_eq!(lines, expect);
    }

    #[test]
    fn history_lines_go_to_the_layers_that_they_made() {
        check(
            r#"[{"created_by":"ADD"},{"created_by":"ENV","empty_layer":true},{"created_by":"RUN"}]"#,
            &[Some("ADD"), Some("RUN")],
        );
    }

    #[test]
    fn history_that_does_not_fit_is_left_out() {
        check(r#"[{"created_by":"ADD"}]"#, &[None, None]);
        check("null", &[None, None]);
    }
}
