//! How often and how soon a request is tried again.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// How often a request is tried, and how long to wait in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all; at least one is made.
    pub attempts: u32,
    /// The first wait; each further one is twice as long.
    pub first: Duration,
    /// No wait is longer: a server that asks for more is not tried again.
    pub longest: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, first: Duration::from_millis(250), longest: Duration::from_mins(1) }
    }
}

impl Retry {
    /// How long to wait after so many failed attempts; none where it was the last one.
    pub(crate) fn wait(&self, failed: u32, asked: Option<Duration>) -> Option<Duration> {
        if failed >= self.attempts {
            return None;
        }
        if let Some(asked) = asked {
            return (asked <= self.longest).then_some(asked);
        }
        let doubled = self.first.saturating_mul(1 << failed.saturating_sub(1).min(16));
        Some(scattered(doubled.min(self.longest)))
    }
}

/// Between three and five quarters of it, so that clients that failed together do not come back
/// together.
fn scattered(wait: Duration) -> Duration {
    let [chance, ..] = RandomState::new().hash_one(0).to_le_bytes();
    wait.mul_f64(0.75 + f64::from(chance) / 512.0)
}

/// Statuses after which the same request may well succeed.
pub(crate) fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 408 | 425 | 429 | 500 | 502 | 503 | 504)
}

/// What `Retry-After` asks for: seconds, or an instant that is held against the server's own clock
/// (RFC 9110, 10.2.3).
pub(crate) fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok();
    let value: &str = text(RETRY_AFTER)?;
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    let now = jiff::fmt::rfc2822::parse(text(DATE)?).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RETRY: Retry =
        Retry { attempts: 3, first: Duration::from_millis(100), longest: Duration::from_secs(2) };

    #[test]
    fn waits_grow_and_end() {
        let first = RETRY.wait(1, None).unwrap();
        assert!((75..=125).contains(&first.as_millis()), "{first:?}");
        let second = RETRY.wait(2, None).unwrap();
        assert!((150..=250).contains(&second.as_millis()), "{second:?}");
        assert_eq!(RETRY.wait(3, None), None);
    }

    #[test]
    fn servers_may_ask_for_some_patience() {
        let seconds = Duration::from_secs;
        assert_eq!(RETRY.wait(1, Some(seconds(2))), Some(seconds(2)));
        assert_eq!(RETRY.wait(1, Some(seconds(3))), None);
    }

    #[test]
    fn retry_after_is_seconds_or_an_instant() {
        let mut headers = HeaderMap::new();
        assert_eq!(asked(&headers), None);
        headers.insert(RETRY_AFTER, "7".parse().unwrap());
        assert_eq!(asked(&headers), Some(Duration::from_secs(7)));
        headers.insert(RETRY_AFTER, "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap());
        assert_eq!(asked(&headers), None);
        headers.insert(DATE, "Wed, 21 Oct 2015 07:27:30 GMT".parse().unwrap());
        assert_eq!(asked(&headers), Some(Duration::from_secs(30)));
    }
}
