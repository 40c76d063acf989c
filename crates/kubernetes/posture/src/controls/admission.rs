//! Webhooks, admission policies and API services.

use bulkhead_objects::{Name, Webhook, WebhookConfiguration};

use crate::cluster::selects;
use crate::control::{Control, View};
use crate::verdict::Reason::{Contains, Is, Lacks, Missing, Number, Unset, Unused};
use crate::{Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::webhooks("webhook-failure-ignored", |webhooks, sheet| {
        each(webhooks, sheet, |webhook, place, sheet| {
            let ignored = policy(webhooks, webhook) == "Ignore";
            let reason = if webhook.failure_policy.is_some() { Is("Ignore") } else { Unset };
            sheet.fail_if(ignored, place("webhooks[].failurePolicy"), reason);
        });
    }),
    Control::webhooks("webhook-timeout-long", |webhooks, sheet| {
        each(webhooks, sheet, |webhook, place, sheet| {
            let seconds = webhook.timeout_seconds.unwrap_or(10);
            sheet.fail_if(seconds > 10, place("webhooks[].timeoutSeconds"), Number(seconds.into()));
        });
    }),
    Control::webhooks("webhook-outside-cluster", |webhooks, sheet| {
        each(webhooks, sheet, |webhook, place, sheet| {
            let url = webhook.client_config.url.as_deref().unwrap_or_default();
            sheet.fail_if(!url.is_empty(), place("webhooks[].clientConfig.url"), Is(url));
        });
    }),
    Control::webhooks("webhook-without-ca", |webhooks, sheet| {
        each(webhooks, sheet, |webhook, place, sheet| {
            sheet.fail_if(
                !webhook.client_config.ca_bundle,
                place("webhooks[].clientConfig.caBundle"),
                Unset,
            );
        });
    }),
    Control::webhooks("webhook-service-missing", |webhooks, sheet| {
        each(webhooks, sheet, |webhook, place, sheet| {
            if let Some(service) = &webhook.client_config.service {
                let place = place("webhooks[].clientConfig.service.name");
                service_exists(webhooks, &service.namespace, &service.name, place, sheet);
            }
        });
    }),
    Control::webhooks("webhook-can-lock-cluster", |webhooks, sheet| {
        each(webhooks, sheet, |webhook, place, sheet| {
            let about_pods = webhook.rules.iter().any(|rule| {
                let core = has(&rule.api_groups, "") || has(&rule.api_groups, "*");
                core && (has(&rule.resources, "pods")
                    || has(&rule.resources, "*")
                    || has(&rule.resources, "*/*"))
            });
            let own = webhook.client_config.service.as_ref().map(|service| &service.namespace);
            let spares = |namespace: &str| {
                let label = [(Name::new("kubernetes.io/metadata.name"), Name::new(namespace))];
                !selects(&webhook.namespace_selector, &bulkhead_objects::Labels::new(label))
            };
            let narrowed = webhook.match_conditions
                || !webhook.object_selector.match_labels.is_empty()
                || !webhook.object_selector.match_expressions.is_empty()
                || spares("kube-system") && own.is_none_or(|own| spares(own));
            if about_pods {
                let locks = policy(webhooks, webhook) == "Fail" && !narrowed;
                sheet.fail_if(locks, place("webhooks[].namespaceSelector"), Lacks("kube-system"));
            }
        });
    }),
    Control::webhooks("webhook-matches-everything", |webhooks, sheet| {
        each(webhooks, sheet, |webhook, place, sheet| {
            let everything = webhook.rules.iter().any(|rule| {
                let every = has(&rule.resources, "*") || has(&rule.resources, "*/*");
                has(&rule.api_groups, "*") && every
            });
            sheet.fail_if(everything, place("webhooks[].rules"), Contains("*"));
        });
    }),
    Control::webhooks("webhook-mutates-workloads", |webhooks, sheet| {
        if webhooks.object.type_name.kind == "MutatingWebhookConfiguration" {
            each(webhooks, sheet, |webhook, place, sheet| {
                let workload = webhook.rules.iter().flat_map(|rule| &rule.resources).find(|name| {
                    WORKLOADS.contains(&name.as_str()) || *name == "*" || *name == "*/*"
                });
                let name = workload.map_or("", Name::as_str);
                sheet.fail_if(workload.is_some(), place("webhooks[].rules"), Contains(name));
            });
        }
    }),
    Control::admission_policy("admission-policy-unbound", |policy, sheet| {
        let bound = policy.cluster.bound_admission_policies.contains(&*policy.object.metadata.name);
        let place = Place::of("metadata.name");
        if bound || policy.cluster.settings().complete {
            sheet.fail_if(!bound, place, Unused);
        } else {
            sheet.not_checkable(place, "the bindings of admission policies");
        }
    }),
    Control::admission_policy_binding("admission-policy-not-enforced", |binding, sheet| {
        if binding.object.type_name.kind == "ValidatingAdmissionPolicyBinding" {
            let denies = has(&binding.body.validation_actions, "Deny");
            sheet.fail_if(!denies, Place::of("spec.validationActions"), Lacks("Deny"));
        }
    }),
    Control::admission_policy("admission-policy-failure-ignored", |policy, sheet| {
        let ignored = policy.body.failure_policy.as_deref() == Some("Ignore");
        sheet.fail_if(ignored, Place::of("spec.failurePolicy"), Is("Ignore"));
    }),
    Control::api_service("api-service-insecure", |service, sheet| {
        if service.body.service.is_some() {
            let insecure = service.body.insecure_skip_tls_verify;
            sheet.fail_if(insecure, Place::of("spec.insecureSkipTLSVerify"), Is("true"));
        }
    }),
    Control::api_service("api-service-missing", |api, sheet| {
        if let Some(service) = &api.body.service {
            service_exists(
                api,
                &service.namespace,
                &service.name,
                Place::of("spec.service.name"),
                sheet,
            );
        }
    }),
];

/// Resources that become pods.
const WORKLOADS: [&str; 8] = [
    "cronjobs",
    "daemonsets",
    "deployments",
    "jobs",
    "pods",
    "replicasets",
    "replicationcontrollers",
    "statefulsets",
];

fn has(list: &[Name], name: &str) -> bool {
    list.iter().any(|own| own == name)
}

/// What happens when a webhook does not answer: the default changed with `v1`.
fn policy<'a>(webhooks: &View<'a, WebhookConfiguration>, webhook: &'a Webhook) -> &'a str {
    let default = if webhooks.object.type_name.version == "v1" { "Fail" } else { "Ignore" };
    webhook.failure_policy.as_deref().filter(|policy| !policy.is_empty()).unwrap_or(default)
}

fn each<'a>(
    webhooks: &View<'a, WebhookConfiguration>,
    sheet: &mut Sheet<'a>,
    judge: impl Fn(&'a Webhook, &dyn Fn(&'static str) -> Place<'a>, &mut Sheet<'a>),
) {
    for (index, webhook) in webhooks.body.webhooks.iter().enumerate() {
        judge(webhook, &|field| Place::of(field).at(index), sheet);
    }
}

fn service_exists<'a, T>(
    view: &View<'a, T>,
    namespace: &str,
    name: &'a str,
    place: Place<'a>,
    sheet: &mut Sheet<'a>,
) {
    let inside = view.cluster.namespace(namespace);
    let known = inside.is_some_and(|inside| inside.services.contains_key(name));
    if known || view.cluster.settings().complete {
        sheet.fail_if(!known, place, Missing(name));
    } else {
        sheet.not_checkable(place, "the services of the namespace");
    }
}
