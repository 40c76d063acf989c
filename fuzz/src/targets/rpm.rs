//! rpm's databases, in each of their forms.

mod samples;

use super::inventory::{inventories, lists_packages};
use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "rpm-header",
        run: |bytes| lists_packages("var/lib/rpm/Packages.db", &samples::ndb(bytes)),
        seeds: || vec![samples::header(b"a\0"), samples::header(b"a\0")[..60].to_vec()],
        data: &[Real { below: "fixtures/rpmdb", named: &[".bin"] }],
    },
    Target {
        name: "rpm-ndb",
        run: |bytes| lists_packages("usr/lib/sysimage/rpm/Packages.db", bytes),
        seeds: || vec![samples::ndb(&samples::header(b"a\0"))],
        data: &[Real { below: "fixtures/rpmdb", named: &["Packages.db"] }],
    },
    Target {
        name: "rpm-berkeley",
        run: |bytes| lists_packages("var/lib/rpm/Packages", bytes),
        seeds: || vec![samples::berkeley(&samples::header(b"a\0"))],
        data: &[Real { below: "fixtures/rpmdb", named: &["/Packages"] }],
    },
    Target {
        name: "rpm-sqlite",
        run: |bytes| lists_packages("usr/share/rpm/rpmdb.sqlite", bytes),
        seeds: || vec![samples::sqlite(&samples::header(b"a\0")).concat()],
        data: &[Real { below: "fixtures/rpmdb", named: &[".sqlite"] }],
    },
    Target {
        name: "rpm-sqlite-log",
        run: replaces_a_package,
        seeds: || vec![samples::log(&samples::sqlite(&samples::header(b"b\0")))],
        data: &[],
    },
    Target {
        name: "rpm-manifest",
        run: |bytes| lists_packages("var/lib/rpmmanifest/container-manifest-2", bytes),
        seeds: || {
            let lines =
                ["a\t1-2\t0\t0\tV\t3\t4\tnoarch\t3\ta-1-2.src.rpm\n", "a-1-2.noarch\n", "\t-\t"];
            lines.map(|line| line.as_bytes().to_vec()).to_vec()
        },
        data: &[],
    },
];

/// True where the log has a package that the database lacks.
fn replaces_a_package(log: &[u8]) -> bool {
    let database = samples::sqlite(&samples::header(b"a\0")).concat();
    let files =
        [("var/lib/rpm/rpmdb.sqlite", database.as_slice()), ("var/lib/rpm/rpmdb.sqlite-wal", log)];
    let [_, installed] = inventories(&files);
    installed.packages.iter().any(|package| package.name != "a")
}
