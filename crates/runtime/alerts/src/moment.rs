//! Points in time as text.

use jiff::Timestamp;

/// Nanoseconds since 1970 by RFC 3339, in UTC, with that many digits of a second.
pub(crate) fn rfc3339(nanoseconds: u64, digits: u8) -> String {
    let moment = Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or_default();
    moment.strftime(&format!("%Y-%m-%dT%H:%M:%S.%{digits}fZ")).to_string()
}

/// The time of day in UTC, to the nanosecond.
pub(crate) fn time_of_day(nanoseconds: u64) -> String {
    let moment = Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or_default();
    moment.strftime("%H:%M:%S.%9f").to_string()
}
