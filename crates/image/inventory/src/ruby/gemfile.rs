//! Gemfiles (gemfile(5)): which gems are for development, which the lock file does not say.

use rustc_hash::FxHashSet;

use super::code::{Token, tokens};
use crate::reading::text;

/// Groups that run nowhere but at the desk and in tests.
const DEVELOPMENT: [&str; 8] =
    ["dev", "development", "test", "tests", "ci", "lint", "doc", "rubocop"];

/// The names of gems that no other group than those of development has.
pub(super) fn development(bytes: &[u8]) -> Vec<String> {
    let text = text(bytes);
    let mut reader = Reader::default();
    let tokens = tokens(&text).unwrap_or_default();
    for statement in tokens.split(|token| *token == Token::Line) {
        reader.statement(statement);
    }
    let Reader { mut development, production, .. } = reader;
    development.retain(|name| !production.contains(name));
    development
}

#[derive(Default)]
struct Reader {
    /// The blocks that are open, and whether each is of development.
    blocks: Vec<bool>,
    development: Vec<String>,
    production: FxHashSet<String>,
}

impl Reader {
    fn statement(&mut self, statement: &[Token<'_>]) {
        let opens = statement.contains(&Token::Word("do"));
        match statement {
            [Token::Word("end"), ..] => drop(self.blocks.pop()),
            [Token::Word("group"), groups @ ..] if opens => {
                self.blocks.push(are_development(&names(groups)));
            }
            [Token::Word("gem"), rest @ ..] => self.gem(rest),
            [Token::Word("if" | "unless" | "case" | "begin" | "def" | "while"), ..] => {
                self.blocks.push(false);
            }
            _ if opens => self.blocks.push(false),
            _ => {}
        }
    }

    /// `gem "name", "~> 1.0", group: :test`.
    fn gem(&mut self, arguments: &[Token<'_>]) {
        let arguments = arguments.strip_prefix(&[Token::Sign('(')]).unwrap_or(arguments);
        let Some(Token::Text(name)) = arguments.first() else { return };
        let is_group = |token: &Token<'_>| matches!(token, Token::Word("group" | "groups"));
        let groups = arguments.iter().position(is_group);
        let groups = groups.and_then(|at| arguments.get(at..)).unwrap_or_default();
        let groups = names(groups.get(1..).unwrap_or_default());
        let is_development = are_development(&groups) || self.blocks.contains(&true);
        if is_development {
            self.development.push(name.clone());
        } else {
            self.production.insert(name.clone());
        }
    }
}

/// `:a, :b`, `[:a, "b"]` or `%i[a b]`, up to what is none.
fn names<'t>(tokens: &'t [Token<'_>]) -> Vec<&'t str> {
    let mut names = Vec::new();
    let mut before = None;
    for token in tokens {
        match token {
            Token::Word(name) if before == Some(':') => names.push(*name),
            // `optional: true` and the like.
            Token::Word(_) => break,
            Token::Text(name) => names.push(name),
            Token::Texts(list) => names.extend(list.iter().map(String::as_str)),
            _ => {}
        }
        before = if let Token::Sign(sign) = token { Some(*sign) } else { None };
    }
    names
}

fn are_development(groups: &[&str]) -> bool {
    !groups.is_empty() && groups.iter().all(|group| DEVELOPMENT.contains(group))
}
