//! Why a database is not accepted.

use bulkhead_model::Digest;

use super::KeyId;

/// The reason for which a database is refused although it is well formed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no signature in it.
    #[error("it is not signed")]
    Unsigned,
    /// None of its signatures is of a trusted key.
    #[error("it is signed by {} alone, which is not trusted", list(keys))]
    Untrusted {
        /// Who signed it, as the signatures say.
        keys: Vec<KeyId>,
    },
    /// A signature names a trusted key and was not made by it over this header.
    #[error("its signature of {key} is not over what it states: it was forged or altered")]
    Forged {
        /// The trusted key.
        key: KeyId,
    },
    /// Its publisher did not say how long it may be used.
    #[error("it does not say until when it may be used, so that it could be withheld news forever")]
    Endless,
    /// It should not be used any more.
    #[error("it expired at {at}, and it is {now}")]
    Expired {
        /// When it expired.
        at: String,
        /// The present.
        now: String,
    },
    /// There was a newer one already.
    #[error("it is edition {offered}, and {known} was here before")]
    Older {
        /// Its number.
        offered: u64,
        /// The highest number that was seen.
        known: u64,
    },
    /// Two databases have the same number.
    #[error(
        "it is another edition {sequence} than the one that was here before ({known}, now {offered})"
    )]
    Forked {
        /// The number of both.
        sequence: u64,
        /// The digest of the root of what is offered.
        offered: Digest,
        /// That of the one before.
        known: Digest,
    },
}

impl Refusal {
    /// What a person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Unsigned => {
                "its publisher signs it with `bulkhead db sign FILE --key KEY`, or `db push --key KEY`"
            }
            Self::Untrusted { .. } => {
                "if the publisher gave you this key on another way, trust it with --trust KEY.pub"
            }
            Self::Forged { .. } => "do not use it, and tell its publisher",
            Self::Endless => "its publisher signs it with --expires-at",
            Self::Expired { .. } => {
                "there was no newer edition, or somebody withholds it: ask the publisher; a clock \
                 that is wrong does the same"
            }
            Self::Older { .. } => {
                "somebody gives out an old edition, or the publisher went back; to start over, \
                 remove the database and the file .origin.json beside it"
            }
            Self::Forked { .. } => {
                "a publisher never gives a number twice: do not use it, and tell them; to start \
                 over, remove the database and the file .origin.json beside it"
            }
        }
        .to_owned()
    }
}

fn list(keys: &[KeyId]) -> String {
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    keys.join(", ")
}
