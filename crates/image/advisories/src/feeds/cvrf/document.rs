//! A document, as its elements open and close.

use std::collections::BTreeMap;

use bulkhead_limits::Budget;
use quick_xml::events::BytesStart;

use crate::FeedError;
use crate::feeds::markup::{Elements, attribute};

/// What is kept of a document.
pub(super) struct Document<'b> {
    budget: &'b Budget,
    pub(super) id: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) severity: String,
    pub(super) published: String,
    pub(super) modified: String,
    pub(super) references: Vec<String>,
    /// By id: platforms and components alike.
    pub(super) products: BTreeMap<String, Product>,
    /// Products below a branch that is an architecture: builds.
    pub(super) builds: Vec<Build>,
    /// By the id of the component as it comes with its platform.
    pub(super) relations: BTreeMap<String, Relation>,
    pub(super) vulnerabilities: Vec<Vulnerability>,
    /// Types and names of the branches that are open.
    branches: Vec<(String, String)>,
    open: Open,
}

pub(super) struct Product {
    pub(super) name: String,
    pub(super) cpe: Option<String>,
}

pub(super) struct Build {
    /// The file's name.
    pub(super) name: String,
    pub(super) cpe: Option<String>,
    pub(super) architecture: Option<String>,
}

pub(super) struct Relation {
    pub(super) component: String,
    pub(super) platform: String,
}

#[derive(Default)]
pub(super) struct Vulnerability {
    pub(super) id: String,
    pub(super) description: String,
    pub(super) severity: String,
    pub(super) published: String,
    pub(super) vectors: Vec<String>,
    /// Type of status, and product.
    pub(super) statuses: Vec<(String, String)>,
}

/// Attributes of the elements that are open and whose text decides.
#[derive(Default)]
struct Open {
    /// Type and title of a note.
    note: (String, String),
    /// Type of a status or threat.
    kind: String,
    product: (String, Option<String>),
    relation: Option<Relation>,
}

impl<'b> Document<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Self {
            budget,
            id: String::new(),
            title: String::new(),
            description: String::new(),
            severity: String::new(),
            published: String::new(),
            modified: String::new(),
            references: Vec::new(),
            products: BTreeMap::new(),
            builds: Vec::new(),
            relations: BTreeMap::new(),
            vulnerabilities: Vec::new(),
            branches: Vec::new(),
            open: Open::default(),
        }
    }

    fn product(&mut self, name: &str) {
        let (id, cpe) = std::mem::take(&mut self.open.product);
        if let Some(relation) = self.open.relation.take() {
            self.relations.insert(id, relation);
            return;
        }
        let of_architecture = self.branches.last().filter(|(kind, _)| kind == "Package Arch");
        if let Some((_, architecture)) = of_architecture {
            let architecture = Some(architecture.clone());
            self.builds.push(Build { name: name.to_owned(), cpe, architecture });
        } else {
            self.products.insert(id, Product { name: name.to_owned(), cpe });
        }
    }

    fn note(&mut self, text: &str) {
        let (kind, title) = std::mem::take(&mut self.open.note);
        match (self.vulnerabilities.last_mut(), kind.as_str(), title.as_str()) {
            (Some(vulnerability), _, _) if vulnerability.description.is_empty() => {
                text.clone_into(&mut vulnerability.description);
            }
            (None, _, "Severity") => text.clone_into(&mut self.severity),
            (None, "Description", _) | (None, _, "Description") => {
                text.clone_into(&mut self.description);
            }
            (None, "Summary", _) | (None, _, "Summary") if self.description.is_empty() => {
                text.clone_into(&mut self.description);
            }
            _ => {}
        }
    }
}

impl Elements for Document<'_> {
    fn open(&mut self, name: &str, element: &BytesStart<'_>) -> Result<(), FeedError> {
        let text = |key| attribute(element, key).into_owned();
        match name {
            "Branch" => self.branches.push((text("Type"), text("Name"))),
            "Note" => self.open.note = (text("Type"), text("Title")),
            "Status" | "Threat" => self.open.kind = text("Type"),
            "FullProductName" => {
                self.budget.charge_entry()?;
                self.open.product =
                    (text("ProductID"), Some(text("CPE")).filter(|cpe| !cpe.is_empty()));
            }
            "Relationship" => {
                self.open.relation = Some(Relation {
                    component: text("ProductReference"),
                    platform: text("RelatesToProductReference"),
                });
            }
            "Vulnerability" => {
                self.budget.charge_entry()?;
                self.vulnerabilities.push(Vulnerability::default());
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, text: &str) {
        match (self.vulnerabilities.last_mut(), name) {
            (_, "Branch") => drop(self.branches.pop()),
            (_, "FullProductName") => self.product(text),
            (_, "Relationship") => self.open.relation = None,
            (_, "Note") => self.note(text),
            (None, "DocumentTitle") => text.clone_into(&mut self.title),
            (None, "ID") if self.id.is_empty() => text.clone_into(&mut self.id),
            (None, "InitialReleaseDate") => text.clone_into(&mut self.published),
            (None, "CurrentReleaseDate") => text.clone_into(&mut self.modified),
            (None, "URL") => self.references.push(text.to_owned()),
            (Some(vulnerability), "CVE") => text.clone_into(&mut vulnerability.id),
            (Some(vulnerability), "ReleaseDate") => text.clone_into(&mut vulnerability.published),
            (Some(vulnerability), "ProductID") if !self.open.kind.is_empty() => {
                vulnerability.statuses.push((self.open.kind.clone(), text.to_owned()));
            }
            (Some(vulnerability), "Description") if self.open.kind == "Impact" => {
                text.clone_into(&mut vulnerability.severity);
            }
            (Some(vulnerability), "Vector" | "VectorV2" | "VectorV3" | "VectorV4") => {
                vulnerability.vectors.push(text.to_owned());
            }
            (_, "Status" | "Threat") => self.open.kind.clear(),
            _ => {}
        }
    }
}
