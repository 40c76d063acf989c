//! A package's header, and the smallest databases that hold one.

/// Bytes of a page of the databases that have a choice.
const PAGE: usize = 512;

/// A header with each kind of value, long enough to continue on further pages. The name of the
/// package ends with a zero.
pub(super) fn header(name: &[u8]) -> Vec<u8> {
    let description = ["x".repeat(PAGE).as_str(), "\0"].concat();
    let values: [(u32, u32, u32, &[u8]); 12] = [
        (1003, 4, 1, &[0, 0, 0, 3]),
        (1116, 4, 1, &[0, 0, 0, 0]),
        (1000, 6, 1, name),
        (1001, 6, 1, b"1\0"),
        (1002, 6, 1, b"2\0"),
        (1005, 9, 1, description.as_bytes()),
        (1022, 6, 1, b"noarch\0"),
        (1044, 6, 1, b"a-1-2.src.rpm\0"),
        (1047, 8, 2, b"a\0b\0"),
        (1049, 8, 3, b"b\0(c if (d or a))\0/usr/bin/a\0"),
        (1117, 8, 1, b"a\0"),
        (1118, 8, 1, b"/usr/bin/\0"),
    ];
    let (mut index, mut data) = (Vec::new(), Vec::new());
    for (tag, kind, count, bytes) in values {
        index.extend(words([tag, kind, length(&data), count], u32::to_be_bytes));
        data.extend(bytes);
    }
    let counts = words([length(&index) / 16, length(&data)], u32::to_be_bytes);
    [counts, index, data].concat()
}

/// `Packages.db` with one package.
pub(super) fn ndb(header: &[u8]) -> Vec<u8> {
    let little = |numbers: &[u32]| words(numbers.iter().copied(), u32::to_le_bytes);
    let size = length(header);
    let mut blob = [b"BlbS".to_vec(), little(&[1, 1, size]), header.to_vec()].concat();
    blob.resize((blob.len() + 12).next_multiple_of(16) - 12, 0);
    blob.extend([little(&[adler_32(&blob), size]), b"BlbE".to_vec()].concat());
    let mut slots = [b"RpmP".to_vec(), little(&[0, 1, 1, 2, 0, 0, 0])].concat();
    slots.extend([b"Slot".to_vec(), little(&[1, 256, length(&blob) / 16])].concat());
    while slots.len() < 4096 {
        slots.extend(b"Slot\0\0\0\0\0\0\0\0\0\0\0\0");
    }
    [slots, blob].concat()
}

fn adler_32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65521;
        (low, (high + low) % 65521)
    });
    (high << 16) | low
}

/// `Packages` with one bucket: row 0, and a package on pages of its own.
pub(super) fn berkeley(header: &[u8]) -> Vec<u8> {
    let little = |numbers: &[u32]| words(numbers.iter().copied(), u32::to_le_bytes);
    let page = |number: u32, next: u32, count: u16, free: u16, kind: u8| {
        let counts = [count.to_le_bytes(), free.to_le_bytes()].concat();
        [little(&[0, 0, number, 0, next]), counts, vec![0, kind]].concat()
    };
    let fill = |mut page: Vec<u8>| {
        page.resize(PAGE, 0);
        page
    };
    let parts = header.chunks(PAGE - 26);
    let last = 1 + u32::try_from(parts.len()).unwrap_or_default();
    let mut metadata = little(&[0, 0, 0, 0x0006_1561, 9, 512]);
    metadata.extend([0, 8, 0, 0]);
    metadata.extend(little(&[0, last]));
    metadata.resize(88, 0);
    // How many items, what a known key hashes to, and where the first bucket begins.
    metadata.extend(little(&[2, 0x5e68_8dd1, 1]));
    let items: [&[u8]; 4] = [
        &[1, 0, 0, 0, 0],
        &[1, 1, 0, 0, 0],
        &[1, 1, 0, 0, 0],
        &[vec![3, 0, 0, 0], little(&[2, length(header)])].concat(),
    ];
    let mut bucket = page(1, 0, 4, 0, 13);
    let mut contents = Vec::new();
    for item in items {
        contents.splice(0..0, item.iter().copied());
        let start = u16::try_from(PAGE - contents.len()).unwrap_or_default();
        bucket.extend(start.to_le_bytes());
    }
    bucket.resize(PAGE - contents.len(), 0);
    bucket.extend(contents);
    let mut pages = [fill(metadata), bucket].concat();
    for (number, part) in (2..).zip(parts) {
        let next = if number == last { 0 } else { number + 1 };
        let size = u16::try_from(part.len()).unwrap_or_default();
        pages.extend(fill([page(number, next, 1, size, 7), part.to_vec()].concat()));
    }
    pages
}

/// `rpmdb.sqlite` page by page: the schema, the root of `Packages`, its leaves, and where its one row
/// continues.
pub(super) fn sqlite(header: &[u8]) -> Vec<Vec<u8>> {
    let statement = b"CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob)";
    let types = [6, 23, 29, 29, 1, u8::try_from(13 + 2 * statement.len()).unwrap_or_default()];
    let schema = [&types, b"tablePackagesPackages\x02".as_slice(), statement].concat();
    let size = length(header);
    let mut record = vec![5, 0];
    record.extend(variable(size * 2 + 12));
    record[0] = u8::try_from(record.len()).unwrap_or_default();
    record.extend(header);

    let mut first = b"SQLite format 3\0\x02\x00\x02\x02\x00\x40\x20\x20".to_vec();
    first.resize(100, 0);
    (first[47], first[59]) = (4, 1);
    let schema = [variable(length(&schema)), vec![1], schema].concat();
    // The rows of pages of 512 bytes: what is local of a longer one (section 1.6).
    let (total, least) = (record.len(), 39);
    let local = least + (total - least) % (PAGE - 4);
    let local = if local <= PAGE - 35 { local } else { least };
    let (here, rest) = record.split_at(local.min(total));
    let row = [variable(length(&record)), vec![1], here.to_vec(), 5_u32.to_be_bytes().to_vec()];
    // Below the root, page 3 has the rows up to the first, and page 4 none.
    let mut interior = vec![5, 0, 0, 0, 1, 1, 251, 0, 0, 0, 0, 4, 1, 251];
    interior.resize(PAGE - 5, 0);
    interior.extend([0, 0, 0, 3, 1]);
    let mut empty = vec![13, 0, 0, 0, 0, 2, 0, 0];
    empty.resize(PAGE, 0);
    let mut pages = vec![leaf(first, &schema), interior, leaf(Vec::new(), &row.concat()), empty];
    let parts = rest.chunks(PAGE - 4);
    let last = parts.len();
    for (number, part) in (5_u32..).zip(parts) {
        let next = if number as usize == last + 4 { 0 } else { number + 1 };
        let mut page = [next.to_be_bytes().to_vec(), part.to_vec()].concat();
        page.resize(PAGE, 0);
        pages.push(page);
    }
    pages
}

/// A leaf with one row at its end.
fn leaf(mut page: Vec<u8>, row: &[u8]) -> Vec<u8> {
    let start = PAGE - row.len();
    let [high, low] = u16::try_from(start).unwrap_or_default().to_be_bytes();
    page.extend([13, 0, 0, 0, 1, high, low, 0, high, low]);
    page.resize(start, 0);
    page.extend(row);
    page
}

/// A log that writes every page of a database again, in one transaction.
pub(super) fn log(pages: &[Vec<u8>]) -> Vec<u8> {
    let big = |numbers: &[u32]| words(numbers.iter().copied(), u32::to_be_bytes);
    let sum = |mut sums: (u32, u32), bytes: &[u8]| {
        for pair in bytes.chunks_exact(8) {
            let word = |at: usize| {
                pair[at..at + 4].iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
            };
            sums.0 = sums.0.wrapping_add(word(0)).wrapping_add(sums.1);
            sums.1 = sums.1.wrapping_add(word(4)).wrapping_add(sums.0);
        }
        sums
    };
    let mut log = big(&[0x377f_0683, 3_007_000, 512, 0, 7, 8]);
    let mut sums = sum((0, 0), &log);
    log.extend(big(&[sums.0, sums.1]));
    for (number, page) in (1..).zip(pages) {
        let count = if number as usize == pages.len() { number } else { 0 };
        let start = big(&[number, count]);
        sums = sum(sum(sums, &start), page);
        log.extend([start, big(&[7, 8, sums.0, sums.1]), page.clone()].concat());
    }
    log
}

/// A number of `SQLite` of up to 14 bits.
fn variable(number: u32) -> Vec<u8> {
    let byte = |number: u32| u8::try_from(number & 0x7f).unwrap_or_default();
    match number {
        0..=0x7f => vec![byte(number)],
        _ => vec![byte(number >> 7) | 0x80, byte(number)],
    }
}

fn words(numbers: impl IntoIterator<Item = u32>, bytes: fn(u32) -> [u8; 4]) -> Vec<u8> {
    numbers.into_iter().flat_map(bytes).collect()
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or_default()
}
