//! `bulkhead db keygen`, `sign` and `verify`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bulkhead_supply::signing::{
    PrivateKey, Signed, SigningError, Statement, TrustedKeys, sign as sign_file, verify as held,
};
use jiff::Timestamp;

use crate::arguments::{Edition, Keygen, Sign, Trust, Verify};
use crate::commands::{folders, survey};
use crate::failure::Failure;
use crate::output;
use crate::terminal::Terminal;

pub(super) fn generate(arguments: &Keygen) -> Result<u8, Failure> {
    let named = |ending: &str| {
        let mut name = OsString::from(&arguments.output);
        name.push(ending);
        PathBuf::from(name)
    };
    let (private, public) = (named(".key"), named(".pub"));
    // Half a pair is worse than none.
    if let Some(path) = [&private, &public].into_iter().find(|path| path.is_file()) {
        return Err(SigningError::Exists { path: path.clone() }.into());
    }
    let key = PrivateKey::generate()?;
    key.write(&private)?;
    key.public().write(&public)?;
    output::standard(&format!(
        "{}: the private key, which signs; keep it secret\n{}: the public key, for everybody\n{}\n",
        private.display(),
        public.display(),
        key.public().id()
    ))?;
    Ok(0)
}

pub(super) fn sign(arguments: &Sign, terminal: Terminal) -> Result<u8, Failure> {
    let signed = with_key(&arguments.file, &arguments.key, &arguments.edition, terminal)?;
    output::standard(&format!(
        "{}: edition {}, to be used until {}\nsigned by {} ({})\n{}\n",
        arguments.file.display(),
        signed.sequence,
        moment(signed.expires_at),
        signed.key,
        if signed.signatures == 1 {
            "alone".to_owned()
        } else {
            format!("one of {}", signed.signatures)
        },
        signed.digest,
    ))?;
    Ok(0)
}

/// Signs a database with the key in a file.
pub(super) fn with_key(
    file: &Path,
    key: &Path,
    edition: &Edition,
    terminal: Terminal,
) -> Result<Signed, Failure> {
    let statement = Statement { sequence: edition.sequence, expires_at: edition.expires_at };
    let signed = sign_file(file, &PrivateKey::read(key)?, statement, survey::now())?;
    if signed.removed > 0 {
        terminal.warning(
            &format!("signatures over what was stated before were removed: {}", signed.removed),
            Some("sign with the other keys again, without --sequence and --expires-at"),
        );
    }
    Ok(signed)
}

pub(super) fn verify(arguments: &Verify) -> Result<u8, Failure> {
    let verified = held(&arguments.file, &trusted(&arguments.trust)?, survey::clock())?;
    output::standard(&format!(
        "{}: edition {}, to be used until {}\nsigned by {}, all {} pages as signed\n{}\n",
        arguments.file.display(),
        verified.sequence,
        moment(verified.expires_at),
        verified.key,
        verified.pages,
        verified.digest,
    ))?;
    Ok(0)
}

/// The keys that the user trusts.
pub(super) fn trusted(arguments: &Trust) -> Result<TrustedKeys, Failure> {
    let folder = folders::of_user("XDG_CONFIG_HOME", ".config");
    let folder = folder.map(|folder| folder.join("trusted-keys"));
    Ok(TrustedKeys::read(&arguments.trust, folder.as_deref())?)
}

/// A moment as it is shown.
pub(super) fn moment(moment: Option<Timestamp>) -> String {
    moment.map_or_else(|| "forever".to_owned(), |moment| moment.to_string())
}
