//! Names of kinds of events in conditions.

use bulkhead_events::Kind;

use crate::falco;
use crate::problem::{Problem, nearest};
use crate::syntax::{Check, Operator, Right, Test};

/// Tells of names that no event has, or by which the field at hand does not know it. Falco refuses some of them; here they may be of another version, and only match
/// nothing.
pub(crate) fn doubtful_kinds(check: &Check) -> Vec<Problem> {
    let left = check.left.to_string();
    let Test::Compare { operator, right, .. } = &check.test else { return Vec::new() };
    let names = match right {
        Right::Word(word) => std::slice::from_ref(word),
        Right::List(words) => words.as_slice(),
        Right::Operand(_) => &[],
    };
    let of_calls = left == "syscall.type";
    let exact = matches!(
        operator,
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::Intersects
    );
    if !exact || (!of_calls && left != "evt.type") {
        return Vec::new();
    }
    let told = names.iter().filter_map(|word| {
        let name = word.lossy();
        let (message, hint) = match Kind::by_name(&name) {
            Some(kind) if of_calls && !kind.is_system_call() => {
                let hint = "ask for `evt.type`, which knows it".to_owned();
                (format!("`{name}` is no system call"), Some(hint))
            }
            Some(kind) if kind.name() != name => {
                let hint = format!("write `{}`", kind.name());
                (format!("events of `{name}` are called `{}`", kind.name()), Some(hint))
            }
            Some(_) => return None,
            None => (format!("no kind of event is called `{name}`"), meant(&name, &left)),
        };
        Some(Problem { hint, ..Problem::warning(word.place.clone(), message) })
    });
    told.collect()
}

/// What may be meant by a name that no kind of event has.
fn meant(name: &str, field: &str) -> Option<String> {
    if falco::has_macro(name) {
        return Some(format!(
            "a macro of Falco's rules is called so: `and {name}`, without `{field} =`"
        ));
    }
    let near = nearest(name, Kind::all().map(Kind::name));
    near.map(|near| format!("did you mean `{near}`"))
}
