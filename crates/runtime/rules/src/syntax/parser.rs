//! From the text of a condition to its tree.
//!
//! ```text
//! Or     := And ( 'or' And )*
//! And    := Not ( 'and' Not )*
//! Not    := 'not'* ( '(' Or ')' | Check | Macro )
//! Check  := Operand ( 'exists' | Operator [Quantifier] Right )
//! ```
//! A word is tried as a field first, which has a dot, then as a transformer, then as a macro.

use super::cursor::{Cursor, QuoteError};
use super::hints;
use super::tree::{
    Argument, Check, Expression, FieldName, Operand, Operator, Quantifier, Right, Test,
    Transformer, VALUE, Word,
};
use crate::text::Text;

/// How deep parentheses may lie in parentheses. Falco's parser goes 1,000 functions deep, five for each.
const MOST_DEPTH: u32 = 200;

const NO_COMMENTS: &str = "a condition has no comments, not even in a folded text: take it out";

/// A text that is no condition: where in it, why, and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) offset: usize,
    pub(crate) cause: String,
    pub(crate) hint: Option<String>,
}

/// Reads a condition whole.
pub(crate) fn parse(text: &Text) -> Result<Expression, SyntaxError> {
    let mut parser = Parser::at(text, 0);
    parser.cursor.blanks();
    if parser.cursor.is_at_end() {
        return Err(parser.error("the condition is empty"));
    }
    let expression = parser.disjunction()?;
    parser.cursor.blanks();
    if parser.cursor.is_at_end() { Ok(expression) } else { Err(parser.unexpected()) }
}

/// Reads an operand that begins at an offset, and where it ends. None where no operand begins there.
pub(crate) fn parse_operand(
    text: &Text,
    offset: usize,
) -> Result<Option<(Operand, usize)>, SyntaxError> {
    let mut parser = Parser::at(text, offset);
    let operand = parser.operand()?;
    Ok(operand.map(|operand| (operand, parser.cursor.offset())))
}

struct Parser<'text> {
    text: &'text Text,
    cursor: Cursor<'text>,
    depth: u32,
}

type Parsed<T> = Result<T, SyntaxError>;

impl<'text> Parser<'text> {
    fn at(text: &'text Text, offset: usize) -> Self {
        Self { text, cursor: Cursor::at(text.as_str(), offset), depth: 0 }
    }
}

impl Parser<'_> {
    fn disjunction(&mut self) -> Parsed<Expression> {
        let mut parts = vec![self.conjunction()?];
        while self.next_keyword("or") {
            parts.push(self.conjunction()?);
        }
        Ok(single(parts, Expression::Or))
    }

    fn conjunction(&mut self) -> Parsed<Expression> {
        let mut parts = vec![self.negation()?];
        while self.next_keyword("and") {
            parts.push(self.negation()?);
        }
        Ok(single(parts, Expression::And))
    }

    fn negation(&mut self) -> Parsed<Expression> {
        let mut negated = false;
        while self.next_keyword("not") {
            negated = !negated;
        }
        let inner = self.primary()?;
        Ok(if negated { Expression::Not(Box::new(inner)) } else { inner })
    }

    fn primary(&mut self) -> Parsed<Expression> {
        self.cursor.blanks();
        if !self.cursor.literal("(") {
            return self.leaf();
        }
        self.enter()?;
        let inner = self.disjunction()?;
        self.leave("a part of the condition")?;
        Ok(inner)
    }

    fn leaf(&mut self) -> Parsed<Expression> {
        let place = self.place();
        if let Some(left) = self.operand()? {
            let test = self.test()?;
            return Ok(Expression::Check(Box::new(Check { place, left, test })));
        }
        let before = self.cursor;
        match self.cursor.identifier() {
            Some(name @ ("and" | "or")) => {
                let name = name.to_owned();
                self.cursor = before;
                Err(self.error(&format!("a comparison or a macro is missing before `{name}`")))
            }
            Some(name) => Ok(Expression::Macro { name: name.to_owned(), place, body: None }),
            None if self.cursor.is_at_end() => {
                Err(self.error("the condition ends where a comparison or a macro is expected"))
            }
            None => {
                let shown = self.shown();
                let mut error =
                    self.error(&format!("a comparison, a macro or `(` is expected, not {shown}"));
                error.hint = shown.starts_with("`#").then(|| NO_COMMENTS.to_owned());
                Err(error)
            }
        }
    }

    /// A field or a transformer; none where neither stands here.
    fn operand(&mut self) -> Parsed<Option<Operand>> {
        if let Some(field) = self.field()? {
            return Ok(Some(Operand::Field(field)));
        }
        let place = self.place();
        let before = self.cursor;
        let name = self.cursor.identifier();
        let known = Transformer::ALL.iter().find(|known| Some(known.name()) == name);
        let (Some(transformer), true) = (known, self.cursor.literal("(")) else {
            self.cursor = before;
            return Ok(None);
        };
        let arguments = self.arguments("the transformer")?;
        let index = self.index()?;
        Ok(Some(Operand::Transform { transformer: *transformer, arguments, index, place }))
    }

    fn field(&mut self) -> Parsed<Option<FieldName>> {
        let place = self.place();
        let Some(name) = self.cursor.field_name() else { return Ok(None) };
        let argument = self.index()?;
        Ok(Some(FieldName { name: name.to_owned(), argument, place }))
    }

    /// What stands in brackets.
    fn index(&mut self) -> Parsed<Option<String>> {
        if !self.cursor.literal("[") {
            return Ok(None);
        }
        let argument = match self.quoted_text()? {
            Some(text) => Some(text),
            None => self.cursor.bare_argument().map(str::to_owned),
        };
        let argument = argument.ok_or_else(|| self.error("the argument in `[]` is missing"))?;
        if !self.cursor.literal("]") {
            return Err(self.error(&format!("`]` is expected, not {}", self.shown())));
        }
        Ok(Some(argument))
    }

    /// To the closing parenthesis.
    fn arguments(&mut self, whose: &str) -> Parsed<Vec<Argument>> {
        let mut arguments = Vec::new();
        self.enter()?;
        loop {
            self.cursor.blanks();
            arguments.push(self.argument()?);
            self.cursor.blanks();
            if !self.cursor.literal(",") {
                break;
            }
        }
        self.leave(whose)?;
        Ok(arguments)
    }

    fn argument(&mut self) -> Parsed<Argument> {
        if self.cursor.literal("(") {
            return self.arguments("the list").map(Argument::List);
        }
        if let Some(text) = self.quoted_text()? {
            return Ok(Argument::Text(text));
        }
        if let Some(operand) = self.operand()? {
            return Ok(Argument::Operand(operand));
        }
        match self.cursor.number() {
            Some(number) => Ok(Argument::Text(number.to_owned())),
            None => Err(self.error(&format!(
                "a field, a transformer, a number or a text in quotes is expected, not {}",
                self.shown()
            ))),
        }
    }

    fn test(&mut self) -> Parsed<Test> {
        self.cursor.blanks();
        // Nothing must stand behind it: Falco reads `a.b existsand c`.
        if self.cursor.literal("exists") {
            return Ok(Test::Exists);
        }
        let Some(operator) = self.operator() else {
            let names: Vec<_> = Operator::ALL.iter().map(|operator| operator.name()).collect();
            let mut error = self.error(&format!("an operator is expected, not {}", self.shown()));
            error.hint = hints::of_operator(self.cursor.rest())
                .or_else(|| Some(format!("one of exists {}", names.join(" "))));
            return Err(error);
        };
        self.cursor.blanks();
        let quantifier = if operator.takes_quantifier() { self.quantifier() } else { None };
        self.cursor.blanks();
        let right = if quantifier.is_some() || operator.takes_list() {
            self.list(operator)?
        } else {
            self.value(operator)?
        };
        Ok(Test::Compare { operator, quantifier, right })
    }

    fn operator(&mut self) -> Option<Operator> {
        // `==` is another way to write `=`; the longer ones come first.
        if self.cursor.literal("==") {
            return Some(Operator::Equal);
        }
        let signs = [
            Operator::NotEqual,
            Operator::LessOrEqual,
            Operator::GreaterOrEqual,
            Operator::Equal,
            Operator::Less,
            Operator::Greater,
        ];
        if let Some(sign) = signs.into_iter().find(|sign| self.cursor.literal(sign.name())) {
            return Some(sign);
        }
        let mut words = Operator::ALL.iter().filter(|operator| !signs.contains(operator));
        words.find(|word| self.cursor.keyword(word.name())).copied()
    }

    /// Only where a list follows: else it is a value that is called so.
    fn quantifier(&mut self) -> Option<Quantifier> {
        let before = self.cursor;
        let mut all = Quantifier::ALL.iter();
        let found = all.find(|quantifier| self.cursor.keyword(quantifier.name())).copied();
        self.cursor.blanks();
        if found.is_some() && self.cursor.rest().starts_with('(') {
            return found;
        }
        self.cursor = before;
        None
    }

    /// `(a, "b")`, `val(field)`, a transformer, or one bare name.
    fn list(&mut self, operator: Operator) -> Parsed<Right> {
        if self.cursor.literal("(") {
            let mut words = Vec::new();
            self.cursor.blanks();
            if !self.cursor.literal(")") {
                loop {
                    self.cursor.blanks();
                    words.push(self.word(operator)?);
                    self.cursor.blanks();
                    if !self.cursor.literal(",") {
                        break;
                    }
                }
                self.close("the list")?;
            }
            return Ok(Right::List(words));
        }
        if let Some(operand) = self.right_operand()? {
            return Ok(Right::Operand(operand));
        }
        let place = self.place();
        match self.cursor.identifier() {
            Some(name) => Ok(Right::List(vec![Word { text: name.into(), place }])),
            None => Err(self.error(&format!(
                "a list in parentheses is expected after `{operator}`, not {}",
                self.shown()
            ))),
        }
    }

    fn value(&mut self, operator: Operator) -> Parsed<Right> {
        if let Some(operand) = self.right_operand()? {
            return Ok(Right::Operand(operand));
        }
        if !operator.is_order() {
            return self.word(operator).map(Right::Word);
        }
        let place = self.place();
        // A number in quotes is accepted too: it can be nothing else.
        let text = match self.quoted()? {
            Some(text) => Some(text),
            None => self.cursor.number().map(Vec::from),
        };
        match text {
            Some(text) => Ok(Right::Word(Word { text, place })),
            None => Err(self
                .error(&format!("a number is expected after `{operator}`, not {}", self.shown()))),
        }
    }

    fn word(&mut self, operator: Operator) -> Parsed<Word> {
        let place = self.place();
        if let Some(text) = self.quoted()? {
            return Ok(Word { text, place });
        }
        if let Some(text) = self.cursor.bare() {
            return Ok(Word { text: text.into(), place });
        }
        let cause = format!("a value is expected after `{operator}`, not {}", self.shown());
        let hint = hints::of_value(self.cursor.rest(), operator.name());
        Err(SyntaxError { hint, ..self.error(&cause) })
    }

    /// `val(field)` or a transformer.
    fn right_operand(&mut self) -> Parsed<Option<Operand>> {
        let before = self.cursor;
        if self.cursor.literal(VALUE) && self.cursor.literal("(") {
            self.cursor.blanks();
            let field = self.field()?;
            let field =
                field.ok_or_else(|| self.error(&format!("a field is expected in `{VALUE}()`")))?;
            self.cursor.blanks();
            self.close(VALUE)?;
            return Ok(Some(Operand::Field(field)));
        }
        self.cursor = before;
        // A bare text may look like a field: `docker.io`.
        if self.cursor.field_name().is_some() {
            self.cursor = before;
            return Ok(None);
        }
        self.operand()
    }

    /// Goes into parentheses.
    fn enter(&mut self) -> Parsed<()> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MOST_DEPTH {
            return Err(self.error(&format!("parentheses lie more than {MOST_DEPTH} deep")));
        }
        Ok(())
    }

    /// Comes out of them.
    fn leave(&mut self, whose: &str) -> Parsed<()> {
        self.depth = self.depth.saturating_sub(1);
        self.close(whose)
    }

    fn close(&mut self, whose: &str) -> Parsed<()> {
        self.cursor.blanks();
        if self.cursor.literal(")") {
            return Ok(());
        }
        Err(self.error(&format!("`)` that ends {whose} is expected, not {}", self.shown())))
    }

    fn next_keyword(&mut self, keyword: &str) -> bool {
        self.cursor.blanks();
        self.cursor.keyword(keyword)
    }

    /// A text in quotes that is one for people, too.
    fn quoted_text(&mut self) -> Parsed<Option<String>> {
        let start = self.cursor;
        let Some(bytes) = self.quoted()? else { return Ok(None) };
        String::from_utf8(bytes).map(Some).map_err(|_| SyntaxError {
            offset: start.offset(),
            cause: "what stands here must be UTF-8".to_owned(),
            hint: None,
        })
    }

    /// A text in quotes, if one stands here.
    fn quoted(&mut self) -> Parsed<Option<Vec<u8>>> {
        self.cursor.quoted().map_err(|QuoteError { offset, cause, is_escape }| SyntaxError {
            offset,
            cause,
            hint: is_escape.then(|| hints::ESCAPE.to_owned()),
        })
    }

    fn unexpected(&self) -> SyntaxError {
        let found = self.shown();
        let mut error = self.error(&format!("`and` or `or` is expected, not {found}"));
        let is_word = |word: &str| found.trim_matches('`').eq_ignore_ascii_case(word);
        let hint = match self.cursor.rest().chars().next() {
            Some(')') => Some("there is one `)` more than there are `(`"),
            Some('#') => Some(NO_COMMENTS),
            Some('&' | '|') => Some("write `and` and `or`"),
            Some('=' | '!' | '<' | '>') => {
                Some("what stands before it is no field: these have a dot")
            }
            Some(next) if !next.is_ascii_alphabetic() => {
                Some("put a value with such characters in quotes")
            }
            _ if ["and", "or", "not"].into_iter().any(is_word) => Some("write it in small letters"),
            _ => None,
        };
        error.hint = hint.map(str::to_owned);
        error
    }

    fn error(&self, cause: &str) -> SyntaxError {
        SyntaxError { offset: self.cursor.offset(), cause: cause.to_owned(), hint: None }
    }

    /// What stands here, as messages quote it.
    fn shown(&self) -> String {
        let word: String =
            self.cursor.rest().chars().take_while(|next| !next.is_whitespace()).take(30).collect();
        if word.is_empty() { "the end".to_owned() } else { format!("`{word}`") }
    }

    fn place(&self) -> crate::Place {
        self.text.place(self.cursor.offset())
    }
}

/// The only part, or all of them under one roof.
fn single(parts: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    let mut parts = parts;
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            join(parts)
        }
        None => join(parts),
    }
}
