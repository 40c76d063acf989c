//! What outputs say: libsinsp's own cases for its formatter, and what goes beyond. (libs, `sinsp_formatter.ut.cpp`)

use super::*;

/// Reads an output that stands in quotes, and holds the rule against an event.
fn told(output: &str, script: &str) -> Result<(String, Vec<(String, String)>), String> {
    let written = format!("{output:?}");
    let loaded = load(&rule("r", "evt.type exists").replace("x=%proc.name", &written));
    let Some(set) = loaded.set else {
        return Err(loaded.problems.iter().map(ToString::to_string).collect());
    };
    let event = &events(script)[0];
    let output = &set.rule("r").unwrap().output;
    let fields = output.fields(&set, event).into_iter();
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_string())).collect();
    let line = output.line(&set, event);
    // What every alert has behind it.
    let own = line.split(" container_id=").next().unwrap_or_default().to_owned();
    Ok((own, fields))
}

#[track_caller]
fn says(output: &str, expected: &str) {
    assert_eq!(told(output, OPEN).unwrap().0, expected, "{output}");
}

#[test]
fn names_end_where_they_can() {
    says("start%proc.nameand%proc.ttyend", "startcatand34816end");
    says("start%toupper(proc.name)and%toupper(fd.name)end", "startCATand/ETC/SHADOWend");
    says("%proc.aname[2]and%proc.aname[0].", "sshdandcat.");
    says("%proc.aname[] %proc.name[1]", "bash sshd systemd[] cat[1]");
    says("%evt.arg.flagsx", "O_RDONLY|O_CLOEXECx");
    says("%container.image.repository:%container.image.tag", "<NA>:<NA>");
}

/// Falco takes them, and they are hardly meant.
#[test]
fn names_that_go_on_are_told() {
    let doubts = |output: &str| {
        let text = rule("r", "evt.type exists").replace("x=%proc.name", output);
        let problems = load(&text).problems;
        problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>()
    };
    for output in
        ["a=%proc.names b", "a=%proc.name.path b", "a=%proc.name[1]", "a=%proc.aname[9999]"]
    {
        let told = doubts(output);
        assert!(
            told.iter().any(|it| it.contains("what follows it as a text")),
            "{output}: {told:?}"
        );
    }
    for output in
        ["a=%proc.name.", "a=%proc.name:%fd.name", "a=%proc.aname[2]x", "a=%toupper(proc.name)x"]
    {
        assert_eq!(doubts(output), [""; 0], "{output}");
    }
}

#[test]
fn widths_cut_and_fill() {
    says("start %2proc.name end", "start ca end");
    says("start %10proc.name end", "start cat        end");
    says("start %2toupper(proc.name) end", "start CA end");
    says("start %0proc.name end", "start cat end");
}

#[test]
fn transformers_nest_in_outputs() {
    says("%tolower(toupper(proc.name))", "cat");
    says("%toupper( tolower( proc.name ) ) x", "CAT x");
    says("%join(\"->\", (proc.name, fd.name))", "cat->/etc/shadow");
    says("%concat(toupper(proc.name), fd.name)", "CAT/etc/shadow");
    says("%toupper(concat(proc.name, fd.name))", "CAT/ETC/SHADOW");
    says("%toupper(join(\"->\", (concat(proc.name, fd.name), proc.name)))", "CAT/ETC/SHADOW->CAT");
    says("%len(proc.name)", "3");
}

#[test]
fn what_is_no_output_is_refused() {
    for output in [
        "start %some.field end",
        "start %a end",
        "start % end",
        "start %proc.name %",
        "start %proc.name 100%",
        "start %10",
        "start %some_transformer(proc.aname) end",
        "start %val(proc.aname) end",
        "start %(proc.aname) end",
        "start %toupper(proc.aname",
        "start %toupper(tolower)",
        "start %toupper(tolower(proc.aname)",
        "start %toupper(val(proc.aname))",
        "start %touper(",
        "start %(",
        "start %toupper(evt.num) end",
        "start %toupper (proc.name) end",
        "start %evt.arg end",
        "start %evt.arg.nonsense end",
    ] {
        assert!(told(output, OPEN).is_err(), "{output}");
    }
    let deep = format!("%{}proc.name{}", "tolower(".repeat(5_000), ")".repeat(5_000));
    assert!(told(&deep, OPEN).unwrap_err().contains("parentheses lie more than"));
    assert!(told("%evt.arg x", OPEN).unwrap_err().contains("needs something in brackets"));
}

/// Flags as they are by base 16, rights by base 8, though comparisons see numbers.
#[test]
fn bare_arguments_are_told_by_their_base() {
    const CHMOD: &str = "events: [{evt.type: chmod, evt.arg.filename: /a, evt.arg.mode: '0755'}]";
    let output = "%evt.arg.mode %evt.rawarg.mode";
    let names = "S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR";
    let (line, fields) = told(output, CHMOD).unwrap();
    assert_eq!(line, format!("{names} 755"));
    assert!(fields.contains(&("evt.rawarg.mode".into(), "755".into())), "{fields:?}");
    check(CHMOD, "evt.rawarg.mode=493 and evt.rawarg.mode > 400", true);
    let (line, _) = told("%evt.rawarg.flags end", OPEN).unwrap();
    assert_eq!(line, "80000 end");
}

/// Where no number says which, all are told, the nearest first; `proc.apid` is the process itself.
#[test]
fn ancestors_are_told_in_one_text() {
    says("|%proc.name| |%proc.aname| end", "|cat| |bash sshd systemd| end");
    let (line, fields) = told("%proc.apid=%proc.pid %proc.aname", OPEN).unwrap();
    let (own, rest) = line.split_once('=').unwrap();
    assert!(rest.starts_with(&format!("{own} ")), "{line}");
    assert!(fields.contains(&("proc.aname".into(), "bash sshd systemd".into())), "{fields:?}");
    let nobody = "events: [{evt.type: open, proc.name: init}]";
    assert_eq!(told("start %proc.aname end", nobody).unwrap().0, "start <NA> end");
}

/// Falco's JSON has them, and not what was made of them.
#[test]
fn fields_that_others_are_made_of_are_told_too() {
    let fields = |output: &str| told(output, OPEN).unwrap().1;
    let found = fields("%toupper(proc.name) %tolower(toupper(fd.name)) %proc.name");
    for expected in [
        ("proc.name", "cat"),
        ("toupper(proc.name)", "CAT"),
        ("fd.name", "/etc/shadow"),
        ("tolower(toupper(fd.name))", "/etc/shadow"),
    ] {
        assert!(found.contains(&(expected.0.into(), expected.1.into())), "{expected:?} {found:?}");
    }
    assert_eq!(found.iter().filter(|(name, _)| name == "proc.name").count(), 1);
}
