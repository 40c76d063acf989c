//! Until when an exception holds.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// A moment, as the caller of this crate knows it: it reads no clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Timestamp);

impl Moment {
    /// After every other: for a caller that does not know when it is, all that ends has ended.
    pub const LAST: Self = Self(Timestamp::MAX);

    /// Reads an instant by RFC 3339. Without an offset it is one of UTC (YAML timestamps), and a day
    /// alone means its first moment.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = text.parse() {
            return Some(Self(instant));
        }
        // Of a text with a zone the reader of civil times would drop it.
        let is_plain = |it: u8| it.is_ascii_digit() || b"-:.Tt ".contains(&it);
        let civil: DateTime = text.parse().ok().filter(|_| text.bytes().all(is_plain))?;
        Some(Self(TimeZone::UTC.to_timestamp(civil).ok()?))
    }
}

/// The end of an exception: it no longer holds after this moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expiry {
    text: String,
    moment: Moment,
}

impl Expiry {
    /// Reads a day or an instant, as [`Moment::read`] does.
    pub fn read(text: &str) -> Option<Self> {
        let moment = Moment::read(text)?;
        Some(Self { text: text.trim().to_owned(), moment })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lies in the past.
    pub fn is_past(&self, now: Moment) -> bool {
        self.moment < now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_an_exception_as_it_begins() {
        for (text, now, past) in [
            ("2027-03-31", "2027-03-30T23:59:59Z", false),
            ("2027-03-31", "2027-03-31T00:00:00Z", false),
            ("2027-03-31", "2027-03-31T00:00:01Z", true),
            ("2027-03-31 12:00:00", "2027-03-31T12:00:00Z", false),
            ("2027-03-31 12:00:00", "2027-03-31T12:00:01Z", true),
            ("2027-03-31T12:00:00+02:00", "2027-03-31T10:00:00Z", false),
            ("2027-03-31T12:00:00+02:00", "2027-03-31T10:00:01Z", true),
        ] {
            let expiry = Expiry::read(text).unwrap();
            assert_eq!(expiry.is_past(Moment::read(now).unwrap()), past, "{text} at {now}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "soon", "2027-02-30", "2027-3-1", "31.03.2027", "2027-03-31[Europe/Berlin]"]
        {
            assert_eq!(Expiry::read(text), None, "{text}");
        }
    }
}
