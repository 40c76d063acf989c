//! `content/system-calls.yaml` follows its schema, and its numbers are those of the system's own headers.

use bulkhead_probes::SystemCalls;

#[test]
fn the_table_follows_its_schema() {
    let content = bulkhead_testing::repository().join("content");
    let schema =
        fs_err::read_to_string(content.join("system-calls.schema.json")).expect("a schema");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    let yaml = fs_err::read_to_string(content.join("system-calls.yaml")).expect("a table");
    let value: serde_json::Value = serde_saphyr::from_str(&yaml).expect("YAML");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(&value).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    let calls = SystemCalls::embedded().expect("the table is read");
    for call in calls.iter() {
        assert_eq!(calls.named(&call.name), Some(call), "a name stands twice");
        for (number, compat) in [(call.x86_64, false), (call.i386, true)] {
            if let Some(number) = number {
                assert_eq!(calls.numbered(number, compat), Some(call), "a number stands twice");
            }
        }
    }
}

/// What the headers of this machine know, the table knows by the same number.
#[test]
fn numbers_are_those_of_the_headers() {
    let calls = SystemCalls::embedded().expect("the table is read");
    for (file, compat) in [("unistd_64.h", false), ("unistd_32.h", true)] {
        let path = format!("/usr/include/x86_64-linux-gnu/asm/{file}");
        let Ok(text) = fs_err::read_to_string(&path) else {
            bulkhead_testing::skip(&format!("no {path}"));
            continue;
        };
        let defined = text.lines().filter_map(|line| {
            let (name, number) = line.strip_prefix("#define __NR_")?.split_once(' ')?;
            Some((name, number.trim().parse::<u32>().ok()?))
        });
        let mut seen = 0;
        for (name, number) in defined {
            let known = calls.numbered(number, compat).map(|call| call.name.as_str());
            assert_eq!(known, Some(name), "{file}");
            seen += 1;
        }
        assert!(seen > 300, "{file} has no numbers");
    }
}
