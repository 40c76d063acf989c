//! `bulkhead version`.

use bulkhead_report::Format;

use super::TOOL;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run() -> Result<u8, Failure> {
    let formats: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
    let text = format!(
        "{TOOL}\nscanners: vuln\nformats: {}\nreport schema: {}\n",
        formats.join(", "),
        bulkhead_model::Report::SCHEMA_VERSION
    );
    output::standard(&text)?;
    Ok(0)
}
