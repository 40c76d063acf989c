//! Statements as every form of document makes them.

use bulkhead_model::{Problem, Suppression, SuppressionSource};

/// A document and what was broken in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    /// Its own id, or the file's name where it has none.
    pub id: String,
    /// Who says it.
    pub author: Option<String>,
    /// What it says.
    pub statements: Vec<Statement>,
    /// What of it could not be used.
    pub problems: Vec<Problem>,
}

/// What one vulnerability means for some products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The names of the vulnerability, the main one first.
    pub vulnerabilities: Vec<String>,
    /// The products, any of which it is about.
    pub products: Vec<Product>,
    /// What it means for them.
    pub status: Status,
    /// The code of the reason, as its format writes it.
    pub justification: Option<String>,
    /// The reason for people: impact, action or notes.
    pub reason: Option<String>,
    /// When it was known to be so, RFC 3339 as written: the document's time where it has none.
    pub time: Option<String>,
}

/// A product, or packages in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// What the packages come with, all of it: a module, a release of a distribution, an image.
    /// Where there are no parts, the product itself: an image, or a package with all it contains.
    pub wholes: Vec<Identity>,
    /// The packages, any of which it is about; empty where it is about the whole.
    pub parts: Vec<Identity>,
}

/// What a document says to identify software. Each kind is enough, where it can be checked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Identity {
    /// For people, where the document has such a name.
    pub name: Option<String>,
    /// Package URLs.
    pub purls: Vec<String>,
    /// Other texts that may name an image: references, IRIs.
    pub others: Vec<String>,
    /// Digests, `sha256:…`.
    pub hashes: Vec<String>,
    /// Platform names, 2.2 or 2.3.
    pub cpes: Vec<String>,
    /// The versions that it is limited to, any of them; empty where there is no limit beyond the
    /// package URL's.
    pub versions: Vec<VersionClause>,
}

/// Versions of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionClause {
    /// This one.
    Exactly(String),
    /// Those of a range in `vers:` notation, or in words that nobody can judge.
    Range(String),
}

/// What a vulnerability means for a product (VEX minimum requirements, section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It does not matter there.
    NotAffected,
    /// It was there, and this version has a fix.
    Fixed,
    /// Nobody knows yet.
    UnderInvestigation,
    /// Something should be done.
    Affected,
}

impl Status {
    /// The name that the forms share.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotAffected => "not_affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under_investigation",
            Self::Affected => "affected",
        }
    }

    /// Whether a finding is answered by it.
    pub const fn suppresses(self) -> bool {
        matches!(self, Self::NotAffected | Self::Fixed)
    }
}

impl Identity {
    /// The one of a text that is a package URL or something else.
    pub(crate) fn of(text: &str) -> Self {
        let mut identity = Self::default();
        identity.add(text);
        identity
    }

    /// A further text, by its form.
    pub(crate) fn add(&mut self, text: &str) {
        let text = text.trim();
        let list = match text.get(..4) {
            Some(scheme) if scheme.eq_ignore_ascii_case("pkg:") => &mut self.purls,
            Some(scheme) if scheme.eq_ignore_ascii_case("cpe:") => &mut self.cpes,
            _ => &mut self.others,
        };
        if !text.is_empty() && !list.iter().any(|known| known == text) {
            list.push(text.to_owned());
        }
    }

    /// Whether nothing in it identifies anything.
    pub(crate) const fn is_empty(&self) -> bool {
        self.purls.is_empty()
            && self.others.is_empty()
            && self.hashes.is_empty()
            && self.cpes.is_empty()
    }

    /// The best of its texts for people.
    pub(crate) fn shown(&self) -> String {
        [&self.purls, &self.others, &self.cpes, &self.hashes]
            .into_iter()
            .flatten()
            .chain(&self.name)
            .next()
            .cloned()
            .unwrap_or_default()
    }
}

impl Statement {
    /// What a report says of it, as a statement of this document.
    pub fn suppression(&self, document: &Document) -> Suppression {
        Suppression {
            source: SuppressionSource::Vex {
                document: document.id.clone(),
                author: document.author.clone(),
                status: self.status.name().to_owned(),
                justification: self.justification.clone(),
            },
            reason: self.reason.clone(),
            owner: None,
            expires: None,
        }
    }
}
