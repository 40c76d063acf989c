//! Sets of conditions, by their numbers among those of a kind of event.

use super::program::index;

/// A set of conditions: a bit for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Conditions {
    words: Vec<u64>,
}

impl Conditions {
    /// How many words so many conditions take.
    pub(crate) fn width(count: usize) -> usize {
        count.div_ceil(WORD)
    }

    /// Becomes the empty set of so many words.
    pub(crate) fn clear(&mut self, width: usize) {
        self.words.clear();
        self.words.resize(width, 0);
    }

    pub(crate) fn insert(&mut self, number: u32) {
        let (word, bit) = place(number);
        if self.words.len() <= word {
            self.words.resize(word.saturating_add(1), 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= bit;
        }
    }

    pub(crate) fn contains(&self, number: u32) -> bool {
        let (word, bit) = place(number);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Whether some condition is in both.
    pub(crate) fn meets(&self, other: &Self) -> bool {
        self.words.iter().zip(&other.words).any(|(one, other)| one & other != 0)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Leaves only what is in both.
    pub(crate) fn keep(&mut self, words: &[u64]) {
        for (one, other) in
            self.words.iter_mut().zip(words.iter().copied().chain(std::iter::repeat(0)))
        {
            *one &= other;
        }
    }

    /// Becomes another set.
    pub(crate) fn copy(&mut self, other: &Self) {
        self.words.clone_from(&other.words);
    }

    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The numbers, in their order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0_u32..).step_by(WORD).zip(&self.words).flat_map(|(start, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < u64::BITS).then(|| start.saturating_add(bit))
            })
        })
    }
}

impl FromIterator<u32> for Conditions {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut set = Self::default();
        numbers.into_iter().for_each(|number| set.insert(number));
        set
    }
}

/// Bits of a word.
const WORD: usize = 64;

fn place(number: u32) -> (usize, u64) {
    (index(number / u64::BITS), 1 << (number % u64::BITS))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sets_are_those_of_the_numbers(
            one in prop::collection::btree_set(0..300_u32, 0..40),
            other in prop::collection::btree_set(0..300_u32, 0..40),
        ) {
            let [mut left, right]: [Conditions; 2] =
                [&one, &other].map(|numbers| numbers.iter().copied().collect());
            prop_assert_eq!(left.iter().collect::<BTreeSet<_>>(), one.clone());
            prop_assert!((0..300).all(|number| left.contains(number) == one.contains(&number)));
            let both: BTreeSet<u32> = one.intersection(&other).copied().collect();
            prop_assert_eq!(left.meets(&right), !both.is_empty());
            left.keep(right.words());
            prop_assert_eq!(left.is_empty(), both.is_empty());
            prop_assert_eq!(left.iter().collect::<BTreeSet<_>>(), both);
        }
    }
}
