//! What a condition says, in the order in which it was written.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::text::Place;

/// A condition or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// All of them hold.
    And(Vec<Self>),
    /// One of them holds.
    Or(Vec<Self>),
    /// It does not hold.
    Not(Box<Self>),
    /// A comparison.
    Check(Box<Check>),
    /// A macro by its name; `body` is there once macros are resolved.
    Macro {
        /// The name.
        name: String,
        /// Where it is used.
        place: Place,
        /// What it stands for.
        body: Option<Arc<Self>>,
    },
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// Where it begins.
    pub place: Place,
    /// What is looked at.
    pub left: Operand,
    /// What is asked of it.
    pub test: Test,
}

/// Something that an event gives a value for.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A field of the event.
    Field(FieldName),
    /// A value made from others.
    Transform {
        /// How.
        transformer: Transformer,
        /// From what.
        arguments: Vec<Argument>,
        /// What stands in brackets behind it.
        index: Option<String>,
        /// Where it begins.
        place: Place,
    },
}

impl Operand {
    /// Where it begins.
    pub fn place(&self) -> Place {
        match self {
            Self::Field(field) => field.place.clone(),
            Self::Transform { place, .. } => place.clone(),
        }
    }
}

/// A field and what stands in brackets behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldName {
    /// The name: `proc.aname`.
    pub name: String,
    /// The argument: `2` of `proc.aname[2]`.
    pub argument: Option<String>,
    /// Where it begins.
    pub place: Place,
}

/// What a transformer is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// A value of the event.
    Operand(Operand),
    /// A text, or a number as it was written.
    Text(String),
    /// Several, for those that take a list.
    List(Vec<Self>),
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// There is one.
    Exists,
    /// It stands in a relation.
    Compare {
        /// Which.
        operator: Operator,
        /// To how many of the right side's values.
        quantifier: Option<Quantifier>,
        /// To what.
        right: Right,
    },
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Right {
    /// A single value.
    Word(Word),
    /// Values in parentheses.
    List(Vec<Word>),
    /// Another value of the event: `val(field)` or a transformer.
    Operand(Operand),
}

/// A value as it was written, without its quotes.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// The value; escapes can make any bytes.
    pub text: Vec<u8>,
    /// Where it begins.
    pub place: Place,
}

impl Word {
    /// The value, with U+FFFD in place of what is not UTF-8.
    pub fn lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.text)
    }
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// As it is written.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

names! {
    /// A relation between values.
    Operator {
        /// The same value.
        Equal = "=",
        /// Another value.
        NotEqual = "!=",
        /// Below.
        Less = "<",
        /// Below or the same.
        LessOrEqual = "<=",
        /// Above.
        Greater = ">",
        /// Above or the same.
        GreaterOrEqual = ">=",
        /// Shell pattern whose `*` crosses slashes.
        Glob = "glob",
        /// The same, whatever the case of letters.
        CaselessGlob = "iglob",
        /// Holds the text.
        Contains = "contains",
        /// The same, whatever the case of letters.
        CaselessContains = "icontains",
        /// Holds the bytes that are given in hexadecimal.
        ContainsBytes = "bcontains",
        /// Begins with the text.
        StartsWith = "startswith",
        /// Begins with the bytes that are given in hexadecimal.
        StartsWithBytes = "bstartswith",
        /// Ends with the text.
        EndsWith = "endswith",
        /// The whole value follows the regular expression.
        Regex = "regex",
        /// Is one of the values; a list is when all its values are.
        In = "in",
        /// Is one of the values; a list is when one of its values is.
        Intersects = "intersects",
        /// Is one of the paths or lies below one.
        PathMatch = "pmatch",
    }
}

impl Operator {
    /// Whether it asks which of two values is above the other.
    pub const fn is_order(self) -> bool {
        matches!(self, Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual)
    }

    /// The numbers that stand in the relation to `number`, from the lowest to the highest. None where
    /// they are no range.
    pub(crate) const fn range(self, number: i64) -> Option<(i64, i64)> {
        Some(match self {
            Self::Equal => (number, number),
            Self::Less => (i64::MIN, number.saturating_sub(1)),
            Self::LessOrEqual => (i64::MIN, number),
            Self::Greater => (number.saturating_add(1), i64::MAX),
            Self::GreaterOrEqual => (number, i64::MAX),
            _ => return None,
        })
    }

    /// Whether a list stands on its right.
    pub const fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::Intersects | Self::PathMatch)
    }

    /// Whether a quantifier and a list may stand on its right.
    pub const fn takes_quantifier(self) -> bool {
        !self.is_order() && !self.takes_list()
    }
}

names! {
    /// How many of the right side's values must stand in the relation.
    Quantifier {
        /// Exactly one.
        OneOf = "oneof",
        /// At least one.
        AnyOf = "anyof",
        /// Every one.
        AllOf = "allof",
    }
}

names! {
    /// What makes a value from others.
    Transformer {
        /// Letters in lower case.
        ToLower = "tolower",
        /// Letters in upper case.
        ToUpper = "toupper",
        /// What the value says in base64.
        Base64 = "b64",
        /// The last part of a path.
        BaseName = "basename",
        /// How many bytes or elements.
        Length = "len",
        /// The elements of a list with a text between them.
        Join = "join",
        /// The values one after the other.
        Concat = "concat",
        /// The options in a list of arguments.
        GetOpt = "getopt",
    }
}

/// The keyword that makes a field a right side; nothing is done to its value.
pub(crate) const VALUE: &str = "val";
