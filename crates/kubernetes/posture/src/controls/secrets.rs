//! Secrets, what ought to be one, and their encryption at rest.

mod sensitive;

use bulkhead_objects::{SourceReference, VolumeSource};
use sensitive::{is_credential, looks_like_key};

use crate::control::Control;
use crate::subject::Pod;
use crate::verdict::Reason::{Contains, Is, Lacks, Missing, Number, Unset, Unused};
use crate::{Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::container("secret-in-environment", |container, sheet| {
        sheet.applies();
        for (index, variable) in container.body.env.iter().enumerate() {
            let source =
                variable.value_from.as_deref().and_then(|source| source.secret_key_ref.as_ref());
            if let Some(source) = source {
                let place = container.at("env[].valueFrom.secretKeyRef").at(index);
                sheet.fail(place, Is(&source.name));
            }
        }
    }),
    Control::container("whole-secret-in-environment", |container, sheet| {
        for (index, source) in container.body.env_from.iter().enumerate() {
            sheet.applies();
            if let Some(secret) = &source.secret_ref {
                sheet.fail(container.at("envFrom[].secretRef").at(index), Is(&secret.name));
            }
        }
    }),
    Control::container("credential-in-environment", |container, sheet| {
        for (index, variable) in container.body.env.iter().enumerate() {
            let value = variable.value.as_deref().unwrap_or_default();
            let place = container.at("env[].value").at(index);
            sheet.fail_if(is_credential(&variable.name, value), place, Contains("a credential"));
        }
    }),
    Control::container("credential-in-arguments", |container, sheet| {
        let lists = [("command[]", &container.body.command), ("args[]", &container.body.args)];
        for (field, list) in lists {
            for (index, word) in list.iter().enumerate() {
                let flag = word.strip_prefix("--").or_else(|| word.strip_prefix('-'));
                let found = match flag.and_then(|flag| flag.split_once('=')) {
                    Some((name, value)) => is_credential(name, value),
                    // The value is a word of its own.
                    None => flag.is_some_and(|flag| {
                        let value = list.get(index + 1).filter(|value| !value.starts_with('-'));
                        value.is_some_and(|value| is_credential(flag, value))
                    }),
                };
                let found = found || looks_like_key(word);
                sheet.fail_if(found, container.at(field).at(index), Contains("a credential"));
            }
        }
    }),
    Control::config_map("credential-in-config-map", |map, sheet| {
        sheet.applies();
        for (key, value) in map.body.data.iter() {
            let within = value.lines().any(|line| {
                let pair = line.split_once('=').or_else(|| line.split_once(": "));
                pair.is_some_and(|(name, value)| is_credential(name.trim(), value.trim()))
            });
            if is_credential(key, value) || looks_like_key(value) || within {
                sheet.fail(Place::of("data{}").key(key), Contains("a credential"));
            }
        }
    }),
    Control::secret("secret-unused", |secret, sheet| {
        // Tokens, releases of Helm and the like are used by their type.
        let type_ = secret.body.type_.as_deref().unwrap_or("Opaque");
        let by_pods =
            ["Opaque", "kubernetes.io/basic-auth", "kubernetes.io/tls", "kubernetes.io/ssh-auth"];
        if by_pods.contains(&type_) || type_.is_empty() {
            let inside = secret.cluster.around(secret.object);
            let used = inside
                .is_some_and(|inside| inside.used_secrets.contains(&*secret.object.metadata.name));
            sheet.fail_if(!used, Place::of("metadata.name"), Unused);
        }
    }),
    Control::pod("secret-missing", secret_missing),
    Control::pod("secret-volume-open-mode", |pod, sheet| {
        for (index, volume) in pod.spec.volumes.iter().enumerate() {
            for source in &volume.sources {
                let (mode, field) = match source {
                    VolumeSource::Secret(secret) => {
                        (secret.default_mode, "volumes[].secret.defaultMode")
                    }
                    VolumeSource::Projected(projected)
                        if projected.sources.iter().any(|source| source.secret.is_some()) =>
                    {
                        (projected.default_mode, "volumes[].projected.defaultMode")
                    }
                    _ => continue,
                };
                let reason = mode.map_or(Unset, |mode| Number(mode.into()));
                let open = mode.unwrap_or(0o644) & 0o007 != 0;
                sheet.fail_if(open, pod.at(field).at(index), reason);
            }
        }
    }),
    Control::grant("secret-readers", &["get", "list", "watch"], &[("", "secrets")]),
    Control::grant("secret-writers", &["create", "update", "patch"], &[("", "secrets")]),
    Control::encryption("encryption-without-secrets", |configuration, sheet| {
        let covers = |name: &str| matches!(name, "secrets" | "*." | "*.*");
        let rules = configuration.body.resources.iter().enumerate();
        let decides =
            rules.into_iter().find(|(_, rule)| rule.resources.iter().any(|name| covers(name)));
        match decides {
            None => sheet.fail(Place::of("resources"), Lacks("secrets")),
            Some((index, rule)) => {
                // The first provider writes.
                let plain = rule.providers.first().is_none_or(|provider| provider.identity);
                let place = Place::of("resources[].providers").at(index);
                sheet.fail_if(plain, place, Is("identity"));
            }
        }
    }),
    Control::encryption("encryption-provider-weak", |configuration, sheet| {
        providers(configuration.body, sheet, |provider, place, sheet| {
            let weak = if provider.aescbc { "aescbc" } else { "aesgcm" };
            sheet.fail_if(provider.aescbc || provider.aesgcm, place, Contains(weak));
        });
    }),
    Control::encryption("encryption-key-in-file", |configuration, sheet| {
        providers(configuration.body, sheet, |provider, place, sheet| {
            let local = provider.aescbc || provider.aesgcm || provider.secretbox;
            sheet.fail_if(local, place, Lacks("kms"));
        });
    }),
];

/// The provider that writes, of each rule.
fn providers<'a>(
    configuration: &'a bulkhead_objects::EncryptionConfiguration,
    sheet: &mut Sheet<'a>,
    judge: impl Fn(&bulkhead_objects::EncryptionProvider, Place<'a>, &mut Sheet<'a>),
) {
    for (index, rule) in configuration.resources.iter().enumerate() {
        if let Some(provider) = rule.providers.first() {
            judge(provider, Place::of("resources[].providers[]").at_all([index, 0, 0]), sheet);
        }
    }
}

fn secret_missing<'a>(pod: &Pod<'a>, sheet: &mut Sheet<'a>) {
    let mut judge = |name: &'a str, optional: bool, place: Place<'a>| {
        let inside = pod.cluster.around(pod.object);
        let known = inside.is_some_and(|inside| inside.secrets.contains_key(name));
        if known || optional || pod.cluster.settings().complete {
            sheet.fail_if(!known && !optional, place, Missing(name));
        } else {
            sheet.not_checkable(place, "the secrets of the namespace");
        }
    };
    for (index, volume) in pod.spec.volumes.iter().enumerate() {
        for source in &volume.sources {
            match source {
                VolumeSource::Secret(secret) => {
                    let place = pod.at("volumes[].secret.secretName").at(index);
                    judge(&secret.secret_name, secret.optional, place);
                }
                VolumeSource::Projected(projected) => {
                    for (number, source) in projected.sources.iter().enumerate() {
                        let Some(secret) = &source.secret else { continue };
                        let place = pod.at("volumes[].projected.sources[].secret.name");
                        judge(&secret.name, secret.optional, place.at_all([index, number, 0]));
                    }
                }
                _ => {}
            }
        }
    }
    for container in pod.containers() {
        let mut named = |reference: &'a SourceReference, place: Place<'a>| {
            judge(&reference.name, reference.optional, place);
        };
        for (index, variable) in container.body.env.iter().enumerate() {
            let source =
                variable.value_from.as_deref().and_then(|source| source.secret_key_ref.as_ref());
            if let Some(source) = source {
                named(source, container.at("env[].valueFrom.secretKeyRef.name").at(index));
            }
        }
        for (index, source) in container.body.env_from.iter().enumerate() {
            if let Some(secret) = &source.secret_ref {
                named(secret, container.at("envFrom[].secretRef.name").at(index));
            }
        }
    }
}
