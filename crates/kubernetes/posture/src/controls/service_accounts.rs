//! Service accounts and their tokens.

use bulkhead_objects::VolumeSource;

use super::images::is_dashboard;
use super::rbac::is_built_in;
use crate::Place;
use crate::control::Control;
use crate::verdict::Reason::{Is, Missing, Number, Unset, Unused};

pub(super) const CONTROLS: &[Control] = &[
    Control::pod("token-automounted", |pod, sheet| {
        let account = pod
            .cluster
            .around(pod.object)
            .and_then(|inside| inside.accounts.get(pod.spec.account()));
        let by_account = account.and_then(|account| account.automount_service_account_token);
        let own = pod.spec.automount_service_account_token;
        let mounted = own.or(by_account).unwrap_or(true);
        let reason = if own.is_some() { Is("true") } else { Unset };
        sheet.fail_if(mounted, pod.at("automountServiceAccountToken"), reason);
    }),
    Control::service_account("service-account-automounts", |account, sheet| {
        let own = account.body.automount_service_account_token;
        let reason = if own.is_some() { Is("true") } else { Unset };
        sheet.fail_if(own != Some(false), Place::of("automountServiceAccountToken"), reason);
    }),
    Control::pod("default-service-account-used", |pod, sheet| {
        let named = pod.spec.service_account_name.as_deref().is_some_and(|name| !name.is_empty());
        let reason = if named { Is("default") } else { Unset };
        sheet.fail_if(pod.spec.account() == "default", pod.at("serviceAccountName"), reason);
    }),
    Control::pod("dashboard-account-used", |pod, sheet| {
        let account = pod.spec.account();
        // The dashboard's own pods have a right to it.
        let dashboard = pod.containers().any(|container| is_dashboard(&container.body.image));
        let taken = account == "kubernetes-dashboard" && !dashboard;
        sheet.fail_if(taken, pod.at("serviceAccountName"), Is(account));
    }),
    Control::binding("default-service-account-bound", |binding, sheet| {
        if is_built_in(binding.object) {
            return;
        }
        for (index, subject) in binding.body.subjects.iter().enumerate() {
            if subject.kind == "ServiceAccount" {
                let place = Place::of("subjects[].name").at(index);
                sheet.fail_if(subject.name == "default", place, Is("default"));
            }
        }
    }),
    Control::secret("legacy-token-secret", |secret, sheet| {
        let type_ = secret.body.type_.as_deref().unwrap_or("Opaque");
        sheet.fail_if(type_ == "kubernetes.io/service-account-token", Place::of("type"), Is(type_));
    }),
    Control::service_account("service-account-lists-secrets", |account, sheet| {
        sheet.applies();
        for (index, name) in account.body.secrets.iter().enumerate() {
            sheet.fail(Place::of("secrets[]").at(index), Is(name));
        }
    }),
    Control::service_account("service-account-unused", |account, sheet| {
        let name = account.object.metadata.name.as_str();
        if name != "default" {
            let inside = account.cluster.around(account.object);
            let used = inside.is_some_and(|inside| inside.used_accounts.contains(name));
            sheet.fail_if(!used, Place::of("metadata.name"), Unused);
        }
    }),
    Control::pod("service-account-missing", |pod, sheet| {
        let name = pod.spec.account();
        if name != "default" {
            let inside = pod.cluster.around(pod.object);
            let known = inside.is_some_and(|inside| inside.accounts.contains_key(name));
            let place = pod.at("serviceAccountName");
            if known || pod.cluster.settings().complete {
                sheet.fail_if(!known, place, Missing(name));
            } else {
                sheet.not_checkable(place, "the service accounts of the namespace");
            }
        }
    }),
    Control::binding("service-account-of-other-namespace", |binding, sheet| {
        if binding.object.type_name.kind == "RoleBinding" {
            let own = binding.object.namespace();
            for (index, subject) in binding.body.subjects.iter().enumerate() {
                if subject.kind == "ServiceAccount" {
                    let place = subject.namespace.as_deref().unwrap_or(own);
                    let path = Place::of("subjects[].namespace").at(index);
                    sheet.fail_if(place != own, path, Is(place));
                }
            }
        }
    }),
    Control::pod("deprecated-service-account-field", |pod, sheet| {
        let named = |name: &'_ Option<bulkhead_objects::Name>| {
            name.as_deref().is_some_and(|name| !name.is_empty())
        };
        let old = named(&pod.spec.service_account);
        // The server fills the old field from the new one.
        let same = pod.spec.service_account == pod.spec.service_account_name;
        if old || named(&pod.spec.service_account_name) {
            let name = pod.spec.service_account.as_deref().unwrap_or_default();
            sheet.fail_if(old && !same, pod.at("serviceAccount"), Is(name));
        }
    }),
    Control::pod("projected-token-long-lived", |pod, sheet| {
        for (index, volume) in pod.spec.volumes.iter().enumerate() {
            for source in &volume.sources {
                let VolumeSource::Projected(projected) = source else { continue };
                for (number, source) in projected.sources.iter().enumerate() {
                    let Some(token) = &source.service_account_token else { continue };
                    let seconds = token.expiration_seconds.unwrap_or(3_600);
                    let field =
                        "volumes[].projected.sources[].serviceAccountToken.expirationSeconds";
                    let place = pod.at(field).at_all([index, number, 0]);
                    sheet.fail_if(seconds > 86_400, place, Number(seconds));
                }
            }
        }
    }),
];
