//! Values that are hardly what was meant.

use bulkhead_events::{Field, Form, Kind};

use crate::falco;
use crate::problem::Problem;
use crate::syntax::{Check, Operand, Operator, Right, Test, Transformer, Word};

/// Tells of values that are called like fields, transformers, macros or lists, of patterns where texts are compared, and of numbers
/// where names are.
pub(crate) fn misused_values(check: &Check) -> Vec<Problem> {
    let Test::Compare { operator, quantifier, right } = &check.test else { return Vec::new() };
    let (words, is_list) = match right {
        Right::Word(word) => (std::slice::from_ref(word), false),
        Right::List(words) => (words.as_slice(), true),
        Right::Operand(_) => return Vec::new(),
    };
    let is_list = is_list && (operator.takes_list() || quantifier.is_some());
    let told = words.iter().filter_map(|word| {
        let text = word.lossy();
        let hint = called_like_another(text.trim(), is_list)
            .or_else(|| pattern(&text, *operator))
            .or_else(|| number(&check.left, &text, *operator))?;
        Some(as_text(word).hint(hint))
    });
    told.collect()
}

fn as_text(word: &Word) -> Problem {
    let message = format!("`{}` is compared as a text", word.lossy());
    Problem::warning(word.place.clone(), message)
}

/// Falco warns of fields and transformers, too.
fn called_like_another(text: &str, is_list: bool) -> Option<String> {
    let is_transformer = |name: &str| Transformer::ALL.iter().any(|known| known.name() == name);
    if Field::is_named(text) {
        Some(format!("`val({text})` is the field's value"))
    } else if text.split_once('(').is_some_and(|(name, _)| is_transformer(name)) {
        Some("a transformer has neither quotes nor spaces".to_owned())
    } else if text.strip_prefix('%').is_some_and(Field::is_named) {
        let field = text.trim_start_matches('%');
        Some(format!("only outputs name fields by %; `val({field})` is the field's value"))
    } else if is_list && falco::has_list(text) {
        Some(falco::HINT.to_owned())
    } else if is_list && falco::has_macro(text) && Kind::by_name(text).is_none() {
        Some(format!("a macro of Falco's rules is called so, which stands alone: `and {text}`"))
    } else {
        None
    }
}

/// A path with `*` for an operator that knows no patterns.
fn pattern(text: &str, operator: Operator) -> Option<String> {
    let is_exact = matches!(
        operator,
        Operator::Equal
            | Operator::NotEqual
            | Operator::In
            | Operator::Intersects
            | Operator::StartsWith
            | Operator::EndsWith
    );
    let is_path = text.starts_with(['/', '*']) && text.contains('/') && text.contains('*');
    (is_exact && is_path)
        .then(|| format!("`*` is a character for `{operator}`; `glob` and `pmatch` take patterns"))
}

/// A number for an argument that is told by its name: 17 for a domain, which is `AF_PACKET`.
fn number(left: &Operand, text: &str, operator: Operator) -> Option<String> {
    let Operand::Field(field) = left else { return None };
    let argument = match (field.name.strip_prefix("evt.arg"), &field.argument) {
        (Some(""), Some(argument)) => argument.as_str(),
        (Some(rest), None) => rest.strip_prefix('.')?,
        _ => return None,
    };
    let number: u64 = text.parse().ok()?;
    let is_exact = matches!(
        operator,
        Operator::Equal | Operator::NotEqual | Operator::In | Operator::Intersects
    );
    let forms = Kind::all().filter_map(|kind| Some(kind.parameter(argument)?.1.form));
    let mut name = None;
    for form in forms.filter(|_| is_exact) {
        let called = match form {
            Form::Choice(words) | Form::LongChoice(words) => words.names(number).next()?,
            Form::User | Form::Group => "root",
            // A few kinds of events have it as a field, or an address.
            Form::Field(_) | Form::Hexadecimal | Form::ShortHexadecimal => continue,
            _ => return None,
        };
        name.get_or_insert(called);
    }
    name.map(|name| {
        format!(
            "`evt.arg.{argument}` is told by name, such as {name}; `evt.rawarg.{argument}` is the number"
        )
    })
}
