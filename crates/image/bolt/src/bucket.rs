//! Buckets: keys with values, and further buckets.

use bulkhead_limits::Budget;

use crate::BoltError;
use crate::page::{self, Element, Page, Pages, u64_at};

/// Bytes of what the value of a bucket begins with: its page, or 0, and a counter (`bucket.go`).
const HEADER: usize = 16;

/// Levels of pages. A tree of more would have more pages than any file.
const LEVELS: u32 = 32;

/// A bucket of a database.
#[derive(Debug, Clone)]
pub struct Bucket<'a> {
    pages: Pages<'a>,
    root: Root<'a>,
    budget: Budget,
}

#[derive(Debug, Clone, Copy)]
enum Root<'a> {
    Page(u64),
    /// A small bucket, a leaf in the place of its value.
    Inline(&'a [u8]),
}

/// A key of a bucket.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The key.
    pub key: &'a [u8],
    /// What stands under it.
    pub value: Value<'a>,
}

/// What stands under a key.
#[derive(Debug, Clone)]
pub enum Value<'a> {
    /// Bytes.
    Bytes(&'a [u8]),
    /// A further bucket.
    Bucket(Bucket<'a>),
}

impl<'a> Bucket<'a> {
    pub(crate) fn of_page(pages: Pages<'a>, page: u64, budget: &Budget) -> Self {
        Self { pages, root: Root::Page(page), budget: budget.clone() }
    }

    /// All keys, in order. Each is charged to the budget.
    pub fn entries(&self) -> Result<Vec<Entry<'a>>, BoltError> {
        let mut entries = Vec::new();
        match self.root {
            Root::Page(page) => self.collect(page, LEVELS, &mut entries)?,
            Root::Inline(bytes) => match page::read(bytes) {
                Ok(Page::Leaf(elements)) => self.add(0, elements, &mut entries)?,
                Ok(Page::Branch(_)) => {
                    let cause = "a bucket within a value is no leaf";
                    return Err(BoltError::Page { page: 0, cause });
                }
                Err(cause) => return Err(BoltError::Page { page: 0, cause }),
            },
        }
        Ok(entries)
    }

    /// The bucket under a key; none where there is none, or bytes.
    pub fn bucket(&self, key: &[u8]) -> Result<Option<Self>, BoltError> {
        Ok(match self.get(key)? {
            Some(Value::Bucket(bucket)) => Some(bucket),
            Some(Value::Bytes(_)) | None => None,
        })
    }

    /// The bytes under a key; none where there are none, or a bucket.
    pub fn bytes(&self, key: &[u8]) -> Result<Option<&'a [u8]>, BoltError> {
        Ok(match self.get(key)? {
            Some(Value::Bytes(bytes)) => Some(bytes),
            Some(Value::Bucket(_)) | None => None,
        })
    }

    fn get(&self, key: &[u8]) -> Result<Option<Value<'a>>, BoltError> {
        let found = self.entries()?.into_iter().find(|entry| entry.key == key);
        Ok(found.map(|entry| entry.value))
    }

    fn collect(
        &self,
        number: u64,
        levels: u32,
        entries: &mut Vec<Entry<'a>>,
    ) -> Result<(), BoltError> {
        self.budget.charge_entry()?;
        match self.pages.read(number)? {
            Page::Leaf(elements) => self.add(number, elements, entries),
            Page::Branch(children) => {
                let cause = "its tree has no end";
                let levels =
                    levels.checked_sub(1).ok_or(BoltError::Page { page: number, cause })?;
                children.into_iter().try_for_each(|child| self.collect(child, levels, entries))
            }
        }
    }

    fn add(
        &self,
        page: u64,
        elements: Vec<Element<'a>>,
        entries: &mut Vec<Entry<'a>>,
    ) -> Result<(), BoltError> {
        for Element { is_bucket, key, value } in elements {
            self.budget.charge_entry()?;
            let value = if is_bucket {
                let cause = "a bucket of it ends within its header";
                let root = root(value).ok_or(BoltError::Page { page, cause })?;
                Value::Bucket(Self { root, ..self.clone() })
            } else {
                Value::Bytes(value)
            };
            entries.push(Entry { key, value });
        }
        Ok(())
    }
}

fn root(value: &[u8]) -> Option<Root<'_>> {
    Some(match u64_at(value, 0)? {
        0 => Root::Inline(value.get(HEADER..)?),
        page => Root::Page(page),
    })
}
