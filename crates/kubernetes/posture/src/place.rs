//! Where a verdict points: a field of an object, without a text being made until it is shown.

use bulkhead_objects::FieldPath;

/// A field of an object. Copied, not allocated: most are never shown.
///
/// `field` is a template: each `[]` in it takes the next index, a last `{}` takes the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The way from the object to what the field belongs to: `spec.template.spec`, or nothing.
    prefix: &'static str,
    /// The list of containers and the position in it.
    container: Option<(ContainerKind, u16)>,
    field: &'static str,
    indices: [u16; 3],
    key: Option<&'a str>,
}

/// The lists of containers of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContainerKind {
    /// Runs to its end before the others start, or beside them with `restartPolicy: Always`.
    Init,
    /// Runs the pod's work.
    Ordinary,
    /// Was put into the running pod to search for errors.
    Ephemeral,
}

impl ContainerKind {
    /// The field of the pod.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Init => "initContainers",
            Self::Ordinary => "containers",
            Self::Ephemeral => "ephemeralContainers",
        }
    }
}

impl<'a> Place<'a> {
    /// A field of the object itself.
    pub const fn of(field: &'static str) -> Self {
        Self::below("", field)
    }

    /// A field below a prefix.
    pub const fn below(prefix: &'static str, field: &'static str) -> Self {
        Self { prefix, container: None, field, indices: [0; 3], key: None }
    }

    /// A field of a container of the pod below a prefix.
    pub(crate) const fn in_container(
        prefix: &'static str,
        kind: ContainerKind,
        position: u16,
        field: &'static str,
    ) -> Self {
        Self { prefix, container: Some((kind, position)), field, indices: [0; 3], key: None }
    }

    /// The same with what the first `[]` of the template stands for.
    #[must_use]
    pub fn at(self, index: usize) -> Self {
        self.at_all([index, 0, 0])
    }

    /// The same with what the `[]` of the template stand for.
    #[must_use]
    pub fn at_all(mut self, indices: [usize; 3]) -> Self {
        self.indices = indices.map(|index| u16::try_from(index).unwrap_or(u16::MAX));
        self
    }

    /// The same with the key that the last `{}` of the template stands for.
    #[must_use]
    pub const fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// The path, to be shown or located.
    pub fn path(&self) -> FieldPath {
        let mut path = extend(FieldPath::ROOT, self.prefix, &[], None);
        if let Some((kind, position)) = self.container {
            path = path.key(kind.field()).index(usize::from(position));
        }
        extend(path, self.field, &self.indices, self.key)
    }
}

fn extend(path: FieldPath, template: &str, indices: &[u16], key: Option<&str>) -> FieldPath {
    let mut indices = indices.iter();
    let segments = template.split('.').filter(|segment| !segment.is_empty());
    segments.fold(path, |path, segment| {
        let name = segment.trim_end_matches("[]").trim_end_matches("{}");
        let lists = segment.matches("[]").count();
        let mut path = if name.is_empty() { path } else { path.key(name) };
        for _ in 0..lists {
            path = path.index(usize::from(indices.next().copied().unwrap_or_default()));
        }
        match key {
            Some(key) if segment.ends_with("{}") => path.key(key),
            _ => path,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_in() {
        let pod = "spec.template.spec";
        for (place, path) in [
            (Place::of(""), ""),
            (Place::of("rules[].verbs[]").at_all([1, 2, 0]), "rules[1].verbs[2]"),
            (
                Place::below(pod, "volumes[].hostPath").at(3),
                "spec.template.spec.volumes[3].hostPath",
            ),
            (Place::of("metadata.labels{}").key("a.b/c"), "metadata.labels[\"a.b/c\"]"),
            (
                Place::in_container(pod, ContainerKind::Init, 1, "env[].value").at(4),
                "spec.template.spec.initContainers[1].env[4].value",
            ),
        ] {
            assert_eq!(place.path().to_string(), path);
        }
    }
}
