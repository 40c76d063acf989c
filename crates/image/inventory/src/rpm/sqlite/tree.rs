//! The tree of `Packages`, over the pages of the database and of the log.

use std::collections::BTreeMap;

use bulkhead_model::ProblemKind;

use super::super::package::Installed;
use super::super::storage::Collection;
use super::{Content, Page, Row, SCHEMA, Tables};
use crate::reading::{Fault, Parsed};

/// The packages of a database as a reader finds them who takes the log into account.
pub(in super::super) fn packages(database: Tables, log: Option<Tables>) -> Parsed<Vec<Installed>> {
    let mut packages = Collection::default();
    let mut trees = Trees { database, log: Tables::default(), elsewhere: BTreeMap::new() };
    match log {
        Some(log) if log.page_size == trees.database.page_size => trees.lay_over(log),
        Some(_) => packages.fault(Fault::new(
            ProblemKind::Mismatch,
            "the log beside the database is of another and was left out",
        )),
        None => {}
    }
    let schema = trees.rows(SCHEMA, &mut packages);
    match schema.iter().find_map(Row::root) {
        Some(root) => trees.read(root, &mut packages),
        None => packages.fault(Fault::malformed("a database without the table Packages")),
    }
    packages.finish()
}

/// The pages of both files.
struct Trees {
    database: Tables,
    log: Tables,
    /// Rows whose leaf is in the log and whose other pages are in the database: they stood there
    /// before under the same number, and begin on the same page.
    elsewhere: BTreeMap<(i64, u32), Content>,
}

impl Trees {
    fn lay_over(&mut self, log: Tables) {
        for row in log.pages.values().flat_map(Page::rows) {
            if row.content == Content::Elsewhere {
                self.elsewhere.insert((row.number, row.chain), Content::Elsewhere);
            }
        }
        for row in self.database.pages.values().flat_map(Page::rows) {
            if let Some(content) = self.elsewhere.get_mut(&(row.number, row.chain)) {
                content.clone_from(&row.content);
            }
        }
        self.log = log;
    }

    fn read(&mut self, root: u32, packages: &mut Collection) {
        for row in self.rows(root, packages) {
            let content = match row.content {
                Content::Elsewhere => self.elsewhere.remove(&(row.number, row.chain)),
                content => Some(content),
            };
            let package = match content {
                Some(Content::Package(package)) => Ok(*package),
                Some(Content::Broken(message)) => Err(Fault::malformed(message)),
                Some(Content::Elsewhere) | None => Err(Fault::new(
                    ProblemKind::Truncated,
                    "continues on pages that the file does not have",
                )),
                Some(Content::Packages(_)) => continue,
            };
            packages.add(row.number.cast_unsigned(), package);
        }
    }

    /// The rows of a tree, in their order.
    fn rows(&mut self, root: u32, packages: &mut Collection) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut open = vec![root];
        while let Some(number) = open.pop() {
            match self.take(number) {
                Some(Page::Interior(children)) => open.extend(children.into_iter().rev()),
                Some(Page::Leaf(found)) => rows.extend(found),
                None => packages.fault(Fault::malformed(format!(
                    "page {number} is missing, of another kind, or in two places"
                ))),
            }
        }
        rows
    }

    /// A page, once: two ways to the same page are none.
    fn take(&mut self, number: u32) -> Option<Page> {
        let own = self.database.pages.remove(&number);
        self.log.pages.remove(&number).or(own)
    }
}
