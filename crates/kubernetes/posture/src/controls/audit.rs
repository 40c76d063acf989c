//! Audit policies.

use bulkhead_objects::AuditRule;

use crate::Place;
use crate::control::Control;
use crate::verdict::Reason::{Contains, Is, Lacks, Unset};

pub(super) const CONTROLS: &[Control] = &[
    Control::audit("audit-logs-nothing", |policy, sheet| {
        let records = policy.body.rules.iter().any(|rule| rule.level != "None");
        sheet.fail_if(!records, Place::of("rules"), Unset);
    }),
    Control::audit("audit-has-gaps", |policy, sheet| {
        let closes =
            policy.body.rules.iter().any(|rule| rule.level != "None" && is_unconditional(rule));
        sheet.fail_if(!closes, Place::of("rules"), Lacks("a rule for all other requests"));
    }),
    Control::audit("audit-records-secrets", |policy, sheet| {
        sheet.applies();
        for (group, resource) in SECRET {
            // The first rule that fits counts.
            let decides = policy
                .body
                .rules
                .iter()
                .enumerate()
                .find(|(_, rule)| is_about(rule, group, resource));
            if let Some((index, rule)) = decides.filter(|(_, rule)| records_content(&rule.level)) {
                sheet.fail(Place::of("rules[].level").at(index), Is(&rule.level));
            }
        }
    }),
    Control::audit("audit-misses-sensitive", |policy, sheet| {
        sheet.applies();
        for (group, resource) in SENSITIVE {
            let recorded = policy
                .body
                .rules
                .iter()
                .any(|rule| rule.level != "None" && covers(rule, group, resource));
            if !recorded {
                sheet.fail(Place::of("rules"), Lacks(resource));
            }
        }
    }),
    Control::audit("audit-ignores-users", |policy, sheet| {
        sheet.applies();
        for (index, rule) in policy.body.rules.iter().enumerate() {
            let narrowed = !rule.verbs.is_empty()
                || !rule.resources.is_empty()
                || !rule.non_resource_urls.is_empty();
            if rule.level == "None" && !narrowed {
                let users = rule.users.iter().chain(&rule.user_groups).next();
                let reason = users.map_or(Unset, |user| Contains(user));
                sheet.fail(Place::of("rules[]").at(index), reason);
            }
        }
    }),
];

/// What holds secrets: its content does not belong into a log.
const SECRET: [(&str, &str); 3] =
    [("", "secrets"), ("", "configmaps"), ("authentication.k8s.io", "tokenreviews")];

/// What an intrusion goes through.
const SENSITIVE: [(&str, &str); 8] = [
    ("", "secrets"),
    ("", "configmaps"),
    ("authentication.k8s.io", "tokenreviews"),
    ("", "pods"),
    ("apps", "deployments"),
    ("", "pods/exec"),
    ("", "pods/portforward"),
    ("", "services/proxy"),
];

fn records_content(level: &str) -> bool {
    matches!(level, "Request" | "RequestResponse")
}

fn is_unconditional(rule: &AuditRule) -> bool {
    rule.users.is_empty()
        && rule.user_groups.is_empty()
        && rule.verbs.is_empty()
        && rule.namespaces.is_empty()
        && rule.resources.is_empty()
        && rule.non_resource_urls.is_empty()
}

/// Whether the rule fits some request for a resource. (`audit.k8s.io/v1`, `GroupResources`: no
/// resources means all; `*` all and their subresources, `pods/*` all of its subresources.)
fn is_about(rule: &AuditRule, group: &str, resource: &str) -> bool {
    let names = |own: &str| {
        own == "*"
            || own == resource
            || own.strip_suffix("/*") == resource.split('/').next() && resource.contains('/')
    };
    rule.non_resource_urls.is_empty()
        && (rule.resources.is_empty()
            || rule.resources.iter().any(|own| {
                own.group == group
                    && (own.resources.is_empty() || own.resources.iter().any(|own| names(own)))
            }))
}

/// Whether the rule fits every request for a resource.
fn covers(rule: &AuditRule, group: &str, resource: &str) -> bool {
    let whole = |rule: &AuditRule| {
        rule.resources.is_empty()
            || rule.resources.iter().any(|own| own.group == group && own.resource_names.is_empty())
    };
    is_about(rule, group, resource)
        && whole(rule)
        && rule.users.is_empty()
        && rule.user_groups.is_empty()
        && rule.namespaces.is_empty()
}
