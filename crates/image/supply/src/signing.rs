//! Signatures of databases: keys, whom to trust, and what a signature proves.
//!
//! A publisher signs the header of a database with [`sign`]; the room there takes 41 signatures, so that an old
//! and a new key overlap while keys are exchanged. Who receives one holds it against [`TrustedKeys`]. Keys
//! are Ed25519 (RFC 8032) in the files that other tools use: PKCS #8 and `SubjectPublicKeyInfo` (RFC 8410), PEM.

pub(crate) mod draft;
mod edition;
mod error;
mod key;
mod refusal;
pub(crate) mod sealed_file;
mod trust;

pub use edition::{Signed, Statement, VALIDITY_DAYS, sign};
pub use error::SigningError;
pub use key::{KeyId, PrivateKey, PublicKey};
pub use refusal::Refusal;
pub use sealed_file::SealedFile;
pub use trust::{TrustedKeys, Verified, verify};
