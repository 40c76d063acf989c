//! What a control says about an object.

use std::fmt;

use crate::Place;

/// The answer of one control for one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The object has nothing that the control is about.
    NotApplicable,
    /// It has, and all of it is as it should be.
    Pass,
    /// What would decide it was not given: nothing is said about the object.
    NotCheckable,
    /// Something is not as it should be.
    Fail,
}

impl Verdict {
    /// All of them, in the order of summaries.
    pub const ALL: [Self; 4] = [Self::Fail, Self::NotCheckable, Self::Pass, Self::NotApplicable];

    /// The name in JSON and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotApplicable => "not_applicable",
            Self::NotCheckable => "not_checkable",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// One place that decided a verdict, and what is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Remark<'a> {
    /// The field: where it would stand, if it is missing.
    pub place: Place<'a>,
    /// What is there.
    pub reason: Reason<'a>,
}

/// What is at a place: a closed set, so that it can be said in any language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Reason<'a> {
    /// The field has this value.
    Is(&'a str),
    /// The field has this number.
    Number(i64),
    /// The file has this mode.
    Mode(u32),
    /// The field is not set.
    Unset,
    /// The list or map lacks this.
    Lacks(&'a str),
    /// The list or text contains this.
    Contains(&'a str),
    /// The named object is not among those given.
    Missing(&'a str),
    /// Nothing selects, names or uses the object.
    Unused,
    /// Nothing of this kind covers the object.
    Without(&'static str),
    /// The same stands elsewhere, too.
    Repeated(&'a str),
    /// What would decide it was not given: this.
    NotGiven(&'static str),
}

impl Reason<'_> {
    /// The name of the sentence, and what goes into it.
    pub fn text(&self) -> (&'static str, String) {
        match *self {
            Self::Is(value) => ("control.is", value.to_owned()),
            Self::Number(number) => ("control.is", number.to_string()),
            Self::Mode(mode) => ("control.is", format!("{mode:o}")),
            Self::Unset => ("control.unset", String::new()),
            Self::Lacks(value) => ("control.lacks", value.to_owned()),
            Self::Contains(value) => ("control.contains", value.to_owned()),
            Self::Missing(name) => ("control.missing", name.to_owned()),
            Self::Unused => ("control.unused", String::new()),
            Self::Without(what) => ("control.without", what.to_owned()),
            Self::Repeated(what) => ("control.repeated", what.to_owned()),
            Self::NotGiven(what) => ("control.not_given", what.to_owned()),
        }
    }
}

/// Where a control writes down what it sees of one object. One sheet serves a whole scan.
#[derive(Debug, Default)]
pub struct Sheet<'a> {
    applies: bool,
    failures: Vec<Remark<'a>>,
    open: Vec<Remark<'a>>,
}

impl<'a> Sheet<'a> {
    /// The object has what the control is about.
    pub const fn applies(&mut self) {
        self.applies = true;
    }

    /// Something is not as it should be.
    pub fn fail(&mut self, place: Place<'a>, reason: Reason<'a>) {
        self.applies = true;
        self.failures.push(Remark { place, reason });
    }

    /// The object has what the control is about; it is as it should be unless `wrong`.
    pub fn fail_if(&mut self, wrong: bool, place: Place<'a>, reason: Reason<'a>) {
        self.applies = true;
        if wrong {
            self.fail(place, reason);
        }
    }

    /// What would decide it was not given.
    pub fn not_checkable(&mut self, place: Place<'a>, what: &'static str) {
        self.open.push(Remark { place, reason: Reason::NotGiven(what) });
    }

    /// The verdict of what was written.
    pub fn verdict(&self) -> Verdict {
        if !self.failures.is_empty() {
            Verdict::Fail
        } else if !self.open.is_empty() {
            Verdict::NotCheckable
        } else if self.applies {
            Verdict::Pass
        } else {
            Verdict::NotApplicable
        }
    }

    /// What decided it: empty for [`Verdict::Pass`] and [`Verdict::NotApplicable`].
    pub fn remarks(&self) -> &[Remark<'a>] {
        if self.failures.is_empty() { &self.open } else { &self.failures }
    }

    /// Ready for the next control.
    pub fn clear(&mut self) {
        self.applies = false;
        self.failures.clear();
        self.open.clear();
    }
}
