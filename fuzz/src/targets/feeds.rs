//! Advisory feeds in their publishers' formats.
//!
//! Records that lie in archives are given to their readers without the archive, which has targets of
//! its own: a mutation would rarely get through its checksums.

use bulkhead_advisories::{Catalogue, read_record};
use bulkhead_limits::{Budget, Limits};

use crate::{Real, Target};

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "alpine-secdb",
        run: |bytes| reads("alpine-secdb", bytes),
        seeds: || seeds(&[SECDB, r#"{"distroversion":"edge","packages":[{"pkg":{}}]}"#, "{"]),
        data: &[Real::files("feeds/secdb.alpinelinux.org")],
    },
    Target {
        name: "debian-oval",
        run: |bytes| reads("debian-oval", bytes),
        seeds: || seeds(&[OVAL, "<oval_definitions/>", "<oval_definitions><definition>"]),
        data: &[],
    },
    Target {
        name: "redhat-oval",
        run: |bytes| reads("redhat-oval", bytes),
        seeds: || seeds(&[BULLETIN]),
        data: &[],
    },
    Target {
        name: "ubuntu-oval",
        run: |bytes| reads("ubuntu-oval", bytes),
        seeds: || seeds(&[NOTICE]),
        data: &[],
    },
    Target {
        name: "rustsec",
        run: |bytes| reads("rustsec", bytes),
        seeds: || seeds(&[RUSTSEC]),
        data: &[Real { below: "feeds/github.com/rustsec", named: &[".md"] }],
    },
    Target {
        name: "rubysec",
        run: |bytes| reads("rubysec", bytes),
        seeds: || seeds(&[RUBYSEC]),
        data: &[Real { below: "feeds/github.com/rubysec", named: &[".yml"] }],
    },
    Target {
        name: "friends-of-php",
        run: |bytes| reads("friends-of-php", bytes),
        seeds: || seeds(&[PHP]),
        data: &[Real { below: "feeds/github.com/FriendsOfPHP", named: &[".yaml"] }],
    },
    Target {
        name: "endoflife",
        run: |bytes| reads_as("endoflife-date", "products/debian.md", bytes),
        seeds: || seeds(&[DEBIAN]),
        data: &[Real { below: "feeds/endoflife.date", named: &[".md"] }],
    },
    Target {
        name: "osv",
        run: |bytes| reads("osv-pypi", bytes),
        seeds: || seeds(&[OSV, r#"{"id":"GO-2020-0001","withdrawn":"x"}"#, "[]"]),
        data: &[],
    },
    Target {
        name: "gitlab",
        run: |bytes| reads("gitlab-community", bytes),
        seeds: || seeds(&[GITLAB, "identifier: [", "a: &a [*a, *a]"]),
        data: &[Real { below: "feeds/gitlab.com", named: &[".yml"] }],
    },
    Target {
        name: "cve-records",
        run: |bytes| reads("cisa-vulnrichment", bytes),
        seeds: || seeds(&[CVE, r#"{"cveMetadata":{},"containers":[]}"#, "\u{feff}{}"]),
        data: &[Real { below: "feeds/github.com/cisagov", named: &[".json"] }],
    },
    Target {
        name: "kev",
        run: |bytes| reads("cisa-kev", bytes),
        seeds: || seeds(&[KEV, r#"{"vulnerabilities":[null]}"#, "{}"]),
        data: &[Real::files("feeds/www.cisa.gov")],
    },
];

const SECDB: &str = r#"{"distroversion":"v3.18","packages":[{"pkg":{"name":"xen","secfixes":
{"0":["CVE-2020-0001"],"1.2-r0":["CVE-2020-0002 XSA-200 (regression)","ALPINE-1"]}}}]}"#;

const OVAL: &str = r#"<oval_definitions><definitions><definition id="d" class="vulnerability"><metadata>
<title>CVE-2020-0001 glibc</title><affected><platform>Debian GNU/Linux 12</platform><product>glibc</product></affected>
<reference ref_id="CVE-2020-0001"/><description>a &lt;b&gt; &#233;</description></metadata>
<criteria><criterion test_ref="t"/></criteria></definition></definitions>
<tests><dpkginfo_test id="t"><object object_ref="o"/><state state_ref="s"/></dpkginfo_test></tests>
<objects><dpkginfo_object id="o"><name>glibc</name></dpkginfo_object></objects>
<states><dpkginfo_state id="s"><evr operation="less than">0:2.36-9</evr></dpkginfo_state></states></oval_definitions>"#;

const OSV: &str = r#"{"id":"PYSEC-2020-1","modified":"2024-10-10T00:00:00Z","aliases":["CVE-2020-0001"],
"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
"affected":[{"package":{"ecosystem":"PyPI","name":"a"},"versions":["1.0"],"database_specific":{"severity":"LOW"},
"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2"},{"last_affected":"1.5"}]}]}]}"#;

const GITLAB: &str = "---\nidentifier: \"CVE-2021-39391\"\nidentifiers:\n- \"CVE-2021-39391\"
package_slug: \"maven/axis/axis\"\ntitle: \"A\n  title\"\ndate: \"2021-10-06\"\naffected_range: \"(,1.4],[2.0,2.1)\"
fixed_versions:\n- \"1.4.1\"\ncvss_v2: \"AV:N/AC:M/Au:N/C:N/I:P/A:N\"\ncwe_ids: [\"CWE-79\"]\n";

const CVE: &str = r#"{"cveMetadata":{"cveId":"CVE-2023-24018","assignerShortName":"talos","state":"PUBLISHED"},
"containers":{"cna":{"title":"a","metrics":[{"cvssV2_0":{"vectorString":"AV:N/AC:L/Au:N/C:P/I:P/A:P"}}]},
"adp":[{"providerMetadata":{"shortName":"CISA-ADP"},"problemTypes":[{"descriptions":[{"cweId":"CWE-787"}]}]}]}}"#;

const KEV: &str = r#"{"dateReleased":"2025-08-25T17:04:19.9796Z","vulnerabilities":[{"cveID":"CVE-2021-44228",
"dateAdded":"2021-12-10","dueDate":"2021-12-24","knownRansomwareCampaignUse":"Known"}]}"#;

pub(super) fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Whether the feed's reader finds something in the bytes.
pub(super) fn reads(feed: &str, bytes: &[u8]) -> bool {
    reads_as(feed, "input", bytes)
}

/// As [`reads`], of a file of an archive whose path tells what it is about.
fn reads_as(feed: &str, path: &str, bytes: &[u8]) -> bool {
    let catalogue = Catalogue::embedded().ok();
    let Some(source) = catalogue.as_ref().and_then(|catalogue| catalogue.feed(feed)) else {
        return false;
    };
    let budget = Budget::new(Limits { bytes: 64 << 20, file_bytes: 16 << 20, ..Limits::DEFAULT });
    let mut items = 0_usize;
    let sink = &mut |_| items = items.saturating_add(1);
    read_record(source, path, bytes, &budget, sink).is_ok() && items > 0
}

const BULLETIN: &str = r#"<oval_definitions><definitions><definition id="d" class="patch"><metadata>
<title>RHSA-2022:8832: nodejs:18 security update (Moderate)</title><affected><platform>Red Hat Enterprise Linux 9</platform></affected>
<reference source="RHSA" ref_id="RHSA-2022:8832" ref_url="https://a.example/"/><reference source="CVE" ref_id="CVE-2022-3517"/>
<advisory from="a@example.org"><severity>Moderate</severity><issued date="2022-12-06"/>
<cve cvss3="7.5/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" cwe="CWE-400->CWE-770" impact="moderate" public="20220206">CVE-2022-3517</cve></advisory></metadata>
<criteria operator="OR"><criterion test_ref="r"/><criteria negate="true"><criterion negate="true" test_ref="m"/></criteria>
<criteria operator="AND"><criterion test_ref="m"/><criterion test_ref="p"/></criteria></criteria></definition></definitions>
<tests><rpmverifyfile_test id="r" check="none satisfy"/><textfilecontent54_test id="m" comment="Module nodejs:18 is enabled"/>
<rpminfo_test id="p"><object object_ref="o"/><state state_ref="s"/></rpminfo_test></tests>
<objects><rpminfo_object id="o"><name>nodejs</name></rpminfo_object></objects>
<states><rpminfo_state id="s"><arch operation="pattern match">aarch64|x86_64</arch><evr operation="less than">1:18.12.1-1.module+el9</evr></rpminfo_state></states></oval_definitions>"#;

const NOTICE: &str = r#"<oval_definitions><definitions>
<definition id="i" class="inventory"><metadata><title>Check that Ubuntu 24.04 LTS (noble) is installed.</title></metadata></definition>
<definition id="d" class="patch"><metadata><title>USN-1-1 -- nginx</title><reference source="USN" ref_id="USN-1-1"/>
<advisory><severity>Low</severity><cve priority="low" cvss_vector="CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N">CVE-2021-3618</cve></advisory></metadata>
<criteria><extend_definition definition_ref="i"/><criterion test_ref="p"/></criteria></definition></definitions>
<tests><dpkginfo_test id="p"><object object_ref="o"/><state state_ref="s"/></dpkginfo_test></tests>
<objects><dpkginfo_object id="o"><name var_ref="v"/></dpkginfo_object></objects>
<states><dpkginfo_state id="s"><evr operation="less than">0:1.18.0-6</evr></dpkginfo_state></states>
<variables><constant_variable id="v"><value>nginx</value><value>nginx-core</value></constant_variable></variables></oval_definitions>"#;

const RUSTSEC: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2021-0124\"\npackage = \"tokio\"\ndate = \"2021-11-16\"
[versions]\npatched = [\">= 1.8.4, < 1.9.0\", \"^1.13\"]\nunaffected = [\"< 0.1.14\"]\n```\n# Title\nText";

const RUBYSEC: &str =
    "---\ngem: activesupport\ncve: 2020-8165\ndate: 2020-05-18\nunaffected_versions:\n  - \"< 3.0\"
patched_versions:\n  - \"~> 5.2.4, >= 5.2.4.3\"\n  - \">= 6.0.3.1\"\n";

const PHP: &str =
    "title: a\ncve: CVE-2016-0001\nbranches:\n    2.0.x:\n        time: 2015-08-06 22:08:00
        versions: ['>=2.0.0', '<2.0.99']\nreference: composer://cakephp/cakephp\n";

const DEBIAN: &str = "---\nreleases:\n  - releaseCycle: \"12\"\n    eol: 2026-07-11\n    latestReleaseDate: 2026-07-11
  - releaseCycle: \"14\"\n    eol: false\n---\n";
