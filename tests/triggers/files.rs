//! Files, by the names that they are given.

use std::os::unix::fs::symlink as make_symlink;

pub(crate) fn read(path: &str) {
    // It may be missing: attempts count.
    let _ = fs_err::File::open(path);
}

pub(crate) fn write(path: &str, truncate: bool) {
    let mut options = fs_err::OpenOptions::new();
    options.create(true).write(true);
    if truncate {
        options.truncate(true);
    } else {
        options.append(true);
    }
    options.open(path).expect("it can be written");
}

pub(crate) fn symlink(target: &str, path: &str) {
    make_symlink(target, path).expect("a symbolic link");
}

pub(crate) fn link(old: &str, new: &str) {
    fs_err::hard_link(old, new).expect("a link");
}

/// Opens a file as fast as it goes, until somebody ends it.
pub(crate) fn flood(path: &str) {
    loop {
        read(path);
    }
}

/// Copies a program and runs the copy.
pub(crate) fn drop_and_run(from: &str, to: &str) {
    fs_err::copy(from, to).expect("a copy");
    crate::processes::run(&[to]);
}
