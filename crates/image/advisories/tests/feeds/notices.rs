//! Update notices of repositories, and Fedora's updates.

use super::{lines, problems, records, whole};

fn notice(kind: &str, release: &str, packages: &str) -> String {
    format!(
        r#"<?xml version="1.0"?><updates><update author="a" from="a" status="final" type="{kind}" version="1.4">
<id>ALAS2-2018-939</id><title>Amazon Linux 2 - ALAS2-2018-939: important priority package update for kernel</title>
<issued date="2018-01-05 02:00" /><updated date="2018-01-06 02:00" /><severity>important</severity>
<description>Package updates are available that fix: CVE-2017-5754.</description>
<references><reference href="http://cve.example/CVE-2017-5754" id="CVE-2017-5754" title="" type="cve" /></references>
<pkglist><collection short="a"><name>{release}</name>{packages}</collection></pkglist></update></updates>"#
    )
}

fn package(name: &str, epoch: &str, version: &str, release: &str, architecture: &str) -> String {
    format!(
        r#"<package arch="{architecture}" epoch="{epoch}" name="{name}" release="{release}" version="{version}"><filename>a.rpm</filename></package>"#
    )
}

#[test]
fn older_packages_than_those_of_a_notice_are_affected() {
    let kernel = package("kernel", "0", "4.9.76", "38.79.amzn2", "x86_64");
    let source = package("kernel", "0", "4.9.76", "38.79.amzn2", "src");
    let perf = package("perf", "1", "4.9.76", "38.79.amzn2", "x86_64");
    let id = "ALAS2-2018-939+CVE-2017-5754";
    for (feed, release, packages, expected) in [
        (
            "amazon-updateinfo",
            "Amazon Linux 2",
            [&*kernel, &kernel, &source].concat(),
            vec!["amzn:2 kernel (,4.9.76-38.79.amzn2) fixed"],
        ),
        (
            "amazon-updateinfo",
            "Amazon Linux 2",
            perf.clone(),
            vec!["amzn:2 perf (,1:4.9.76-38.79.amzn2) fixed"],
        ),
        (
            "amazon-updateinfo",
            "Amazon Linux AMI",
            perf.clone(),
            vec!["amzn:1 perf (,1:4.9.76-38.79.amzn2) fixed"],
        ),
        // A line that names its version says nothing of older ones.
        (
            "amazon-updateinfo",
            "Amazon Linux 2 - Kernel-4.9",
            kernel.clone(),
            vec!["amzn:2 kernel [4.9,4.9.76-38.79.amzn2) fixed"],
        ),
        (
            "fedora-updateinfo",
            "Fedora 38",
            [&*source, &perf].concat(),
            vec!["fedora:38 kernel (,4.9.76-38.79.amzn2) fixed"],
        ),
        (
            "fedora-updateinfo",
            "Fedora 38",
            perf,
            vec!["fedora:38 perf (,1:4.9.76-38.79.amzn2) fixed"],
        ),
    ] {
        let document =
            notice("security", release, &packages).replace("Amazon Linux 2 - ALAS2", "ALAS2");
        let (items, summary) = whole(feed, document.as_bytes()).unwrap();
        assert_eq!(problems(&summary), Vec::<String>::new(), "{document}");
        let expected: Vec<String> = expected.iter().map(|row| format!("{id} {row}")).collect();
        assert_eq!(lines(&items), expected, "{document}");
        assert_eq!(records(&items)[0].severity.unwrap().name(), "high");
        assert_eq!(records(&items)[0].modified.as_deref(), Some("2018-01-06"));
    }
}

#[test]
fn notices_about_no_vulnerability_are_dropped() {
    let kernel = package("kernel", "0", "4.9.76", "38.79.amzn2", "x86_64");
    let plain = notice("bugfix", "Amazon Linux 2", &kernel).replace("CVE-2017-5754", "nothing");
    let (items, summary) = whole("amazon-updateinfo", plain.as_bytes()).unwrap();
    assert_eq!((items.len(), summary.dropped), (0, 1));
    let nowhere = notice("security", "Somewhere", &package("a", "0", "1", "1", "x86_64"));
    let (items, summary) =
        whole("amazon-updateinfo", nowhere.replace("Amazon Linux 2 - ", "").as_bytes()).unwrap();
    assert_eq!(lines(&items), ["ALAS2-2018-939+CVE-2017-5754"]);
    assert!(problems(&summary)[0].contains("no known release"), "{summary:?}");
}

#[test]
fn updates_of_fedora_bring_builds_of_sources() {
    let update = |status: &str, kind: &str, prefix: &str| {
        format!(
            r#"{{"alias":"FEDORA-2023-bb021a4854","title":"perl-5.36.1","notes":"Fixes CVE-2023-31486","type":"{kind}",
            "status":"{status}","severity":"medium","date_submitted":"2023-06-01 10:00:00",
            "release":{{"id_prefix":"{prefix}","version":"38"}},"bugs":[{{"title":"CVE-2023-31484 perl: a"}}],
            "builds":[{{"nvr":"perl-5.36.1-497.fc38","epoch":4,"type":"rpm"}}]}}"#
        )
    };
    let stable = update("stable", "security", "FEDORA");
    let page = format!(r#"{{"updates":[{stable}],"page":1,"pages":1}}"#);
    for document in [stable, page] {
        let (items, summary) = whole("fedora-bodhi", document.as_bytes()).unwrap();
        assert_eq!(problems(&summary), Vec::<String>::new());
        let [line] = &lines(&items)[..] else { panic!("{items:?}") };
        assert!(line.starts_with("FEDORA-2023-bb021a4854+CVE-2023-3148"), "{line}");
        assert!(line.ends_with(" fedora:38 perl (,4:5.36.1-497.fc38) fixed"), "{line}");
    }
    for document in [
        update("unpushed", "security", "FEDORA"),
        update("obsolete", "security", "FEDORA"),
        update("stable", "security", "FEDORA-EPEL"),
        update("stable", "bugfix", "FEDORA").replace("CVE-", "bug "),
    ] {
        let (items, summary) = whole("fedora-bodhi", document.as_bytes()).unwrap();
        assert_eq!((items.len(), summary.dropped), (0, 1), "{document}");
    }
}
