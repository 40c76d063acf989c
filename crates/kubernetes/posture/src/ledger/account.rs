//! What all controls say of one object, kept small: most say nothing but their verdict, and what the others
//! remark stands in many objects.

use std::collections::BTreeMap;

use bulkhead_objects::Name;

use crate::controls::controls;
use crate::{Judgement, Verdict};

/// What a control says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The verdict.
    pub verdict: Verdict,
    /// What decided it, ordered.
    pub remarks: Vec<Told>,
}

/// One place that decided a verdict, and what is there, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Told {
    /// The field.
    pub place: Name,
    /// The name of the sentence, as [`Reason::text`](crate::Reason::text) gives it.
    pub text: &'static str,
    /// What goes into it.
    pub value: Name,
}

impl Said {
    /// What is kept of an answer.
    pub fn of(judgement: &Judgement<'_, '_>) -> Self {
        let told = |remark: &crate::Remark<'_>| {
            let (text, value) = remark.reason.text();
            let place = Name::new(&remark.place.path().to_string());
            Told { place, text, value: Name::new(&value) }
        };
        let mut remarks: Vec<_> = judgement.remarks.iter().map(told).collect();
        remarks.sort();
        Self { verdict: judgement.verdict, remarks }
    }
}

/// The ids of all controls, in their order; a control is known by its place here.
#[derive(Debug)]
pub(super) struct Numbers(Box<[&'static str]>);

impl Numbers {
    pub(super) fn new() -> Self {
        let mut ids: Vec<_> = controls().map(|control| control.id).collect();
        ids.sort_unstable();
        Self(ids.into())
    }

    fn of(&self, id: &str) -> Option<u16> {
        self.0.binary_search(&id).ok().and_then(|place| u16::try_from(place).ok())
    }

    fn id(&self, number: u16) -> Option<&'static str> {
        self.0.get(usize::from(number)).copied()
    }
}

/// What the controls say of an object, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Account {
    verdicts: Box<[(u16, Verdict)]>,
    remarks: Box<[(u16, Told)]>,
}

impl Account {
    pub(super) fn new(said: &BTreeMap<&'static str, Said>, numbers: &Numbers) -> Self {
        let numbered = || said.iter().filter_map(|(id, said)| Some((numbers.of(id)?, said)));
        let remarks = numbered()
            .flat_map(|(number, said)| said.remarks.iter().map(move |told| (number, told.clone())));
        Self {
            verdicts: numbered().map(|(number, said)| (number, said.verdict)).collect(),
            remarks: remarks.collect(),
        }
    }

    /// All that is said, by control.
    pub(super) fn said(&self, numbers: &Numbers) -> BTreeMap<&'static str, Said> {
        let said = self.verdicts.iter().filter_map(|(number, verdict)| {
            let from = self.remarks.partition_point(|(of, _)| of < number);
            let remarks = self.remarks.iter().skip(from).take_while(|(of, _)| of == number);
            let remarks = remarks.map(|(_, told)| told.clone());
            Some((numbers.id(*number)?, Said { verdict: *verdict, remarks: remarks.collect() }))
        });
        said.collect()
    }
}
