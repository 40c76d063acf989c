//! Key pairs in files.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use bulkhead_advisories::{Seal, Signature};
use bulkhead_model::Digest;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use ed25519_dalek::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::SigningError;

/// Bytes of a file with a key that are read; keys have some hundred.
const KEY_FILE: u64 = 64 << 10;

/// The name of a key: the SHA-256 digest of the 32 bytes of its public half.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 32]);

impl KeyId {
    /// The id with these bytes, as a signature has it.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    fn of(key: &VerifyingKey) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }
}

/// `sha256:` and 64 hexadecimal digits.
impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Digest::sha256(self.0).fmt(formatter)
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A key that signs. It is never shown: its `Debug` gives the id alone.
pub struct PrivateKey(SigningKey);

impl PrivateKey {
    /// A new key, of the system's random numbers.
    pub fn generate() -> Result<Self, SigningError> {
        let mut seed = [0; 32];
        // random(4): after the start of the system it never blocks and is as good as getrandom.
        fs_err::File::open("/dev/urandom")
            .and_then(|mut random| random.read_exact(&mut seed))
            .map_err(SigningError::Random)?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads a PKCS #8 file in PEM form, as [`PrivateKey::write`] and `openssl genpkey` make it.
    pub fn read(path: &Path) -> Result<Self, SigningError> {
        let text = read(path)?;
        let key = SigningKey::from_pkcs8_pem(&text);
        // The reader's own message is left out: it could quote the file.
        key.map(Self).map_err(|_| SigningError::Key {
            path: path.to_owned(),
            cause: "there is no private key of Ed25519 in PEM form (PKCS #8) in it",
        })
    }

    /// Writes it to a new file that its owner alone may read.
    pub fn write(&self, path: &Path) -> Result<(), SigningError> {
        let pair = ed25519_dalek::pkcs8::KeypairBytes {
            secret_key: self.0.to_bytes(),
            // Version 1 of the form, which every tool reads (RFC 8410, 7).
            public_key: None,
        };
        let text = pair.to_pkcs8_pem(LineEnding::LF).map_err(|_| unwritable(path))?;
        write(path, text.as_bytes(), 0o600)
    }

    /// The half that others may have.
    pub fn public(&self) -> PublicKey {
        PublicKey::new(self.0.verifying_key())
    }

    /// The signature of what a header states.
    pub(super) fn sign(&self, seal: &Seal) -> Signature {
        let KeyId(key) = self.public().id;
        Signature { key, bytes: self.0.sign(seal.signed()).to_bytes() }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PrivateKey({}, …)", self.public().id)
    }
}

/// A key that proves signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    id: KeyId,
    key: VerifyingKey,
}

impl PublicKey {
    fn new(key: VerifyingKey) -> Self {
        Self { id: KeyId::of(&key), key }
    }

    /// Reads a `SubjectPublicKeyInfo` file in PEM form.
    pub fn read(path: &Path) -> Result<Self, SigningError> {
        let text = read(path)?;
        let wrong = |cause| SigningError::Key { path: path.to_owned(), cause };
        if text.contains("PRIVATE KEY-----") {
            return Err(wrong("this is a private key; keep it secret, and name its public half"));
        }
        let key = VerifyingKey::from_public_key_pem(text.trim_start())
            .map_err(|_| wrong("there is no public key of Ed25519 in PEM form in it"))?;
        // With such a key anything can be signed by anybody.
        if key.is_weak() {
            return Err(wrong("this key is one of the few that prove nothing"));
        }
        Ok(Self::new(key))
    }

    /// Writes it to a new file.
    pub fn write(&self, path: &Path) -> Result<(), SigningError> {
        let text = self.key.to_public_key_pem(LineEnding::LF).map_err(|_| unwritable(path))?;
        write(path, text.as_bytes(), 0o644)
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Whether a signature is this key's, and over what the header states.
    pub(super) fn proves(&self, seal: &Seal, signature: &Signature) -> bool {
        let bytes = ed25519_dalek::Signature::from_bytes(&signature.bytes);
        KeyId(signature.key) == self.id && self.key.verify_strict(seal.signed(), &bytes).is_ok()
    }
}

fn read(path: &Path) -> Result<String, SigningError> {
    let mut text = String::new();
    let read =
        fs_err::File::open(path).and_then(|file| file.take(KEY_FILE).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            Err(SigningError::Key { path: path.to_owned(), cause: "it is no text, so no PEM" })
        }
        Err(error) => Err(SigningError::File(error)),
    }
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), SigningError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(mode);
    let written = fs_err::OpenOptions::from_options(options).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => SigningError::Exists { path: path.to_owned() },
        _ => SigningError::File(error),
    })
}

fn unwritable(path: &Path) -> SigningError {
    SigningError::Key { path: path.to_owned(), cause: "the key cannot be written down" }
}
