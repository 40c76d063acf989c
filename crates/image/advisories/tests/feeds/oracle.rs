//! Oracle's OVAL definitions: architectures of the system, modules, builds for live patching.

use super::{problems, records, whole};

/// A definition with these criteria, as Oracle's generator writes it.
fn oracle(criteria: &str) -> String {
    format!(
        r#"<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"><definitions>
<definition id="def:1" class="patch"><metadata><title>
ELSA-2021-9151:  virt:kvm_utils security update (IMPORTANT)
</title><affected family="unix"><platform>Oracle Linux 8</platform></affected>
<reference source="elsa" ref_id="ELSA-2021-9151" ref_url="https://linux.oracle.com/errata/ELSA-2021-9151.html"/>
<reference source="CVE" ref_id="CVE-2021-3449" ref_url="https://linux.oracle.com/cve/CVE-2021-3449.html"/>
<advisory><severity>IMPORTANT</severity><issued date="2021-04-01"/>
<cve cvss3="5.9/CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:N/I:N/A:H" public="20210325">CVE-2021-3449</cve></advisory></metadata>
<criteria operator="AND"><criterion test_ref="tst:8" comment="Oracle Linux 8 is installed"/>{criteria}</criteria></definition></definitions>
<tests><rpminfo_test id="tst:8" comment="Oracle Linux 8 is installed"><object object_ref="obj:release"/><state state_ref="ste:8"/></rpminfo_test>
<rpminfo_test id="tst:arm"><object object_ref="obj:release"/><state state_ref="ste:arm"/></rpminfo_test>
<rpminfo_test id="tst:intel"><object object_ref="obj:release"/><state state_ref="ste:intel"/></rpminfo_test>
<textfilecontent54_test id="tst:module" comment="Module virt:kvm_utils is enabled"/>
<rpminfo_test id="tst:old"><object object_ref="obj:openssl"/><state state_ref="ste:old"/></rpminfo_test>
<rpminfo_test id="tst:signed"><object object_ref="obj:openssl"/><state state_ref="ste:key"/></rpminfo_test>
<rpminfo_test id="tst:ksplice"><object object_ref="obj:openssl"/><state state_ref="ste:ksplice"/></rpminfo_test></tests>
<objects><rpminfo_object id="obj:release"><name>oraclelinux-release</name></rpminfo_object>
<rpminfo_object id="obj:openssl"><name>openssl</name></rpminfo_object></objects>
<states><rpminfo_state id="ste:8"><version operation="pattern match">^8</version></rpminfo_state>
<rpminfo_state id="ste:arm"><arch operation="pattern match">aarch64</arch></rpminfo_state>
<rpminfo_state id="ste:intel"><arch operation="pattern match">x86_64</arch></rpminfo_state>
<rpminfo_state id="ste:key"><signature_keyid operation="equals">82562ea9ad986da3</signature_keyid></rpminfo_state>
<rpminfo_state id="ste:ksplice"><release operation="pattern match">ksplice</release></rpminfo_state>
<rpminfo_state id="ste:old"><evr datatype="evr_string" operation="less than">2:1.1.1g-15.ksplice1.el8_3</evr></rpminfo_state>
</states></oval_definitions>"#
    )
}

fn all(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| match part.strip_prefix('<') {
        Some(_) => (*part).to_owned(),
        None => format!(r#"<criterion test_ref="tst:{part}"/>"#),
    });
    format!(r#"<criteria operator="AND">{}</criteria>"#, parts.collect::<String>())
}

#[test]
fn architectures_of_the_system_and_modules_hold_for_its_packages() {
    let package = all(&["old", "signed", "ksplice"]);
    let (arm, intel) = (all(&["arm", &package]), all(&["intel", &package]));
    let range = "ol:8 openssl (,2:1.1.1g-15.ksplice1.el8_3)";
    for (criteria, expected) in [
        (package.clone(), format!("{range} - ")),
        (arm.clone(), format!("{range} - aarch64")),
        // 64-bit systems of Intel's install 32-bit libraries, too.
        (intel.clone(), format!("{range} - i686,x86_64")),
        (
            format!(r#"<criteria operator="OR">{arm}{intel}</criteria>"#),
            format!("{range} - aarch64,i686,x86_64"),
        ),
        (all(&["arm", "module", &package]), format!("{range} virt:kvm_utils aarch64")),
        (all(&["arm", "intel", &package]), String::new()),
    ] {
        let (items, summary) = whole("oracle-oval", oracle(&criteria).as_bytes()).unwrap();
        assert_eq!(problems(&summary), Vec::<String>::new(), "{criteria}");
        let rows = records(&items)[0].affected.iter().map(|row| {
            let module = row.module.as_deref().unwrap_or("-");
            format!("{} {} {module} {}", row.key, row.versions, row.architectures.join(","))
        });
        assert_eq!(rows.collect::<Vec<_>>().join("; "), expected, "{criteria}");
    }
}

#[test]
fn a_bulletin_and_its_vulnerability_are_told() {
    let (items, _) = whole("oracle-oval", oracle(&all(&["old"])).as_bytes()).unwrap();
    let [bulletin, vulnerability] = records(&items)[..] else { panic!("{items:?}") };
    assert_eq!(
        (bulletin.id.as_str(), bulletin.covers.join(" ")),
        ("ELSA-2021-9151", "CVE-2021-3449".to_owned())
    );
    assert_eq!(bulletin.severity.unwrap().name(), "high");
    assert_eq!(bulletin.title.as_deref(), Some("virt:kvm_utils security update (IMPORTANT)"));
    assert_eq!(
        (vulnerability.cvss[0].score, vulnerability.published.as_deref()),
        (5.9, Some("2021-03-25"))
    );
}
