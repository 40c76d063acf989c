//! From bytes to a JSON document, under a budget.

use bulkhead_limits::Budget;
use memchr::memchr_iter;
use serde::Deserialize;

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
    let size = bytes.len() as u64;
    budget.check_file(size)?;
    budget.charge_bytes(size)?;
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
