//! Standing of products: CSAF, VEX and CVRF of Red Hat's and SUSE's shapes.

use super::{lines, problems, records, whole};

/// Red Hat's VEX of one vulnerability, with these statuses and the rest of the vulnerability.
fn vex(statuses: &str, rest: &str) -> String {
    let product = |id: &str, purl: &str| {
        format!(
            r#"{{"category":"product_version","name":"{id}","product":{{"name":"{id}","product_id":"{id}",
            "product_identification_helper":{{"purl":"{purl}"}}}}}}"#
        )
    };
    let platform = |id: &str, cpe: &str| {
        format!(
            r#"{{"category":"product_name","name":"{id}","product":{{"name":"{id}","product_id":"{id}",
            "product_identification_helper":{{"cpe":"{cpe}"}}}}}}"#
        )
    };
    let components = [
        ("libtiff-0:4.0.9-32.el8.x86_64", "pkg:rpm/redhat/libtiff@4.0.9-32.el8?arch=x86_64"),
        ("libtiff-0:4.0.9-32.el8.src", "pkg:rpm/redhat/libtiff@4.0.9-32.el8?arch=src"),
        ("libtiff", "pkg:rpm/redhat/libtiff"),
        ("libtiff.src", "pkg:rpm/redhat/libtiff?arch=src"),
        ("firefox", "pkg:rpm/redhat/firefox?arch=src"),
        ("jdbc::libreoffice:flatpak", "pkg:rpm/redhat/jdbc?rpmmod=libreoffice:flatpak"),
        ("redis-container", "pkg:oci/redis-container"),
        ("firefox-flatpak", "pkg:rpm/redhat/firefox-flatpak?arch=src&rpmmod=rhel10"),
    ];
    let platforms = [
        ("8.10", "cpe:/a:redhat:enterprise_linux:8::appstream"),
        ("8.9", "cpe:/a:redhat:enterprise_linux:8"),
        ("eus", "cpe:/a:redhat:rhel_eus:8.6"),
    ];
    let relations = platforms.iter().flat_map(|(platform, _)| {
        components.iter().map(move |(component, _)| {
            format!(
                r#"{{"category":"default_component_of","product_reference":"{component}",
                "relates_to_product_reference":"{platform}",
                "full_product_name":{{"name":"a","product_id":"{platform}:{component}"}}}}"#
            )
        })
    });
    let relations: Vec<String> = relations.collect();
    let mut branches: Vec<String> = components.iter().map(|(id, purl)| product(id, purl)).collect();
    branches.extend(platforms.iter().map(|(id, cpe)| platform(id, cpe)));
    format!(
        r#"{{"document":{{"category":"csaf_vex","csaf_version":"2.0","title":"libtiff: overflow",
        "publisher":{{"category":"vendor","name":"Red Hat Product Security","namespace":"https://www.redhat.com"}},
        "tracking":{{"id":"CVE-2023-6228","status":"final","version":"1","initial_release_date":"2023-11-03T00:00:00+00:00",
        "current_release_date":"2024-05-01T00:00:00+00:00"}}}},
        "product_tree":{{"branches":[{{"category":"vendor","name":"Red Hat","branches":[{}]}}],"relationships":[{}]}},
        "vulnerabilities":[{{"cve":"CVE-2023-6228","product_status":{{{statuses}}}{rest}}}]}}"#,
        branches.join(","),
        relations.join(",")
    )
}

fn check(statuses: &str, rest: &str, expected: &[&str]) {
    let (items, summary) = whole("redhat-vex", vex(statuses, rest).as_bytes()).unwrap();
    assert_eq!(problems(&summary), Vec::<String>::new(), "{statuses}");
    let rows = records(&items)[0].affected.iter().map(|row| {
        let severity = row.severity.map_or("-", |severity| severity.name());
        let module = row.module.as_deref().unwrap_or("-");
        format!(
            "{} {} {} {severity} {module} {}",
            row.key,
            row.versions,
            row.state.name(),
            row.architectures.join(",")
        )
    });
    assert_eq!(rows.collect::<Vec<_>>(), expected, "{statuses} {rest}");
}

#[test]
fn what_becomes_of_a_product_is_in_status_and_remediation() {
    for (status, rest, expected) in [
        ("fixed", "", vec![]),
        ("known_affected", "", vec!["rhel:8 libtiff (,) affected - - "]),
        ("under_investigation", "", vec!["rhel:8 libtiff (,) under_investigation - - "]),
        ("known_not_affected", "", vec!["rhel:8 libtiff (,) not_affected - - "]),
        (
            "known_affected",
            r#","remediations":[{"category":"no_fix_planned","details":"Will not fix","product_ids":["8.9:libtiff"]}]"#,
            vec!["rhel:8 libtiff (,) will_not_fix - - "],
        ),
        (
            "known_affected",
            r#","remediations":[{"category":"none_available","details":"Fix deferred","product_ids":["8.9:libtiff"]},
               {"category":"no_fix_planned","details":"Will not fix","product_ids":["eus:libtiff"]}]"#,
            vec!["rhel:8 libtiff (,) affected - - "],
        ),
    ] {
        check(&format!(r#""{status}":["8.9:libtiff","eus:libtiff"]"#), rest, &expected);
    }
    let fixed =
        r#""fixed":["8.10:libtiff-0:4.0.9-32.el8.x86_64","8.10:libtiff-0:4.0.9-32.el8.src"]"#;
    let row = "rhel:8 libtiff (,4.0.9-32.el8) fixed - - x86_64";
    check(fixed, "", &[row]);
    // One minor release has the fix that an older one will not get.
    check(&format!(r#"{fixed},"known_affected":["8.9:libtiff"]"#), "", &[row]);
    check(r#""known_not_affected":["8.10:libtiff-0:4.0.9-32.el8.x86_64"]"#, "", &[]);
}

#[test]
fn components_are_packages_sources_or_neither() {
    for (id, expected) in [
        ("libtiff.src", vec!["rhel:8 libtiff.src (,) affected - - "]),
        ("firefox", vec!["rhel:8 firefox.src (,) affected - - "]),
        ("jdbc::libreoffice:flatpak", vec!["rhel:8 jdbc (,) affected - libreoffice:flatpak "]),
        ("redis-container", vec![]),
        ("firefox-flatpak", vec![]),
    ] {
        check(&format!(r#""known_affected":["8.9:{id}"]"#), "", &expected);
    }
}

#[test]
fn impacts_are_those_of_the_product() {
    let rest = r#","threats":[{"category":"impact","details":"Moderate","product_ids":["8.9:libtiff"]},
        {"category":"impact","details":"Critical","product_ids":["eus:libtiff"]},
        {"category":"impact","details":"None","product_ids":["8.9:libtiff.src"]}]"#;
    check(
        r#""known_affected":["8.9:libtiff","8.9:libtiff.src","eus:libtiff"]"#,
        rest,
        &["rhel:8 libtiff (,) affected medium - ", "rhel:8 libtiff.src (,) affected - - "],
    );
}

/// SUSE's advisory in the older form: the product is the platform, a colon and the build.
#[test]
fn an_advisory_in_cvrf_is_read_alike() {
    let document = r#"<cvrfdoc xmlns="http://www.icasi.org/CVRF/schema/cvrf/1.1"><DocumentTitle>Security update for bind</DocumentTitle>
<DocumentTracking><Identification><ID>SUSE-SU-2015:0011-2</ID></Identification><InitialReleaseDate>2015-01-05T00:00:00Z</InitialReleaseDate>
<CurrentReleaseDate>2015-01-06T00:00:00Z</CurrentReleaseDate></DocumentTracking>
<ProductTree xmlns="http://www.icasi.org/CVRF/schema/prod/1.1"><Branch Type="Product Family" Name="SLES"><Branch Type="Product Name" Name="SUSE Linux Enterprise Server 12 SP1">
<FullProductName ProductID="SUSE Linux Enterprise Server 12 SP1">SUSE Linux Enterprise Server 12 SP1</FullProductName></Branch></Branch>
<Branch Type="Product Version" Name="bind-9.9.4P2-0.6.1"><FullProductName ProductID="bind-9.9.4P2-0.6.1">bind-9.9.4P2-0.6.1</FullProductName></Branch>
<Relationship ProductReference="bind-9.9.4P2-0.6.1" RelationType="Default Component Of" RelatesToProductReference="SUSE Linux Enterprise Server 12 SP1">
<FullProductName ProductID="SUSE Linux Enterprise Server 12 SP1:bind-9.9.4P2-0.6.1">bind</FullProductName></Relationship></ProductTree>
<Vulnerability xmlns="http://www.icasi.org/CVRF/schema/vuln/1.1" Ordinal="1"><CVE>CVE-2014-8500</CVE><ProductStatuses><Status Type="Fixed">
<ProductID>SUSE Linux Enterprise Server 12 SP1:bind-9.9.4P2-0.6.1</ProductID></Status></ProductStatuses>
<Threats><Threat Type="Impact"><Description>important</Description></Threat></Threats>
<CVSSScoreSets><ScoreSet><BaseScore>7.8</BaseScore><Vector>AV:N/AC:L/Au:N/C:N/I:N/A:C</Vector></ScoreSet></CVSSScoreSets></Vulnerability></cvrfdoc>"#;
    let (items, summary) = whole("suse-cvrf", document.as_bytes()).unwrap();
    assert_eq!(problems(&summary), Vec::<String>::new());
    assert_eq!(
        lines(&items),
        [
            "SUSE-SU-2015:0011-2+CVE-2014-8500 sles:12.1 bind (,9.9.4P2-0.6.1) fixed",
            "CVE-2014-8500"
        ]
    );
    let [bulletin, vulnerability] = records(&items)[..] else { panic!("{items:?}") };
    assert_eq!(bulletin.affected[0].severity.unwrap().name(), "high");
    assert_eq!(
        (bulletin.modified.as_deref(), vulnerability.cvss[0].score),
        (Some("2015-01-06"), 7.8)
    );
}
