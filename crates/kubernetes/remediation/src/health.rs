//! Whether a workload does its work.

use serde_json::Value;

/// How a workload is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Health {
    /// All of it runs in its newest form.
    Healthy,
    /// Not yet; what is missing.
    Waiting(String),
    /// It will not by itself.
    Failed(String),
}

/// Reasons for which a container waits and that time does not mend.
const LOST: [&str; 9] = [
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ErrImagePull",
    "ImageInspectError",
    "ImagePullBackOff",
    "InvalidImageName",
    "RunContainerError",
];

/// How an object is by its own status; what makes no pods is always well.
pub(crate) fn of(object: &Value) -> Health {
    let (spec, status) = (&object["spec"], &object["status"]);
    let number = |value: &Value| value.as_i64().unwrap_or(0);
    let kind = object["kind"].as_str().unwrap_or_default();
    let wanted = spec["replicas"].as_i64().unwrap_or(1);
    let counts: &[(&str, i64, i64)] = &match kind {
        "Deployment" => vec![
            ("updated", number(&status["updatedReplicas"]), wanted),
            ("available", number(&status["availableReplicas"]), wanted),
            ("old ones gone", wanted, number(&status["replicas"])),
        ],
        "StatefulSet" => {
            let mut counts = vec![("ready", number(&status["readyReplicas"]), wanted)];
            let rolls = spec["updateStrategy"]["type"].as_str().unwrap_or("RollingUpdate");
            let kept = number(&spec["updateStrategy"]["rollingUpdate"]["partition"]);
            if rolls == "RollingUpdate" {
                counts.push(("updated", number(&status["updatedReplicas"]), wanted - kept));
            }
            counts
        }
        "DaemonSet" => {
            let wanted = number(&status["desiredNumberScheduled"]);
            let mut counts = vec![("available", number(&status["numberAvailable"]), wanted)];
            if spec["updateStrategy"]["type"] != "OnDelete" {
                counts.push(("updated", number(&status["updatedNumberScheduled"]), wanted));
            }
            counts
        }
        "ReplicaSet" | "ReplicationController" => {
            vec![("ready", number(&status["readyReplicas"]), wanted)]
        }
        "Pod" => return of_pod(object),
        _ => return Health::Healthy,
    };
    if number(&status["observedGeneration"]) < number(&object["metadata"]["generation"]) {
        return Health::Waiting("its controller has not seen the change".to_owned());
    }
    let conditions = status["conditions"].as_array().into_iter().flatten();
    for condition in conditions {
        if condition["type"] == "Progressing" && condition["status"] == "False" {
            let reason = condition["reason"].as_str().unwrap_or("it does not progress");
            return Health::Failed(reason.to_owned());
        }
    }
    match counts.iter().find(|(_, have, wanted)| have < wanted) {
        Some((what, have, wanted)) => Health::Waiting(format!("{have} of {wanted} {what}")),
        None => Health::Healthy,
    }
}

fn of_pod(pod: &Value) -> Health {
    let conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
    let ready = conditions.clone().any(|it| it["type"] == "Ready" && it["status"] == "True");
    match (ready, trouble(pod)) {
        (_, Some(trouble)) => Health::Failed(trouble),
        (true, None) => Health::Healthy,
        (false, None) => Health::Waiting("it is not ready".to_owned()),
    }
}

/// What keeps the containers of a pod from running for good.
pub(crate) fn trouble(pod: &Value) -> Option<String> {
    let lists = ["initContainerStatuses", "containerStatuses"];
    let statuses = lists.iter().filter_map(|list| pod["status"][list].as_array()).flatten();
    let mut waiting = statuses.filter_map(|status| {
        let reason = status["state"]["waiting"]["reason"].as_str()?;
        let message = status["state"]["waiting"]["message"].as_str().unwrap_or_default();
        LOST.contains(&reason).then(|| {
            let name = status["name"].as_str().unwrap_or_default();
            format!("container {name}: {reason} {message}").trim_end().to_owned()
        })
    });
    waiting.next()
}
