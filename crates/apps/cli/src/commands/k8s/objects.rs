//! Objects from files, from snapshots, or from a cluster.

use std::path::PathBuf;

use bulkhead_cluster::{Cluster, ClusterError, Collection, Listing};
use bulkhead_limits::{Budget, Limits};
use bulkhead_manifests::{Helm, Options};
use bulkhead_objects::{Absent, Object, Objects, Problem, Snapshot, SnapshotWriter};
use bulkhead_posture::{Related, Settings};

use crate::arguments::{Charts, Connection, K8sObjects, Organisation};
use crate::commands::survey;
use crate::failure::Failure;
use crate::terminal::Terminal;

/// How a file that zstd compressed begins (RFC 8878, section 3.1.1).
const COMPRESSED: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Objects, and whether they are all that was asked for.
#[derive(Default)]
pub(super) struct Loaded {
    pub(super) objects: Objects,
    /// What was not assessed, and why.
    pub(super) not_assessed: Vec<String>,
    /// The kinds that a cluster did not show.
    pub(super) absent: Vec<Absent>,
    /// All of it comes from a cluster, now or once.
    pub(super) is_live: bool,
    /// Where the cluster is, or what its snapshot says of that.
    pub(super) cluster: Option<String>,
    /// What the organisation decides about controls.
    pub(super) organisation: Settings,
    /// What was read, to be looked at again; where that was asked for.
    pub(super) snapshot: Option<Vec<u8>>,
}

/// Reads what controls judge. Secrets of a cluster are listed where `secrets` says so, and else told to be
/// absent, in a snapshot too; the text of every object is kept where `with_text` says so.
pub(super) fn load_judged(
    arguments: &K8sObjects,
    organisation: &Organisation,
    secrets: bool,
    with_text: bool,
) -> Result<Loaded, Failure> {
    let (collections, absent) = judged(secrets);
    let loaded = if !arguments.cluster {
        read(&arguments.paths, &arguments.charts)
    } else if with_text {
        ask_with_text(arguments, &collections, absent)
    } else {
        ask_without_text(arguments, &collections, absent)
    };
    Ok(loaded?.under(organisation, &arguments.charts))
}

/// The collections that controls judge, and what is left out knowingly.
pub(super) fn judged(secrets: bool) -> (Vec<Collection>, Vec<Absent>) {
    let (mut collections, mut absent) = (Collection::SCANNED.to_vec(), Vec::new());
    if secrets {
        collections.push(Collection::SECRETS);
    } else {
        absent.push(Absent {
            resource: Collection::SECRETS.resource(),
            reason: "not asked for, since who may list them reads their values (--secrets)".into(),
        });
    }
    (collections, absent)
}

/// Reads the manifests and snapshots, or these collections of the cluster.
pub(super) fn load(arguments: &K8sObjects, collections: &[Collection]) -> Result<Loaded, Failure> {
    if !arguments.cluster {
        return read(&arguments.paths, &arguments.charts);
    }
    ask_without_text(arguments, collections, Vec::new())
}

fn ask_without_text(
    arguments: &K8sObjects,
    collections: &[Collection],
    absent: Vec<Absent>,
) -> Result<Loaded, Failure> {
    let (mut objects, budget) = (Objects::new(), Budget::new(Limits::DEFAULT));
    let asked = ask(arguments, collections, absent, |collection, page| {
        objects.add(&collection.path(), page.as_bytes(), &budget);
        // Nobody asks for lines of a page, which may hold values of Secrets.
        if let Some(page) = objects.files.last_mut() {
            page.text = "".into();
        }
    })?;
    Ok(Loaded::of(objects, asked))
}

/// The same with the text of every object, but for what no snapshot keeps.
pub(super) fn load_with_text(
    arguments: &K8sObjects,
    collections: &[Collection],
) -> Result<Loaded, Failure> {
    if !arguments.cluster {
        return read(&arguments.paths, &arguments.charts);
    }
    ask_with_text(arguments, collections, Vec::new())
}

fn ask_with_text(
    arguments: &K8sObjects,
    collections: &[Collection],
    absent: Vec<Absent>,
) -> Result<Loaded, Failure> {
    let (mut writer, mut broken) = (SnapshotWriter::default(), Vec::new());
    let mut asked = ask(arguments, collections, absent, |collection, page| {
        if let Err(reason) = writer.add_list(page) {
            broken.push(Absent { resource: collection.resource(), reason });
        }
    })?;
    asked.absent.extend(broken);
    let bytes = writer.finish(&asked)?;
    let mut objects = Objects::new();
    let name = asked.cluster.clone();
    let snapshot = objects.add_snapshot(&name, &bytes, &Budget::new(Limits::DEFAULT))?;
    Ok(Loaded { snapshot: Some(bytes), ..Loaded::of(objects, snapshot) })
}

/// Lists the collections; `absent` is what is left out knowingly. A server that goes away while it is asked
/// leaves the rest not assessed.
fn ask(
    arguments: &K8sObjects,
    collections: &[Collection],
    mut absent: Vec<Absent>,
    mut page: impl FnMut(&Collection, &str),
) -> Result<Snapshot, Failure> {
    let cluster = connect(&arguments.connection)?;
    let server_version = version(&cluster)?;
    let mut gone: Option<String> = None;
    let mut listed: Vec<(&str, &str)> = Vec::new();
    for collection in collections {
        let kind = (collection.group, collection.plural);
        if listed.contains(&kind) {
            continue;
        }
        let mut say = |reason: String| {
            absent.push(Absent { resource: collection.resource(), reason });
        };
        if let Some(reason) = &gone {
            say(reason.clone());
            listed.push(kind);
            continue;
        }
        match cluster.list(*collection, |text| page(collection, text)) {
            Ok(Listing::Whole { .. }) => listed.push(kind),
            Ok(Listing::Forbidden(reason)) => {
                say(reason);
                listed.push(kind);
            }
            Ok(Listing::Absent) if collection.is_optional() => {}
            Ok(Listing::Absent) => say("the server has none of this version".to_owned()),
            Err(error) => {
                let reason = crate::failure::chain(&error);
                if matches!(error, ClusterError::Unreachable { .. }) {
                    gone = Some(reason.clone());
                }
                say(reason);
                listed.push(kind);
            }
        }
    }
    let (cluster, taken_at) = (cluster.address().to_owned(), survey::now().to_string());
    Ok(Snapshot { taken_at, cluster, server_version, absent })
}

/// Connects; nothing is asked of the server yet.
pub(super) fn connect(connection: &Connection) -> Result<Cluster, Failure> {
    Ok(Cluster::connect(connection.kubeconfig.as_deref(), connection.context.as_deref())?)
}

/// The version of the server; empty where it keeps that to itself.
pub(super) fn version(cluster: &Cluster) -> Result<String, Failure> {
    match cluster.version() {
        Ok(version) => Ok(version),
        Err(ClusterError::Refused { code: 403, .. }) => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}

/// Reads manifests and snapshots.
pub(super) fn read(paths: &[PathBuf], charts: &Charts) -> Result<Loaded, Failure> {
    let budget = Budget::new(Limits::DEFAULT);
    let options = Options { helm: helm(charts)? };
    let mut loaded = Loaded { is_live: !paths.is_empty(), ..Loaded::default() };
    for path in paths {
        if is_snapshot(path) {
            let (name, bytes) = (path.to_string_lossy(), fs_err::read(path)?);
            let snapshot = loaded.objects.add_snapshot(&name, &bytes, &budget)?;
            loaded.absent.extend(snapshot.absent);
            loaded.cluster.get_or_insert(snapshot.cluster);
        } else {
            let path = std::slice::from_ref(path);
            loaded.objects.append(bulkhead_manifests::read(path, &options, &budget));
            loaded.is_live = false;
        }
    }
    loaded.say_gaps();
    Ok(loaded)
}

/// What `helm` is told. Its files of values must be files here: it would fetch others from the network.
fn helm(charts: &Charts) -> Result<Helm, Failure> {
    if let Some(file) = charts.values.iter().find(|file| !file.is_file()) {
        let message = format!("there is no file {} with values", file.display());
        return Err(Failure::new(message, "give a file on this machine: --values values.yaml"));
    }
    Ok(Helm {
        program: None,
        values: charts.values.clone(),
        set: charts.set.clone(),
        set_string: charts.set_string.clone(),
        release: charts.release_name.clone(),
        namespace: charts.release_namespace.clone(),
        kube_version: charts.kube_version.as_ref().map(|version| version.text.clone()),
    })
}

/// Reads manifests alone: what a repair can write.
pub(super) fn read_manifests(paths: &[PathBuf], charts: &Charts) -> Result<Loaded, Failure> {
    let budget = Budget::new(Limits::DEFAULT);
    let objects = bulkhead_manifests::read(paths, &Options { helm: helm(charts)? }, &budget);
    let mut loaded = Loaded { objects, ..Loaded::default() };
    loaded.say_gaps();
    Ok(loaded)
}

/// Whether a file begins as snapshots do; nothing else that is read is compressed.
fn is_snapshot(path: &std::path::Path) -> bool {
    use std::io::Read as _;
    let mut start = [0; COMPRESSED.len()];
    path.is_file()
        && fs_err::File::open(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
        && start == COMPRESSED
}

fn sentence(problem: &Problem) -> String {
    let place = problem.position.map_or_else(String::new, |(line, _)| format!(":{line}"));
    format!("{}{place}: {}", problem.file, problem.message)
}

impl Loaded {
    fn of(objects: Objects, snapshot: Snapshot) -> Self {
        let Snapshot { absent, cluster, .. } = snapshot;
        let cluster = Some(cluster);
        let mut loaded = Self { objects, absent, is_live: true, cluster, ..Self::default() };
        loaded.say_gaps();
        loaded
    }

    /// The same, to be judged as an organisation decides.
    pub(super) fn under(self, organisation: &Organisation, charts: &Charts) -> Self {
        let own = organisation.settings();
        let minor = charts.kube_version.as_ref().map_or(own.minor, |version| version.minor);
        Self { organisation: Settings { minor, ..own }, ..self }
    }

    /// Says where charts were meant, and none is there.
    pub(super) fn warn_of_idle(&self, charts: &Charts, terminal: Terminal) {
        let is_rendered = |object: &Object| object.origin.template.is_some();
        let is_idle = !charts.is_empty()
            && self.objects.problems.is_empty()
            && !self.objects.objects.iter().any(is_rendered);
        if is_idle {
            let hint = "values are for charts: folders with a Chart.yaml, and packages of them";
            terminal.warning("values were given, and nothing that was read is a chart", Some(hint));
        }
    }

    fn say_gaps(&mut self) {
        let absent = self.absent.iter().map(|it| format!("{}: {}", it.resource, it.reason));
        self.not_assessed = absent.chain(self.objects.problems.iter().map(sentence)).collect();
    }

    /// What must follow a count for people: that there may be more.
    pub(super) fn reservation(&self) -> &'static str {
        if self.not_assessed.is_empty() {
            ""
        } else {
            "Not everything was assessed, so there may be more.\n"
        }
    }

    /// How they are judged: of a cluster what they name and lack is missing, but for kinds that it did not
    /// show. Files are seldom all of a cluster.
    pub(super) fn settings(&self) -> Settings {
        let resources = self.absent.iter().map(|absent| absent.resource.as_str());
        let plurals = resources.map(|it| it.split_once('.').map_or(it, |(plural, _)| plural));
        Settings {
            complete: self.is_live,
            absent: plurals.filter_map(Related::of_resource).collect(),
            ..self.organisation.clone()
        }
    }

    /// Says what was not assessed, and gives the exit code.
    pub(super) fn finish(&self, terminal: Terminal) -> u8 {
        for reason in &self.not_assessed {
            terminal
                .warning(&format!("not assessed: {}", bulkhead_report::printable(reason)), None);
        }
        if self.not_assessed.is_empty() { 0 } else { super::INCOMPLETE }
    }
}
