//! From bytes to a JSON document, under a budget, and back.

use bulkhead_limits::Budget;
use bulkhead_model::Digest;
use memchr::memchr_iter;
use serde::{Deserialize, Serialize};

use crate::SbomError;
use crate::lenient::Object;

/// Every object costs memory whatever its text is, so their number is bounded apart from the bytes.
const MAXIMUM_OBJECTS: usize = 2_000_000;

/// The JSON object that the bytes are. `expected` names the kind of document, for the error.
pub(crate) fn parse<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    budget: &Budget,
    expected: &'static str,
) -> Result<T, SbomError> {
    budget.charge_bytes(bytes.len() as u64)?;
    glance(bytes, budget, expected)
}

/// As [`parse`], for a look at a few fields of a document that is parsed afterwards: only that is
/// charged.
pub(crate) fn glance<'de, T: Deserialize<'de>>(
    bytes: &'de [u8],
    budget: &Budget,
    expected: &'static str,
) -> Result<T, SbomError> {
    budget.check_file(bytes.len() as u64)?;
    let count = memchr_iter(b'{', bytes).count();
    if count > MAXIMUM_OBJECTS {
        return Err(SbomError::Objects { count, limit: MAXIMUM_OBJECTS });
    }
    // Tools on Windows put a byte order mark before the document.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let document: Object<T> = serde_json::from_slice(bytes).map_err(|error| SbomError::Syntax {
        cause: cause(&error),
        line: error.line(),
        column: error.column(),
    })?;
    document.0.ok_or(SbomError::Format { expected, found: "no JSON object" })
}

/// The JSON reader's message without the place, which the error has apart.
fn cause(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or(text.as_str(), |(cause, _)| cause).to_owned()
}

/// A document as indented JSON with a final line break.
pub(crate) fn write(document: &impl Serialize) -> Result<String, SbomError> {
    serde_json::to_string_pretty(document)
        .map(|text| text + "\n")
        .map_err(|error| SbomError::Write { cause: error.to_string() })
}

/// A UUID in the form of version 5, the one for digests that patterns of schemas admit.
pub(crate) fn uuid(digest: &Digest) -> String {
    let part = |range| digest.hex().get(range).unwrap_or_default();
    let (first, second, third, fourth, fifth) =
        (part(0..8), part(8..12), part(13..16), part(17..20), part(20..32));
    format!("{first}-{second}-5{third}-a{fourth}-{fifth}")
}
