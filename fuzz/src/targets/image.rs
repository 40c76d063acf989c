//! Images in archives: their members, indexes, manifests and configurations.

use std::io::Write as _;

use bulkhead_image::{Choice, PlatformChoice, Source, open};
use bulkhead_limits::{Budget, Limits};
use bulkhead_model::Digest;

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "docker-archive",
        run: open_archive,
        seeds: || {
            vec![docker(), docker()[..700].to_vec(), tar(&[("manifest.json", b"[{\"Config\":1}]")])]
        },
        data: &[Real::files("fixtures/images")],
    },
    Target {
        name: "oci-archive",
        run: open_archive,
        seeds: || {
            let odd = br#"{"manifests":[{"digest":"sha256:0","size":1},{"digest":[]}]}"#;
            vec![layout(), layout()[..900].to_vec(), tar(&[("index.json", odd)]), Vec::new()]
        },
        data: &[],
    },
];

/// Opens the bytes as an archive with images of any platform.
fn open_archive(bytes: &[u8]) -> bool {
    let limits = Limits { bytes: 64 << 20, entries: 10_000, depth: 4, ..Limits::DEFAULT };
    let choice = Choice { tag: None, platform: PlatformChoice::All };
    let opened = archive(bytes).and_then(|source| {
        open(source, &choice, &Budget::new(limits)).map_err(std::io::Error::other)
    });
    opened.is_ok_and(|images| images.iter().any(|image| !image.layers.is_empty()))
}

fn archive(bytes: &[u8]) -> std::io::Result<Source> {
    let mut file = tempfile::tempfile()?;
    file.write_all(bytes)?;
    Ok(Source::Archive { file, spool: tempfile::tempfile()? })
}

/// The smallest archive of `docker save`.
fn docker() -> Vec<u8> {
    tar(&[
        ("manifest.json", br#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l/layer.tar"]}]"#),
        ("c.json", br#"{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":["sha256:0"]}}"#),
        ("l/layer.tar", b"layer"),
    ])
}

/// The smallest layout: index, nested index, manifest, configuration, layer.
fn layout() -> Vec<u8> {
    let mut blobs: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |media_type: &str, content: &[u8]| {
        let digest = Digest::of(content);
        blobs.push((format!("blobs/sha256/{}", digest.hex()), content.to_vec()));
        format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{}}}"#, content.len())
    };
    let layer = add("application/vnd.oci.image.layer.v1.tar", b"layer");
    let image = r#"{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":["sha256:0"]}}"#;
    let image = add("application/vnd.oci.image.config.v1+json", image.as_bytes());
    let manifest = format!(r#"{{"schemaVersion":2,"config":{image},"layers":[{layer}]}}"#);
    let manifest = add("application/vnd.oci.image.manifest.v1+json", manifest.as_bytes());
    let inner = format!(r#"{{"schemaVersion":2,"manifests":[{manifest}]}}"#);
    let inner = add("application/vnd.oci.image.index.v1+json", inner.as_bytes());
    let index = format!(r#"{{"schemaVersion":2,"manifests":[{inner}]}}"#);
    let mut files = vec![
        ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#.as_slice()),
        ("index.json", index.as_bytes()),
    ];
    files.extend(blobs.iter().map(|(name, content)| (name.as_str(), content.as_slice())));
    tar(&files)
}

/// A tar of regular files (POSIX.1-1988 ustar).
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in files {
        let size = format!("{:011o}\0", content.len());
        let fields: [&[u8]; 6] = [
            b"0000644\0",
            b"0000000\0",
            b"0000000\0",
            size.as_bytes(),
            b"00000000000\0",
            b"        ",
        ];
        let mut header = name.as_bytes().to_vec();
        header.resize(100, 0);
        header.extend(fields.concat());
        header.push(b'0');
        header.resize(257, 0);
        header.extend(b"ustar\x0000");
        header.resize(512, 0);
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header.splice(148..156, format!("{sum:06o}\0 ").into_bytes());
        bytes.extend(header);
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len().saturating_add(1024), 0);
    bytes
}
