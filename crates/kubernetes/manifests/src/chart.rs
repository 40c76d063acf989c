//! Charts, rendered by `helm`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bulkhead_limits::Budget;
use bulkhead_objects::{Objects, ProblemKind, read_tree};

use crate::problem;

/// The program that renders charts, and what it is told.
#[derive(Debug, Clone, Default)]
pub struct Helm {
    /// The program; `helm` on the search path where none is named.
    pub program: Option<PathBuf>,
    /// Files with values, the later ones winning.
    pub values: Vec<PathBuf>,
    /// Single values (`image.tag=1.2`), which win over files.
    pub set: Vec<String>,
    /// The same, always taken for texts.
    pub set_string: Vec<String>,
    /// The name of the release; helm's own default where none is named.
    pub release: Option<String>,
    /// The version of Kubernetes that charts are told of; helm's own where none is named.
    pub kube_version: Option<String>,
    /// The namespace that is rendered for; helm's own default where none is named.
    pub namespace: Option<String>,
}

/// The newest version of Kubernetes whose objects are known here.
const NEWEST: &str = "1.37.0";

/// How often a running program is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// How much of what helm says is shown.
const SHOWN: usize = 2_000;

/// Renders a chart and adds its objects. Its templates are the files that they stand in.
pub(crate) fn add(objects: &mut Objects, chart: &Path, helm: &Helm, budget: &Budget) {
    match render(chart, helm, budget) {
        Ok(text) => objects.add_rendered(&chart.to_string_lossy(), &text, budget),
        Err((kind, message)) => objects.problems.push(problem(chart, kind, message)),
    }
}

/// What a chart gives for the version of Kubernetes that this helm knows, and where the chart refuses that one,
/// for a newer one: a helm that was built by hand takes itself for years old.
fn render(chart: &Path, helm: &Helm, budget: &Budget) -> Result<Vec<u8>, (ProblemKind, String)> {
    match render_for(None, chart, helm, budget) {
        Err((ProblemKind::Unbuildable, words)) if words.contains("requires kubeVersion") => {
            // Where the newest is refused, too, what helm said of its own is what counts.
            render_for(Some(NEWEST), chart, helm, budget)
                .map_err(|_| (ProblemKind::Unbuildable, words))
        }
        rendered => rendered,
    }
}

fn render_for(
    version: Option<&str>,
    chart: &Path,
    helm: &Helm,
    budget: &Budget,
) -> Result<Vec<u8>, (ProblemKind, String)> {
    let program = helm.program.as_deref().unwrap_or(Path::new("helm"));
    let mut command = Command::new(program);
    command.args(["template", "--include-crds"]);
    for file in &helm.values {
        command.arg("--values").arg(file);
    }
    for value in &helm.set {
        command.arg("--set").arg(value);
    }
    for value in &helm.set_string {
        command.arg("--set-string").arg(value);
    }
    if let Some(namespace) = &helm.namespace {
        command.arg(format!("--namespace={namespace}"));
    }
    if let Some(version) = &helm.kube_version {
        command.arg(format!("--kube-version={version}"));
    }
    if let Some(version) = version {
        command.args(["--kube-version", version]);
    }
    // A chart's folder may be called like an option.
    command.arg("--").args(&helm.release).arg(named(chart));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|error| {
        let hint = "install helm, or render the chart and scan what it gives";
        let message = format!(
            "this chart is not assessed: {} does not start: {error}; {hint}",
            program.display()
        );
        (ProblemKind::OutOfReach, message)
    })?;
    let said = wait(child, budget).map_err(|message| {
        (ProblemKind::Limit, format!("this chart is not assessed: {message}"))
    })?;
    if said.success {
        return Ok(said.output);
    }
    let words = String::from_utf8_lossy(&said.errors);
    let words: String = words.trim().chars().take(SHOWN).collect();
    Err((ProblemKind::Unbuildable, format!("this chart does not render: {words}")))
}

/// A chart as helm takes it for something on this machine: it would look for other names in its repositories.
fn named(chart: &Path) -> PathBuf {
    if chart.is_absolute() || chart.starts_with(".") || chart.starts_with("..") {
        chart.to_owned()
    } else {
        Path::new(".").join(chart)
    }
}

/// Whether a folder is a library: templates for other charts, which gives no objects itself.
pub(crate) fn is_library(folder: &Path) -> bool {
    let text = fs_err::read_to_string(folder.join("Chart.yaml")).unwrap_or_default();
    read_tree(&text).is_ok_and(|tree| tree.text("type") == "library")
}

/// Whether a file is called as packages of charts are, and compressed as they are (gzip, RFC 1952, 2.3.1).
pub(crate) fn is_package(path: &Path) -> bool {
    let end = path.extension().and_then(std::ffi::OsStr::to_str);
    let is_called = matches!(end, Some("tgz" | "gz"));
    let mut start = [0; 2];
    is_called
        && fs_err::File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
        && start == [0x1f, 0x8b]
}

/// What a program wrote before it ended.
struct Said {
    success: bool,
    output: Vec<u8>,
    errors: Vec<u8>,
}

/// Waits for a program, which is stopped when it says too much or takes too long.
fn wait(mut child: Child, budget: &Budget) -> Result<Said, String> {
    let limit = budget.limits().file_bytes;
    let output = reader(child.stdout.take(), limit);
    let errors = reader(child.stderr.take(), limit);
    let mut waited = Duration::ZERO;
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if waited < budget.limits().time && budget.check().is_ok() => {
                std::thread::sleep(PAUSE);
                waited = waited.saturating_add(PAUSE);
            }
            ended => {
                // It may have ended by itself.
                let _ = child.kill();
                let _ = child.wait();
                return Err(match ended {
                    Err(error) => format!("helm cannot be waited for: {error}"),
                    _ => format!("helm took longer than {} seconds", waited.as_secs()),
                });
            }
        }
    };
    let collected = |reader: std::thread::JoinHandle<Vec<u8>>| reader.join().unwrap_or_default();
    let (output, errors) = (collected(output), collected(errors));
    if output.len() as u64 > limit {
        return Err(format!("helm wrote more than {limit} bytes"));
    }
    Ok(Said { success: status.success(), output, errors })
}

/// Reads a stream to its end in a thread of its own, up to one byte past a limit. Dropping the stream
/// then ends whoever writes more.
fn reader(
    stream: Option<impl Read + Send + 'static>,
    limit: u64,
) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // What was read before an error is all there is.
            let _ = stream.take(limit.saturating_add(1)).read_to_end(&mut bytes);
        }
        bytes
    })
}
