//! Microsoft's OVAL definitions of Azure Linux and CBL-Mariner.

use super::{lines, problems, records, whole};

/// A definition of golang with these criteria; `patchable` as given.
fn azure(patchable: &str, tests: &str) -> String {
    format!(
        r#"<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5">
<generator><oval:timestamp>2023-05-11T12:02:01.195098043Z</oval:timestamp></generator><definitions>
<definition class="vulnerability" id="def:1"><metadata>
<title>CVE-2023-29404 affecting package golang for versions less than 1.20.7-1</title>
<affected family="unix"><platform>CBL-Mariner</platform></affected>
<reference ref_id="CVE-2023-29404" ref_url="https://nvd.nist.gov/vuln/detail/CVE-2023-29404" source="CVE"/>
<patchable>{patchable}</patchable><advisory_date>2023-05-03T16:24:32Z</advisory_date><severity>Critical</severity>
<description>CVE-2023-29404 affecting package golang.</description></metadata>
<criteria operator="AND">{tests}</criteria></definition></definitions>
<tests><rpminfo_test id="below"><object object_ref="o"/><state state_ref="below"/></rpminfo_test>
<rpminfo_test id="above"><object object_ref="o"/><state state_ref="above"/></rpminfo_test>
<rpminfo_test id="until"><object object_ref="o"/><state state_ref="until"/></rpminfo_test>
<rpminfo_test id="plain"><object object_ref="o"/><state state_ref="plain"/></rpminfo_test></tests>
<objects><rpminfo_object id="o"><name>golang</name></rpminfo_object></objects><states>
<rpminfo_state id="below"><evr datatype="evr_string" operation="less than">0:1.20.7-1.cm2</evr></rpminfo_state>
<rpminfo_state id="above"><evr datatype="evr_string" operation="greater than">0:1.19.0.cm2</evr></rpminfo_state>
<rpminfo_state id="until"><evr datatype="evr_string" operation="less than or equal">0:1.18.1-2.cm2</evr></rpminfo_state>
<rpminfo_state id="plain"><evr datatype="evr_string" operation="less than">0:1.17-1</evr></rpminfo_state>
</states></oval_definitions>"#
    )
}

#[test]
fn a_definition_says_below_or_until_which_version() {
    let test = |id: &str| format!(r#"<criterion test_ref="{id}"/>"#);
    for (patchable, tests, expected) in [
        ("true", test("below"), "(,1.20.7-1.cm2) fixed"),
        ("true", test("below") + &test("above"), "(1.19.0.cm2,1.20.7-1.cm2) fixed"),
        ("false", test("until"), "(,1.18.1-2.cm2] affected"),
        ("Not Applicable", test("until"), "(,1.18.1-2.cm2] not_affected"),
        // A version without a tag is of the document's only release.
        ("true", test("plain"), "(,1.17-1) fixed"),
    ] {
        let (items, summary) = whole("azure-oval", azure(patchable, &tests).as_bytes()).unwrap();
        assert_eq!(lines(&items), [format!("CVE-2023-29404 mariner:2.0 golang {expected}")]);
        assert_eq!(problems(&summary), Vec::<String>::new());
        assert_eq!(summary.date.as_deref(), Some("2023-05-11"));
        let record = records(&items)[0];
        assert_eq!(record.affected[0].severity.unwrap().name(), "critical");
        assert_eq!(record.modified.as_deref(), Some("2023-05-03"));
    }
}

#[test]
fn a_version_of_no_certain_release_is_a_problem_of_its_definition() {
    let plain = azure("true", r#"<criterion test_ref="plain"/>"#);
    let of_both = plain.replace("1.19.0.cm2", "1.19.0.azl3");
    let of_none = plain.replace(".cm2", "");
    for document in [of_both, of_none] {
        let (items, summary) = whole("azure-oval", document.as_bytes()).unwrap();
        assert_eq!(items.len(), 0, "{document}");
        assert!(problems(&summary)[0].contains("names no release"), "{summary:?}");
    }
    let newer = azure("true", r#"<criterion test_ref="below"/>"#).replace(".cm2", ".azl3");
    let (items, _) = whole("azure-oval", newer.as_bytes()).unwrap();
    assert_eq!(lines(&items), ["CVE-2023-29404 azurelinux:3.0 golang (,1.20.7-1.azl3) fixed"]);
}
