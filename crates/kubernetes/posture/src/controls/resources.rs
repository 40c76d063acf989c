//! Requests and limits.

use bulkhead_objects::{Quantity, Resources};

use crate::control::Control;
use crate::subject::Container;
use crate::verdict::Reason::{Is, Unset, Without};
use crate::{ContainerKind, Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::container("cpu-limit-missing", |container, sheet| {
        limit(container, sheet, "cpu", "resources.limits.cpu");
    }),
    Control::container("cpu-request-missing", |container, sheet| {
        request(container, sheet, "cpu", "resources.requests.cpu");
    }),
    Control::container("memory-limit-missing", |container, sheet| {
        limit(container, sheet, "memory", "resources.limits.memory");
    }),
    Control::container("memory-request-missing", |container, sheet| {
        request(container, sheet, "memory", "resources.requests.memory");
    }),
    Control::container("ephemeral-storage-limit-missing", |container, sheet| {
        limit(container, sheet, "ephemeral-storage", "resources.limits.ephemeral-storage");
    }),
    Control::container("ephemeral-storage-request-missing", |container, sheet| {
        request(container, sheet, "ephemeral-storage", "resources.requests.ephemeral-storage");
    }),
    Control::container("limit-below-request", |container, sheet| {
        let Resources { limits, requests } = &container.body.resources;
        for (name, request) in requests.iter() {
            let limit: Option<&Quantity> = limits.get(name);
            if let (Some(limit), Some(request)) = (limit, request.milli()) {
                let below = limit.milli().is_some_and(|limit| limit < request);
                let place = container.at("resources.limits{}").key(name);
                sheet.fail_if(below, place, Is(limit.as_str()));
            }
        }
    }),
    Control::container("amount-outside-bounds", |container, sheet| {
        let Resources { limits, requests } = &container.body.resources;
        for bounds in &container.pod.cluster.settings().amounts {
            let (amounts, field) = if bounds.limits {
                (limits, "resources.limits{}")
            } else {
                (requests, "resources.requests{}")
            };
            let Some(amount) = amounts.get(&bounds.resource) else { continue };
            let milli = |quantity: &Option<Quantity>| quantity.as_ref().and_then(Quantity::milli);
            let outside = amount.milli().is_none_or(|own| {
                milli(&bounds.least).is_some_and(|least| own < least)
                    || milli(&bounds.most).is_some_and(|most| own > most)
            });
            sheet.fail_if(outside, container.at(field).key(&bounds.resource), Is(amount.as_str()));
        }
    }),
    Control::namespace("limit-range-missing", |namespace, sheet| {
        if !is_system(&namespace.object.metadata.name) {
            let inside = namespace.cluster.namespace(&namespace.object.metadata.name);
            let place = Place::of("metadata.name");
            sheet.fail_if(
                !inside.is_some_and(|inside| inside.limit_range),
                place,
                Without("LimitRange"),
            );
        }
    }),
    Control::namespace("resource-quota-missing", |namespace, sheet| {
        if !is_system(&namespace.object.metadata.name) {
            let inside = namespace.cluster.namespace(&namespace.object.metadata.name);
            let place = Place::of("metadata.name");
            sheet.fail_if(
                !inside.is_some_and(|inside| inside.quota),
                place,
                Without("ResourceQuota"),
            );
        }
    }),
];

/// Namespaces that belong to Kubernetes itself.
pub(super) fn is_system(namespace: &str) -> bool {
    matches!(namespace, "kube-system" | "kube-public" | "kube-node-lease")
}

fn limit<'a>(container: &Container<'a>, sheet: &mut Sheet<'a>, name: &str, field: &'static str) {
    // Ephemeral containers may not have any.
    if container.kind != ContainerKind::Ephemeral {
        let own = container.body.resources.limits.get(name).is_some();
        let pod = container.pod.spec.resources.as_deref();
        let pod = pod.is_some_and(|pod| pod.limits.get(name).is_some());
        sheet.fail_if(!own && !pod, container.at(field), Unset);
    }
}

fn request<'a>(container: &Container<'a>, sheet: &mut Sheet<'a>, name: &str, field: &'static str) {
    // The limit is taken where there is none; a reviewer should not have to know.
    if container.kind != ContainerKind::Ephemeral {
        let own = container.body.resources.requests.get(name).is_some();
        let pod = container.pod.spec.resources.as_deref();
        let pod = pod.is_some_and(|pod| pod.requests.get(name).is_some());
        sheet.fail_if(!own && !pod, container.at(field), Unset);
    }
}
