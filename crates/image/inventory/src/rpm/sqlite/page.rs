//! Pages, and numbers of variable length in them (sections 1.3, 1.6).

use std::borrow::Cow;

use super::super::bytes::Order::Big;
use crate::reading::Fault;

/// A file that has pages of a database.
pub(super) trait Pages<'a> {
    fn geometry(&self) -> Geometry;

    /// The page of this number, counted from 1; none where the file does not have it.
    fn page(&self, number: u32) -> Result<Option<Cow<'a, [u8]>>, Fault>;

    /// Accounts for a row that is about to be read.
    fn claim(&mut self, length: u64) -> Result<(), Fault>;
}

/// How large pages are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Geometry {
    pub(super) page_size: u32,
    /// Bytes at the end of each page that belong to extensions.
    reserved: u8,
}

impl Geometry {
    /// From the header of a database; the largest size does not fit its field and is written as 1.
    pub(super) fn of_header(header: &[u8]) -> Option<Self> {
        let page_size = match Big.u16(header, 16)? {
            1 => 65536,
            size => u32::from(size),
        };
        Self::new(page_size, *header.get(20)?)
    }

    pub(super) fn new(page_size: u32, reserved: u8) -> Option<Self> {
        let fits = page_size.is_power_of_two() && (512..=65536).contains(&page_size);
        // "The usable size is not allowed to be less than 480."
        let usable = page_size.saturating_sub(reserved.into());
        (fits && usable >= 480).then_some(Self { page_size, reserved })
    }

    /// Bytes of a page that hold content.
    pub(super) fn usable(self) -> u32 {
        self.page_size.saturating_sub(self.reserved.into())
    }

    /// How many bytes of a row of this length stand in its leaf ("Cell Payload Overflow Pages").
    pub(super) fn local(self, length: u64) -> u32 {
        let usable = self.usable();
        let most = usable.saturating_sub(35);
        if length <= u64::from(most) {
            return u32::try_from(length).unwrap_or(most);
        }
        let least = (usable.saturating_sub(12).saturating_mul(32) / 255).saturating_sub(23);
        let chained = u64::from(usable.saturating_sub(4));
        let rest = length.saturating_sub(least.into()).checked_rem(chained).unwrap_or_default();
        let whole = least.saturating_add(u32::try_from(rest).unwrap_or_default());
        if whole <= most { whole } else { least }
    }
}

/// A number of 1 to 9 bytes, and what comes after it: 7 bits of each byte, of the ninth all 8.
pub(super) fn variable(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, &byte) in bytes.iter().take(9).enumerate() {
        let after = at.checked_add(1)?;
        if at == 8 {
            return Some(((value << 8) | u64::from(byte), bytes.get(after..)?));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(after..)?));
        }
    }
    None
}
