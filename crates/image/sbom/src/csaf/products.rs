//! The product tree (section 3.2.2): what product ids stand for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Selection;

/// How many products one id is resolved to: a component in a module on a platform is three.
const MAXIMUM_CHAIN: usize = 16;

/// All products of a document by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Products {
    pub(super) by_id: BTreeMap<String, Product>,
    pub(super) groups: BTreeMap<String, BTreeSet<String>>,
}

/// A product, alone or as it comes with another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Product {
    /// The id by which statements of the document name it.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// The place in the tree of branches; none for products outside it.
    pub branch: Option<Arc<Branch>>,
    /// The package URL, as written.
    pub purl: Option<String>,
    /// The CPE, 2.2 or 2.3, as written.
    pub cpe: Option<String>,
    /// Digests of its files, `sha256:…` with the algorithm as the document names it.
    pub hashes: Vec<String>,
    /// Set where it is one product as it comes with another.
    pub relationship: Option<Relationship>,
}

/// A branch and those that it grows from: vendor, product name, version…
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Branch {
    /// `vendor`, `product_name`, `product_version`, `product_version_range`, `architecture`…
    /// (section 3.1.2.2).
    pub category: String,
    /// The name, the version, or the range in `vers:` notation or the publisher's own words.
    pub name: String,
    /// The one below.
    pub parent: Option<Arc<Branch>>,
}

/// How one product comes with another (section 3.2.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relationship {
    /// `default_component_of`, `optional_component_of`, `external_component_of`, `installed_on` or
    /// `installed_with`.
    pub category: String,
    /// The id of the component.
    pub product: String,
    /// The id of what it is a component of, or installed on.
    pub relates_to: String,
}

impl Products {
    /// The product with this id.
    pub fn get(&self, id: &str) -> Option<&Product> {
        self.by_id.get(id)
    }

    /// Every product, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Product> {
        self.by_id.values()
    }

    /// How many products there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// What an id stands for: first the component itself, then what it comes with, from the inside
    /// out (a package, its module, the release of the distribution). Empty where the document does
    /// not say; relationships that lead back to themselves are followed once.
    pub fn resolve(&self, id: &str) -> Vec<&Product> {
        let mut chain = Vec::new();
        let mut seen = BTreeSet::new();
        let mut pending = vec![id];
        while let Some(id) = pending.pop()
            && chain.len() < MAXIMUM_CHAIN
        {
            let Some(product) = self.by_id.get(id).filter(|product| seen.insert(&product.id))
            else {
                continue;
            };
            match &product.relationship {
                Some(relationship) => {
                    pending.push(&relationship.relates_to);
                    pending.push(&relationship.product);
                }
                None => chain.push(product),
            }
        }
        chain
    }

    /// Whether a part of a statement is about this product. One that names no product is about all.
    pub fn selects(&self, selection: &Selection, id: &str) -> bool {
        (selection.products.is_empty() && selection.groups.is_empty())
            || selection.products.contains(id)
            || selection
                .groups
                .iter()
                .filter_map(|group| self.groups.get(group))
                .any(|members| members.contains(id))
    }
}

impl Product {
    /// The name of the nearest branch of a category: `product.branch("vendor")`.
    pub fn branch(&self, category: &str) -> Option<&str> {
        let mut next = self.branch.as_deref();
        while let Some(branch) = next {
            if branch.category == category {
                return Some(&branch.name);
            }
            next = branch.parent.as_deref();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn products(list: &[(&str, Option<(&str, &str)>)]) -> Products {
        let product = |(id, relationship): &(&str, Option<(&str, &str)>)| Product {
            id: (*id).to_owned(),
            relationship: relationship.map(|(product, relates_to)| Relationship {
                category: "default_component_of".to_owned(),
                product: product.to_owned(),
                relates_to: relates_to.to_owned(),
            }),
            ..Product::default()
        };
        let by_id = list.iter().map(|entry| (entry.0.to_owned(), product(entry))).collect();
        Products { by_id, groups: BTreeMap::new() }
    }

    #[track_caller]
    fn check(products: &Products, id: &str, expected: &[&str]) {
        let found: Vec<&str> =
            products.resolve(id).into_iter().map(|product| product.id.as_str()).collect();
        assert_eq!(found, expected, "{id}");
    }

    #[test]
    fn ids_are_resolved_from_the_inside_out() {
        let products = products(&[
            ("package", None),
            ("module", None),
            ("platform", None),
            ("platform:module", Some(("module", "platform"))),
            ("platform:module:package", Some(("package", "platform:module"))),
            ("platform:lost", Some(("lost", "platform"))),
            ("loop", Some(("loop", "loop"))),
            ("one", Some(("other", "package"))),
            ("other", Some(("one", "module"))),
        ]);
        check(&products, "package", &["package"]);
        check(&products, "platform:module:package", &["package", "module", "platform"]);
        check(&products, "platform:lost", &["platform"]);
        check(&products, "loop", &[]);
        check(&products, "one", &["module", "package"]);
        check(&products, "nobody", &[]);
    }
}
