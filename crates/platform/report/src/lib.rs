//! What a scan found, in every form that it is shown in.
//!
//! All forms are made of one [`bulkhead_model::Report`] and say the same: the table condenses, JSON
//! has everything. Text of the target (names, paths, messages) is hostile; it reaches a terminal only
//! through [`printable`].

mod error;
pub mod explain;
mod format;
pub mod json;
mod style;
mod table;
mod text;

pub use error::ReportError;
pub use format::{Format, UnknownFormat};
pub use style::Style;
pub use text::printable;

use bulkhead_model::Report;

/// The report in one form, with a final line break. `style` is for the forms that people read.
pub fn render(report: &Report, format: Format, style: Style) -> Result<String, ReportError> {
    match format {
        Format::Table => Ok(table::render(report, style)),
        Format::Json => json::write(report),
        Format::CycloneDx => Ok(bulkhead_sbom::cyclonedx::write(report.into())?),
        Format::Spdx => Ok(bulkhead_sbom::spdx::write(report.into())?),
    }
}
