//! What a cache promises to those who share it.

#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on must fail"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::thread;

use bulkhead_cache::{Cache, CacheError, Key};

const ROOMY: u64 = 1 << 30;

fn cache(limit: u64) -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(&folder.path().join("cache"), limit).unwrap();
    (folder, cache)
}

fn key(number: usize) -> Key {
    Key::new("test 1", &[&number.to_le_bytes()])
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    fs_err::read_dir(folder.join("cache")).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn what_was_put_is_found_by_its_key_alone() {
    let (_folder, cache) = cache(ROOMY);
    assert_eq!(cache.get(&key(1)), None);
    cache.put(&key(1), b"one").unwrap();
    cache.put(&key(2), b"").unwrap();
    assert_eq!(cache.get(&key(1)).as_deref(), Some(b"one".as_slice()));
    assert_eq!(cache.get(&key(2)).as_deref(), Some(b"".as_slice()));
    cache.put(&key(1), b"another").unwrap();
    assert_eq!(cache.get(&key(1)).as_deref(), Some(b"another".as_slice()));
}

#[test]
fn damage_counts_as_absence() {
    let (folder, cache) = cache(ROOMY);
    let value: Vec<u8> = (0..200u8).collect();
    let intact = {
        cache.put(&key(1), &value).unwrap();
        fs_err::read(&files(folder.path())[0]).unwrap()
    };
    for at in 0..intact.len() {
        cache.put(&key(1), &value).unwrap();
        let mut bytes = intact.clone();
        bytes[at] ^= 1;
        fs_err::write(&files(folder.path())[0], &bytes).unwrap();
        assert_eq!(cache.get(&key(1)), None, "byte {at}");
        assert!(files(folder.path()).is_empty(), "a damaged file is removed");
    }
    for length in 0..intact.len() {
        cache.put(&key(1), &value).unwrap();
        fs_err::write(&files(folder.path())[0], &intact[..length]).unwrap();
        assert_eq!(cache.get(&key(1)), None, "{length} bytes");
    }
}

#[test]
fn the_longest_unused_goes_first() {
    let (folder, cache) = cache(5 * 4096);
    let value = vec![7; 3000];
    for number in 0..4 {
        cache.put(&key(number), &value).unwrap();
        thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(cache.get(&key(0)).is_some(), "used again, so the youngest");
    for number in 4..7 {
        cache.put(&key(number), &value).unwrap();
    }
    cache.trim().unwrap();
    assert!(files(folder.path()).len() <= 5);
    assert!(cache.get(&key(0)).is_some());
    assert!(cache.get(&key(1)).is_none());
}

#[test]
fn others_files_are_left_alone() {
    let (folder, cache) = cache(0);
    let own = folder.path().join("cache/notes.txt");
    fs_err::write(&own, "mine").unwrap();
    cache.put(&key(1), b"value").unwrap();
    cache.trim().unwrap();
    assert_eq!(files(folder.path()), [own]);
}

#[test]
fn many_writers_and_readers_never_see_half_a_value() {
    let (_folder, cache) = cache(64 * 4096);
    let value = |number: usize, writer: usize| vec![(number * 7 + writer) as u8; 10_000 + number];
    thread::scope(|scope| {
        for writer in 0..8 {
            let cache = cache.clone();
            scope.spawn(move || {
                for round in 0..200 {
                    let number = (round * 13 + writer) % 40;
                    cache.put(&key(number), &value(number, writer)).unwrap();
                    if let Some(found) = cache.get(&key((number + 5) % 40)) {
                        assert!(found.iter().all(|byte| *byte == found[0]));
                        assert_eq!(found.len(), 10_000 + (number + 5) % 40);
                    }
                    if round % 50 == 0 {
                        cache.trim().unwrap();
                    }
                }
            });
        }
    });
}

#[test]
fn a_folder_that_others_write_to_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs_err::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let error = Cache::open(folder.path(), ROOMY).unwrap_err();
    assert!(matches!(error, CacheError::Shared { .. }), "{error}");
    let file = folder.path().join("file");
    fs_err::write(&file, "").unwrap();
    assert!(matches!(Cache::open(&file, ROOMY), Err(CacheError::Folder { .. })));
}
