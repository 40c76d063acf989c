//! Layers, put together and written in the formats that tools read.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::{Compression, write::GzEncoder};
use fs_err::File;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{Tar, run};

/// An uncompressed tar file, and the line of history that made it.
#[derive(Debug, Clone)]
pub struct Layer {
    /// What the image's history says of it.
    pub history: String,
    /// Lines that follow it and made no layer: `ENV`, `CMD`.
    pub empty: Vec<String>,
    /// How a layout stores it.
    pub packing: Packing,
    tar: Content,
}

/// How a layout stores a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// The tar file as it is.
    Plain,
    /// As gzip.
    Gzip,
    /// As zstd.
    Zstd,
}

#[derive(Debug, Clone)]
enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
}

impl Layer {
    /// A layer from a tar file in memory.
    pub fn from_bytes(history: &str, tar: Vec<u8>) -> Self {
        Self::new(history, Content::Bytes(tar))
    }

    /// A layer from a tar file on disk.
    pub fn from_file(history: &str, tar: &Path) -> Self {
        Self::new(history, Content::File(tar.to_owned()))
    }

    fn new(history: &str, tar: Content) -> Self {
        Self { history: history.to_owned(), empty: Vec::new(), packing: Packing::Gzip, tar }
    }

    /// The same, followed by a line of history that made no layer.
    #[must_use]
    pub fn followed_by(mut self, line: &str) -> Self {
        self.empty.push(line.to_owned());
        self
    }

    /// A layer with everything below `root`, each name prefixed by `at` (`opt/app`, or nothing),
    /// packed by the system's tar into the file `packed`.
    ///
    /// # Errors
    /// Those of tar: missing permissions, no space.
    pub fn from_folder(
        history: &str,
        root: &Path,
        at: &str,
        packed: &Path,
    ) -> anyhow::Result<Self> {
        let prefix = if at.is_empty() { String::from(".") } else { format!("./{at}") };
        run(Command::new("tar")
            .args(["--sort=name", "--numeric-owner", "--mtime=@0"])
            .arg(format!("--transform=flags=r;s,^\\.,{prefix},"))
            .arg("-cf")
            .arg(packed)
            .arg("-C")
            .arg(root)
            .arg("."))?;
        Ok(Self::from_file(history, packed))
    }

    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        Ok(match &self.tar {
            Content::Bytes(bytes) => Box::new(bytes.as_slice()),
            Content::File(path) => Box::new(File::open(path)?),
        })
    }
}

/// An image for one platform.
#[derive(Debug, Clone)]
pub struct Image {
    /// The layers, the base first.
    pub layers: Vec<Layer>,
    /// The processor, as Go names it: `amd64`.
    pub architecture: &'static str,
}

impl Image {
    /// An image of these layers for `amd64`.
    pub fn new(layers: Vec<Layer>) -> Self {
        Self { layers, architecture: "amd64" }
    }

    /// Writes an OCI image layout (image-layout.md of the OCI image specification 1.1) with gzip
    /// layers, tagged `latest`, into the empty folder `folder`.
    ///
    /// # Errors
    /// Those of reading the layers and of writing.
    pub fn write_layout(&self, folder: &Path) -> io::Result<()> {
        write_index(folder, std::slice::from_ref(self))
    }

    /// Writes what `docker save` wrote before it learnt OCI: plain layers, `manifest.json`.
    ///
    /// # Errors
    /// Those of reading the layers and of writing.
    pub fn write_docker_archive(&self, path: &Path) -> io::Result<()> {
        let mut tar = Tar::new();
        let mut digests = Vec::new();
        let mut names = Vec::new();
        for layer in &self.layers {
            let mut bytes = Vec::new();
            layer.open()?.read_to_end(&mut bytes)?;
            let digest = hexadecimal(&Sha256::digest(&bytes));
            let name = format!("{digest}/layer.tar");
            tar = tar.file(&name, bytes);
            names.push(name);
            digests.push(digest);
        }
        let configuration = self.configuration(&digests).to_string();
        let name = format!("{}.json", hexadecimal(&Sha256::digest(&configuration)));
        let manifest = json!([{ "Config": name, "RepoTags": ["test:latest"], "Layers": names }]);
        let tar = tar.file(&name, configuration).file("manifest.json", manifest.to_string());
        fs_err::write(path, tar.finish())
    }

    /// The image configuration (config.md), given the digests of the uncompressed layers.
    fn configuration(&self, digests: &[String]) -> Value {
        let digests: Vec<String> =
            digests.iter().map(|digest| format!("sha256:{digest}")).collect();
        let line = |line: &String| json!({ "created": "2020-01-01T00:00:00Z", "created_by": line });
        let empty = |text: &String| {
            let mut line = line(text);
            line["empty_layer"] = true.into();
            line
        };
        let lines = |layer: &Layer| -> Vec<Value> {
            std::iter::once(line(&layer.history)).chain(layer.empty.iter().map(empty)).collect()
        };
        let history: Vec<Value> = self.layers.iter().flat_map(lines).collect();
        json!({
            "created": "2020-01-01T00:00:00Z",
            "architecture": self.architecture,
            "os": "linux",
            "config": { "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], "Cmd": ["/bin/sh"] },
            "rootfs": { "type": "layers", "diff_ids": digests },
            "history": history,
        })
    }
}

/// Writes one OCI layout that holds several images, an index over their platforms where there is
/// more than one.
///
/// # Errors
/// Those of reading the layers and of writing.
pub fn write_index(folder: &Path, images: &[Image]) -> io::Result<()> {
    let blobs = folder.join("blobs/sha256");
    fs_err::create_dir_all(&blobs)?;
    fs_err::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    let mut manifests = Vec::new();
    for image in images {
        let mut manifest = write_image(&blobs, image)?;
        manifest["platform"] = json!({ "os": "linux", "architecture": image.architecture });
        manifests.push(manifest);
    }
    let top = match manifests.as_slice() {
        [only] => only.clone(),
        several => {
            let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": several });
            write_blob(&blobs, INDEX, index.to_string().as_bytes())?
        }
    };
    let mut top = top;
    top["annotations"] = json!({ "org.opencontainers.image.ref.name": "latest" });
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [top] });
    fs_err::write(folder.join("index.json"), index.to_string())
}

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// Writes the blobs of an image and returns the descriptor of its manifest.
fn write_image(blobs: &Path, image: &Image) -> io::Result<Value> {
    let mut descriptors = Vec::new();
    let mut digests = Vec::new();
    for layer in &image.layers {
        let (descriptor, digest) = match layer.packing {
            Packing::Gzip => write_gzip(blobs, layer)?,
            packing => write_whole(blobs, layer, packing)?,
        };
        descriptors.push(descriptor);
        digests.push(digest);
    }
    let configuration = image.configuration(&digests).to_string();
    let configuration = write_blob(blobs, CONFIGURATION, configuration.as_bytes())?;
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": configuration,
        "layers": descriptors,
    });
    write_blob(blobs, MANIFEST, manifest.to_string().as_bytes())
}

fn write_blob(blobs: &Path, media_type: &str, content: &[u8]) -> io::Result<Value> {
    let digest = hexadecimal(&Sha256::digest(content));
    fs_err::write(blobs.join(&digest), content)?;
    Ok(descriptor(media_type, &digest, content.len() as u64))
}

/// Writes a layer that fits into memory and returns its descriptor and the digest of its tar file.
fn write_whole(blobs: &Path, layer: &Layer, packing: Packing) -> io::Result<(Value, String)> {
    let mut tar = Vec::new();
    layer.open()?.read_to_end(&mut tar)?;
    let digest = hexadecimal(&Sha256::digest(&tar));
    let descriptor = match packing {
        Packing::Zstd => {
            write_blob(blobs, &format!("{LAYER}+zstd"), &zstd::encode_all(tar.as_slice(), 3)?)?
        }
        _ => write_blob(blobs, LAYER, &tar)?,
    };
    Ok((descriptor, digest))
}

/// Writes a layer as a gzip blob and returns its descriptor and the digest of its tar file.
fn write_gzip(blobs: &Path, layer: &Layer) -> io::Result<(Value, String)> {
    let unnamed = blobs.join("layer");
    let mut encoder = GzEncoder::new(Hashed::new(File::create(&unnamed)?), Compression::new(6));
    let mut source = layer.open()?;
    let mut plain = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        let count = source.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        plain.update(&chunk[..count]);
        encoder.write_all(&chunk[..count])?;
    }
    let written = encoder.finish()?;
    let digest = hexadecimal(&written.hash.finalize());
    fs_err::rename(&unnamed, blobs.join(&digest))?;
    let media_type = format!("{LAYER}+gzip");
    Ok((descriptor(&media_type, &digest, written.count), hexadecimal(&plain.finalize())))
}

fn descriptor(media_type: &str, digest: &str, size: u64) -> Value {
    json!({ "mediaType": media_type, "digest": format!("sha256:{digest}"), "size": size })
}

/// A file that is hashed while it is written.
struct Hashed {
    file: File,
    hash: Sha256,
    count: u64,
}

impl Hashed {
    fn new(file: File) -> Self {
        Self { file, hash: Sha256::new(), count: 0 }
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.count += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
