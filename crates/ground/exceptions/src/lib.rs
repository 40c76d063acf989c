//! What somebody decided to accept: ignore files with their reasons and expiry.
