//! Databases that Berkeley DB's own `db5.3_load` makes of the headers of others, in many layouts.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{databases, lines, name, read, rpm};

/// Sizes of pages, from the smallest to the largest; most headers fit the largest.
const PAGE_SIZES: [u32; 4] = [512, 2048, 4096, 65536];
/// Little-endian, big-endian.
const ORDERS: [u32; 2] = [1234, 4321];

#[test]
fn every_layout_gives_the_same_packages() {
    let Some(load) = bulkhead_testing::tool("db5.3_load") else { return };
    for path in databases(&["rpmdb.sqlite", "Packages.db", "Packages"]) {
        let Some(headers) = headers(&path) else { return };
        let content = fs_err::read(&path).unwrap();
        let expected = lines(&read(&[(name(&path), &content)]).0);
        assert_eq!(headers.len(), expected.len(), "{}", path.display());
        for order in ORDERS {
            for page_size in PAGE_SIZES {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("Packages");
                write(&load, &file, &headers, page_size, order);
                let what = format!("{} in pages of {page_size}, {order}", path.display());
                let (inventory, problems) = read(&[("Packages", &fs_err::read(&file).unwrap())]);
                assert_eq!(problems, [], "{what}");
                assert_eq!(lines(&inventory), expected, "{what}");
                assert_eq!(rpm::list(folder.path()).unwrap(), expected, "{what}");
            }
        }
    }
}

/// Loads headers behind row 0, in which rpm keeps the number of the next row.
fn write(load: &Path, file: &Path, headers: &[String], page_size: u32, order: u32) {
    let key = |number: u32| match order {
        1234 => format!("{:08x}", number.swap_bytes()),
        _ => format!("{number:08x}"),
    };
    let mut dump = "VERSION=3\nformat=bytevalue\ntype=hash\nHEADER=END\n".to_owned();
    let next = u32::try_from(headers.len()).unwrap();
    writeln!(dump, " {}\n {}", key(0), key(next)).unwrap();
    for (number, header) in (1..).zip(headers) {
        writeln!(dump, " {}\n {header}", key(number)).unwrap();
    }
    dump.push_str("DATA=END\n");
    let mut command = Command::new(load);
    command.args(["-c", &format!("db_pagesize={page_size}"), "-c", &format!("db_lorder={order}")]);
    let mut child = command.arg(file).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), dump.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
}

/// The headers of a database as hexadecimal digits, found by other means than our readers.
fn headers(path: &Path) -> Option<Vec<String>> {
    match name(path) {
        "rpmdb.sqlite" => {
            let sqlite = bulkhead_testing::tool("sqlite3")?;
            // Immutable, because the folder cannot be written.
            let address = format!("file:{}?immutable=1", path.display());
            let command = ["-readonly", &address, "SELECT lower(hex(blob)) FROM Packages"];
            let output = Command::new(sqlite).args(command).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect())
        }
        "Packages.db" => {
            let content = fs_err::read(path).unwrap();
            let blobs =
                content.chunks(16).enumerate().filter(|(_, head)| head.starts_with(b"BlbS"));
            Some(
                blobs
                    .map(|(block, head)| {
                        let length = u32::from_le_bytes(head[12..].try_into().unwrap()) as usize;
                        let start = (block + 1) * 16;
                        hexadecimal(&content[start..start + length])
                    })
                    .collect(),
            )
        }
        _ => {
            let dump = bulkhead_testing::tool("db5.3_dump")?;
            let output = Command::new(dump).arg(path).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let pairs: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(' ')).collect();
            let pairs = pairs.chunks(2).filter(|pair| pair[0] != "00000000");
            Some(pairs.map(|pair| pair[1].to_owned()).collect())
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
