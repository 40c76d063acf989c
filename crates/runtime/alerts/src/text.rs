//! A record as a line for people.

use bulkhead_model::printable;

use crate::moment::time_of_day;
use crate::record::Record;

/// `HH:MM:SS.nnnnnnnnn: Priority what happened`, as Falco writes it, without a line break: one line, whatever it
/// tells of.
pub fn text(record: &Record) -> String {
    let (time, priority) = (time_of_day(record.time()), record.priority().name());
    let says = record.says();
    format!("{time}: {priority} {}", printable(says.trim_end()))
}
