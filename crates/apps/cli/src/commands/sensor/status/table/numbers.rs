//! Numbers with their units, and lists that are broken into lines.

use std::time::Duration;

/// Digits in groups of three: `12,345`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number and what it counts.
pub(super) fn count(number: u64, one: &str, several: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { several })
}

/// Bytes in the largest unit of which there is one.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn bytes(number: u64) -> String {
    let mut value = number as f64;
    let mut units = ["B", "KiB", "MiB", "GiB", "TiB"].into_iter();
    let mut unit = units.next().unwrap_or_default();
    while value >= 1024.0
        && let Some(next) = units.next()
    {
        value /= 1024.0;
        unit = next;
    }
    let digits = usize::from(unit != "B" && value < 100.0);
    format!("{value:.digits$} {unit}")
}

/// Nanoseconds in the unit that shows them best.
pub(super) fn nanoseconds(number: u64) -> String {
    seconds(Duration::from_nanos(number).as_secs_f64())
}

/// Seconds in the unit that shows them best.
pub(super) fn seconds(number: f64) -> String {
    match number {
        short if short < 1e-3 => format!("{:.0} µs", short * 1e6),
        short if short < 1.0 => format!("{:.1} ms", short * 1e3),
        long if long < 120.0 => format!("{long:.1} s"),
        long => span(Duration::from_secs_f64(long)),
    }
}

/// A long time by its two largest units.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    let units = [(86400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let parts = units.iter().scan(seconds, |left, (size, unit)| {
        let whole = *left / size;
        *left %= size;
        Some((whole, *unit))
    });
    let shown: Vec<String> = parts
        .skip_while(|(whole, _)| *whole == 0)
        .take(2)
        .map(|(whole, unit)| format!("{whole} {unit}"))
        .collect();
    if shown.is_empty() { "0 s".to_owned() } else { shown.join(" ") }
}

/// Lines of a list, broken behind its commas.
pub(super) fn wrapped(list: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in list.split_inclusive(", ") {
        let line = lines
            .last_mut()
            .filter(|line| line.is_empty() || line.len() + word.trim_end().len() <= width);
        match line {
            Some(line) => line.push_str(word),
            None => lines.push(word.to_owned()),
        }
    }
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        assert_eq!([0, 12, 1234, 1_234_567].map(grouped), ["0", "12", "1,234", "1,234,567"]);
        assert_eq!([0, 1023, 1536, 500 << 20].map(bytes), ["0 B", "1023 B", "1.5 KiB", "500 MiB"]);
        assert_eq!([900, 1_500_000, 2_500_000_000].map(nanoseconds), ["1 µs", "1.5 ms", "2.5 s"]);
        let spans = [0, 59, 61, 90_061].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["0 s", "59 s", "1 min 1 s", "1 d 1 h"]);
        assert_eq!(wrapped("one, two, three", 9), ["one, two,", "three"]);
        assert_eq!(wrapped("longer-than-that", 4), ["longer-than-that"]);
    }
}
