//! Gems, crates, packages of Composer, NuGet, Conan, conda, pacman and opkg: whatever the file, success
//! is a package.

use super::inventory::{changes, lists_packages, texts};
use crate::{Real, Target};

const GEMS: &[u8] = b"GEM\n  specs:\n    a (1)\n    b (1)\n\nDEPENDENCIES\n  a\n  b\n";

const CRATES: &[u8] = b"version = 4
[[package]]
name = \"a\"
version = \"0.1.0\"
dependencies = [\"c\", \"d\"]
[[package]]
name = \"c\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
[[package]]
name = \"d\"
version = \"1.0.0\"
source = \"registry+https://github.com/rust-lang/crates.io-index\"
";

/// A package of pacman, and a distribution of Python that may be its own.
const INSTALLED: &[(&str, &[u8])] = &[
    ("var/lib/pacman/local/a-1-1/desc", b"%NAME%\na\n\n%VERSION%\n1-1\n"),
    ("usr/lib/python3/site-packages/b-1.dist-info/METADATA", b"Name: b\nVersion: 1\n"),
];

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "gemspec",
        run: |bytes| lists_packages("usr/lib/ruby/gems/3.1.0/specifications/a-1.gemspec", bytes),
        seeds: || {
            texts(&[
                "# stub: a 1.0 ruby lib\nGem::Specification.new do |s|\n s.name = \"a\".freeze\n s.version = \"1.0\"\n s.licenses = [%q<MIT>]\n s.add_runtime_dependency(%q<b>.freeze, [\"~> 1\"])\nend\n",
                "s.name = 'a'\ns.version = Gem::Version.new('1')\ns.description = <<~T\n x\n T\ns.files = %w[a b]\n",
                "s.name = \"a\\u{\ns.version = %q<<<<",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &[".gemspec"] }],
    },
    Target {
        name: "gemfile-lock",
        run: |bytes| lists_packages("Gemfile.lock", bytes),
        seeds: || {
            texts(&[
                "GIT\n  remote: https://u:p@h/a\n  revision: 0\n  specs:\n    a (1.0)\n      b (~> 1)\n\nGEM\n  specs:\n    b (1.0-java)\n    b (1.0)\n\nDEPENDENCIES\n  a!\n",
                "PATH\n  specs:\n    a (\n      (\n<<<<\n",
            ])
        },
        data: &[],
    },
    Target {
        name: "gemfile",
        // No file of packages by itself: beside a lock file it marks them.
        run: |bytes| changes(&[("Gemfile.lock", GEMS)], "Gemfile", bytes),
        seeds: || {
            texts(&[
                "group :test do\n  gem 'a'\nend\ngem 'b'\n",
                "source 'x'\ngroup :test, 'b' do\n gem \"a\", group: %i[x y]\nend\nend\n",
                "gem 'a', '",
            ])
        },
        data: &[],
    },
    Target {
        name: "cargo-lock",
        run: |bytes| lists_packages("Cargo.lock", bytes),
        seeds: || {
            texts(&[
                "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\ndependencies = [\"b 1.0.0 (git+https://h/b)\"]\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\nsource = \"git+https://u@h/b?x#0\"\n[[package]]\nname = \"c\"\ndependencies = [\"a\"]\n",
                "[root]\nname = \"a\"\n[[package]]\nname = 1\n",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/Cargo.lock"] }],
    },
    Target {
        name: "cargo-manifest",
        run: |bytes| changes(&[("Cargo.lock", CRATES)], "Cargo.toml", bytes),
        seeds: || {
            texts(&[
                "[package]\nname = \"a\"\n[dev-dependencies]\nb = { package = \"c\" }\n[target.x.dependencies]\nd = \"1\"\n",
                "[target]\nx = 1\n",
            ])
        },
        data: &[],
    },
    Target {
        name: "cargo-auditable",
        run: |bytes| lists_packages("usr/bin/a", bytes),
        seeds: || {
            let list = br#"{"packages":[{"name":"a","version":"1.0.0","source":"local","root":true,"dependencies":[1,2]},{"name":"b","version":"2.0.0","source":"crates.io"},{"name":"c","kind":"build"}]}"#;
            vec![program(&zlib(list)), program(&zlib(b"{")), program(b"x")]
        },
        data: &[],
    },
    Target {
        name: "composer-lock",
        run: |bytes| lists_packages("composer.lock", bytes),
        seeds: || {
            texts(&[
                r#"{"packages":[{"name":"a/b","version":"v1","require":{"c/d":"*"}}],"packages-dev":[{"name":"c/d","version":"1","dist":{"type":"zip"},"source":{"type":"git","url":"h"}}]}"#,
                r#"{"packages":{"name":[],"replace":1}}"#,
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/composer.lock"] }],
    },
    Target {
        name: "composer-installed",
        run: |bytes| lists_packages("vendor/composer/installed.json", bytes),
        seeds: || {
            texts(&[
                r#"[{"name":"a/b","version":"1","version_normalized":"1.0.0.0","license":["MIT"]}]"#,
                r#"{"packages":[{"name":"a/b","version":"1","version_normalized":"1.0.0.0"}],"dev-package-names":["a/b"]}"#,
                "[[[",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/installed.json"] }],
    },
    Target {
        name: "deps-json",
        run: |bytes| lists_packages("app/A.deps.json", bytes),
        seeds: || {
            texts(&[
                r#"{"runtimeTarget":{"name":"x"},"targets":{"x":{"A/1":{"dependencies":{"B":"2"},"runtime":{"a.dll":{}}},"B/2":{"native":{"b":{}}}}},"libraries":{"A/1":{"type":"package"},"B/2":{"type":"runtimepack"}}}"#,
                r#"{"runtimeTarget":"x","targets":[],"libraries":{"A":{"type":"package"}}}"#,
            ])
        },
        data: &[],
    },
    Target {
        name: "packages-lock-json",
        run: |bytes| lists_packages("packages.lock.json", bytes),
        seeds: || {
            texts(&[
                r#"{"dependencies":{"net8.0":{"A":{"type":"Direct","resolved":"1.0","dependencies":{"B":"1"}},"P":{"type":"Project"}},"net8.0/x":{"B":{"type":"Transitive","resolved":"1"}}}}"#,
                r#"{"dependencies":{"net8.0":[],"":{"A":1}}}"#,
            ])
        },
        data: &[],
    },
    Target {
        name: "packages-config",
        run: |bytes| lists_packages("packages.config", bytes),
        seeds: || {
            texts(&[
                "<?xml version=\"1.0\"?><packages><package id=\"A\" version=\"1&#46;0\" developmentDependency=\"true\"/></packages>",
                "<packages><package id=\"&x;\" version=''",
            ])
        },
        data: &[],
    },
    Target {
        name: "conan-lock",
        run: |bytes| lists_packages("conan.lock", bytes),
        seeds: || {
            texts(&[
                r#"{"graph_lock":{"nodes":{"0":{"path":"x","requires":["1"]},"1":{"ref":"a/1@u/c#r","build_requires":["2","1"]},"2":{"ref":"b/2"}}}}"#,
                r#"{"version":"0.5","requires":["a/1#r%1.0"],"build_requires":["b/[>1]","/"]}"#,
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/conan.lock"] }],
    },
    Target {
        name: "conaninfo",
        run: |bytes| lists_packages("full_deploy/host/a/1.0/conaninfo.txt", bytes),
        seeds: || texts(&["[requires]\n b/1:0\n[full_requires]\na/1.0\n", "[requires\n]/["]),
        data: &[],
    },
    Target {
        name: "conda-record",
        run: |bytes| lists_packages("opt/conda/conda-meta/a-1-0.json", bytes),
        seeds: || {
            texts(&[
                r#"{"name":"a","version":"1","build":"0","channel":"https://u@h/main/linux-64","fn":"a.conda","depends":["x::b[a] >=1"],"files":["bin/a"],"license":"MIT"}"#,
                r#"{"name":"a","version":{}}"#,
            ])
        },
        data: &[],
    },
    Target {
        name: "pacman-desc",
        run: |bytes| lists_packages("var/lib/pacman/local/a-1-1/desc", bytes),
        seeds: || {
            texts(&[
                "%NAME%\na\n\n%VERSION%\n1:1-1\n\n%DEPENDS%\nb>=1\nlibc.so=6-64\n\n%PROVIDES%\nc=1\n",
                "%%\n%NAME%\n%VERSION%\n",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/desc"] }],
    },
    Target {
        name: "pacman-files",
        run: |bytes| changes(INSTALLED, "var/lib/pacman/local/a-1-1/files", bytes),
        seeds: || {
            texts(&[
                "%FILES%\nusr/\nusr/lib/python3/site-packages/b-1.dist-info/METADATA\n\n%BACKUP%\netc/a\tx\n",
                "%FILES%",
            ])
        },
        data: &[],
    },
    Target {
        name: "opkg-status",
        run: |bytes| lists_packages("usr/lib/opkg/status", bytes),
        seeds: || {
            texts(&[
                "Package: a\nVersion: 1-1\nDepends: b (>= 1), c\nStatus: install user installed\nArchitecture: x\n",
                "Package: a\nStatus: x\n\nVersion",
            ])
        },
        data: &[],
    },
];

/// RFC 1950 around one stored block.
fn zlib(content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or_default();
    let (low, high) = content.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65521;
        (low, (high + low) % 65521)
    });
    let lengths = [length.to_le_bytes(), (!length).to_le_bytes()].concat();
    let checksum = ((high << 16) | low).to_be_bytes();
    [&[0x78, 0x01, 0x01], lengths.as_slice(), content, &checksum].concat()
}

/// ELF without segments: the section that a list of crates has, and one with the names of both.
fn program(list: &[u8]) -> Vec<u8> {
    const HEADER: u64 = 64;
    const NAMES: &[u8] = b"\0.dep-v0\0.shstrtab\0";
    let size = |bytes: &[u8]| u64::try_from(bytes.len()).unwrap_or_default();
    let names = HEADER + size(list);
    let sections = names + size(NAMES);
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    file.extend([0, 0, sections].map(u64::to_le_bytes).concat());
    file.extend(b"\0\0\0\0\x40\0\x38\0\0\0\x40\0\x03\0\x02\0");
    file.extend([list, NAMES].concat());
    file.extend([0; 64]);
    for (name, kind, offset, size) in [(1, 1, HEADER, size(list)), (9, 3, names, size(NAMES))] {
        file.extend([name, kind].map(u32::to_le_bytes).concat());
        file.extend([0, 0, offset, size, 0, 1, 0].map(u64::to_le_bytes).concat());
    }
    file
}
