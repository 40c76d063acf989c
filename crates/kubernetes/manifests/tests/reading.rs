//! Folders on disk: what is read, built, rendered and left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up must fail")]

use std::path::{Path, PathBuf};

use bulkhead_limits::{Budget, Limits};
use bulkhead_manifests::{Helm, Options, read};
use bulkhead_objects::{Objects, ProblemKind};

fn write(root: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = root.join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }
}

fn pod(name: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n")
}

fn names(objects: &Objects) -> Vec<String> {
    let mut names: Vec<_> = objects.objects.iter().map(ToString::to_string).collect();
    names.sort();
    names
}

fn read_folder(path: &Path, options: &Options) -> Objects {
    read(&[path.to_owned()], options, &Budget::new(Limits::DEFAULT))
}

#[test]
fn kustomizations_are_built_and_their_parts_not_read() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("plain.yaml", &pod("plain")),
            (
                "sub/other.json",
                "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"json\"}}",
            ),
            (".hidden/x.yaml", &pod("hidden")),
            ("node_modules/x.yaml", &pod("modules")),
            ("notes.txt", "no"),
            ("base/pod.yaml", &pod("base")),
            ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
            (
                "overlay/kustomization.yml",
                "resources: [../base]\ncomponents: [../part]\nnamePrefix: my-\n",
            ),
            ("part/Kustomization", "kind: Component\nnameSuffix: -x\n"),
            ("broken/kustomization.yaml", "resources: [nowhere.yaml]\n"),
            ("remote/kustomization.yaml", "resources: [pod.yaml, \"https://example.com/x\"]\n"),
            ("remote/pod.yaml", &pod("near")),
        ],
    );
    let objects = read_folder(folder.path(), &Options::default());
    assert_eq!(names(&objects), ["Pod json", "Pod my-base-x", "Pod near", "Pod plain"]);
    let kinds: Vec<_> = objects.problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(
        kinds,
        [ProblemKind::Unbuildable, ProblemKind::OutOfReach],
        "{:?}",
        objects.problems
    );

    let built =
        objects.objects.iter().find(|object| object.to_string() == "Pod my-base-x").unwrap();
    assert!(objects.file(built).unwrap().path.ends_with("base/pod.yaml"));
    let named = folder.path().join(".hidden/x.yaml");
    assert_eq!(names(&read_folder(&named, &Options::default())), ["Pod hidden"]);
    let absent = read_folder(&folder.path().join("absent"), &Options::default());
    assert_eq!(absent.problems[0].kind, ProblemKind::OutOfReach);
}

#[test]
fn kustomizations_reach_nothing_else_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("private.txt", "secret"),
            (
                "scanned/direct/kustomization.yaml",
                "configMapGenerator: [{name: a, files: [../../private.txt]}]\n",
            ),
            (
                "scanned/link/kustomization.yaml",
                "configMapGenerator: [{name: a, files: [link.txt]}]\n",
            ),
            ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
            ("base/pod.yaml", &pod("base")),
            ("scanned/overlay/kustomization.yaml", "resources: [../../base]\n"),
        ],
    );
    let link = folder.path().join("scanned/link/link.txt");
    std::os::unix::fs::symlink(folder.path().join("private.txt"), link).unwrap();
    let objects = read_folder(&folder.path().join("scanned"), &Options::default());
    assert_eq!(names(&objects), ["Pod base"]);
    assert_eq!(objects.problems.len(), 2, "{:?}", objects.problems);
    assert!(objects.files.iter().all(|file| !file.text.contains("secret")));
}

#[test]
fn what_kustomize_would_do_beyond_us_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let beyond = "openapi: {path: x.json}\ncrds: [x.yaml]\nhelmCharts: [{name: x}]\ngenerators: [x.yaml]\n\
                  transformers: [x.yaml]\nvalidators: [x.yaml]\nconfigurations: [x.yaml]\nnewField: 1\n";
    let silent = "sortOptions: {order: fifo}\nbuildMetadata: [originAnnotations]\ngenerators: []\n";
    write(
        folder.path(),
        &[
            ("a/kustomization.yaml", &format!("resources: [pod.yaml]\n{beyond}")),
            ("a/pod.yaml", &pod("a")),
            ("b/kustomization.yaml", &format!("resources: [pod.yaml]\n{silent}")),
            ("b/pod.yaml", &pod("b")),
        ],
    );
    let objects = read_folder(folder.path(), &Options::default());
    assert_eq!(names(&objects), ["Pod a", "Pod b"]);
    let mut told: Vec<_> =
        objects.problems.iter().map(|problem| problem.message.split(' ').next().unwrap()).collect();
    told.sort_unstable();
    let fields = [
        "configurations",
        "crds",
        "generators",
        "helmCharts",
        "newField",
        "openapi",
        "transformers",
        "validators",
    ];
    assert_eq!(told, fields);
}

fn chart(root: &Path) -> PathBuf {
    write(
        root,
        &[
            ("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
            ("chart/values.yaml", "tag: \"1\"\nname: web\n"),
            (
                "chart/crds/x.yaml",
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x}\n",
            ),
            (
                "chart/templates/pod.yaml",
                "{{ if eq .Values.name \"bad\" }}{{ fail \"no such name\" }}{{ end }}apiVersion: v1\nkind: Pod\n\
                 metadata:\n  name: {{ .Values.name }}\n  labels: {tag: {{ .Values.tag | quote }}}\n",
            ),
            ("chart/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
            ("chart/charts/sub/templates/sub.yaml", &pod("sub")),
            ("other.yaml", "tag: \"2\"\n"),
            ("more/plain.yaml", &pod("plain")),
        ],
    );
    root.join("chart")
}

#[test]
fn charts_are_rendered() {
    let Some(program) = bulkhead_testing::tool("helm") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = chart(folder.path());
    let helm = Helm {
        program: Some(program),
        values: vec![folder.path().join("other.yaml")],
        set: vec!["name=chosen".into()],
        ..Helm::default()
    };
    let options = Options { helm };
    let objects = read_folder(&path, &options);
    assert_eq!(
        names(&objects),
        ["CustomResourceDefinition x", "Pod chosen", "Pod sub"],
        "{:?}",
        objects.problems
    );
    let templates: Vec<_> =
        objects.objects.iter().map(|object| object.origin.template.clone().unwrap()).collect();
    for template in &templates {
        assert!(Path::new(template.as_str()).is_file(), "{template}");
    }
    let chosen = objects.objects.iter().find(|object| object.to_string() == "Pod chosen").unwrap();
    assert_eq!(chosen.metadata.labels.get("tag").unwrap(), "2");

    let all = read_folder(folder.path(), &options);
    assert!(
        names(&all).contains(&"Pod plain".to_owned())
            && names(&all).contains(&"Pod sub".to_owned())
    );

    let failing = Options { helm: Helm { set: vec!["name=bad".into()], ..options.helm } };
    let objects = read_folder(&path, &failing);
    assert!(objects.objects.is_empty());
    assert_eq!(objects.problems[0].kind, ProblemKind::Unbuildable);
    assert!(objects.problems[0].message.contains("no such name"), "{:?}", objects.problems);
}

/// A library, a chart that uses it as a package, and one whose dependency is not there.
fn shelf(root: &Path, helm: &Path) {
    let used = "{{- define \"common.labels\" }}app: {{ .Release.Name }}{{ end }}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}-{{ .Capabilities.KubeVersion.Minor }}\n  \
               namespace: {{ .Release.Namespace }}\n  labels: {{ include \"common.labels\" . | fromYaml | toJson }}\n";
    let chart = |more: &str| format!("apiVersion: v2\nversion: 1.0.0\n{more}");
    let needs =
        "dependencies: [{name: common, version: 1.x.x, repository: \"https://charts.example\"}]\n";
    write(
        root,
        &[
            ("common/Chart.yaml", &chart("name: common\ntype: library\n")),
            ("common/templates/_labels.tpl", used),
            ("web/Chart.yaml", &chart(&format!("name: web\n{needs}"))),
            ("web/values.yaml", "name: web\n"),
            ("web/templates/pod.yaml", pod),
            ("bare/Chart.yaml", &chart(&format!("name: bare\n{needs}"))),
            ("bare/templates/pod.yaml", pod),
        ],
    );
    let package = |chart: &str, to: &str| {
        let mut command = std::process::Command::new(helm);
        command.arg("package").arg(root.join(chart)).arg("--destination").arg(root.join(to));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    package("common", "web/charts");
    package("web", "packages");
}

#[test]
fn charts_with_libraries_and_packages_are_rendered_as_helm_is_told() {
    let Some(program) = bulkhead_testing::tool("helm") else { return };
    let folder = tempfile::tempdir().unwrap();
    shelf(folder.path(), &program);
    let helm = Helm {
        program: Some(program),
        set_string: vec!["name=7".into()],
        release: Some("live".into()),
        namespace: Some("shop".into()),
        kube_version: Some("1.30".into()),
        ..Helm::default()
    };
    let options = Options { helm };
    let all = read_folder(folder.path(), &options);
    assert_eq!(names(&all), ["Pod shop/7-30"]);
    assert_eq!(all.objects[0].metadata.labels.get("app").unwrap(), "live");
    // The library is judged where it is used; what is not there is told.
    let told: Vec<_> = all.problems.iter().map(|it| (&*it.file, it.kind, &*it.message)).collect();
    let [(file, ProblemKind::Unbuildable, message)] = told[..] else { panic!("{told:?}") };
    assert!(file.ends_with("bare") && message.contains("missing in charts/"), "{told:?}");

    let package = folder.path().join("packages/web-1.0.0.tgz");
    let packed = read_folder(&package, &options);
    assert_eq!(names(&packed), ["Pod shop/7-30"], "{:?}", packed.problems);
    let template = packed.objects[0].origin.template.clone().unwrap();
    assert_eq!(template.as_str(), format!("{}/templates/pod.yaml", package.display()));
    let library = read_folder(&folder.path().join("common"), &options);
    assert!(library.problems[0].message.contains("library charts are not installable"));
    // Neither a name that could be an option, nor a value that breaks the template, is more than a problem.
    let odd = Options { helm: Helm { release: Some("--debug".into()), ..options.helm } };
    let refused = read_folder(&folder.path().join("web"), &odd);
    assert_eq!((refused.objects.len(), refused.problems[0].kind), (0, ProblemKind::Unbuildable));
}

#[test]
fn a_chart_for_newer_clusters_than_helm_knows_is_rendered() {
    let Some(program) = bulkhead_testing::tool("helm") else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = chart(folder.path());
    let options = Options { helm: Helm { program: Some(program), ..Helm::default() } };
    let versions = [(">=1.36.0-0", 3), (">=9.0.0-0", 0)];
    for (asked, count) in versions {
        let about =
            format!("apiVersion: v2\nname: shop\nversion: 1.0.0\nkubeVersion: \"{asked}\"\n");
        write(folder.path(), &[("chart/Chart.yaml", &about)]);
        let objects = read_folder(&path, &options);
        assert_eq!(objects.objects.len(), count, "{asked}: {:?}", objects.problems);
        let told = objects.problems.first().map(|problem| problem.message.as_str());
        assert_eq!(told.is_some_and(|told| told.contains(asked)), count == 0, "{asked}: {told:?}");
    }
}

#[test]
fn a_chart_without_helm_is_not_assessed() {
    let folder = tempfile::tempdir().unwrap();
    let path = chart(folder.path());
    let helm = Helm { program: Some(folder.path().join("no-helm")), ..Helm::default() };
    let objects = read_folder(&path, &Options { helm });
    assert!(objects.objects.is_empty());
    assert_eq!(objects.problems[0].kind, ProblemKind::OutOfReach);
}

#[test]
fn a_program_that_does_not_end_is_stopped() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = chart(folder.path());
    let limits = Limits { time: std::time::Duration::from_millis(200), ..Limits::DEFAULT };
    for script in ["#!/bin/sh\nexec sleep 600\n", "#!/bin/sh\nexec cat /dev/zero\n"] {
        let program = folder.path().join("helm.sh");
        fs_err::write(&program, script).unwrap();
        fs_err::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let helm = Helm { program: Some(program), ..Helm::default() };
        let limits = Limits { file_bytes: 1 << 20, ..limits };
        let objects = read(std::slice::from_ref(&path), &Options { helm }, &Budget::new(limits));
        assert_eq!(objects.objects.len(), 0);
        let kind = objects.problems[0].kind;
        assert!(
            matches!(kind, ProblemKind::Limit | ProblemKind::Unbuildable),
            "{:?}",
            objects.problems
        );
    }
}
