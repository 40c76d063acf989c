use crate::Mode;
use crate::fixture::{Tree, summary};

/// As OpenWrt's images have it.
const STATUS: &str = "\
Package: libc
Version: 1.2.4-4
Depends: libgcc1
Status: install user installed
Architecture: x86_64
Installed-Time: 1697000000

Package: libgcc1
Version: 12.3.0-4
Status: install hold installed
Architecture: x86_64

Package: node
Version: v18.18.0-1
Depends: libc, gone, libgcc1 (>= 12)
Status: install user installed
Architecture: x86_64

Package: removed
Version: 1
Status: deinstall ok not-installed
";

#[test]
fn packages_with_what_they_need_and_own() {
    for folder in ["usr/lib/opkg", "var/lib/opkg"] {
        let tree = Tree::default()
            .file("etc/os-release", "ID=\"openwrt\"\nVERSION_ID=\"23.05.0\"\n")
            .file(&format!("{folder}/status"), STATUS)
            .file(
                &format!("{folder}/info/node.list"),
                "/usr/bin/node\n/usr/lib/node_modules/npm/package.json\t0100644\n",
            )
            .file("usr/lib/node_modules/npm/package.json", r#"{"name": "npm", "version": "9.0"}"#);
        let inventory = tree.installed();
        let shown = summary(&inventory);
        assert_eq!(
            shown.packages,
            ["opkg libc@1.2.4-4", "opkg libgcc1@12.3.0-4", "opkg node@v18.18.0-1", "npm npm@9.0"]
        );
        assert_eq!(
            shown.relations,
            [
                "libc@1.2.4-4 depends_on libgcc1@12.3.0-4",
                "node@v18.18.0-1 depends_on libc@1.2.4-4",
                "node@v18.18.0-1 depends_on libgcc1@12.3.0-4",
                "npm@9.0 owned_by node@v18.18.0-1",
            ]
        );
        assert_eq!(
            inventory.packages[0].purl,
            "pkg:opkg/openwrt/libc@1.2.4-4?arch=x86_64&distro=openwrt-23.05.0"
        );
    }
}

#[test]
fn a_paragraph_without_a_name_is_a_problem() {
    let tree = Tree::default().file("usr/lib/opkg/status", "Version: 1\n");
    let (inventory, problems) = tree.assemble(Mode::Installed);
    assert_eq!((inventory.packages.len(), problems.len()), (0, 1));
}
