//! Lock files of projects.

use super::inventory::{lists_packages, texts};
use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "yarn-lock",
        run: |bytes| lists_packages("yarn.lock", bytes),
        seeds: || {
            texts(&[
                "a@^1, \"b@npm:c@1\":\n  version \"1.0\"\n  resolved \"https://h/@s/a/-/a-1.tgz#0\"\n  dependencies:\n    \"b\" \"^1\"\n",
                "__metadata:\n  version: 8\n\"a@npm:^1, a@npm:1\":\n  version: 1.0.0\n  resolution: \"a@npm:1.0.0\"\n  dependencies:\n    a: ^1\n",
                "__metadata: &a [*a]\n\"r@workspace:.\":\n  resolution: \"r@workspace:.\"\n",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/yarn.lock"] }],
    },
    Target {
        name: "pnpm-lock",
        run: |bytes| lists_packages("pnpm-lock.yaml", bytes),
        seeds: || {
            texts(&[
                "lockfileVersion: 5.4\ndependencies: {a: 1.0.0_b@1}\npackages:\n  /a/1.0.0_b@1:\n    dev: true\n    dependencies: {b: 1.0.0}\n",
                "lockfileVersion: '9.0'\nimporters:\n  .:\n    devDependencies:\n      a: {version: 1.0.0(b@1)}\npackages:\n  a@1.0.0: {resolution: {repo: h, commit: 1}}\nsnapshots:\n  a@1.0.0(b@1): {}\n",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/pnpm-lock.yaml"] }],
    },
    Target {
        name: "bun-lock",
        run: |bytes| lists_packages("bun.lock", bytes),
        seeds: || {
            texts(&[
                r#"{"workspaces":{"":{"name":"r","dependencies":{"a":"1"},},},/* c */"packages":{"a":["a@1.0.0","",{"dependencies":{"b":"1"}},"sha512-x"],"a/b":["b@github:u/b#0",{}],}}"#,
                r#"{"packages":{"a":[1,{}],"b":"c"}} // "#,
            ])
        },
        data: &[],
    },
    Target {
        name: "python-lock",
        run: |bytes| lists_packages("uv.lock", bytes),
        seeds: || {
            texts(&[
                "[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { editable = \".\" }\ndependencies = [{ name = \"b\" }, \"c[x]==1\"]\n[package.dev-dependencies]\ndev = [{ name = \"b\" }]\n[[package]]\nname = \"b\"\ngroups = [\"dev\"]\n",
                "[[package]]\nname = \"a\"\n[package.dependencies]\nb = [{version = \"1\"}]\n[package.source]\ntype = \"git\"\nurl = \"https://u@h/a?x#0\"\n",
                "[[packages]]\nname = \"a\"\nvcs = {type = \"git\", url = \"h\", commit-id = \"0\"}\n",
            ])
        },
        data: &[Real {
            below: "fixtures/pkgdb",
            named: &["/uv.lock", "/poetry.lock", "/pdm.lock"],
        }],
    },
    Target {
        name: "pipfile-lock",
        run: |bytes| lists_packages("Pipfile.lock", bytes),
        seeds: || {
            texts(&[
                r#"{"_meta":{},"default":{"a":{"version":"==1.0"},"b":{"git":"https://h/b","ref":"0"}},"develop":{"c":{"path":"."}}}"#,
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["/Pipfile.lock"] }],
    },
    Target {
        name: "requirements",
        run: |bytes| lists_packages("requirements.txt", bytes),
        seeds: || {
            texts(&[
                "a[x]==1.0 ; os_name=='nt' \\\n --hash=sha256:0\n-e git+https://h/b.git@1#egg=b\nc @ https://h/c-1-py3-none-any.whl\nd\n",
                "\u{feff}-r x\n./a-1.tar.gz\n==\n@\n[",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["requirements.txt"] }],
    },
    Target {
        name: "gradle-lock",
        run: |bytes| lists_packages("gradle.lockfile", bytes),
        seeds: || texts(&["# x\ng:a:1.0=testCompileClasspath\nempty=\n", "a:b\n:::=\n"]),
        data: &[Real { below: "fixtures/pkgdb", named: &["/gradle.lockfile"] }],
    },
    Target {
        name: "pom",
        run: |bytes| lists_packages("pom.xml", bytes),
        seeds: || {
            texts(&[
                "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version></parent><artifactId>a</artifactId><properties><v>1&#46;0</v></properties><dependencies><dependency><groupId>${project.groupId}</groupId><artifactId>b</artifactId><version>${v}</version></dependency></dependencies></project>",
                "<project><artifactId>a</artifactId><version>${v}</version><properties><v>${w}${w}</v><w>${v}</w></properties><dependencyManagement><dependencies><dependency><artifactId>a</artifactId><version>${v}</version><scope>import</scope></dependency></dependencies></dependencyManagement><dependencies><dependency><artifactId>x</artifactId></dependency></dependencies></project>",
            ])
        },
        data: &[Real { below: "fixtures/pkgdb", named: &["pom.xml"] }],
    },
    Target {
        name: "pom-properties",
        run: |bytes| lists_packages("srv/a/META-INF/maven/g/a/pom.properties", bytes),
        seeds: || texts(&["groupId=g\nartifactId=a\nversion=1\n", "=\n:"]),
        data: &[],
    },
];
