//! What GNU tar packs, ours reads.

use std::collections::BTreeMap;
use std::io::{BufReader, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, symlink};
use std::path::Path;
use std::process::Command;

use bulkhead_archive::tar::{Kind, Reader};
use bulkhead_limits::{Budget, Limits};

/// Path to kind, link target, permissions and content.
type Tree = BTreeMap<Vec<u8>, (Kind, Vec<u8>, u32, Vec<u8>)>;

#[test]
fn formats_of_gnu_tar() {
    let Some(tar) = bulkhead_testing::tool("tar") else { return };
    let check = |options: &[&str], long: bool| {
        let folder = tempfile::tempdir().unwrap();
        let expect = plant(folder.path(), long);
        let archive = pack(&tar, folder.path(), options);
        // Buffers that end within headers, within names and never.
        for capacity in [100, 512, 3000, 1 << 20] {
            let mut found = read(BufReader::with_capacity(capacity, archive.as_slice()));
            // Which of two names of a file becomes the link is the order of the folder.
            found.entry(b"root/other".to_vec()).and_modify(resolve_link(&expect));
            found.entry(b"root/plain".to_vec()).and_modify(resolve_link(&expect));
            for (path, entry) in &expect {
                assert_eq!(
                    found.remove(path).as_ref(),
                    Some(entry),
                    "{options:?} {}",
                    path.escape_ascii()
                );
            }
            assert!(found.is_empty(), "{options:?} has more: {:?}", found.keys());
        }
    };
    check(&["--format=v7"], false);
    check(&["--format=ustar"], false);
    check(&["--format=oldgnu"], true);
    check(&["--format=gnu"], true);
    check(&["--format=gnu", "--sparse"], true);
    check(&["--format=pax"], true);
    check(&["--format=pax", "--sparse", "--sparse-version=0.0"], true);
    check(&["--format=pax", "--sparse", "--sparse-version=0.1"], true);
    check(&["--format=pax", "--sparse", "--sparse-version=1.0"], true);
    check(&["--format=pax", "--xattrs", "--pax-option=globexthdr.name=g,comment=hello"], true);
}

fn resolve_link(expect: &Tree) -> impl Fn(&mut (Kind, Vec<u8>, u32, Vec<u8>)) + '_ {
    |entry| {
        if entry.0 == Kind::Hardlink {
            *entry = expect[&entry.1].clone();
        }
    }
}

/// Makes files of every kind; what an archive of them must hold.
fn plant(folder: &Path, long: bool) -> Tree {
    let root = folder.join("root");
    fs_err::create_dir(&root).unwrap();
    let mut tree = Tree::new();
    let mut file = |name: &str, content: &[u8]| {
        fs_err::write(root.join(name), content).unwrap();
        tree.insert(
            format!("root/{name}").into_bytes(),
            (Kind::File, Vec::new(), 0, content.to_vec()),
        );
    };
    file("empty", b"");
    file("plain", b"some text");
    file("block", &[7; 512]);
    file("large", &(0..200_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    file("früh 日本", b"not ASCII");
    let mut target = b"plain".to_vec();
    if long {
        file(&"n".repeat(180), b"a long name");
        target = [&b"t/"[..]].repeat(120).concat();
    }
    fs_err::hard_link(root.join("plain"), root.join("other")).unwrap();
    let plain = tree[b"root/plain".as_slice()].clone();
    tree.insert(b"root/other".to_vec(), plain);
    fs_err::create_dir(root.join("folder")).unwrap();
    for name in ["root/", "root/folder/"] {
        tree.insert(name.into(), (Kind::Directory, Vec::new(), 0, Vec::new()));
    }
    symlink(std::str::from_utf8(&target).unwrap(), root.join("link")).unwrap();
    tree.insert(b"root/link".to_vec(), (Kind::Symlink, target, 0, Vec::new()));

    let holes = root.join("holes");
    let mut content = vec![0; 700_000];
    let sparse = fs_err::File::create(&holes).unwrap().into_file();
    sparse.set_len(content.len() as u64).unwrap();
    for position in (4096..600_000).step_by(40_960) {
        sparse.write_all_at(&[9; 100], position as u64).unwrap();
        content[position..position + 100].fill(9);
    }
    drop(sparse);
    tree.insert(b"root/holes".to_vec(), (Kind::File, Vec::new(), 0, content));
    for (path, entry) in &mut tree {
        let path = folder.join(std::str::from_utf8(path).unwrap());
        entry.2 = fs_err::symlink_metadata(path).unwrap().mode() & 0o7777;
    }
    tree
}

fn pack(tar: &Path, folder: &Path, options: &[&str]) -> Vec<u8> {
    let output =
        Command::new(tar).args(options).args(["-cf", "-", "root"]).current_dir(folder).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{options:?} {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn read(archive: BufReader<&[u8]>) -> Tree {
    let mut reader = Reader::new(archive, &Budget::new(Limits::DEFAULT));
    let mut tree = Tree::new();
    while let Some(entry) = reader.next_entry().unwrap() {
        let whole = reader.contiguous().map(<[u8]>::to_vec);
        let mut content = Vec::new();
        reader.content().read_to_end(&mut content).unwrap();
        assert_eq!(content.len() as u64, entry.size);
        assert!(whole.is_none_or(|whole| whole == content));
        tree.insert(entry.path, (entry.kind, entry.link, entry.mode, content));
    }
    let problems = reader.take_problems();
    assert!(problems.is_empty(), "{problems:?}");
    tree
}
