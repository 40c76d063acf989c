//! What programs call themselves breaks no output: an alert is a line of text, a line of JSON, and a message of
//! syslog, each of them one.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use bulkhead_testing::tool;
use serde_json::{Value, json};

use crate::container::Container;
use crate::message::Message;
use crate::sensor::Sensor;

const RULES: &str = "- rule: Hostile argument
  desc: a program with a mark
  condition: evt.type = execve and proc.name = true and proc.args contains mark-
  output: '%proc.cmdline | %proc.args | %container.id'
  priority: WARNING
";

/// Arguments behind the mark, as printf of a shell writes them.
const ARGUMENTS: [&str; 16] = [
    "plain",
    r"\377\376 is no text",
    r"a\nmark-99 of another line",
    r"a\r\n<0>1 - - - - - - of another message",
    r"\033[31m\033]0;title\007",
    r#"" \134" ' \134\134"#,
    r"] [bulkhead@32473 rule=\042none\042] x",
    r"\342\200\250 and \342\200\251 end lines",
    r"\342\200\256 turns round \342\201\246 and \342\201\251",
    r"\357\273\277 begins a text",
    r"\302\205 and \302\233 are of C1",
    r#"{"rule":"Another","priority":"Emergency"}"#,
    r"%%s %%n %%proc.name {}",
    r"\001\002\010\177",
    r"\355\240\200 is half a pair",
    r"\360\237\222\251\314\201 is beyond",
];

/// Executes a program with each, and with two megabytes.
fn script() -> String {
    let each = ARGUMENTS.iter().enumerate().map(|(number, argument)| {
        let quoted = argument.replace('\'', r"\047");
        format!("/bin/true mark-{number} \"$(printf '{quoted}.')\"\n")
    });
    let long = "x=$(dd if=/dev/zero bs=130900 count=1 | tr '\\0' 'A'); ulimit -s unlimited; \
        /bin/true mark-LONG $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x $x || echo $? > /tmp/failed\n\
        /bin/true mark-END\nsleep 600\n";
    each.collect::<String>() + &long.replace("LONG", &ARGUMENTS.len().to_string())
}

/// What a peer of syslog got.
type Got = Arc<Mutex<Vec<Vec<u8>>>>;

fn datagrams(path: &Path) -> Got {
    let socket = UnixDatagram::bind(path).unwrap();
    // The sensor sends as nobody.
    let everybody = PermissionsExt::from_mode(0o777);
    fs_err::set_permissions(path, everybody).unwrap();
    let got = Got::default();
    let into = Arc::clone(&got);
    std::thread::spawn(move || {
        let mut bytes = vec![0; 64 << 10];
        while let Ok(count) = socket.recv(&mut bytes) {
            into.lock().unwrap().push(bytes[..count].to_vec());
        }
    });
    got
}

fn frames(listener: TcpListener) -> Got {
    let got = Got::default();
    let into = Arc::clone(&got);
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = Vec::new();
        while reader.read_until(b' ', &mut head).is_ok_and(|count| count > 0) {
            let digits = String::from_utf8(std::mem::take(&mut head)).unwrap();
            let mut message = vec![0; digits.trim_end().parse().unwrap()];
            reader.read_exact(&mut message).unwrap();
            into.lock().unwrap().push(message);
        }
    });
    got
}

/// A daemon of syslog that others wrote, and writes what it parsed as JSON.
struct Daemon {
    process: Child,
    port: u16,
    file: PathBuf,
}

impl Daemon {
    fn start(folder: &Path) -> Option<Self> {
        let program = tool("rsyslogd")?;
        let (file, number) = (folder.join("parsed.json"), folder.join("port"));
        let property = |name: &str, of: &str| {
            format!("property(outname=\"{name}\" name=\"{of}\" format=\"jsonf\")\n")
        };
        let of = [
            ("kind", "msgid"),
            ("program", "app-name"),
            ("data", "structured-data"),
            ("text", "msg"),
        ];
        let properties: String = of.iter().map(|(name, of)| property(name, of)).collect();
        let configuration = format!(
            "global(workDirectory=\"{folder}\" maxMessageSize=\"64k\")
module(load=\"imtcp\")
template(name=\"parsed\" type=\"list\" option.jsonf=\"on\") {{\n{properties}}}
ruleset(name=\"all\") {{ action(type=\"omfile\" file=\"{file}\" template=\"parsed\") }}
input(type=\"imtcp\" address=\"127.0.0.1\" port=\"0\" listenPortFileName=\"{number}\" ruleset=\"all\")\n",
            folder = folder.display(),
            file = file.display(),
            number = number.display(),
        );
        let path = folder.join("rsyslog.conf");
        fs_err::write(&path, configuration).unwrap();
        let mut command = Command::new(program);
        command.arg("-n").arg("-f").arg(path).arg("-i").arg(folder.join("pid"));
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let process = command.spawn().unwrap();
        let mut daemon = Self { process, port: 0, file };
        let port = Sensor::until(|| fs_err::read_to_string(&number).ok()?.trim().parse().ok());
        daemon.port = port.unwrap();
        Some(daemon)
    }

    /// What it wrote until now, whole lines.
    fn parsed(&self) -> Vec<Value> {
        let text = fs_err::read_to_string(&self.file).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        whole.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn hostile_arguments_break_no_output() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (by_socket, by_stream) = (datagrams(&path("log")), frames(listener));
        fs_err::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
        let Some(daemon) = Daemon::start(folder.path()) else { return };
        let outputs = [
            format!("text={}", path("alerts.txt").display()),
            format!("syslog=unix:{}", path("log").display()),
            format!("syslog=tcp://127.0.0.1:{port}"),
            format!("syslog=tcp://127.0.0.1:{}", daemon.port),
        ];
        let mut more = vec!["--canary", "0"];
        for output in &outputs {
            more.extend(["-o", output]);
        }
        let Some(mut sensor) = Sensor::start(RULES, &more) else { return };
        let Some(_container) = Container::start("hostile", &script(), &json!({})) else { return };
        let is_over =
            |alert: &Value| alert["output"].as_str().is_some_and(|it| it.contains("mark-END"));
        let told = Sensor::until(|| sensor.told().iter().any(is_over).then_some(()));
        let is_whole = sensor.alerts("Sensor lost events").is_empty();
        assert!(told.is_some() || !is_whole, "{}", sensor.said());
        sensor.finish();
        if !is_whole {
            continue;
        }
        let lines = sensor.told();
        each_is_one_line(&sensor.path("alerts.json"), &path("alerts.txt"), &lines);
        for got in [by_socket, by_stream] {
            let came = Sensor::until(|| (got.lock().unwrap().len() >= lines.len()).then_some(()));
            assert!(came.is_some(), "{} of {}", got.lock().unwrap().len(), lines.len());
            each_is_one_message(&got.lock().unwrap(), &lines);
        }
        let parsed = Sensor::until(|| Some(daemon.parsed()).filter(|all| all.len() >= lines.len()));
        each_is_what_a_daemon_makes_of_it(&parsed.unwrap(), &lines);
        return;
    }
    panic!("the sensor lost something in each attempt");
}

fn alerts(lines: &[Value]) -> impl Iterator<Item = &Value> {
    lines.iter().filter(|line| line["record"] == "alert")
}

fn each_is_one_line(json: &Path, text: &Path, lines: &[Value]) {
    let outputs: Vec<&str> = alerts(lines).map(|alert| alert["output"].as_str().unwrap()).collect();
    for number in 0..=ARGUMENTS.len() {
        let mark = format!("true mark-{number} ");
        let with = outputs.iter().filter(|output| output.contains(&mark)).count();
        assert_eq!(with, 1, "{mark}: {outputs:#?}");
    }
    assert_eq!(outputs.len(), ARGUMENTS.len() + 2, "{outputs:#?}");
    for path in [json, text] {
        let bytes = fs_err::read(path).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        assert_eq!(written.lines().count(), lines.len(), "{written}");
        let breaks = |c: char| {
            (c.is_control() && c != '\n')
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        assert!(!written.contains(breaks), "{written:?}");
        assert!(written.lines().all(|line| line.len() < 256 << 10), "{}", path.display());
    }
}

fn each_is_one_message(got: &[Vec<u8>], lines: &[Value]) {
    assert_eq!(got.len(), lines.len());
    for (bytes, line) in got.iter().zip(lines) {
        assert!(bytes.len() <= 8192);
        let message = Message::read(bytes);
        assert_eq!(message.kind, line["record"].as_str().unwrap());
        assert_eq!(message.parameters["rule"], line["rule"].as_str().unwrap());
        let output = line["output"].as_str().unwrap();
        if let Some(at) = output.find("true mark-") {
            let mark: String = output[at..].split_inclusive(' ').take(2).collect();
            assert!(message.text.starts_with(&mark), "{mark}: {message:?}");
        }
    }
}

fn each_is_what_a_daemon_makes_of_it(parsed: &[Value], lines: &[Value]) {
    assert_eq!(parsed.len(), lines.len());
    for (found, line) in parsed.iter().zip(lines) {
        assert_eq!(
            (&found["kind"], &found["program"]),
            (&line["record"], &json!("bulkhead")),
            "{found}"
        );
        let data = found["data"].as_str().unwrap();
        let rule = format!("rule=\"{}\"", line["rule"].as_str().unwrap());
        assert!(data.starts_with("[bulkhead@32473 ") && data.ends_with(']'), "{found}");
        assert!(data.contains(&rule), "{found}");
    }
}
