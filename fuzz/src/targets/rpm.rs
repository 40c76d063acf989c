//! rpm's databases, in each of their forms.

mod samples;

use super::inventory::read_all;
use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "rpm-header",
        run: |bytes| lists_packages(&[("var/lib/rpm/Packages.db", &samples::ndb(bytes))]),
        seeds: || vec![samples::header(), samples::header()[..60].to_vec()],
        data: &["fixtures/rpmdb/blob.bin"],
    },
    Target {
        name: "rpm-ndb",
        run: |bytes| lists_packages(&[("usr/lib/sysimage/rpm/Packages.db", bytes)]),
        seeds: || vec![samples::ndb(&samples::header())],
        data: &["fixtures/rpmdb/sle15-bci"],
    },
    Target {
        name: "rpm-berkeley",
        run: |bytes| lists_packages(&[("var/lib/rpm/Packages", bytes)]),
        seeds: || vec![samples::berkeley(&samples::header())],
        data: &["fixtures/rpmdb/libuuid"],
    },
    Target {
        name: "rpm-sqlite",
        run: |bytes| lists_packages(&[("usr/share/rpm/rpmdb.sqlite", bytes)]),
        seeds: || vec![samples::sqlite(&samples::header()).concat()],
        data: &["fixtures/rpmdb/cbl-mariner-2.0"],
    },
    Target {
        name: "rpm-sqlite-log",
        run: |bytes| {
            let database = samples::sqlite(&samples::header()).concat();
            lists_packages(&[
                ("var/lib/rpm/rpmdb.sqlite", &database),
                ("var/lib/rpm/rpmdb.sqlite-wal", bytes),
            ])
        },
        seeds: || vec![samples::log(&samples::sqlite(&samples::header()))],
        data: &[],
    },
    Target {
        name: "rpm-manifest",
        run: |bytes| lists_packages(&[("var/lib/rpmmanifest/container-manifest-2", bytes)]),
        seeds: || {
            let lines =
                ["a\t1-2\t0\t0\tV\t3\t4\tnoarch\t3\ta-1-2.src.rpm\n", "a-1-2.noarch\n", "\t-\t"];
            lines.map(|line| line.as_bytes().to_vec()).to_vec()
        },
        data: &[],
    },
];

/// A detector gives facts of a database without a single package too, so they are no success.
fn lists_packages(files: &[(&str, &[u8])]) -> bool {
    !read_all(files).1.packages.is_empty()
}
