//! A set of texts in memory of a fixed size, however many they are. It may take a stranger for a member, the more often the
//! fuller it is, but never a member for a stranger.

use std::{collections::hash_map::RandomState, hash::BuildHasher};

/// Bits of the set, 1 MiB: one stranger of 200,000 is taken for a member among 100,000 texts, one of fifty among a million.
const BITS: u64 = 1 << 23;

/// Bits that stand for one text.
const PLACES: u64 = 4;

/// The set; empty it takes no memory.
#[derive(Debug, Default)]
pub(super) struct Sieve {
    words: Vec<u64>,
    hasher: RandomState,
}

impl Sieve {
    /// Adds texts.
    pub(super) fn add<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        for text in texts {
            if self.words.is_empty() {
                self.words = vec![0; usize::try_from(BITS / 64).unwrap_or_default()];
            }
            for (word, bit) in self.places(text) {
                if let Some(word) = self.words.get_mut(word) {
                    *word |= bit;
                }
            }
        }
    }

    /// Whether a text may have been added.
    pub(super) fn may_hold(&self, text: &str) -> bool {
        self.places(text).all(|(word, bit)| self.words.get(word).is_some_and(|word| word & bit != 0))
    }

    /// The words and bits of a text, from the two halves of its hash.
    fn places(&self, text: &str) -> impl Iterator<Item = (usize, u64)> + use<> {
        let hash = self.hasher.hash_one(text);
        let (first, step) = (hash >> 32, hash & u64::from(u32::MAX));
        (0..PLACES).map(move |turn| {
            let place = first.wrapping_add(turn * step) % BITS;
            (usize::try_from(place / 64).unwrap_or(usize::MAX), 1 << (place % 64))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_forgets_nothing_and_takes_few_strangers_for_members() {
        let text = |i: u32| format!("BB-{i}");
        let mut sieve = Sieve::default();
        assert!(!sieve.may_hold(&text(0)));

        let members: Vec<String> = (0..100_000).map(text).collect();
        sieve.add(members.iter().map(String::as_str));

        assert!(members.iter().all(|member| sieve.may_hold(member)));
        let strangers = (100_000..200_000).filter(|i| sieve.may_hold(&text(*i))).count();
        assert!(strangers < 50, "{strangers} strangers");
    }
}
