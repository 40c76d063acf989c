//! A tar file written entry by entry, with every field in the hands of the caller.

/// What an entry is: the type flag of its header (POSIX.1-1988 ustar and GNU).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// Another name of an earlier entry.
    HardLink,
    /// A symbolic link.
    SymbolicLink,
    /// A character device.
    CharacterDevice,
    /// A folder.
    Folder,
    /// A PAX header for the next entry.
    Pax,
    /// The long name of the next entry, as GNU tar writes it.
    LongName,
}

/// A tar file under construction.
#[derive(Debug, Clone, Default)]
pub struct Tar {
    bytes: Vec<u8>,
}

const BLOCK: usize = 512;

impl Tar {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a regular file.
    #[must_use]
    pub fn file(self, name: impl AsRef<[u8]>, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref();
        self.entry(Kind::File, name, b"", content.len() as u64, content)
    }

    /// Adds a folder.
    #[must_use]
    pub fn folder(self, name: impl AsRef<[u8]>) -> Self {
        self.entry(Kind::Folder, name, b"", 0, b"")
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn link(self, name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        self.entry(Kind::SymbolicLink, name, target, 0, b"")
    }

    /// Adds an entry with the size that its header claims and the content that follows, which need
    /// not agree.
    #[must_use]
    pub fn entry(
        mut self,
        kind: Kind,
        name: impl AsRef<[u8]>,
        target: impl AsRef<[u8]>,
        claimed: u64,
        content: impl AsRef<[u8]>,
    ) -> Self {
        let content = content.as_ref();
        self.bytes.extend(header(kind, name.as_ref(), target.as_ref(), claimed));
        self.bytes.extend_from_slice(content);
        self.bytes.resize(self.bytes.len().next_multiple_of(BLOCK), 0);
        self
    }

    /// The file so far without its end mark, as if writing had been cut off.
    pub fn unfinished(self) -> Vec<u8> {
        self.bytes
    }

    /// The complete file.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.resize(self.bytes.len() + 2 * BLOCK, 0);
        self.bytes
    }
}

fn header(kind: Kind, name: &[u8], target: &[u8], claimed: u64) -> [u8; BLOCK] {
    let (flag, mode) = match kind {
        Kind::File => (b'0', 0o644),
        Kind::HardLink => (b'1', 0o644),
        Kind::SymbolicLink => (b'2', 0o777),
        Kind::CharacterDevice => (b'3', 0o600),
        Kind::Folder => (b'5', 0o755),
        Kind::Pax => (b'x', 0o644),
        Kind::LongName => (b'L', 0o644),
    };
    let mut header = [0; BLOCK];
    put(&mut header[0..100], name);
    put(&mut header[100..108], format!("{mode:07o}").as_bytes());
    put(&mut header[108..116], b"0000000");
    put(&mut header[116..124], b"0000000");
    put(&mut header[124..136], format!("{claimed:011o}").as_bytes());
    put(&mut header[136..148], b"00000000000");
    header[156] = flag;
    put(&mut header[157..257], target);
    put(&mut header[257..265], b"ustar\x0000");
    put(&mut header[329..337], b"0000000");
    put(&mut header[337..345], b"0000000");
    // The sum is taken with its own field full of spaces.
    put(&mut header[148..156], b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut header[148..156], format!("{sum:06o}\0 ").as_bytes());
    header
}

/// Copies as much as the field holds.
fn put(field: &mut [u8], value: &[u8]) {
    let length = field.len().min(value.len());
    field[..length].copy_from_slice(&value[..length]);
}
