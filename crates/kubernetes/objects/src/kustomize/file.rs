//! `kustomization.yaml`.

use serde::Deserialize;

use super::Failed;
use crate::extract::{Mistakes, extract};
use crate::name::Name;
use crate::node::{Node, Value};
use crate::values::Labels;

macro_rules! fields {
    ($($(#[$attribute:meta])* $name:ident {
        $($(#[$field_attribute:meta])* $field:ident: $type:ty,)*
    })*) => {$(
        $(#[$attribute])*
        #[derive(Debug, Clone, Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        #[allow(clippy::struct_field_names, reason = "they are kustomize's")]
        pub(super) struct $name { $($(#[$field_attribute])* pub(super) $field: $type,)* }
    )*};
}

fields! {
    /// Everything that a kustomization may say, old names of fields included.
    Kustomization {
        api_version: Name,
        kind: Name,
        resources: Vec<String>,
        bases: Vec<String>,
        components: Vec<String>,
        name_prefix: String,
        name_suffix: String,
        namespace: String,
        common_labels: Labels,
        labels: Vec<LabelEntry>,
        common_annotations: Labels,
        patches: Vec<Patch>,
        patches_strategic_merge: Vec<String>,
        #[serde(rename = "patchesJson6902")]
        patches_json6902: Vec<Patch>,
        images: Vec<Image>,
        image_tags: Vec<Image>,
        replicas: Vec<Replica>,
        config_map_generator: Vec<Generator>,
        secret_generator: Vec<Generator>,
        generator_options: GeneratorOptions,
        replacements: Vec<Replacement>,
        vars: Vec<Var>,
        /// What is asked for and not built in.
        #[serde(skip)]
        beyond: Vec<String>,
    }
    LabelEntry {
        pairs: Labels,
        include_selectors: bool,
        include_templates: bool,
        fields: Vec<FieldEntry>,
    }
    FieldEntry {
        group: Name,
        version: Name,
        kind: Name,
        path: String,
        create: bool,
    }
    Patch {
        path: String,
        patch: String,
        target: Option<Selector>,
        options: PatchOptions,
    }
    PatchOptions {
        allow_name_change: bool,
        allow_kind_change: bool,
    }
    Selector {
        group: String,
        version: String,
        kind: String,
        name: String,
        namespace: String,
        annotation_selector: String,
        label_selector: String,
    }
    Image {
        name: String,
        new_name: String,
        new_tag: String,
        tag_suffix: String,
        digest: String,
    }
    Replica {
        name: String,
        count: i64,
    }
    Generator {
        name: String,
        namespace: String,
        behavior: String,
        #[serde(rename = "type")]
        type_: String,
        literals: Vec<String>,
        files: Vec<String>,
        envs: Vec<String>,
        env: String,
        options: GeneratorOptions,
    }
    GeneratorOptions {
        labels: Labels,
        annotations: Labels,
        disable_name_suffix_hash: bool,
        immutable: bool,
    }
    Replacement {
        path: String,
        source: Option<Source>,
        source_value: Option<String>,
        targets: Vec<Target>,
    }
    Source {
        group: String,
        version: String,
        kind: String,
        name: String,
        namespace: String,
        field_path: String,
        options: FieldOptions,
    }
    Target {
        select: Option<Selector>,
        reject: Vec<Selector>,
        field_paths: Vec<String>,
        options: FieldOptions,
    }
    FieldOptions {
        delimiter: String,
        index: i64,
        create: bool,
    }
    Var {
        name: String,
        objref: ObjectReference,
        fieldref: FieldReference,
    }
    ObjectReference {
        api_version: String,
        kind: String,
        name: String,
        namespace: String,
    }
    FieldReference {
        #[serde(alias = "fieldpath")]
        field_path: String,
    }
}

/// Fields that are followed, or that change nothing that is judged: the order of objects, annotations that
/// tell where they come from, settings of charts that are told themselves.
const BUILT_IN: [&str; 26] = [
    "apiVersion",
    "kind",
    "metadata",
    "resources",
    "bases",
    "components",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "commonLabels",
    "labels",
    "commonAnnotations",
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "imageTags",
    "replicas",
    "configMapGenerator",
    "secretGenerator",
    "generatorOptions",
    "replacements",
    "vars",
    "buildMetadata",
    "sortOptions",
    "helmGlobals",
];

impl Kustomization {
    /// What a file says, or why kustomize would not take it.
    pub(super) fn read(mut root: Node<'_>) -> Result<Self, Failed> {
        let mistakes = Mistakes::default();
        spell(&mut root);
        let file: Self = extract(&root, &mistakes);
        if let Some(mistake) = mistakes.into_inner().first() {
            return Err(format!("{}: {}", mistake.path, mistake.message));
        }
        let wanted = match &*file.kind {
            "" | "Kustomization" => "kustomize.config.k8s.io/v1beta1",
            "Component" => "kustomize.config.k8s.io/v1alpha1",
            other => return Err(format!("{other} is neither a Kustomization nor a Component")),
        };
        if !file.api_version.is_empty() && file.api_version != wanted {
            return Err(format!("its apiVersion is {}, not {wanted}", file.api_version));
        }
        let entries = root.entries().iter();
        let own = entries.clone().filter(|entry| !["apiVersion", "kind"].contains(&&*entry.key));
        if own.clone().all(|entry| is_unset(&entry.node)) {
            return Err("it is empty".into());
        }
        let asked = entries.filter(|entry| !is_empty(&entry.node));
        let keys = asked.map(|entry| entry.key.to_string());
        let beyond = keys.filter(|key| !BUILT_IN.contains(&key.as_str())).collect();
        Ok(Self { beyond, ..file })
    }

    pub(super) fn is_component(&self) -> bool {
        self.kind == "Component"
    }
}

/// Spells fields as kustomize does: Go reads `nameprefix`, too.
fn spell(root: &mut Node<'_>) {
    let Value::Map(entries) = &mut root.value else { return };
    for entry in entries {
        let known = BUILT_IN.iter().find(|known| entry.key.eq_ignore_ascii_case(known));
        if let Some(known) = known {
            entry.key = (*known).into();
        }
    }
}

/// What Go takes for a field that is not there.
fn is_unset(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null | Value::Bool(false) => true,
        Value::Text(text) => text.is_empty(),
        _ => false,
    }
}

fn is_empty(node: &Node<'_>) -> bool {
    match &node.value {
        Value::Null => true,
        Value::List(elements) => elements.is_empty(),
        Value::Map(entries) => entries.is_empty(),
        _ => false,
    }
}
