//! What made the layers of an image, from the configuration that a document repeats.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::lenient::{Configuration, History};

/// The command of each layer that is not empty, bottom first; none where the configuration tells
/// nothing or cannot be read.
pub(super) fn commands(encoded: &str) -> Vec<Option<String>> {
    let configuration: Configuration = STANDARD
        .decode(encoded)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let history: Vec<History> = configuration.history.values;
    history
        .into_iter()
        .filter(|entry| !entry.empty_layer)
        .map(|entry| entry.created_by.filled())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_those_of_layers() {
        let text = r#"{"history": [{"created_by": "ADD rootfs"}, {"created_by": "ENV a=b",
            "empty_layer": true}, {}, {"created_by": "RUN true"}]}"#;
        let expected = [Some("ADD rootfs".to_owned()), None, Some("RUN true".to_owned())];
        assert_eq!(commands(&STANDARD.encode(text)), expected);
        assert_eq!(commands("no Base64"), []);
        assert_eq!(commands(""), []);
    }
}
