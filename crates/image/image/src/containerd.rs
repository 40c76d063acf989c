//! Which images containerd knows, read from its own database, whether it runs or not.
//!
//! Keys as in `metadata/buckets.go` of containerd, version 1 of its schema, which is that of all
//! releases. The content of images lies beside the database, by digest, as in an OCI layout.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bulkhead_bolt::{BoltError, Bucket, HEAD, Value};
use bulkhead_limits::Budget;
use bulkhead_model::Digest;

use crate::ImageError;

/// The database, below the root.
const DATABASE: &str = "io.containerd.metadata.v1.bolt/meta.db";

/// What the server of CRI keeps of a sandbox, among the extensions of its container
/// (`internal/cri/labels`, `SandboxMetadataExtension`).
const SANDBOX: &[u8] = b"io.cri-containerd.sandbox.metadata";

/// The folder of blobs, below the root.
const CONTENT: &str = "io.containerd.content.v1.content";

/// How often the database is read while the daemon writes into it.
const ATTEMPTS: u32 = 100;

/// Between two of them: about as long as a transaction takes.
const PAUSE: Duration = Duration::from_millis(20);

/// The folder that containerd keeps everything in: `/var/lib/containerd`.
#[derive(Debug, Clone)]
pub struct Containerd {
    root: PathBuf,
}

/// An image by one of its names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedImage {
    /// The namespace: `default`, `k8s.io`.
    pub namespace: String,
    /// The whole name: `docker.io/library/alpine:3.18`.
    pub name: String,
    /// The index or manifest that it stands for.
    pub target: Digest,
}

/// A container, as containerd's clients registered it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedContainer {
    /// The namespace: `default`, `k8s.io`, `moby`.
    pub namespace: String,
    /// Its id.
    pub id: String,
    /// The name of its image, as its client gave it; empty where it gave none.
    pub image: String,
    /// The index or manifest that the image's name stands for now.
    pub target: Option<Digest>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// What the kubelet said of the pod whose sandbox it is, as JSON; empty where it is none.
    pub sandbox: Vec<u8>,
}

impl Containerd {
    /// The store below that root.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// The folder in which blobs lie as in an OCI layout.
    pub fn content(&self) -> PathBuf {
        self.root.join(CONTENT)
    }

    /// The containers with one of these ids, of every namespace, by a descriptor of the
    /// database ([`Self::database`]).
    pub fn containers(
        &self,
        database: &File,
        ids: &[&str],
        budget: &Budget,
    ) -> Result<Vec<NamedContainer>, ImageError> {
        let path = self.database();
        let bytes = snapshot(&path, database, budget)?;
        containers(&bytes, ids, budget).map_err(|source| ImageError::Database { path, source })
    }

    /// The file of the database.
    pub fn database(&self) -> PathBuf {
        self.root.join(DATABASE)
    }

    /// All images of all namespaces, by namespace and name.
    pub fn images(&self, budget: &Budget) -> Result<Vec<NamedImage>, ImageError> {
        let path = self.database();
        let bytes = snapshot(&path, &database(&path)?, budget)?;
        images(&bytes, budget).map_err(|source| ImageError::Database { path, source })
    }
}

/// Opens the database, if it is a file.
fn database(path: &Path) -> Result<File, ImageError> {
    // Asked before it is opened: opening a FIFO waits for somebody to write into it.
    if !fs_err::metadata(path).map_err(ImageError::Open)?.is_file() {
        return Err(ImageError::Database { path: path.to_owned(), source: BoltError::NoMetadata });
    }
    Ok(fs_err::File::open(path).map_err(ImageError::Open)?.into_file())
}

/// The database as one transaction left it. A transaction writes nothing into pages of the one before
/// it, but the next one may: what was read counts only if none was finished meanwhile.
fn snapshot(path: &Path, file: &File, budget: &Budget) -> Result<Vec<u8>, ImageError> {
    let broken = |source| ImageError::Database { path: path.to_owned(), source };
    let mut attempts = 0..ATTEMPTS;
    while attempts.next().is_some() {
        let size = file.metadata()?.len();
        budget.check_file(size)?;
        let mut bytes = Vec::new();
        let mut start = file;
        start.rewind()?;
        start.take(size).read_to_end(&mut bytes)?;
        let mut head = vec![0; bytes.len().min(HEAD)];
        let is_whole = file.read_exact_at(&mut head, 0).is_ok();
        let before = bulkhead_bolt::transaction(&bytes).map_err(broken)?;
        if is_whole && bulkhead_bolt::transaction(&head).map_err(broken)? == before {
            return Ok(bytes);
        }
        std::thread::sleep(PAUSE);
    }
    Err(ImageError::Restless { path: path.to_owned() })
}

fn images(bytes: &[u8], budget: &Budget) -> Result<Vec<NamedImage>, BoltError> {
    let mut images = Vec::new();
    let Some(schema) = bulkhead_bolt::open(bytes, budget)?.bucket(b"v1")? else {
        return Ok(images);
    };
    for (namespace, bucket) in buckets(&schema)? {
        let Some(named) = bucket.bucket(b"images")? else { continue };
        for (name, image) in buckets(&named)? {
            if let Some(target) = target(&image)? {
                images.push(NamedImage { namespace: namespace.clone(), name, target });
            }
        }
    }
    Ok(images)
}

fn containers(
    bytes: &[u8],
    ids: &[&str],
    budget: &Budget,
) -> Result<Vec<NamedContainer>, BoltError> {
    let mut containers = Vec::new();
    let Some(schema) = bulkhead_bolt::open(bytes, budget)?.bucket(b"v1")? else {
        return Ok(containers);
    };
    for (namespace, bucket) in buckets(&schema)? {
        let Some(known) = bucket.bucket(b"containers")? else { continue };
        for id in ids {
            let Some(container) = known.bucket(id.as_bytes())? else { continue };
            let image = text(container.bytes(b"image")?);
            containers.push(NamedContainer {
                namespace: namespace.clone(),
                id: (*id).to_owned(),
                target: match bucket.bucket(b"images")?.map(|named| named.bucket(image.as_bytes()))
                {
                    Some(image) => image?.map(|image| target(&image)).transpose()?.flatten(),
                    None => None,
                },
                labels: labels(&container)?,
                sandbox: match container.bucket(b"extensions")? {
                    Some(known) => known.bytes(SANDBOX)?.and_then(value_of).unwrap_or_default(),
                    None => &[],
                }
                .to_vec(),
                image,
            });
        }
    }
    Ok(containers)
}

/// The value of a `google.protobuf.Any`, as extensions are kept (`metadata/boltutil`): its second field.
fn value_of(mut message: &[u8]) -> Option<&[u8]> {
    /// Numbers of both fields, each with the mark of bytes behind their length.
    const NAME: u64 = 0x0a;
    const VALUE: u64 = 0x12;
    loop {
        let field = varint(&mut message)?;
        let length = usize::try_from(varint(&mut message)?).ok()?;
        let (bytes, rest) = message.split_at_checked(length)?;
        message = rest;
        match field {
            VALUE => return Some(bytes),
            NAME => {}
            _ => return None,
        }
    }
}

/// A number of protocol buffers, seven bits at a time.
fn varint(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 127).checked_shl(shift)?;
        if byte & 128 == 0 {
            return Some(number);
        }
    }
    None
}

fn target(image: &Bucket<'_>) -> Result<Option<Digest>, BoltError> {
    let Some(target) = image.bucket(b"target")? else { return Ok(None) };
    Ok(text(target.bytes(b"digest")?).parse().ok())
}

fn labels(bucket: &Bucket<'_>) -> Result<BTreeMap<String, String>, BoltError> {
    let Some(labels) = bucket.bucket(b"labels")? else { return Ok(BTreeMap::new()) };
    let entries = labels.entries()?.into_iter();
    let pairs = entries.filter_map(|entry| match entry.value {
        Value::Bytes(value) => Some((text(Some(entry.key)), text(Some(value)))),
        Value::Bucket(_) => None,
    });
    Ok(pairs.collect())
}

fn text(bytes: Option<&[u8]>) -> String {
    String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
}

fn buckets<'a>(bucket: &Bucket<'a>) -> Result<Vec<(String, Bucket<'a>)>, BoltError> {
    let entries = bucket.entries()?.into_iter();
    let buckets = entries.filter_map(|entry| match entry.value {
        Value::Bucket(bucket) => Some((String::from_utf8_lossy(entry.key).into_owned(), bucket)),
        Value::Bytes(_) => None,
    });
    Ok(buckets.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_an_extension_is_its_second_field() {
        let name = b"github.com/containerd/cri/pkg/store/sandbox/Metadata";
        let long = [&b"{"[..], &[b' '; 298], b"}"].concat();
        let length = u8::try_from(name.len()).unwrap();
        let whole = [&[0x0a, length][..], name, &[0x12, 0xac, 2], &long].concat();
        assert_eq!(value_of(&whole), Some(&*long));
        assert_eq!(value_of(&[0x12, 2, b'{', b'}']), Some(&b"{}"[..]));
        for broken in [
            &whole[..whole.len() - 1],
            &whole[..3],
            &[],
            &[0x08, 1, 0x12, 0],
            &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        ] {
            assert_eq!(value_of(broken), None, "{broken:?}");
        }
    }
}
