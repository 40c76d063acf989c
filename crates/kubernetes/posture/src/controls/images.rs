//! Images: where they come from and how exactly they are named.

mod reference;

use reference::Reference;

use crate::control::Control;
use crate::subject::Container;
use crate::verdict::Reason::{Contains, Is, Lacks, Unset};
use crate::{ContainerKind, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::container("image-tag-mutable", |container, sheet| {
        with_reference(container, sheet, |image, sheet| {
            let mutable = image.digest.is_none() && image.tag.is_none_or(|tag| tag == "latest");
            let reason = if image.tag.is_some() { Is("latest") } else { Lacks("a tag") };
            sheet.fail_if(mutable, container.at("image"), reason);
        });
    }),
    Control::container("image-not-pinned", |container, sheet| {
        if container.body.image.is_empty() {
            return;
        }
        let image = Reference::parse(&container.body.image);
        let exempt = &container.pod.cluster.settings().unpinned_registries;
        let pinned = image.is_some_and(|image| {
            image.digest.is_some() || exempt.iter().any(|prefix| image.is_below(prefix))
        });
        sheet.fail_if(!pinned, container.at("image"), Lacks("a digest"));
    }),
    Control::container("image-reference-invalid", |container, sheet| {
        let image = &*container.body.image;
        let reason = if image.is_empty() { Unset } else { Is(image) };
        sheet.fail_if(Reference::parse(image).is_none(), container.at("image"), reason);
    }),
    Control::container("image-pull-policy", |container, sheet| {
        let image = Reference::parse(&container.body.image);
        // A digest is the same image wherever it lies, but the right to pull it is checked anew only so.
        let latest = image.is_some_and(|image| {
            image.digest.is_none() && image.tag.is_none_or(|tag| tag == "latest")
        });
        let policy =
            container.body.image_pull_policy.as_deref().filter(|policy| !policy.is_empty());
        let always = policy == Some("Always") || (policy.is_none() && latest);
        sheet.fail_if(!always, container.at("imagePullPolicy"), policy.map_or(Unset, Is));
    }),
    Control::container("image-registry-not-allowed", |container, sheet| {
        let allowed = &container.pod.cluster.settings().allowed_registries;
        if !allowed.is_empty() {
            with_reference(container, sheet, |image, sheet| {
                let listed = allowed.iter().any(|prefix| image.is_below(prefix));
                sheet.fail_if(!listed, container.at("image"), Is(image.text));
            });
        }
    }),
    Control::container("image-registry-denied", |container, sheet| {
        let denied = &container.pod.cluster.settings().denied_registries;
        if !denied.is_empty() {
            with_reference(container, sheet, |image, sheet| {
                let listed = denied.iter().any(|prefix| image.is_below(prefix));
                sheet.fail_if(listed, container.at("image"), Is(image.text));
            });
        }
    }),
    Control::container("image-registry-implicit", |container, sheet| {
        with_reference(container, sheet, |image, sheet| {
            sheet.fail_if(image.registry.is_none(), container.at("image"), Lacks("a registry"));
        });
    }),
    Control::container("image-registry-retired", |container, sheet| {
        with_reference(container, sheet, |image, sheet| {
            let retired = image.registry.filter(|registry| RETIRED.contains(registry));
            sheet.fail_if(
                retired.is_some(),
                container.at("image"),
                Contains(retired.unwrap_or_default()),
            );
        });
    }),
    Control::container("dashboard-deployed", |container, sheet| {
        program(container, sheet, DASHBOARD, "kubernet");
    }),
    Control::container("tiller-deployed", |container, sheet| {
        program(container, sheet, &["tiller"], "");
    }),
];

/// Names of the dashboard's images.
const DASHBOARD: &[&str] = &["kubernetes-dashboard", "dashboard"];

/// Registries that no longer get new images.
const RETIRED: [&str; 3] = ["k8s.gcr.io", "us.gcr.io/k8s-artifacts-prod", "docker.pkg.github.com"];

fn with_reference<'a>(
    container: &Container<'a>,
    sheet: &mut Sheet<'a>,
    judge: impl FnOnce(Reference<'a>, &mut Sheet<'a>),
) {
    if let Some(image) = Reference::parse(&container.body.image) {
        judge(image, sheet);
    }
}

/// Fails where the image is one of these programs, below a path that has `owner` in it.
fn program<'a>(container: &Container<'a>, sheet: &mut Sheet<'a>, names: &[&str], owner: &str) {
    if container.kind == ContainerKind::Ephemeral {
        return;
    }
    with_reference(container, sheet, |image, sheet| {
        sheet.fail_if(is_program(&image, names, owner), container.at("image"), Is(image.text));
    });
}

fn is_program(image: &Reference<'_>, names: &[&str], owner: &str) -> bool {
    let name = image.repository.rsplit('/').next().unwrap_or_default();
    let is = |own: &&str| {
        name.strip_prefix(*own).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    names.iter().any(is) && image.repository.contains(owner)
}

/// Whether an image is the Kubernetes dashboard.
pub(super) fn is_dashboard(image: &str) -> bool {
    Reference::parse(image).is_some_and(|image| is_program(&image, DASHBOARD, "kubernet"))
}
