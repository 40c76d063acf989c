//! Names of kinds of events in conditions.

use bulkhead_events::Kind;

use crate::falco;
use crate::problem::{Problem, nearest};
use crate::syntax::{Check, Operator, Right, Test};

/// Tells of names that no event has. Falco refuses some of them; here they may be of another version, and only match
/// nothing.
pub(crate) fn doubtful_kinds(check: &Check) -> Vec<Problem> {
    let left = check.left.to_string();
    let Test::Compare { operator, right, .. } = &check.test else { return Vec::new() };
    let names = match right {
        Right::Word(word) => std::slice::from_ref(word),
        Right::List(words) => words.as_slice(),
        Right::Operand(_) => &[],
    };
    let of_kinds = matches!(left.as_str(), "evt.type" | "syscall.type");
    let exact = matches!(
        operator,
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::Intersects
    );
    if !of_kinds || !exact {
        return Vec::new();
    }
    let unknown = names.iter().filter(|word| Kind::by_name(&word.lossy()).is_none());
    let told = unknown.map(|word| {
        let message = format!("no kind of event is called `{}`", word.lossy());
        let mut problem = Problem::warning(word.place.clone(), message);
        let name = word.lossy();
        problem.hint = if falco::has_macro(&name) {
            Some(format!("a macro of Falco's rules is called so: `and {name}`, without `{left} =`"))
        } else {
            let near = nearest(&name, Kind::all().map(Kind::name));
            near.map(|near| format!("did you mean `{near}`"))
        };
        problem
    });
    told.collect()
}
