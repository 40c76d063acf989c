//! The grammar, and the traps in it.

use std::sync::Arc;

use super::{Expression, parse};
use crate::text::{Place, Text};

fn text(condition: &str) -> Text {
    let mut text = Text::empty();
    text.push_verbatim(condition, Place { file: Arc::from("f"), line: 1, column: 1 });
    text
}

fn read(condition: &str) -> Expression {
    parse(&text(condition)).unwrap_or_else(|error| panic!("{condition}: {error:?}"))
}

/// The condition says the same as the expected one, which is in the printer's form.
fn check(condition: &str, expected: &str) {
    let printed = read(condition).to_string();
    assert_eq!(printed, expected, "{condition}");
    assert_eq!(read(&printed).to_string(), expected, "printed form of {condition}");
}

/// The column of the mistake, and a part of what is said of it.
fn refuse(condition: &str, column: usize, cause: &str) {
    match parse(&text(condition)) {
        Ok(expression) => panic!("{condition} is read as {expression}"),
        Err(error) => {
            assert_eq!(error.offset + 1, column, "{condition}: {error:?}");
            assert!(error.cause.contains(cause), "{condition}: {error:?}");
        }
    }
}

#[test]
fn and_binds_tighter_than_or() {
    check("a or b and c", "a or b and c");
    check("(a or b) and c", "(a or b) and c");
    check("a and (b and c)", "a and (b and c)");
    check(" \t\r\n a  or\nb ", "a or b");
}

#[test]
fn keywords_need_no_blank_before_a_parenthesis() {
    check("a and(b)", "a and b");
    check("a or(b and c)", "a or b and c");
    check("not(a or b)", "not (a or b)");
    check("not(not(a))", "not (not a)");
    refuse("a andb", 3, "`and` or `or` is expected");
}

#[test]
fn what_people_write_by_mistake_has_a_hint() {
    for (condition, hint) in [
        ("a AND b", "small letters"),
        ("a && b", "`and` and `or`"),
        ("a\n# of course\nand b", "no comments"),
        ("a and\n# of course\nb", "no comments"),
        ("a)", "one `)` more"),
    ] {
        let error = parse(&text(condition)).unwrap_err();
        assert!(
            error.hint.as_deref().is_some_and(|it| it.contains(hint)),
            "{condition}: {error:?}"
        );
    }
}

#[test]
fn a_name_that_begins_with_a_keyword_is_a_name() {
    check("not_x", "not_x");
    check("not not_x", "not not_x");
    check("order and andy", "order and andy");
    check("proc.name in (in, not, exists)", "proc.name in (in, not, exists)");
    check("proc.name=exists", "proc.name = exists");
    check("proc.name existsand order", "proc.name exists and order");
    refuse("proc.name exists_x", 17, "`and` or `or` is expected");
}

#[test]
fn two_negations_are_none() {
    check("not not a", "a");
    check("not not not a", "not a");
}

#[test]
fn values_may_be_bare() {
    check("proc.name!=\"sshd\"", "proc.name != sshd");
    check("proc.name=runc:[1:CHILD]", "proc.name = \"runc:[1:CHILD]\"");
    check("fd.name startswith /etc/", "fd.name startswith /etc/");
    check("a.b = docker.io/x/y:1.0", "a.b = docker.io/x/y:1.0");
    check("a.b in (tcp://x;y, <NA>, [, a@b!)", "a.b in (\"tcp://x;y\", \"<NA>\", \"[\", \"a@b!\")");
    check("(proc.args endswith \\)", "proc.args endswith \"\\\\\"");
    check("(proc.args contains -s)", "proc.args contains -s");
    check("evt.res != -1", "evt.res != -1");
    check("fd.name=\"\"", "fd.name = \"\"");
    check("fd.name = ''", "fd.name = \"\"");
}

#[test]
fn escapes_are_undone() {
    check(r#"a.b = "x \"y\" \\ \/ \t""#, r#"a.b = "x \"y\" \\ / \t""#);
    check(r"a.b = 'it\'s'", r#"a.b = "it's""#);
    // A backslash before a blank is a backslash: a rule that ships with Falco has it.
    check(r#"a.b contains "\ ""#, r#"a.b contains "\\""#);
    check(r#"a.b = "\\""#, r#"a.b = "\\""#);
    check(r"a.b = 'x\\''", r#"a.b = "x\\'""#);
    check(r#"a.b in ("\\", "")"#, r#"a.b in ("\\", "")"#);
    check(r#"a.b = "\x41\x7E\x00z""#, r#"a.b = "A~\x00z""#);
    check(r#"a.b in ("/\xff", '\xc3\xa9')"#, r#"a.b in ("/\xff", "é")"#);
    refuse(r#"a.b = "x\x4g""#, 9, "no escape");
    refuse(r#"a.b = "\x4""#, 8, "no escape");
    refuse(r#"a.b["\xff"] = x"#, 5, "UTF-8");
    refuse(r#"a.b = "\y""#, 8, "no escape");
    refuse(r#"a.b = "x\'y""#, 9, "no escape");
    refuse("a.b = \"x", 7, "does not end");
}

#[test]
fn fields_take_arguments() {
    check("proc.aname[2]=sshd", "proc.aname[2] = sshd");
    check("container.mount.dest[/home/*] exists", "container.mount.dest[/home/*] exists");
    check("a.b['x y'] = z", "a.b[\"x y\"] = z");
    check("a.b_c.d9 exists", "a.b_c.d9 exists");
    refuse("a.b[] exists", 5, "is missing");
    refuse("a.b[x = y", 6, "`]` is expected");
}

#[test]
fn orders_take_numbers() {
    check("proc.duration <= 5000000000", "proc.duration <= 5000000000");
    check("fd.num>=0", "fd.num >= 0");
    check("a.b < -1.5e+3", "a.b < -1.5e+3");
    check("a.b > 0x1F", "a.b > 0x1F");
    refuse("a.b < x", 7, "a number is expected");
}

#[test]
fn lists_may_be_empty_and_quantified() {
    check("a.b in ()", "a.b in ()");
    check("a.b in ( x ,\"y z\" )", "a.b in (x, \"y z\")");
    check("a.b in name", "a.b in (name)");
    check("a.b intersects (1, 2)", "a.b intersects (1, 2)");
    check("a.b startswith anyof (x, y)", "a.b startswith anyof (x, y)");
    check("a.b = oneof (x)", "a.b = oneof (x)");
    check("a.b = anyof", "a.b = anyof");
    refuse("a.b in (x, )", 12, "a value is expected");
    refuse("a.b in (x y)", 11, "ends the list");
}

#[test]
fn transformers_nest() {
    check("tolower(proc.name) = x", "tolower(proc.name) = x");
    check("toupper(basename(proc.exe))=X", "toupper(basename(proc.exe)) = X");
    check("a.b = val(c.d[1])", "a.b = val(c.d[1])");
    check("a.b contains b64(c.d)", "a.b contains b64(c.d)");
    check("len(proc.args) > 5", "len(proc.args) > 5");
    check(
        "join(\"-\", (a.b, \"x\", 3)) startswith y",
        "join(\"-\", (a.b, \"x\", \"3\")) startswith y",
    );
    check("getopt(proc.args, \"ab:\")[b] = x", "getopt(proc.args, \"ab:\")[b] = x");
    // Without a parenthesis it is a macro, and with a dot a value.
    check("tolower and len", "tolower and len");
    check("a.b = tolower.x", "a.b = tolower.x");
    refuse("tolower(x)", 9, "a field");
}

#[test]
fn mistakes_are_placed() {
    refuse("", 1, "empty");
    refuse("a and", 6, "ends");
    refuse("a and or b", 7, "missing before `or`");
    refuse("(a", 3, "`)`");
    refuse("a)", 2, "`and` or `or`");
    refuse("a.b", 4, "an operator");
    refuse("a.b is x", 5, "an operator");
    refuse("a.b = x y", 9, "`and` or `or`");
    refuse("a & b", 3, "`and` or `or`");
    refuse("a.b contains", 13, "a value");
    refuse("=x", 1, "a comparison");
}

#[test]
fn depth_is_bounded() {
    let deep = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    check(&deep(199), "a");
    refuse(&deep(201), 201 + 1, "parentheses lie more than 200 deep");
    assert!(parse(&text(&deep(100_000))).unwrap_err().cause.contains("deep"));
    let nested = format!("{}proc.name{} = x", "tolower(".repeat(9_999), ")".repeat(9_999));
    assert!(parse(&text(&nested)).unwrap_err().cause.contains("deep"));
    check(&format!("{}x", "not ".repeat(10_000)), "x");
}
