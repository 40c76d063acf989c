//! Advisory feeds of distributions that tell of bulletins and products.

use super::feeds::{reads, seeds};
use crate::Target;

pub(super) const TARGETS: &[Target] = &[
    Target {
        name: "azure-oval",
        run: |bytes| reads("azure-oval", bytes),
        seeds: || seeds(&[AZURE]),
        data: &[],
    },
    Target {
        name: "oracle-oval",
        run: |bytes| reads("oracle-oval", bytes),
        seeds: || seeds(&[ORACLE]),
        data: &[],
    },
    Target {
        name: "updateinfo",
        run: |bytes| reads("amazon-updateinfo", bytes),
        seeds: || seeds(&[NOTICE, "<updates><update type=\"security\">"]),
        data: &[],
    },
    Target {
        name: "bodhi",
        run: |bytes| reads("fedora-bodhi", bytes),
        seeds: || seeds(&[UPDATE, r#"{"updates":[{}]}"#, "[[]]"]),
        data: &[],
    },
    Target {
        name: "csaf",
        run: |bytes| reads("redhat-vex", bytes),
        seeds: || seeds(&[VEX, r#"{"document":{},"vulnerabilities":[{}]}"#]),
        data: &[],
    },
    Target {
        name: "cvrf",
        run: |bytes| reads("suse-cvrf", bytes),
        seeds: || seeds(&[CVRF, "<cvrfdoc><Vulnerability/>"]),
        data: &[],
    },
];

const AZURE: &str = r#"<oval_definitions><definitions><definition id="d" class="vulnerability"><metadata>
<title>CVE-2023-29404 affecting package golang</title><affected><platform>CBL-Mariner</platform></affected>
<reference ref_id="CVE-2023-29404" source="CVE"/><patchable>true</patchable><severity>High</severity></metadata>
<criteria operator="AND"><criterion test_ref="t"/><criterion test_ref="u"/></criteria></definition></definitions>
<tests><rpminfo_test id="t"><object object_ref="o"/><state state_ref="s"/></rpminfo_test>
<rpminfo_test id="u"><object object_ref="o"/><state state_ref="r"/></rpminfo_test></tests>
<objects><rpminfo_object id="o"><name>golang</name></rpminfo_object></objects>
<states><rpminfo_state id="s"><evr operation="less than">0:1.20.7-1.cm2</evr></rpminfo_state>
<rpminfo_state id="r"><evr operation="greater than">0:1.19.cm2</evr></rpminfo_state></states></oval_definitions>"#;

const ORACLE: &str = r#"<oval_definitions><definitions><definition id="d" class="patch"><metadata>
<title>ELSA-2021-9151: openssl security update (IMPORTANT)</title><affected><platform>Oracle Linux 8</platform></affected>
<reference source="elsa" ref_id="ELSA-2021-9151"/><reference source="CVE" ref_id="CVE-2021-3449"/></metadata>
<criteria operator="AND"><criterion test_ref="a"/><criteria operator="OR"><criterion test_ref="p"/></criteria></criteria></definition></definitions>
<tests><rpminfo_test id="a"><object object_ref="r"/><state state_ref="x"/></rpminfo_test>
<rpminfo_test id="p"><object object_ref="o"/><state state_ref="s"/></rpminfo_test></tests>
<objects><rpminfo_object id="r"><name>oraclelinux-release</name></rpminfo_object><rpminfo_object id="o"><name>openssl</name></rpminfo_object></objects>
<states><rpminfo_state id="x"><arch operation="pattern match">x86_64</arch></rpminfo_state>
<rpminfo_state id="s"><evr operation="less than">2:1.1.1g-15.ksplice1.el8_3</evr></rpminfo_state></states></oval_definitions>"#;

const NOTICE: &str = r#"<updates><update type="security"><id>ALAS2-2018-939</id><title>a</title><issued date="2018-01-05"/>
<severity>important</severity><references><reference id="CVE-2017-5754" type="cve" href="https://a.example/"/></references>
<pkglist><collection><name>Amazon Linux 2 - Kernel-4.9</name><module name="a" stream="1"/>
<package name="kernel" epoch="1" version="4.9.76" release="38.amzn2" arch="x86_64"/></collection></pkglist></update></updates>"#;

const UPDATE: &str = r#"{"updates":[{"alias":"FEDORA-2023-bb021a4854","title":"a","notes":"CVE-2023-31486","type":"security",
"status":"stable","severity":"medium","date_submitted":"2023-06-01 10:00:00","release":{"id_prefix":"FEDORA","version":"38"},
"bugs":[{"title":"CVE-2023-31484 perl"}],"builds":[{"nvr":"perl-5.36.1-497.fc38","epoch":4,"type":"rpm"}]}]}"#;

const VEX: &str = r#"{"document":{"category":"csaf_vex","csaf_version":"2.0","title":"a","publisher":{"category":"vendor",
"name":"a","namespace":"https://a.example"},"tracking":{"id":"CVE-2023-6228","status":"final","version":"1",
"initial_release_date":"2023-11-03T00:00:00Z","current_release_date":"2024-05-01T00:00:00Z"}},
"product_tree":{"branches":[{"category":"vendor","name":"a","branches":[
{"category":"product_name","name":"8","product":{"name":"8","product_id":"8","product_identification_helper":{"cpe":"cpe:/a:redhat:enterprise_linux:8"}}},
{"category":"product_version","name":"b","product":{"name":"b","product_id":"b.src","product_identification_helper":{"purl":"pkg:rpm/redhat/b?arch=src&rpmmod=c:1"}}}]}],
"relationships":[{"category":"default_component_of","product_reference":"b.src","relates_to_product_reference":"8",
"full_product_name":{"name":"a","product_id":"8:b"}}]},
"vulnerabilities":[{"cve":"CVE-2023-6228","product_status":{"known_affected":["8:b"]},
"threats":[{"category":"impact","details":"Low","product_ids":["8:b"]}],
"remediations":[{"category":"no_fix_planned","details":"a","product_ids":["8:b"]}]}]}"#;

const CVRF: &str = r#"<cvrfdoc><DocumentTitle>a</DocumentTitle><DocumentTracking><Identification><ID>SUSE-SU-2015:0011-2</ID></Identification></DocumentTracking>
<ProductTree><FullProductName ProductID="openSUSE Leap 15.4">openSUSE Leap 15.4</FullProductName>
<Relationship ProductReference="bind-9.9-0.6.1" RelatesToProductReference="openSUSE Leap 15.4"><FullProductName ProductID="c">c</FullProductName></Relationship></ProductTree>
<Vulnerability><CVE>CVE-2014-8500</CVE><ProductStatuses><Status Type="Fixed"><ProductID>c</ProductID></Status></ProductStatuses>
<Threats><Threat Type="Impact"><Description>important</Description></Threat></Threats></Vulnerability></cvrfdoc>"#;
