//! Sets of small numbers.

/// A set of indices below a length that all sets of one use share.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Bits {
    words: Vec<u64>,
}

impl Bits {
    /// Nothing, with room for indices below the length.
    pub(crate) fn none(length: usize) -> Self {
        Self { words: vec![0; length.div_ceil(64)] }
    }

    /// The indices for which it holds.
    pub(crate) fn of(length: usize, members: impl IntoIterator<Item = usize>) -> Self {
        let mut bits = Self::none(length);
        for member in members {
            bits.insert(member);
        }
        bits
    }

    /// Puts an index in; one beyond the length is left out.
    pub(crate) fn insert(&mut self, index: usize) {
        if let Some(word) = self.words.get_mut(index / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Whether the index is in it.
    pub(crate) fn contains(&self, index: usize) -> bool {
        self.words.get(index / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// Whether it holds nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// What both hold.
    #[must_use]
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        self.with(other, |a, b| a & b)
    }

    /// What either holds.
    #[must_use]
    pub(crate) fn union(&self, other: &Self) -> Self {
        self.with(other, |a, b| a | b)
    }

    /// What this holds and the other does not.
    #[must_use]
    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.with(other, |a, b| a & !b)
    }

    /// The indices, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < u64::BITS).then(|| index.saturating_mul(64).saturating_add(bit as usize))
            })
        })
    }

    fn with(&self, other: &Self, operation: impl Fn(u64, u64) -> u64) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(a, b)| operation(*a, *b));
        Self { words: words.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets() {
        let a = Bits::of(130, [0, 63, 64, 129, 400]);
        let b = Bits::of(130, [63, 100]);
        let list = |bits: Bits| bits.iter().collect::<Vec<_>>();
        assert_eq!(list(a.clone()), [0, 63, 64, 129]);
        assert_eq!(list(a.union(&b)), [0, 63, 64, 100, 129]);
        assert_eq!(list(a.intersection(&b)), [63]);
        assert_eq!(list(a.minus(&b)), [0, 64, 129]);
        assert!(a.contains(129) && !a.contains(100) && !a.contains(4000));
        assert!(b.minus(&b).is_empty() && !b.is_empty());
    }
}
