//! Images in archives: their members, indexes, manifests and configurations.

use std::io::Write as _;

use bulkhead_image::{Choice, PlatformChoice, Source, open};
use bulkhead_limits::{Budget, Limits};

use crate::Target;

pub(super) const TARGETS: &[Target] =
    &[Target { name: "image-archive", run: open_archive, seeds, data: &["fixtures/images"] }];

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

/// The smallest archives of both forms, and broken relatives of them.
fn seeds() -> Vec<Vec<u8>> {
    let docker = tar(&[
        ("manifest.json", br#"[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l/layer.tar"]}]"#),
        ("c.json", br#"{"os":"linux","architecture":"amd64","rootfs":{"diff_ids":["sha256:0"]}}"#),
        ("l/layer.tar", b"layer"),
    ]);
    let layout = tar(&[
        ("index.json", br#"{"manifests":[{"digest":"sha256:0","size":1}]}"#),
        ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#),
    ]);
    let half = docker.get(..700).unwrap_or_default().to_vec();
    vec![docker, layout, half, tar(&[("manifest.json", b"[{\"Config\":1}]")]), Vec::new()]
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
