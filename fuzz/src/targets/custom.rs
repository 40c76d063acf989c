//! The project's own advisory format.

use bulkhead_advisories::custom;
use bulkhead_limits::{Budget, Limits};

use crate::Target;

pub(super) const TARGETS: &[Target] = &[Target {
    name: "custom-advisories",
    run: |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let limits = Limits { problems: 20, ..Limits::DEFAULT };
        let (items, _) = custom::read("fuzz.yaml", &text, &Budget::new(limits));
        !items.is_empty()
    },
    seeds,
    data: &[],
}];

/// An advisory with every field, and files that are wrong in a way of their own: a mistake in one of
/// two advisories, an unknown field, aliases of YAML, a list in flow style, no YAML at all.
fn seeds() -> Vec<Vec<u8>> {
    [
        FULL,
        "advisories:\n  - id: A-1\n    affected: []\n  - id: A-2\n    affected:\n      - package: npm/a\n        versions: [\"*\"]\n",
        "advisories:\n  - id: A-1\n    titel: a\n    affected:\n      - package: npm/a\n        versions: [\"*\"]\n",
        "advisories: &all\n  - *all\n",
        "advisories: [{ id: A-1, affected: [{ package: npm/a, versions: [\"<\"] }] }, { id: 1 }]\n",
        "advisories:\n  - id: \"A-1\n",
        "advisories:\n-\n  id: CVE-2026-1\n",
        "---\n---\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

const FULL: &str = "\
advisories:
  - id: CVE-2026-12345
    aliases: [ACME-2026-1]
    title: \"a: b\"
    published: 2026-01-31
    modified: 2026-02-01
    exploited: { since: 2026-02-02, source: acme, ransomware: true }
    severity: high
    cvss:
      acme: CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H
      nvd: AV:N/AC:L/Au:N/C:P/I:P/A:P
    cwes: [502]
    references: [https://acme.example/1]
    affected:
      - package: maven/com.acme:widget
        versions: [\"< 1.2.3\", \">= 2.0-beta9, <= 2.1\", \"= 3\"]
        fixed: [3.1]
      - package: debian:12/widget
        versions: [\"*\"]
        state: will_not_fix
        architectures: [amd64]
";
