//! Ingress and Gateway.

use bulkhead_objects::{Ingress, Route};

use crate::control::{Control, View};
use crate::verdict::Reason::{Contains, Is, Missing, Repeated, Unset};
use crate::{Place, Sheet};

pub(super) const CONTROLS: &[Control] = &[
    Control::ingress("ingress-without-tls", |ingress, sheet| {
        sheet.fail_if(ingress.body.tls.is_empty(), Place::of("spec.tls"), Unset);
    }),
    Control::ingress("ingress-host-without-tls", |ingress, sheet| {
        let tls = &ingress.body.tls;
        // An entry without hosts is for all of them.
        let all = tls.iter().any(|tls| tls.hosts.is_empty());
        if tls.is_empty() || all {
            return;
        }
        for (index, rule) in ingress.body.rules.iter().enumerate() {
            let host = rule.host.as_deref().unwrap_or_default();
            let covered = tls.iter().flat_map(|tls| &tls.hosts).any(|own| is_covered(host, own));
            sheet.fail_if(!covered, Place::of("spec.rules[].host").at(index), Is(host));
        }
    }),
    Control::ingress("ingress-tls-secret-missing", |ingress, sheet| {
        let inside = ingress.cluster.around(ingress.object);
        for (index, tls) in ingress.body.tls.iter().enumerate() {
            let Some(name) = tls.secret_name.as_deref().filter(|name| !name.is_empty()) else {
                continue;
            };
            let known = inside.is_some_and(|inside| inside.secrets.contains_key(name));
            let place = Place::of("spec.tls[].secretName").at(index);
            exists(ingress, known, name, place, "the secrets of the namespace", sheet);
        }
    }),
    Control::ingress("ingress-host-any", |ingress, sheet| {
        for (index, rule) in ingress.body.rules.iter().enumerate() {
            let host = rule.host.as_deref().unwrap_or_default();
            let any = host.is_empty() || host.starts_with('*');
            let reason = if host.is_empty() { Unset } else { Is(host) };
            sheet.fail_if(any, Place::of("spec.rules[].host").at(index), reason);
        }
    }),
    Control::ingress("ingress-host-claimed-twice", |ingress, sheet| {
        for (index, rule) in ingress.body.rules.iter().enumerate() {
            let host = rule.host.as_deref().unwrap_or_default();
            for (number, path) in rule.http.paths.iter().enumerate() {
                let path = path.path.as_deref().unwrap_or("/");
                let first = ingress.cluster.ingress_hosts.get(&(host, path)).copied();
                let other = first.filter(|first| *first != ingress.object.namespace());
                let place = Place::of("spec.rules[].http.paths[]").at_all([index, number, 0]);
                sheet.fail_if(other.is_some(), place, Repeated(other.unwrap_or_default()));
            }
        }
    }),
    Control::ingress("ingress-default-backend", |ingress, sheet| {
        let service = ingress.body.default_backend.as_ref();
        let name = service.and_then(|backend| backend.service.as_deref()).unwrap_or_default();
        sheet.fail_if(service.is_some(), Place::of("spec.defaultBackend"), Is(name));
    }),
    Control::ingress("ingress-backend-missing", ingress_backend_missing),
    Control::ingress("ingress-snippet", |ingress, sheet| {
        annotations(ingress, sheet, |name, _| {
            name.ends_with("-snippet") || name.ends_with("-snippets")
        });
    }),
    Control::ingress("ingress-redirect-disabled", |ingress, sheet| {
        if !ingress.body.tls.is_empty() {
            annotations(ingress, sheet, |name, value| {
                (name == "ssl-redirect" || name == "force-ssl-redirect") && value == "false"
                    || name == "allow-http" && value == "true"
            });
        }
    }),
    Control::ingress("ingress-cors-any-origin", |ingress, sheet| {
        annotations(ingress, sheet, |name, value| {
            name == "cors-allow-origin" && value.trim() == "*"
        });
    }),
    Control::ingress("ingress-class-missing", |ingress, sheet| {
        let class = ingress.body.ingress_class_name.as_deref().unwrap_or_default();
        let annotated =
            ingress.object.metadata.annotations.get("kubernetes.io/ingress.class").is_some();
        sheet.fail_if(class.is_empty() && !annotated, Place::of("spec.ingressClassName"), Unset);
    }),
    Control::config_map("ingress-controller-snippets-allowed", |map, sheet| {
        if let Some(value) = map.body.data.get("allow-snippet-annotations") {
            let allowed = value.trim() == "true";
            sheet.fail_if(allowed, Place::of("data{}").key("allow-snippet-annotations"), Is(value));
        }
    }),
    Control::gateway("gateway-listener-without-tls", |gateway, sheet| {
        for (index, listener) in gateway.body.listeners.iter().enumerate() {
            let plain = matches!(listener.protocol.as_str(), "HTTP" | "TCP");
            sheet.fail_if(
                plain,
                Place::of("spec.listeners[].protocol").at(index),
                Is(&listener.protocol),
            );
        }
    }),
    Control::gateway("gateway-open-to-all-namespaces", |gateway, sheet| {
        for (index, listener) in gateway.body.listeners.iter().enumerate() {
            let from = listener.allowed_routes.namespaces.from.as_deref().unwrap_or("Same");
            let place = Place::of("spec.listeners[].allowedRoutes.namespaces.from").at(index);
            sheet.fail_if(from == "All", place, Is(from));
        }
    }),
    Control::gateway("gateway-host-any", |gateway, sheet| {
        for (index, listener) in gateway.body.listeners.iter().enumerate() {
            if matches!(listener.protocol.as_str(), "HTTP" | "HTTPS" | "TLS") {
                let host = listener.hostname.as_deref().unwrap_or_default();
                sheet.fail_if(
                    host.is_empty(),
                    Place::of("spec.listeners[].hostname").at(index),
                    Unset,
                );
            }
        }
    }),
    Control::route("route-backend-missing", route_backend_missing),
    Control::reference_grant("reference-grant-open", |grant, sheet| {
        for (index, to) in grant.body.to.iter().enumerate() {
            let named = to.name.as_deref().is_some_and(|name| !name.is_empty());
            sheet.fail_if(!named, Place::of("spec.to[].name").at(index), Unset);
        }
    }),
];

/// A host by itself or by a wildcard for its first part.
fn is_covered(host: &str, own: &str) -> bool {
    let wildcard = own.strip_prefix("*.").zip(host.split_once('.'));
    host == own || wildcard.is_some_and(|(own, (_, parent))| own == parent)
}

/// Fails on annotations of an ingress controller, whatever its prefix.
fn annotations<'a>(
    ingress: &View<'a, Ingress>,
    sheet: &mut Sheet<'a>,
    wrong: impl Fn(&str, &str) -> bool,
) {
    sheet.applies();
    for (key, value) in ingress.object.metadata.annotations.iter() {
        let name = key.rsplit('/').next().unwrap_or(key);
        if wrong(name, value) {
            sheet.fail(Place::of("metadata.annotations{}").key(key), Contains(value));
        }
    }
}

fn exists<'a, T>(
    view: &View<'a, T>,
    known: bool,
    name: &'a str,
    place: Place<'a>,
    what: &'static str,
    sheet: &mut Sheet<'a>,
) {
    if known || view.cluster.settings().complete {
        sheet.fail_if(!known, place, Missing(name));
    } else {
        sheet.not_checkable(place, what);
    }
}

fn ingress_backend_missing<'a>(ingress: &View<'a, Ingress>, sheet: &mut Sheet<'a>) {
    let rules = ingress.body.rules.iter().enumerate().flat_map(|(index, rule)| {
        rule.http.paths.iter().enumerate().map(move |(number, path)| {
            let field = "spec.rules[].http.paths[].backend";
            (&path.backend, Place::of(field).at_all([index, number, 0]))
        })
    });
    let default = ingress
        .body
        .default_backend
        .iter()
        .map(|backend| (backend, Place::of("spec.defaultBackend")));
    let inside = ingress.cluster.around(ingress.object);
    for (backend, place) in rules.chain(default) {
        if let Some(name) = backend.service.as_deref() {
            let known = inside.is_some_and(|inside| inside.services.contains_key(name));
            exists(ingress, known, name, place, "the services of the namespace", sheet);
        }
    }
}

fn route_backend_missing<'a>(route: &View<'a, Route>, sheet: &mut Sheet<'a>) {
    for (index, rule) in route.body.rules.iter().enumerate() {
        for (number, backend) in rule.backend_refs.iter().enumerate() {
            let core = backend.group.as_deref().unwrap_or_default().is_empty();
            if !core || backend.kind.as_deref().is_some_and(|kind| kind != "Service") {
                continue;
            }
            let namespace =
                backend.namespace.as_deref().unwrap_or_else(|| route.object.namespace());
            let inside = route.cluster.namespace(namespace);
            let known = inside.is_some_and(|inside| inside.services.contains_key(&*backend.name));
            let place = Place::of("spec.rules[].backendRefs[].name").at_all([index, number, 0]);
            exists(route, known, &backend.name, place, "the services of the namespace", sheet);
        }
    }
}
