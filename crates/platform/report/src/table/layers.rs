//! Layers as people know them: by position and by the line that made them.

use bulkhead_model::{LayerReference, Report};

use crate::text::printable;

/// `layer 3 of 4`, counted from the bottom.
pub(crate) fn name(index: u32, report: &Report) -> String {
    let number = u64::from(index).saturating_add(1);
    match report.target.image.as_ref().map(|image| image.layers.len()) {
        Some(layers) if layers > 0 => format!("layer {number} of {layers}"),
        _ => format!("layer {number}"),
    }
}

/// The name of a layer with its history line: `layer 3 of 4: COPY app.jar /app/`.
pub(crate) fn describe(layer: &LayerReference, report: &Report) -> String {
    let name = name(layer.index, report);
    let statement = report.target.image.as_ref().and_then(|image| {
        image.layers.get(usize::try_from(layer.index).ok()?)?.created_by.as_deref()
    });
    match statement {
        Some(line) => format!("{name}: {}", history(line)),
        None => name,
    }
}

/// A history line without what builders put around it.
pub(crate) fn history(line: &str) -> String {
    let line = line.trim().trim_end_matches("# buildkit").trim_end();
    let line = match line.strip_prefix("/bin/sh -c #(nop)") {
        Some(instruction) => instruction.to_owned(),
        None => match line.strip_prefix("/bin/sh -c") {
            Some(command) => format!("RUN {}", command.trim_start()),
            None => line.replacen("RUN /bin/sh -c ", "RUN ", 1),
        },
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    printable(&words.join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_lines_lose_what_builders_add() {
        for (line, shown) in [
            ("/bin/sh -c #(nop) ADD file:2a67 in / ", "ADD file:2a67 in /"),
            ("/bin/sh -c apt-get update", "RUN apt-get update"),
            ("RUN /bin/sh -c apt-get update   # buildkit", "RUN apt-get update"),
            ("COPY a  b # buildkit", "COPY a b"),
        ] {
            assert_eq!(history(line), shown);
        }
    }
}
