//! Availability and order of workloads.

use bulkhead_objects::{IntOrString, Object, Probe, WorkloadKind};

use super::resources::is_system;
use crate::cluster::selects;
use crate::control::Control;
use crate::subject::{Container, Pod};
use crate::verdict::Reason::{Is, Lacks, Missing, Number, Unset, Without};
use crate::{ContainerKind, Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::container("liveness-probe-missing", |container, sheet| {
        probe(container, sheet, "livenessProbe", container.body.liveness_probe.as_deref());
    }),
    Control::container("readiness-probe-missing", |container, sheet| {
        probe(container, sheet, "readinessProbe", container.body.readiness_probe.as_deref());
    }),
    Control::pod("naked-pod", |pod, sheet| {
        // The kubelet keeps static pods; their copies in the API have its mark.
        let mirrored = pod.object.metadata.annotations.get("kubernetes.io/config.mirror").is_some();
        if pod.workload.kind == WorkloadKind::Pod && !mirrored {
            sheet.fail_if(!pod.owned(), Place::of("metadata.ownerReferences"), Unset);
        }
    }),
    Control::pod("single-replica", |pod, sheet| {
        if matches!(pod.workload.kind, WorkloadKind::Deployment | WorkloadKind::StatefulSet)
            && !pod.owned()
        {
            let inside = pod.cluster.around(pod.object);
            let scaled = inside.is_some_and(|inside| {
                inside
                    .autoscalers
                    .iter()
                    .any(|autoscaler| is_target(&autoscaler.scale_target_ref, pod.object))
            });
            let replicas = pod.workload.replicas;
            let reason = replicas.map_or(Unset, |replicas| Number(replicas.into()));
            // None at all is a workload that is switched off.
            let single = replicas.unwrap_or(1) == 1 && !scaled;
            sheet.fail_if(single, Place::of("spec.replicas"), reason);
        }
    }),
    Control::pod("not-spread-over-nodes", |pod, sheet| {
        if replicated(pod) {
            let spread =
                pod.spec.topology_spread_constraints || pod.spec.affinity.pod_anti_affinity;
            sheet.fail_if(!spread, pod.at("topologySpreadConstraints"), Unset);
        }
    }),
    Control::pod("update-strategy-recreate", |pod, sheet| {
        use WorkloadKind::{DaemonSet, Deployment, StatefulSet};
        if matches!(pod.workload.kind, Deployment | StatefulSet | DaemonSet) {
            let strategy =
                pod.workload.conduct.update_strategy.as_deref().unwrap_or("RollingUpdate");
            let field = match pod.workload.kind {
                Deployment => "spec.strategy.type",
                _ => "spec.updateStrategy.type",
            };
            sheet.fail_if(strategy != "RollingUpdate", Place::of(field), Is(strategy));
        }
    }),
    Control::pod("disruption-budget-missing", |pod, sheet| {
        if replicated(pod) {
            let inside = pod.cluster.around(pod.object);
            let budgets = inside.map_or(&[][..], |inside| &inside.budgets);
            let covered = budgets.iter().any(|budget| {
                budget.selector.as_ref().is_some_and(|selector| selects(selector, pod.labels()))
            });
            sheet.fail_if(!covered, Place::of("metadata.name"), Without("PodDisruptionBudget"));
        }
    }),
    Control::budget("disruption-budget-blocks", |budget, sheet| {
        sheet.applies();
        let is = |value: &Option<IntOrString>, number: i32, text: &str| match value {
            Some(IntOrString::Int(own)) => number >= 0 && *own == number,
            Some(IntOrString::Text(own)) => own == text,
            None => false,
        };
        if is(&budget.body.max_unavailable, 0, "0%") {
            sheet.fail(Place::of("spec.maxUnavailable"), Number(0));
        }
        if is(&budget.body.min_available, -1, "100%") {
            sheet.fail(Place::of("spec.minAvailable"), Is("100%"));
        }
    }),
    Control::budget("disruption-budget-above-replicas", |budget, sheet| {
        let (Some(inside), Some(selector)) =
            (budget.cluster.around(budget.object), budget.body.selector.as_ref())
        else {
            return;
        };
        for workload in inside.selected(selector) {
            let autoscaler = inside
                .autoscalers
                .iter()
                .find(|autoscaler| is_target(&autoscaler.scale_target_ref, workload));
            let Some(autoscaler) = autoscaler else { continue };
            let Some(least) = autoscaler.min_replicas else { continue };
            let needed = match &budget.body.min_available {
                Some(IntOrString::Int(needed)) => *needed,
                // Rounded up, as the controller does.
                Some(IntOrString::Text(text)) => {
                    let percent = text.strip_suffix('%').and_then(|text| text.parse::<i32>().ok());
                    let Some(percent) = percent else { continue };
                    percent.saturating_mul(least).saturating_add(99) / 100
                }
                None => continue,
            };
            sheet.fail_if(needed > least, Place::of("spec.minAvailable"), Number(needed.into()));
        }
    }),
    Control::autoscaler("autoscaler-target-missing", |autoscaler, sheet| {
        let target = &autoscaler.body.scale_target_ref;
        let known = ["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"];
        if known.contains(&target.kind.as_str()) {
            let inside = autoscaler.cluster.around(autoscaler.object);
            let found = inside.is_some_and(|inside| {
                inside.workloads.iter().any(|object| is_target(target, object))
            });
            let place = Place::of("spec.scaleTargetRef.name");
            if found || autoscaler.cluster.settings().complete {
                sheet.fail_if(!found, place, Missing(&target.name));
            } else {
                sheet.not_checkable(place, "the workloads of the namespace");
            }
        } else {
            sheet.not_checkable(
                Place::of("spec.scaleTargetRef.kind"),
                "a workload of a kind that is known",
            );
        }
    }),
    Control::pod("selector-mismatch", |pod, sheet| {
        if let Some(selector) = &pod.workload.selector {
            let empty = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
            if !empty {
                let place = Place::of("spec.selector");
                sheet.fail_if(
                    !selects(selector, pod.labels()),
                    place,
                    Lacks("the labels of the template"),
                );
            }
        }
    }),
    Control::pod("job-without-lifetime", |pod, sheet| {
        job(
            pod,
            sheet,
            "ttlSecondsAfterFinished",
            pod.workload.conduct.ttl_seconds_after_finished.is_some(),
        );
    }),
    Control::pod("job-without-deadline", |pod, sheet| {
        job(
            pod,
            sheet,
            "activeDeadlineSeconds",
            pod.workload.conduct.active_deadline_seconds.is_some(),
        );
    }),
    Control::pod("cron-job-overlaps", |pod, sheet| {
        if pod.workload.kind == WorkloadKind::CronJob {
            let policy = pod
                .workload
                .conduct
                .concurrency_policy
                .as_deref()
                .filter(|policy| !policy.is_empty());
            let overlaps = policy.is_none_or(|policy| policy == "Allow");
            sheet.fail_if(overlaps, Place::of("spec.concurrencyPolicy"), policy.map_or(Unset, Is));
        }
    }),
    Control::pod("common-labels-missing", |pod, sheet| {
        labels(pod, sheet, &pod.cluster.settings().common_labels);
    }),
    Control::pod("management-labels-missing", |pod, sheet| {
        labels(pod, sheet, &pod.cluster.settings().management_labels);
    }),
    Control::object("default-namespace-used", |object, sheet| {
        let kind = object.body.type_name.kind.as_str();
        let name = object.body.metadata.name.as_str();
        // What every cluster has there by itself.
        let own = matches!((kind, name), ("Service" | "Endpoints" | "EndpointSlice", "kubernetes"))
            || matches!((kind, name), ("ServiceAccount", "default"))
            || matches!((kind, name), ("ConfigMap", "kube-root-ca.crt"));
        if NAMESPACED.contains(&kind) && !own {
            let named = object.body.metadata.namespace.is_some();
            let reason = if named { Is("default") } else { Unset };
            let inside = object.body.namespace() == "default";
            sheet.fail_if(inside, Place::of("metadata.namespace"), reason);
        }
    }),
];

/// Kinds that live in namespaces, and that people put there.
const NAMESPACED: [&str; 30] = [
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CSIStorageCapacity",
    "DaemonSet",
    "Deployment",
    "Endpoints",
    "EndpointSlice",
    "Gateway",
    "GRPCRoute",
    "HorizontalPodAutoscaler",
    "HTTPRoute",
    "Ingress",
    "Job",
    "Lease",
    "LimitRange",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
];

/// Probes are for what runs on and does not end by itself.
fn probe<'a>(
    container: &Container<'a>,
    sheet: &mut Sheet<'a>,
    field: &'static str,
    probe: Option<&Probe>,
) {
    let ends = matches!(container.pod.workload.kind, WorkloadKind::Job | WorkloadKind::CronJob);
    if container.runs_on() && container.kind == ContainerKind::Ordinary && !ends {
        sheet.fail_if(probe.is_none(), container.at(field), Unset);
    }
}

/// A workload of several replicas.
fn replicated(pod: &Pod<'_>) -> bool {
    let kinds = matches!(pod.workload.kind, WorkloadKind::Deployment | WorkloadKind::StatefulSet);
    kinds && pod.workload.replicas.unwrap_or(1) > 1
}

fn is_target(target: &bulkhead_objects::ScaleTarget, object: &Object) -> bool {
    let group = target.api_version.split_once('/').map_or("", |(group, _)| group);
    target.kind == object.type_name.kind.as_str()
        && target.name == object.metadata.name.as_str()
        && (group == object.type_name.group.as_str() || target.api_version.is_empty())
}

fn job<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>, field: &'static str, set: bool) {
    let prefix = match pod.workload.kind {
        // Its CronJob ends it.
        WorkloadKind::Job if !pod.owned() => "spec",
        WorkloadKind::CronJob => "spec.jobTemplate.spec",
        _ => return,
    };
    sheet.fail_if(!set, Place::below(prefix, field), Unset);
}

/// At least one of the labels on the workload, and on its pods.
fn labels<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>, wanted: &'a [String]) {
    let has =
        |labels: &bulkhead_objects::Labels| wanted.iter().any(|label| labels.get(label).is_some());
    let first = wanted.first().map_or("", String::as_str);
    if !wanted.is_empty() && !is_system(pod.namespace()) {
        let own = has(&pod.object.metadata.labels);
        sheet.fail_if(!own, Place::of("metadata.labels"), Lacks(first));
        if pod.workload.kind != WorkloadKind::Pod {
            sheet.fail_if(!has(pod.labels()), pod.at_template("metadata.labels"), Lacks(first));
        }
    }
}
