//! Label selectors (meta/v1 `LabelSelector`).

use bulkhead_objects::{LabelSelector, Labels, Name};

/// Requirements that labels must meet, all of them. Without any it selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    requirements: Vec<Requirement>,
}

/// One requirement on the value of one label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    /// The key of the label.
    pub key: Name,
    /// What must hold of its value.
    pub condition: Condition,
}

/// What must hold of a label's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// It is there and one of these.
    In(Vec<Name>),
    /// It is not there, or none of these.
    NotIn(Vec<Name>),
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

impl Selector {
    /// Selects everything.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Selects what meets each of the requirements.
    pub fn new(requirements: impl IntoIterator<Item = Requirement>) -> Self {
        let mut requirements: Vec<Requirement> = requirements.into_iter().collect();
        requirements.sort_unstable();
        requirements.dedup();
        Self { requirements }
    }

    /// Selects what has each of the labels.
    pub fn of_labels<'a>(labels: impl IntoIterator<Item = (&'a Name, &'a Name)>) -> Self {
        Self::new(labels.into_iter().map(|(key, value)| Requirement {
            key: key.clone(),
            condition: Condition::In(vec![value.clone()]),
        }))
    }

    /// The same as a manifest writes it; the message says what the API server would refuse.
    pub fn read(written: &LabelSelector) -> Result<Self, String> {
        let mut requirements = Self::of_labels(written.match_labels.iter()).requirements;
        for expression in &written.match_expressions {
            let values = || expression.values.to_vec();
            let condition = match expression.operator.as_str() {
                "In" if !expression.values.is_empty() => Condition::In(values()),
                "NotIn" if !expression.values.is_empty() => Condition::NotIn(values()),
                "Exists" if expression.values.is_empty() => Condition::Exists,
                "DoesNotExist" if expression.values.is_empty() => Condition::DoesNotExist,
                operator => {
                    let (key, count) = (&expression.key, expression.values.len());
                    return Err(format!(
                        "its selector has the operator {operator:?} with {count} values for {key:?}"
                    ));
                }
            };
            requirements.push(Requirement { key: expression.key.clone(), condition });
        }
        Ok(Self::new(requirements))
    }

    /// Whether it selects everything.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// The requirements, sorted.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether the labels meet each requirement.
    pub fn selects(&self, labels: &Labels) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            match &requirement.condition {
                Condition::In(values) => value.is_some_and(|value| values.contains(value)),
                Condition::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
                Condition::Exists => value.is_some(),
                Condition::DoesNotExist => value.is_none(),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
        Labels::new(pairs.map(|(key, value)| (key.into(), value.into())))
    }

    #[track_caller]
    fn check(key: &str, condition: Condition, selected: &[&str], left: &[&str]) {
        let selector = Selector::new([Requirement { key: key.into(), condition }]);
        for (texts, expected) in [(selected, true), (left, false)] {
            for text in texts {
                assert_eq!(selector.selects(&labels(text)), expected, "{text}");
            }
        }
    }

    #[test]
    fn conditions() {
        let values = || vec!["a".into(), "b".into()];
        check("app", Condition::In(values()), &["app=a", "app=b,x=y"], &["app=c", "", "x=a"]);
        check("app", Condition::NotIn(values()), &["app=c", "", "x=a"], &["app=a", "app=b"]);
        check("app", Condition::Exists, &["app=", "app=c"], &["", "x=a"]);
        check("app", Condition::DoesNotExist, &["", "x=a"], &["app=", "app=c"]);
    }

    #[test]
    fn all_requirements_hold() {
        let selector = Selector::of_labels(labels("app=a,tier=web").iter());
        assert!(selector.selects(&labels("app=a,tier=web,more=1")));
        assert!(!selector.selects(&labels("app=a")));
        assert!(Selector::everything().selects(&labels("")));
    }
}
