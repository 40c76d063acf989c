//! One file for a browser.

use bulkhead_model::Report;

use crate::ReportError;

/// One document of all reports, which are those of an image's platforms.
pub(crate) fn write_all(_reports: &[Report]) -> Result<String, ReportError> {
    Ok(String::new())
}
