//! Pages and what they hold (`page.go`).

use crate::BoltError;

/// Bytes of a page's header: id, flags, count, overflow.
pub(crate) const HEADER: usize = 16;

/// Bytes of what a branch or leaf page says of each of its elements.
const ELEMENT: usize = 16;

const BRANCH: u16 = 0x01;
const LEAF: u16 = 0x02;

/// The flag of an element of a leaf that is a bucket.
const BUCKET: u32 = 0x01;

/// All pages of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pages<'a> {
    bytes: &'a [u8],
    size: usize,
}

/// What a page holds.
#[derive(Debug)]
pub(crate) enum Page<'a> {
    /// The pages below it, in order.
    Branch(Vec<u64>),
    Leaf(Vec<Element<'a>>),
}

/// A key of a leaf.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) is_bucket: bool,
    pub(crate) key: &'a [u8],
    pub(crate) value: &'a [u8],
}

impl<'a> Pages<'a> {
    pub(crate) fn new(bytes: &'a [u8], size: usize) -> Self {
        Self { bytes, size }
    }

    /// The page of that number. It says its number itself; free ones keep what they held before.
    pub(crate) fn read(self, number: u64) -> Result<Page<'a>, BoltError> {
        let broken = |cause| BoltError::Page { page: number, cause };
        let page = self.bytes_of(number).ok_or(broken("it lies past the end of the file"))?;
        if u64_at(page, 0) != Some(number) {
            return Err(broken("it has another number"));
        }
        read(page).map_err(broken)
    }

    /// The page with those that it continues in.
    fn bytes_of(self, number: u64) -> Option<&'a [u8]> {
        let start = usize::try_from(number).ok()?.checked_mul(self.size)?;
        let rest = self.bytes.get(start..)?;
        let more = usize::try_from(u32_at(rest, 12)?).ok()?;
        rest.get(..more.checked_add(1)?.checked_mul(self.size)?)
    }
}

/// What the bytes of a page hold; the page of a small bucket lies in the bucket's value.
pub(crate) fn read(page: &[u8]) -> Result<Page<'_>, &'static str> {
    let flags = u16_at(page, 8).ok_or("it ends within its header")?;
    let count = u16_at(page, 10).ok_or("it ends within its header")?;
    let elements = (0..usize::from(count)).map(|index| {
        let start = index.checked_mul(ELEMENT)?.checked_add(HEADER)?;
        page.get(start..)
    });
    match flags {
        BRANCH => {
            let child = |element: Option<&[u8]>| u64_at(element?, 8);
            let children: Option<Vec<u64>> = elements.map(child).collect();
            children.map(Page::Branch).ok_or("it ends within its elements")
        }
        LEAF => {
            let elements: Option<Vec<Element<'_>>> =
                elements.map(|element| leaf_element(element?)).collect();
            elements.map(Page::Leaf).ok_or("it ends within its elements")
        }
        _ => Err("it is neither a branch nor a leaf"),
    }
}

/// An element of a leaf; its position counts from the element's own.
fn leaf_element(element: &[u8]) -> Option<Element<'_>> {
    let number = |at| usize::try_from(u32_at(element, at)?).ok();
    let (position, key_size, value_size) = (number(4)?, number(8)?, number(12)?);
    let (key, rest) = element.get(position..)?.split_at_checked(key_size)?;
    let is_bucket = u32_at(element, 0)? & BUCKET != 0;
    Some(Element { is_bucket, key, value: rest.get(..value_size)? })
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
