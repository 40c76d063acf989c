//! Fields of Falco that nothing here fills: rules of others ask for them.
//! (`falcosecurity/libs`, `userspace/libsinsp/sinsp_filtercheck_*.cpp`)

use super::row::{Change, Extract, FieldRow, Many, Selection};
use super::{FieldType, Need};
use crate::Value;

/// Rows by type: names, and `name of selection` where something may stand in brackets.
macro_rules! elsewhere {
    ($($kind:ident: $($name:literal $(of $selection:ident)?),+;)+) => {
        &[$($(FieldRow {
            name: $name,
            kind: FieldType::$kind,
            many: Many::One,
            selection: elsewhere!(@selection $($selection)?),
            needs: &[Need::Elsewhere],
            description: "A field of Falco that never has a value here.",
            extract: Extract::Event(|_, _| Value::Null),
            change: Change::Fixed,
        },)+)+]
    };
    (@selection) => { Selection::Nothing };
    (@selection $selection:ident) => { Selection::$selection };
}

pub(super) const ROWS: &[FieldRow] = elsewhere! {
    Text: "evt.around" of OptionalKey, "evt.latency.human", "evt.plugininfo", "evt.pluginname";
    Duration: "evt.deltatime", "evt.latency", "evt.latency.quantized", "evt.reltime",
        "evt.wait_latency";
    Number: "evt.deltatime.ns", "evt.deltatime.s", "evt.latency.ns", "evt.latency.s",
        "evt.reltime.ns", "evt.reltime.s";

    Number: "proc.fdlimit", "proc.fdopencount", "proc.fdusage",
        "proc.nchilds", "proc.nthreads", "proc.vmrss", "proc.vmsize", "proc.vmswap",
        "thread.cpu", "thread.cpu.system", "thread.cpu.user", "thread.pfmajor",
        "thread.pfminor", "thread.vmrss", "thread.vmrss.b", "thread.vmsize", "thread.vmsize.b";
    Duration: "thread.exectime", "thread.totexectime";
    Text: "thread.cgroup" of Key, "thread.cgroups";

    Text: "fdlist.cips", "fdlist.cports", "fdlist.names", "fdlist.nums", "fdlist.sips",
        "fdlist.sports";

    Text: "container.cni.json";
    Text: "k8s.deployment.id", "k8s.deployment.label" of Key, "k8s.deployment.labels",
        "k8s.ns.id", "k8s.ns.label" of Key, "k8s.ns.labels",
        "k8s.pod.cni.json",
        "k8s.rc.id", "k8s.rc.label" of Key, "k8s.rc.labels", "k8s.rc.name", "k8s.rs.id",
        "k8s.rs.label" of Key, "k8s.rs.labels", "k8s.svc.id",
        "k8s.svc.label" of Key, "k8s.svc.labels", "k8s.svc.name";

    // Of the plugin k8smeta, which adds them to system calls.
    Text: "k8smeta.deployment.label" of Key, "k8smeta.deployment.labels",
        "k8smeta.deployment.uid", "k8smeta.ns.label" of Key, "k8smeta.ns.labels",
        "k8smeta.ns.uid",
        "k8smeta.rc.label" of Key, "k8smeta.rc.labels", "k8smeta.rc.name", "k8smeta.rc.uid",
        "k8smeta.rs.label" of Key, "k8smeta.rs.labels", "k8smeta.rs.uid",
        "k8smeta.svc.label" of Key, "k8smeta.svc.labels", "k8smeta.svc.name", "k8smeta.svc.uid";
};
