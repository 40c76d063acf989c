//! Fields that are written down come back.

use bulkhead_events::{Event, Field, FieldType, Fields, Selection, Setting, fields};

/// What cannot be any text of its type.
const EXAMPLES: &[(&str, &str)] = &[
    ("evt.origin", "io_uring"),
    ("evt.res", "ENOENT"),
    ("thread.cap_effective", "CAP_SYS_ADMIN"),
    ("thread.cap_permitted", "CAP_CHOWN CAP_SYS_ADMIN"),
    ("thread.cap_inheritable", "CAP_CHOWN"),
    ("fd.type", "unix"),
    ("fd.typechar", "d"),
    ("fd.types", "pipe"),
    ("fd.l4proto", "udp"),
    ("container.ip", "10.88.0.5"),
    ("proc.stdin.type", "pipe"),
    ("proc.stdout.type", "file"),
    ("proc.stderr.type", "ipv6"),
    ("container.mounts", "/a:/b:bind:false:rslave /c:/d:bind:true:"),
];

#[test]
fn what_is_set_is_extracted() {
    let mut count = 0;
    for row in fields().filter(|row| row.name != "evt.type") {
        let example = EXAMPLES.iter().find(|(name, _)| *name == row.name);
        let example = example.map_or_else(|| any(row.kind), |(_, example)| example);
        let name = match row.selection {
            Selection::Nothing | Selection::OptionalKey => row.name.to_owned(),
            Selection::Index | Selection::IndexOrKey => format!("{}[2]", row.name),
            Selection::Argument => format!("{}.name", row.name),
            _ => format!("{}[key]", row.name),
        };
        let written = [("evt.type", "openat"), (&name, example)];
        let event = match Event::write(&settings(&written)) {
            Ok(event) => event,
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains("cannot be set: it follows from"), "{error}");
                continue;
            }
        };
        count += 1;
        let shown = Field::parse(&name).unwrap().extract(&event).to_string();
        assert_eq!(shown.trim_matches(['(', ')']), example, "{name}");
    }
    assert!(count > 60, "only {count} fields can be set");
}

fn any(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Boolean => "true",
        FieldType::Address => "10.1.2.3",
        FieldType::Number | FieldType::Port | FieldType::Duration | FieldType::Time => "7",
        _ => "word",
    }
}

fn settings(written: &[(&str, &str)]) -> Fields {
    let settings = written.iter();
    settings.map(|(name, word)| ((*name).to_owned(), Setting::Word((*word).to_owned()))).collect()
}

#[test]
fn errors_name_what_cannot_be() {
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[], "`evt.type` is missing, which says what happens"),
        (
            &[("evt.type", "opent")],
            "`evt.type` is `opent`, which is the name of no system call and of nothing else",
        ),
        (
            &[("evt.type", "open"), ("proc.nmae", "x")],
            "no field is called `proc.nmae`; is `proc.name` meant?",
        ),
        (
            &[("evt.type", "open"), ("evt.is_open_read", "true")],
            "`evt.is_open_read`: it cannot be set: it follows from evt.arg.flags",
        ),
        (
            &[("evt.type", "execve"), ("evt.arg.exe", "x")],
            "`evt.arg.exe`: it cannot be set: it follows from proc.exe",
        ),
        (
            &[("evt.type", "open"), ("evt.arg.request", "1")],
            "`evt.arg.request`: `open` has no argument `request`",
        ),
        (
            &[("evt.type", "unlink"), ("fd.name", "/etc/x")],
            "`fd.name`: events of `unlink` have none",
        ),
        (
            &[("evt.type", "open"), ("proc.tty", "-1")],
            "`proc.tty`: `-1` is not a number from 0 to 4294967295",
        ),
        (
            &[("evt.type", "open"), ("fd.sip", "x")],
            "`fd.sip`: `x` is not an address such as 10.0.0.1 or 2001:db8::1",
        ),
        (
            &[("evt.type", "chmod"), ("evt.arg.mode", "511")],
            "`evt.arg.mode`: `511` is not names such as S_ISUID|S_IXUSR, or quoted digits such as \"0755\"",
        ),
        (
            &[("evt.type", "execve"), ("proc.name", "0123456789abcdef")],
            "`proc.name`: `0123456789abcdef` is not at most 15 bytes long, which is all that the kernel keeps",
        ),
    ];
    for (written, expected) in cases {
        assert_eq!(Event::write(&settings(written)).unwrap_err().to_string(), *expected);
    }
}
