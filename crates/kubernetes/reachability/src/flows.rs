//! Observed traffic: one JSON object a line, Hubble's or our own.

use std::net::IpAddr;

use bulkhead_limits::Budget;
use bulkhead_objects::{Labels, Name};
use serde::Deserialize;

use crate::Protocol;

/// Traffic that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// The line on which it was first told, from 1.
    pub line: usize,
    /// Who began it.
    pub source: FlowEnd,
    /// Whom it reached.
    pub destination: FlowEnd,
    /// Its protocol.
    pub protocol: Protocol,
    /// The port of the destination.
    pub port: u16,
}

/// An end of observed traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowEnd {
    /// A pod.
    Pod(FlowPod),
    /// An address outside of the cluster.
    Outside(IpAddr),
}

/// What is told of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowPod {
    /// Its namespace.
    pub namespace: Name,
    /// The name of its workload.
    pub workload: Option<Name>,
    /// Its own name.
    pub pod: Option<Name>,
    /// Its labels.
    pub labels: Labels,
}

/// What was read of a file of flows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Flows {
    /// Each connection once.
    pub flows: Vec<Flow>,
    /// Lines that tell of no connection to allow: number and reason.
    pub left_out: Vec<(usize, String)>,
}

/// Reads lines of JSON. Empty ones are skipped; one that is not understood is put on record.
pub fn read_flows(bytes: &[u8], budget: &Budget) -> Flows {
    let mut flows = Flows::default();
    let limit = budget.limits().problems;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = index.saturating_add(1);
        if line.trim_ascii().is_empty() {
            continue;
        }
        if budget.charge_entry().is_err() {
            flows
                .left_out
                .push((number, "it and what follows are beyond the limit of entries".into()));
            break;
        }
        match serde_json::from_slice::<Line>(line).map_err(|error| error.to_string()) {
            Ok(line) => match line.flow(number) {
                Ok(flow) => flows.flows.push(flow),
                Err(reason) => flows.left_out.push((number, reason)),
            },
            Err(error) => flows.left_out.push((number, format!("no flow: {error}"))),
        }
    }
    flows.left_out.truncate(limit.max(1));
    let mut known = std::collections::HashSet::new();
    flows.flows.retain(|flow| {
        known.insert(format!("{:?}", (&flow.source, &flow.destination, flow.protocol, flow.port)))
    });
    flows
}

/// A line: our own form, or Hubble's (`cilium/api/v1/flow/flow.proto`, `Flow`), which `hubble observe -o json`
/// wraps in `flow`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Line {
    flow: Option<Box<Line>>,
    source: Told,
    destination: Told,
    protocol: Option<String>,
    port: Option<u16>,
    verdict: Option<String>,
    is_reply: Option<bool>,
    #[serde(rename = "IP")]
    ip: Option<Addresses>,
    l4: Option<Transport>,
    #[serde(rename = "lost_events")]
    lost: Option<serde::de::IgnoredAny>,
    node_status: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Told {
    namespace: Option<Name>,
    workload: Option<Name>,
    pod: Option<Name>,
    address: Option<IpAddr>,
    pod_name: Option<Name>,
    labels: ToldLabels,
    workloads: Vec<ToldWorkload>,
}

#[derive(Debug, Deserialize)]
struct ToldWorkload {
    name: Name,
}

/// A map, or Hubble's list of `SOURCE:KEY=VALUE`.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ToldLabels {
    List(Vec<String>),
    Map(std::collections::BTreeMap<String, String>),
}

impl Default for ToldLabels {
    fn default() -> Self {
        Self::List(Vec::new())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Addresses {
    source: Option<IpAddr>,
    destination: Option<IpAddr>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE", default)]
struct Transport {
    tcp: Option<Ports>,
    udp: Option<Ports>,
    sctp: Option<Ports>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ports {
    destination_port: Option<u16>,
}

impl Line {
    fn flow(self, line: usize) -> Result<Flow, String> {
        if let Some(wrapped) = self.flow {
            return wrapped.flow(line);
        }
        if self.lost.is_some() || self.node_status.is_some() {
            return Err("an event about the observer, not about traffic".into());
        }
        if self.verdict.as_deref().is_some_and(|verdict| verdict != "FORWARDED") {
            return Err("the traffic was not forwarded".into());
        }
        if self.is_reply == Some(true) {
            return Err("a reply, which needs no rule".into());
        }
        let (protocol, port) = self.transport()?;
        let ip = self.ip.unwrap_or_default();
        Ok(Flow {
            line,
            source: self
                .source
                .end(ip.source)
                .ok_or("its source is neither a pod nor an address")?,
            destination: self
                .destination
                .end(ip.destination)
                .ok_or("its destination is neither a pod nor an address")?,
            protocol,
            port,
        })
    }

    fn transport(&self) -> Result<(Protocol, u16), String> {
        let found = match (&self.protocol, &self.l4) {
            (Some(name), _) => Protocol::named(&name.to_ascii_uppercase()).zip(self.port),
            (None, Some(l4)) => {
                let all = [
                    (Protocol::Tcp, &l4.tcp),
                    (Protocol::Udp, &l4.udp),
                    (Protocol::Sctp, &l4.sctp),
                ];
                all.into_iter().find_map(|(protocol, ports)| {
                    Some((protocol, ports.as_ref()?.destination_port?))
                })
            }
            (None, None) => Some(Protocol::Tcp).zip(self.port),
        };
        found
            .filter(|(_, port)| *port > 0)
            .ok_or_else(|| "it has no port of TCP, UDP or SCTP, which policies are about".into())
    }
}

impl Told {
    fn end(self, address: Option<IpAddr>) -> Option<FlowEnd> {
        let Some(namespace) = self.namespace.filter(|name| !name.is_empty()) else {
            return self.address.or(address).map(FlowEnd::Outside);
        };
        let labels = Labels::new(
            self.labels
                .pairs()
                .into_iter()
                .map(|(key, value)| (Name::new(&key), Name::new(&value))),
        );
        Some(FlowEnd::Pod(FlowPod {
            namespace,
            workload: self.workload.or_else(|| self.workloads.into_iter().next().map(|it| it.name)),
            pod: self.pod.or(self.pod_name),
            labels,
        }))
    }
}

impl ToldLabels {
    /// Those of Kubernetes: Hubble adds labels of namespaces and of Cilium itself.
    fn pairs(self) -> Vec<(String, String)> {
        match self {
            Self::Map(map) => map.into_iter().collect(),
            Self::List(list) => list
                .iter()
                .filter_map(|label| label.strip_prefix("k8s:")?.split_once('='))
                .filter(|(key, _)| {
                    !key.starts_with("io.kubernetes.") && !key.starts_with("io.cilium.")
                })
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_limits::Limits;

    use super::*;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        let read = read_flows(line.as_bytes(), &Budget::new(Limits::DEFAULT));
        let end = |end: &FlowEnd| match end {
            FlowEnd::Outside(address) => address.to_string(),
            FlowEnd::Pod(pod) => {
                let name = pod.workload.as_ref().or(pod.pod.as_ref()).map_or("", |name| name);
                let labels = pod.labels.iter().map(|(key, value)| format!(" {key}={value}"));
                format!("{}/{name}{}", pod.namespace, labels.collect::<String>())
            }
        };
        let shown = match (&read.flows[..], &read.left_out[..]) {
            ([it], []) => {
                format!(
                    "{} > {} {:?} {}",
                    end(&it.source),
                    end(&it.destination),
                    it.protocol,
                    it.port
                )
            }
            ([], [(1, reason)]) => reason.clone(),
            other => panic!("{other:?}"),
        };
        assert!(shown.starts_with(expected), "{shown}");
    }

    #[test]
    fn our_own_form() {
        check(
            r#"{"source":{"namespace":"shop","workload":"web"},"destination":{"namespace":"shop","pod":"db-0"},"protocol":"udp","port":53}"#,
            "shop/web > shop/db-0 Udp 53",
        );
        check(
            r#"{"source":{"namespace":"a","labels":{"app":"x"}},"destination":{"address":"fd00::1"},"port":443}"#,
            "a/ app=x > fd00::1 Tcp 443",
        );
        check(r#"{"source":{"address":"1.1.1.1"},"port":1}"#, "its destination is neither");
        check(
            r#"{"source":{"address":"1.1.1.1"},"destination":{"address":"1.1.1.2"}}"#,
            "it has no port",
        );
        check("{", "no flow: ");
    }

    #[test]
    fn hubble() {
        let flow = |more: &str, source: &str| {
            format!(
                r#"{{"flow":{{{more}"IP":{{"source":"10.0.1.9","destination":"10.0.1.7"}},"l4":{{"TCP":{{"source_port":40000,"destination_port":8080}}}},"source":{source},"destination":{{"namespace":"shop","pod_name":"api-6d-x","labels":["k8s:app=api","k8s:io.kubernetes.pod.namespace=shop","reserved:host"],"workloads":[{{"name":"api","kind":"Deployment"}}]}}}},"node_name":"n"}}"#
            )
        };
        let world = r#"{"identity":2,"labels":["reserved:world"]}"#;
        check(&flow("", world), "10.0.1.9 > shop/api app=api Tcp 8080");
        check(&flow(r#""verdict":"FORWARDED","is_reply":false,"#, world), "10.0.1.9 > shop/api");
        check(&flow(r#""verdict":"DROPPED","#, world), "the traffic was not forwarded");
        check(&flow(r#""is_reply":true,"#, world), "a reply");
        check(r#"{"lost_events":{"source":"PERF"}}"#, "an event about the observer");
        check(
            r#"{"flow":{"source":{"namespace":"a"},"l4":{"ICMPv4":{"type":8}}}}"#,
            "it has no port",
        );
    }

    #[test]
    fn the_same_flow_counts_once() {
        let line = r#"{"source":{"address":"1.1.1.1"},"destination":{"namespace":"a","workload":"b"},"port":1}"#;
        let read =
            read_flows(format!("{line}\n\n{line}\n").as_bytes(), &Budget::new(Limits::DEFAULT));
        assert_eq!((read.flows.len(), read.left_out.len()), (1, 0));
    }
}
