//! `bulkhead config`.

use std::fmt::Write as _;

use bulkhead_report::printable;
use bulkhead_settings::{Settings, origins};
use clap::CommandFactory as _;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(settings: &Settings) -> Result<u8, Failure> {
    let all = origins(&Arguments::command(), settings, &|name| std::env::var_os(name));
    let mut text = String::new();
    for setting in &all {
        let values = setting.values.join(", ");
        let values = if values.is_empty() { "-" } else { &values };
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<22}  {:<32}  {:<20}  {}",
            setting.key,
            setting.variable,
            printable(values),
            printable(&setting.origin.to_string())
        );
    }
    output::standard(&text)?;
    Ok(0)
}
