//! Every control over every object.

use bulkhead_objects::{Body, ControlPlaneFile, Object};

use crate::control::{Control, Judge, View};
use crate::controls::{controls, judge_flags, judge_grant};
use crate::subject::{Component, Container, Kubelet, NodeFile, Pod};
use crate::{Cluster, Place, Remark, Sheet, Verdict};

/// The answer of one control for one object, as it is given: what is to be kept must be copied.
#[derive(Debug, Clone, Copy)]
pub struct Judgement<'s, 'a> {
    /// The control.
    pub control: &'static Control,
    /// The object; none for what is judged of nodes.
    pub object: Option<&'a Object>,
    /// The answer.
    pub verdict: Verdict,
    /// What decided it; empty unless the answer is [`Verdict::Fail`] or [`Verdict::NotCheckable`].
    pub remarks: &'s [Remark<'a>],
}

impl<'a> Cluster<'a> {
    /// Judges an object by every control that is about its kind, in the order of the table. Controls
    /// about other kinds say nothing, which means [`Verdict::NotApplicable`].
    pub fn judge(&'a self, object: &'a Object, mut each: impl FnMut(Judgement<'_, 'a>)) {
        self.judge_some(object, |_| true, &mut each);
    }

    /// The same by some of the controls.
    pub fn judge_some(
        &'a self,
        object: &'a Object,
        wanted: impl Fn(&Control) -> bool,
        mut each: impl FnMut(Judgement<'_, 'a>),
    ) {
        let mut sheet = Sheet::default();
        self.judge_onto(object, &wanted, &mut sheet, &mut each);
    }

    /// Judges all these objects; one sheet serves them all.
    pub fn judge_all(
        &'a self,
        objects: impl IntoIterator<Item = &'a Object>,
        mut each: impl FnMut(Judgement<'_, 'a>),
    ) {
        let mut sheet = Sheet::default();
        for object in objects {
            self.judge_onto(object, &|_| true, &mut sheet, &mut each);
        }
    }

    fn judge_onto(
        &'a self,
        object: &'a Object,
        wanted: &impl Fn(&Control) -> bool,
        sheet: &mut Sheet<'a>,
        each: &mut impl FnMut(Judgement<'_, 'a>),
    ) {
        let subject = Subject::of(object, self);
        for control in controls() {
            if !wanted(control) || !subject.judge(control, sheet) {
                continue;
            }
            self.leave_open(control, sheet);
            let mut verdict = sheet.verdict();
            // A field that could not be read may be the one that fails.
            let unread = object.mistakes.iter().any(|mistake| !mistake.is_about_the_version());
            if verdict == Verdict::Pass && unread {
                verdict = Verdict::NotCheckable;
            }
            each(Judgement { control, object: Some(object), verdict, remarks: sheet.remarks() });
            sheet.clear();
        }
    }
}

impl<'a> Cluster<'a> {
    /// What a control found where lists that it reads are not there, or not whole: what is there speaks
    /// for itself, and nothing is said to be missing.
    fn leave_open(&self, control: &Control, sheet: &mut Sheet<'a>) {
        let absent = &self.settings().absent;
        if absent.is_empty() {
            return;
        }
        let reads = control.reads();
        let Some((related, _)) = reads.objects.iter().find(|(it, _)| absent.contains(it)) else {
            return;
        };
        let stands = match sheet.verdict() {
            Verdict::Fail => reads.fails_by_presence,
            Verdict::Pass => !reads.fails_by_presence,
            Verdict::NotApplicable | Verdict::NotCheckable => true,
        };
        if !stands {
            sheet.clear();
            sheet.not_checkable(Place::of(""), related.name());
        }
    }
}

/// Judges a kubelet by what is known of it.
pub fn judge_kubelet<'a>(kubelet: &Kubelet<'a>, mut each: impl FnMut(Judgement<'_, 'a>)) {
    on_node(&mut each, |control, sheet| match control.judge {
        Judge::Kubelet(judge) => {
            judge(kubelet, sheet);
            true
        }
        _ => false,
    });
}

/// Judges a file of a node.
pub fn judge_node_file<'a>(file: &NodeFile<'a>, mut each: impl FnMut(Judgement<'_, 'a>)) {
    on_node(&mut each, |control, sheet| match control.judge {
        Judge::NodeFile(judge) => {
            judge(file, sheet);
            true
        }
        _ => false,
    });
}

fn on_node<'a>(
    each: &mut impl FnMut(Judgement<'_, 'a>),
    judge: impl Fn(&'static Control, &mut Sheet<'a>) -> bool,
) {
    let mut sheet = Sheet::default();
    for control in controls() {
        if judge(control, &mut sheet) {
            each(Judgement {
                control,
                object: None,
                verdict: sheet.verdict(),
                remarks: sheet.remarks(),
            });
            sheet.clear();
        }
    }
}

/// Calls the judge of a kind with the body of that kind, if both are of the same.
macro_rules! by_body {
    ($subject:ident, $control:ident, $sheet:ident; $($kind:ident)*) => {
        match ($control.judge, &$subject.object.body) {
            $((Judge::$kind(judge), Body::$kind(body)) => {
                judge(&$subject.view(body), $sheet);
                true
            })*
            _ => false,
        }
    };
}

/// An object, made ready to be judged by many controls.
struct Subject<'a> {
    object: &'a Object,
    cluster: &'a Cluster<'a>,
    pod: Option<Pod<'a>>,
    containers: Vec<Container<'a>>,
    components: Vec<Component<'a>>,
}

impl<'a> Subject<'a> {
    fn of(object: &'a Object, cluster: &'a Cluster<'a>) -> Self {
        let pod = Pod::of(object, cluster);
        let containers = pod.map(|pod| pod.containers().collect()).unwrap_or_default();
        let components = pod.map(|pod| Component::all(pod).collect()).unwrap_or_default();
        Self { object, cluster, pod, containers, components }
    }

    fn view<T>(&self, body: &'a T) -> View<'a, T> {
        View { object: self.object, body, cluster: self.cluster }
    }

    /// Writes what a control says; false where the control is not about such objects.
    fn judge(&self, control: &Control, sheet: &mut Sheet<'a>) -> bool {
        match (control.judge, &self.object.body) {
            (Judge::Pod(judge), _) => match &self.pod {
                Some(pod) => judge(pod, sheet),
                None => return false,
            },
            (Judge::Container(judge), _) if self.pod.is_some() => {
                self.containers.iter().for_each(|container| judge(container, sheet));
            }
            (Judge::Component(which, judge), _) => {
                let mut of_kind = self.components.iter().filter(|own| own.is(which)).peekable();
                if of_kind.peek().is_none() {
                    return false;
                }
                of_kind.for_each(|component| judge(component, sheet));
            }
            (Judge::Flags(which, names, expect), _) => {
                let mut of_kind = self.components.iter().filter(|own| own.is(which)).peekable();
                if of_kind.peek().is_none() {
                    return false;
                }
                of_kind.for_each(|component| judge_flags(component, names, expect, sheet));
            }
            (Judge::Object(judge), _) => judge(&self.view(self.object), sheet),
            (Judge::Namespace(judge), Body::Namespace) => judge(&self.view(self.object), sheet),
            (Judge::Grant(verbs, resources), Body::Role(role)) => {
                judge_grant(&self.view(role), verbs, resources, sheet);
            }
            (_, Body::ControlPlaneFile(file)) => return self.judge_file(control, file, sheet),
            _ => {
                return by_body!(
                    self, control, sheet;
                    ServiceAccount Role Binding NetworkPolicy Service Ingress Gateway Route Secret
                    ConfigMap Webhooks PodDisruptionBudget PersistentVolume Autoscaler ReferenceGrant
                    AdmissionPolicy AdmissionPolicyBinding ApiService
                );
            }
        }
        true
    }

    fn judge_file(
        &self,
        control: &Control,
        file: &'a ControlPlaneFile,
        sheet: &mut Sheet<'a>,
    ) -> bool {
        match (control.judge, file) {
            (Judge::Encryption(judge), ControlPlaneFile::Encryption(body)) => {
                judge(&self.view(body), sheet);
            }
            (Judge::Audit(judge), ControlPlaneFile::Audit(body)) => judge(&self.view(body), sheet),
            (Judge::Kubelet(judge), ControlPlaneFile::Kubelet(body)) => {
                judge(&Kubelet { flags: None, file: Some(body) }, sheet);
            }
            _ => return false,
        }
        true
    }
}
