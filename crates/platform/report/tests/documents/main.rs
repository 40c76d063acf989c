//! SARIF, `JUnit`, markdown and HTML: golden files, their publishers' own validators, and hostile text.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its input must fail")]

mod browser;
mod example;
mod hostile;
mod html;
mod junit;
mod markdown;
mod objects;
mod openreports;
mod published;
mod sarif;
