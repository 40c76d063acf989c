//! Fields where values stand.

use bulkhead_events::Field;

use crate::problem::Problem;
use crate::syntax::{Check, Right, Test, Transformer};

/// Tells of values that are called like fields or transformers. They are compared as texts, which is hardly what was meant;
/// Falco warns of them too.
pub(crate) fn misused_values(check: &Check) -> Vec<Problem> {
    let Test::Compare { right, .. } = &check.test else { return Vec::new() };
    let words = match right {
        Right::Word(word) => std::slice::from_ref(word),
        Right::List(words) => words.as_slice(),
        Right::Operand(_) => &[],
    };
    let told = words.iter().filter_map(|word| {
        let text = word.lossy();
        let text = text.trim();
        let hint = if Field::is_named(text) {
            format!("`val({text})` is the field's value")
        } else if text
            .split_once('(')
            .is_some_and(|(name, _)| Transformer::ALL.iter().any(|known| known.name() == name))
        {
            "a transformer has neither quotes nor spaces".to_owned()
        } else {
            return None;
        };
        let message = format!("`{}` is compared as a text", word.lossy());
        Some(Problem::warning(word.place.clone(), message).hint(hint))
    });
    told.collect()
}
