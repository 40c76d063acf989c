//! `Packages` of older systems: a hash table of Berkeley DB (`dbinc/db_page.h` of its sources).
//! Numbers are in the byte order of the machine that wrote it.

mod page;

use bulkhead_archive::ReadAt;
use bulkhead_limits::Budget;
use bulkhead_model::ProblemKind;
use rustc_hash::FxHashSet;

use super::bytes::Order;
use super::package::Installed;
use super::storage::{Collection, Storage};
use crate::reading::{Fault, Parsed};

use page::{Item, Page};

const HASH_MAGIC: u32 = 0x0006_1561;
/// The metadata of a hash table, as far as it is read.
const METADATA: usize = 224;
/// Type of the first page of a hash table.
const HASH_METADATA: u8 = 8;
/// `DBMETA_CHKSUM`: every page carries a checksum, which makes its header longer.
const WITH_CHECKSUMS: u8 = 1;
/// Where each doubling of the table begins: 32 numbers from this offset.
const SPARES: usize = 96;

/// The packages of a database.
pub(super) fn read(content: &dyn ReadAt, budget: &Budget) -> Parsed<Vec<Installed>> {
    let mut packages = Collection::default();
    let mut storage = Storage::new(content, budget);
    match Table::open(&storage) {
        Ok(table) => table.read(&mut storage, &mut packages),
        Err(fault) => packages.fault(fault),
    }
    packages.finish()
}

/// A hash table: buckets, each a chain of pages.
struct Table {
    order: Order,
    page_size: u32,
    /// Bytes before the index of a page.
    page_header: usize,
    last_bucket: u32,
    spares: Vec<u32>,
}

impl Table {
    fn open(storage: &Storage<'_>) -> Result<Self, Fault> {
        let bytes = storage.expect(0, METADATA)?;
        let magic_is = |order: &Order| order.u32(&bytes, 12) == Some(HASH_MAGIC);
        let order = [Order::Little, Order::Big].into_iter().find(magic_is);
        let Some(order) = order.filter(|_| bytes.get(25) == Some(&HASH_METADATA)) else {
            return Err(Fault::malformed("no hash table of Berkeley DB"));
        };
        let number = |at| order.u32(&bytes, at).unwrap_or_default();
        let page_size = number(20);
        if !page_size.is_power_of_two() || !(512..=65536).contains(&page_size) {
            return Err(Fault::malformed(format!("pages of {page_size} bytes")));
        }
        if bytes.get(24).is_some_and(|&algorithm| algorithm != 0) {
            return Err(Fault::malformed("the database is encrypted"));
        }
        let checksums = bytes.get(26).is_some_and(|flags| flags & WITH_CHECKSUMS != 0);
        Ok(Self {
            order,
            page_size,
            page_header: if checksums { page::CHECKED_HEADER } else { page::HEADER },
            last_bucket: number(72),
            spares: (SPARES..METADATA).step_by(4).map(number).collect(),
        })
    }

    /// Every page of every bucket, each once.
    fn read(&self, storage: &mut Storage<'_>, packages: &mut Collection) {
        let pages = storage.size().checked_div(self.page_size.into()).unwrap_or_default();
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        if self.last_bucket >= pages {
            let message = format!("{} buckets in a file of {pages} pages", self.last_bucket);
            packages.fault(Fault::new(ProblemKind::Truncated, message));
        }
        let mut seen = FxHashSet::default();
        for bucket in 0..=self.last_bucket.min(pages) {
            let mut next = self.first_page(bucket);
            while next != 0 {
                if !seen.insert(next) {
                    packages.fault(Fault::malformed(format!("page {next} is in two buckets")));
                    break;
                }
                next = match self.read_page(next, storage, packages) {
                    Ok(next) => next,
                    Err(fault) => {
                        packages.fault(fault);
                        break;
                    }
                };
            }
        }
    }

    /// `BS_TO_PAGE` of `dbinc/hash.h`: the buckets of one doubling lie one after the other.
    fn first_page(&self, bucket: u32) -> u32 {
        let doubling = u32::BITS.saturating_sub(bucket.leading_zeros());
        let spare = self.spares.get(doubling as usize).copied().unwrap_or_default();
        bucket.saturating_add(spare)
    }

    /// Keys and packages in turn; gives the next page of the bucket, 0 behind the last.
    fn read_page(
        &self,
        number: u32,
        storage: &mut Storage<'_>,
        packages: &mut Collection,
    ) -> Result<u32, Fault> {
        let page = self.page(number, storage)?;
        if page.is_blank() {
            return Ok(0);
        }
        if !page.is_bucket() {
            return Err(Fault::malformed(format!("page {number} is none of a bucket")));
        }
        for (key, value) in page.pairs() {
            let Some(row) = key.and_then(|key| self.row(key)) else {
                packages.fault(Fault::malformed(format!("page {number} has a broken key")));
                continue;
            };
            // Row 0 keeps the number of the next row.
            if row != 0 {
                packages.add(row.into(), self.package(value, storage));
            }
        }
        Ok(page.next())
    }

    /// The number of a row. Real ones are short; the numbers of rows are never kept elsewhere.
    fn row(&self, key: Item<'_>) -> Option<u32> {
        match key {
            Item::Here(bytes) if bytes.len() == 4 => self.order.u32(bytes, 0),
            _ => None,
        }
    }

    fn package(
        &self,
        value: Option<Item<'_>>,
        storage: &mut Storage<'_>,
    ) -> Result<Installed, Fault> {
        match value {
            Some(Item::Here(bytes)) => {
                storage.claim(bytes.len() as u64)?;
                Installed::of_header(bytes)
            }
            Some(Item::Chain { first, length }) => {
                Installed::of_header(&self.chain(first, length, storage)?)
            }
            Some(Item::Duplicates) | None => Err(Fault::malformed("what is there is no package")),
        }
    }

    /// An item that is too long for a page: pages of their own, one leading to the next.
    fn chain(&self, first: u32, length: u32, storage: &mut Storage<'_>) -> Result<Vec<u8>, Fault> {
        storage.claim(length.into())?;
        let length = length as usize;
        let mut bytes = Vec::with_capacity(length);
        let mut next = first;
        while bytes.len() < length {
            let page = self.page(next, storage)?;
            let part = page.part().filter(|part| !part.is_empty()).ok_or_else(|| {
                Fault::malformed(format!("page {next} of a chain holds no part of it"))
            })?;
            bytes.extend_from_slice(part);
            next = page.next();
        }
        bytes.truncate(length);
        Ok(bytes)
    }

    fn page<'a>(&self, number: u32, storage: &Storage<'a>) -> Result<Page<'a>, Fault> {
        let offset = u64::from(number).saturating_mul(self.page_size.into());
        let bytes = storage.expect(offset, self.page_size as usize)?;
        let page = Page::new(bytes, self.order, self.page_header);
        if page.is_blank() || page.number() == number {
            return Ok(page);
        }
        Err(Fault::malformed(format!("page {number} calls itself {}", page.number())))
    }
}
