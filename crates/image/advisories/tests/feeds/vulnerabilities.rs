//! Feeds about vulnerabilities in general: CVE records and the catalogue of exploited ones.

use bulkhead_advisories::{FeedError, Item};

use super::{one, problems, records, whole};

const RECORD: &str = r#"{"dataType":"CVE_RECORD","dataVersion":"5.1",
"cveMetadata":{"cveId":"CVE-2023-24018","assignerShortName":"talos","state":"PUBLISHED","datePublished":"2023-07-06T14:53:27.818Z","dateUpdated":"2024-08-02T10:49:09.071Z"},
"containers":{"cna":{"providerMetadata":{"orgId":"x"},"title":"A title","descriptions":[{"lang":"de","value":"Deutsch"},{"lang":"en-US","value":"English"}],
"problemTypes":[{"descriptions":[{"lang":"en","cweId":"CWE-121","description":"CWE-121: overflow"},{"lang":"en","description":"n/a"}]}],
"metrics":[{"format":"CVSS","cvssV3_1":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H","baseScore":1.0}},{"other":{"type":"x","content":{}}}],
"references":[{"url":"https://example.org/a","tags":["x"]}],"affected":[{"vendor":"a","product":"b"}]},
"adp":[{"title":"CISA ADP","providerMetadata":{"shortName":"CISA-ADP"},"problemTypes":[{"descriptions":[{"type":"CWE","description":"CWE-787 write"}]}],
"metrics":[{"cvssV2_0":{"vectorString":"AV:N/AC:L/Au:N/C:P/I:P/A:P"}},{"cvssV4_0":{"vectorString":"CVSS:4.0/AV:N"}}]},{"providerMetadata":{"shortName":"CVE"}}]}}"#;

#[test]
fn vectors_keep_who_made_them() {
    let (items, summary) = one("cisa-vulnrichment", RECORD);
    let record = records(&items)[0];
    let vectors: Vec<(&str, &str, f64)> = record
        .cvss
        .iter()
        .map(|cvss| (cvss.source.as_str(), cvss.version.as_str(), cvss.score))
        .collect();
    assert_eq!(vectors, [("talos", "3.1", 7.2), ("CISA-ADP", "2.0", 7.5)]);
    assert_eq!(record.cwes, [121, 787]);
    assert_eq!(record.id, "CVE-2023-24018");
    assert_eq!(record.title.as_deref(), Some("A title"));
    assert_eq!(record.description.as_deref(), Some("English"));
    assert_eq!(record.published.as_deref(), Some("2023-07-06"));
    assert_eq!(record.modified.as_deref(), Some("2024-08-02"));
    assert_eq!(record.references, ["https://example.org/a"]);
    assert!(record.affected.is_empty());
    // The vector of version 4 lacks most of its metrics.
    assert_eq!(summary.problems.len(), 1, "{:?}", problems(&summary));
}

#[test]
fn rejected_records_are_dropped() {
    let rejected = r#"{"cveMetadata":{"cveId":"CVE-2023-20239","state":"REJECTED"},"containers":{"cna":{"rejectedReasons":[]}}}"#;
    let (items, summary) = one("cisa-vulnrichment", rejected);
    assert_eq!((items.len(), summary.dropped), (0, 1));
}

#[test]
fn a_broken_record_is_a_problem() {
    for broken in [
        "",
        "{}",
        &RECORD[..RECORD.len() / 2],
        &RECORD.replace("CVE-2023-24018", "CVE-23"),
        &RECORD.replace("\"metrics\":[", "\"metrics\":5,\"a\":["),
    ] {
        let (items, summary) = one("cisa-vulnrichment", broken);
        assert_eq!((items.len(), summary.problems.len()), (0, 1), "{broken}");
    }
}

#[test]
fn exploited_vulnerabilities_are_rows() {
    let document = r#"{"title":"x","dateReleased":"2025-08-25T17:04:19.9796Z","count":3,"vulnerabilities":[
        {"cveID":"CVE-2021-44228","dateAdded":"2021-12-10","dueDate":"2021-12-24","knownRansomwareCampaignUse":"Known","notes":"x"},
        {"cveID":"CVE-2020-0001","dateAdded":"2022-01-01","knownRansomwareCampaignUse":"Unknown"},
        {"cveID":"CVE-20","dateAdded":"2022-01-01"},
        {"cveID":"CVE-2020-0002","dateAdded":"soon"},
        {"dateAdded":"2022-01-01"}]}"#;
    let (items, summary) = whole("cisa-kev", document.as_bytes()).unwrap();
    let rows: Vec<String> = items
        .iter()
        .map(|item| match item {
            Item::Exploited(row) => {
                let entry = &row.entry;
                let due = entry.due.as_deref().unwrap_or("none");
                format!("{} {} {due} {} {}", row.id, entry.added, entry.ransomware, entry.source)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        rows,
        [
            "CVE-2021-44228 2021-12-10 2021-12-24 true cisa-kev",
            "CVE-2020-0001 2022-01-01 none false cisa-kev"
        ]
    );
    assert_eq!(summary.date.as_deref(), Some("2025-08-25"));
    assert_eq!(summary.problems.len(), 3, "{:?}", problems(&summary));
    for broken in ["", "[]", r#"{"vulnerabilities":{}}"#, &document[..document.len() - 4]] {
        let error = whole("cisa-kev", broken.as_bytes()).unwrap_err();
        assert!(
            matches!(error, FeedError::Malformed { .. } | FeedError::Truncated),
            "{broken}: {error}"
        );
    }
}
