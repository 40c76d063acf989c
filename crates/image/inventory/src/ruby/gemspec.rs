//! Specifications of gems: Ruby code, which RubyGems writes in one form and people in many
//! (guides.rubygems.org, Specification Reference). What would have to be run is not known.

use bulkhead_model::ProblemKind;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use super::code::{Token, tokens};
use crate::reading::{Fault, Parsed, text};

/// Tokens of the longest list that is read.
const MOST_TOKENS: usize = 1024;

/// An installed gem.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Gemspec {
    pub(super) name: String,
    /// Empty where code computes it.
    pub(super) version: String,
    /// `ruby` for gems that run everywhere, `java`, `x86_64-linux`…; empty where code computes it.
    pub(super) platform: String,
    pub(super) licences: Vec<String>,
    /// What it needs when it runs.
    pub(super) dependencies: Vec<Dependency>,
}

/// A gem that another one needs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// Requirements that all hold: `~> 1.0, >= 1.0.3`; empty for any version.
    pub(super) requirement: String,
}

pub(super) fn parse(bytes: &[u8]) -> Parsed<Option<Gemspec>> {
    let text = text(bytes);
    let Some(tokens) = tokens(&text) else {
        return Fault::new(ProblemKind::LimitReached, "a specification of millions of bytes")
            .into();
    };
    let mut gem = Reader::read(&tokens);
    if let Some(stub) = Stub::of(&text) {
        let fill = |field: &mut String, value: &str| {
            if field.is_empty() {
                value.clone_into(field);
            }
        };
        fill(&mut gem.name, stub.name);
        fill(&mut gem.version, stub.version);
        // In the code it can be an expression.
        stub.platform.clone_into(&mut gem.platform);
    }
    if gem.name.is_empty() {
        return Fault::malformed("a specification that names no gem").into();
    }
    Some(gem).into()
}

/// The line that RubyGems writes for itself, so that it need not run the code:
/// `# stub: name version platform folders` (`Gem::StubSpecification`).
struct Stub<'t> {
    name: &'t str,
    version: &'t str,
    platform: &'t str,
}

impl<'t> Stub<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let mut comments = text.lines().take_while(|line| line.starts_with('#'));
        let stub = comments.find_map(|line| line.strip_prefix("# stub: "))?;
        let mut words = stub.split(' ');
        Some(Self { name: words.next()?, version: words.next()?, platform: words.next()? })
    }
}

/// What was said so far.
#[derive(Default)]
struct Reader {
    gem: Gemspec,
    /// Names of the dependencies so far.
    named: FxHashSet<String>,
    /// Names that some line calls dependencies of development.
    development: FxHashSet<String>,
}

impl Reader {
    fn read(tokens: &[Token<'_>]) -> Gemspec {
        let mut reader = Self::default();
        let mut rest = tokens;
        while let Some((_, after)) = rest.split_first() {
            if let [Token::Word(_), Token::Sign('.'), Token::Word(field), value @ ..] = rest {
                match value {
                    // Not a comparison.
                    [Token::Sign('='), value @ ..] if !value.starts_with(&[Token::Sign('=')]) => {
                        reader.assign(field, value);
                    }
                    _ => reader.call(field, value),
                }
            }
            rest = after;
        }
        // Code for old versions of RubyGems, which know one kind alone, repeats them as such.
        let Self { mut gem, development, .. } = reader;
        gem.dependencies.retain(|dependency| !development.contains(&dependency.name));
        gem
    }

    /// `s.field = value`. The first counts.
    fn assign(&mut self, field: &str, value: &[Token<'_>]) {
        let gem = &mut self.gem;
        let set = |field: &mut String, value: Option<&str>| {
            if let (true, Some(value)) = (field.is_empty(), value) {
                value.clone_into(field);
            }
        };
        match field {
            "name" => set(&mut gem.name, literal(value)),
            "version" => set(&mut gem.version, literal(value).filter(|text| is_version(text))),
            "platform" => set(&mut gem.platform, literal(value)),
            "license" | "licenses" if gem.licences.is_empty() => gem.licences = texts(value),
            _ => {}
        }
    }

    /// `s.add_dependency "name", "~> 1.0"`, with or without parentheses. A dependency that is named
    /// twice is the first.
    fn call(&mut self, method: &str, arguments: &[Token<'_>]) {
        let is_development = match method {
            "add_dependency" | "add_runtime_dependency" => false,
            "add_development_dependency" => true,
            _ => return,
        };
        let mut texts = texts(arguments.strip_prefix(&[Token::Sign('(')]).unwrap_or(arguments));
        if texts.is_empty() {
            return;
        }
        let name = texts.remove(0);
        if is_development {
            self.development.insert(name);
        } else if self.named.insert(name.clone()) {
            let requirement = texts.join(", ");
            self.gem.dependencies.push(Dependency { name, requirement });
        }
    }
}

/// The text that a value is: alone, or as the argument of `Gem::Version.new`.
fn literal<'t>(value: &'t [Token<'_>]) -> Option<&'t str> {
    let wraps = |token: &&Token<'_>| {
        matches!(token, Token::Word("Gem" | "Version" | "new") | Token::Sign(':' | '.' | '('))
    };
    let at = value.iter().take_while(wraps).count();
    let Some(Token::Text(text)) = value.get(at) else { return None };
    let mut after = value.get(at..)?.iter().skip(1);
    let is_whole = match after.next() {
        // `"1.0".freeze` is the text, `"1.0" + x` or `"1.0".sub(…)` is not.
        Some(Token::Sign('.')) => matches!(after.next(), Some(Token::Word("freeze" | "dup"))),
        Some(Token::Sign(')' | ';') | Token::Line | Token::Word("if" | "unless")) | None => true,
        _ => false,
    };
    is_whole.then_some(text)
}

/// The texts of a list up to the end of its statement, which is none of thousands of tokens.
fn texts(value: &[Token<'_>]) -> Vec<String> {
    let mut texts = Vec::new();
    let mut depth = 0_usize;
    let mut continues = false;
    for token in value.iter().take(MOST_TOKENS) {
        match token {
            Token::Sign('[' | '(') => depth = depth.saturating_add(1),
            Token::Sign(']' | ')') if depth == 0 => break,
            Token::Sign(']' | ')') => depth = depth.saturating_sub(1),
            Token::Line if depth == 0 && !continues => break,
            Token::Word("if" | "unless") | Token::Sign(';') => break,
            Token::Text(text) => texts.push(text.clone()),
            Token::Texts(list) => texts.extend_from_slice(list),
            _ => {}
        }
        continues = match token {
            Token::Line => continues,
            token => *token == Token::Sign(','),
        };
    }
    texts
}

/// As RubyGems takes one (`Gem::Version::VERSION_PATTERN`).
fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}
