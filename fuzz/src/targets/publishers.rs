//! Advisory feeds that one publisher writes in a form of its own.

use super::feeds::{reads, seeds};
use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "debian-tracker",
        run: |bytes| reads("debian-tracker", bytes),
        seeds: || seeds(&[TRACKER, r#"{"a":{"CVE-2020-0001":null}}"#, "[]"]),
        data: &[],
    },
    Target {
        name: "arch-security",
        run: |bytes| reads("arch-security", bytes),
        seeds: || seeds(&[ARCH, r#"[{"name":"AVG-1","packages":[""],"status":"Fixed"}]"#, "[["]),
        data: &[],
    },
    Target {
        name: "photon-cve",
        run: |bytes| reads("photon-cve", bytes),
        seeds: || seeds(&[PHOTON, r#"[{"cve_id":"CVE-2020-0001","pkg":"a"}]"#, "[null]"]),
        data: &[],
    },
    Target {
        name: "nvd-cve",
        run: |bytes| reads("nvd", bytes),
        seeds: || seeds(&[NVD, r#"{"vulnerabilities":[{}]}"#, r#"{"vulnerabilities":null}"#]),
        data: &[],
    },
    Target {
        name: "epss",
        run: |bytes| reads("epss", bytes),
        seeds: || seeds(&[EPSS, "cve,epss\n,\n", "#\n"]),
        data: &[],
    },
];

const TRACKER: &str = r#"{"glibc":{"CVE-2020-0001":{"description":"a","releases":{"bookworm":{"status":"open",
"urgency":"low","nodsa_reason":"ignored"},"sid":{"status":"resolved","fixed_version":"0"}}}}}"#;

const ARCH: &str = r#"[{"name":"AVG-5","packages":["libtiff"],"status":"Fixed","severity":"High","type":"a",
"affected":"4.0.8-1","fixed":"4.0.8-2","issues":["CVE-2016-10095"],"advisories":["ASA-201707-17"]}]"#;

const PHOTON: &str = r#"[{"cve_id":"CVE-2020-0001","pkg":"curl","cve_score":7.5,
"aff_ver":"all versions before 8.1-1.ph4 are vulnerable","res_ver":"8.1-1.ph4","status":"Fixed"},{"cve_id":"CVE-2020-0002","pkg":"curl",
"aff_ver":"NA","res_ver":"NA","status":"Not Affected"}]"#;

const NVD: &str = r#"{"timestamp":"2023-01-03T21:56:15.797","vulnerabilities":[{"cve":{"id":"CVE-2022-1576",
"metrics":{"cvssMetricV2":[{"source":"nvd@nist.gov","cvssData":{"vectorString":"AV:N/AC:M/Au:N/C:N/I:P/A:N"}}]},
"weaknesses":[{"description":[{"lang":"en","value":"CWE-352"}]}],"references":[{"url":"https://example.org"}]}}]}"#;

const EPSS: &str = "#model_version:v2023.03.01,score_date:2023-03-07T00:00:00+0000\ncve,epss,percentile\n\
                    CVE-2020-5902,0.97567,0.99995\n";
