//! What a scan found, in every form that it is shown in.
//!
//! All forms are made of one [`bulkhead_model::Report`] and say the same: the table condenses, JSON
//! has everything. Text of the target (names, paths, messages) is hostile; it reaches a terminal only
//! through [`printable`], and documents only through that and the escaping of their form.

mod answers;
mod control;
mod error;
mod escape;
pub mod explain;
mod format;
mod html;
pub mod json;
mod junit;
mod links;
mod listed;
pub mod map;
mod markdown;
mod openreports;
mod row;
mod sarif;
pub mod streamed;
mod style;
mod table;
mod text;
mod words;

pub use error::ReportError;
pub use format::{Format, UnknownFormat};
pub use listed::Listed;
pub use openreports::{NAME as OPEN_REPORT, OpenReport, open_reports};
pub use style::Style;
pub use table::gaps::gap;
pub use text::printable;
pub use words::{said, suppression};

use bulkhead_model::Report;

use map::Map;

/// The report in one form, with a final line break. `style` is for the forms that people read on a
/// terminal.
pub fn render(report: &Report, format: Format, style: Style) -> Result<String, ReportError> {
    render_all(std::slice::from_ref(report), format, Listed::Findings, style, &[])
}

/// Several reports, one for each platform of an image, as one document, with what forms for people
/// list, and maps of the target for those that have pictures. A form that is of one
/// platform by its nature, or of another kind of target, is an error.
pub fn render_all(
    reports: &[Report],
    format: Format,
    listed: Listed,
    style: Style,
    maps: &[Map],
) -> Result<String, ReportError> {
    let of_objects = reports.iter().any(|report| report.posture.is_some());
    if of_objects && matches!(format, Format::CycloneDx | Format::Spdx) {
        return Err(ReportError::OtherTarget { format, target: "Kubernetes objects" });
    }
    if !of_objects && format == Format::OpenReports {
        return Err(ReportError::OtherTarget { format, target: "software" });
    }
    match format {
        Format::Table => {
            let tables: Vec<String> =
                reports.iter().map(|report| table::render(report, listed, style)).collect();
            Ok(tables.join("\n\n"))
        }
        Format::Json => json::write_all(reports),
        Format::CycloneDx => Ok(bulkhead_sbom::cyclonedx::write(single(reports, format)?.into())?),
        Format::Spdx => Ok(bulkhead_sbom::spdx::write(single(reports, format)?.into())?),
        Format::Sarif => sarif::write_all(reports),
        Format::Junit => junit::write_all(reports),
        Format::Markdown => Ok(markdown::write_all(reports)),
        Format::Html => html::write_all(reports, maps),
        Format::OpenReports => openreports::write_all(reports),
    }
}

fn single(reports: &[Report], format: Format) -> Result<&Report, ReportError> {
    match reports {
        [report] => Ok(report),
        reports => Err(ReportError::Several { format, reports: reports.len() }),
    }
}
