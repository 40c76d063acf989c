//! Without the rights that probes need, the sensor says what is in the way, what is not seen, and what to do.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use bulkhead_testing::{skip, tool};

const RULES: &str = "- rule: Nothing
  desc: never met
  condition: evt.type = execve and proc.name = nobody-is-called-that
  output: '%proc.name'
  priority: DEBUG
";

/// All that the probes tell, by their names in reports.
const FEATURES: [&str; 10] = [
    "execute",
    "fork",
    "exit",
    "entry-copies",
    "calls",
    "io-uring",
    "cgroup-moves",
    "signals",
    "tasks-at-start",
    "descriptors-at-start",
];

/// A folder that everybody may read, with this program and rules in it.
struct Place {
    folder: tempfile::TempDir,
    setpriv: PathBuf,
}

impl Place {
    fn new() -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip("giving up rights needs them");
            return None;
        }
        let setpriv = tool("setpriv")?;
        let folder = tempfile::tempdir().unwrap();
        let everybody = PermissionsExt::from_mode(0o755);
        fs_err::set_permissions(folder.path(), everybody).unwrap();
        fs_err::copy(env!("CARGO_BIN_EXE_bulkhead"), folder.path().join("bulkhead")).unwrap();
        fs_err::write(folder.path().join("rules.yaml"), RULES).unwrap();
        Some(Self { folder, setpriv })
    }

    /// Runs it with fewer rights: exit code, standard output, standard error.
    fn run(&self, rights: &[&str], words: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(&self.setpriv);
        command.args(rights).arg(self.folder.path().join("bulkhead")).arg("sensor").args(words);
        let output = command.current_dir(self.folder.path()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

#[test]
fn without_rights_it_is_said_what_is_off_and_what_to_do() {
    let Some(place) = Place::new() else { return };
    let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let (both, one) = ("-bpf,-perfmon,-sys_admin", "-bpf,-sys_admin");
    let without_both = ["--bounding-set", both, "--inh-caps", both];
    let without_one = ["--bounding-set", one, "--inh-caps", one];
    let run = ["run", "-r", "rules.yaml", "-o", "json", "--socket", "none", "--duration", "5"];
    let capture = ["capture", "-o", "/dev/null", "--socket", "none", "--duration", "5"];
    for (rights, lacks) in [
        (&nobody[..], "this process lacks CAP_BPF and CAP_PERFMON\n"),
        (&without_both, "this process lacks CAP_BPF and CAP_PERFMON\n"),
        (&without_one, "this process lacks CAP_BPF\n"),
    ] {
        for words in [&run[..], &capture] {
            let (code, told, said) = place.run(rights, words);
            assert_eq!((code, told.as_str()), (Some(1), ""), "{rights:?} {words:?}: {said}");
            assert!(said.contains(lacks), "{rights:?} {words:?}: {said}");
            assert!(said.contains("hint: run as root, or give the program CAP_BPF"), "{said}");
            for feature in FEATURES {
                assert!(
                    said.contains(&format!("warning: {feature} is off: ")),
                    "{feature}: {said}"
                );
            }
            // One error, and no part of the sensor that complains of another.
            let errors: Vec<&str> = said.lines().filter(|line| line.contains("error")).collect();
            assert_eq!(errors.len(), 1, "{rights:?} {words:?}: {said}");
            assert!(errors[0].starts_with("error: the kernel takes no probes: "), "{said}");
            assert!(said.contains("ot permitted"), "{said}");
        }
    }
}
