//! Draws that depend on nothing but a seed, a stream and an index: any record can be made without those before it.

/// A source of draws for one thing.
#[derive(Clone, Debug)]
pub struct Draw(u64);

/// `SplitMix64` (Steele, Lea, Flood 2014): every input bit moves every output bit.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Draw {
    /// The source for the thing of that index in that stream.
    pub fn new(seed: u64, stream: &str, index: u64) -> Self {
        let stream = stream
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        Self(mix(mix(seed) ^ stream) ^ mix(index))
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from `least` to `most`, both included; `least` if they are the wrong way round.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let width = most.saturating_sub(least).max(0).unsigned_abs().saturating_add(1);
        least.saturating_add_unsigned(self.bits() % width)
    }

    /// Whether a thing of that many percent happens.
    pub fn percent(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// One of the things; none of an empty list.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(things.len()).unwrap_or(i64::MAX) - 1;
        things.get(usize::try_from(self.between(0, last)).unwrap_or_default())
    }
}

/// The index at another place of the first `modulus` numbers: no two indexes meet, so that numbers which look random
/// stay unique. `modulus` is a power of ten.
pub fn scatter(index: u64, modulus: u64) -> u64 {
    // A multiplier without the factors 2 and 5 has an inverse modulo every power of ten.
    (index % modulus * 611_953 + 104_729) % modulus
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn draws_repeat_for_the_same_index_and_differ_for_another() {
        let of = |seed, index| Draw::new(seed, "x", index).bits();
        assert_eq!(of(1, 2), of(1, 2));
        assert_eq!([of(1, 2), of(1, 3), of(2, 2)].into_iter().collect::<HashSet<_>>().len(), 3);
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut draw = Draw::new(7, "bounds", 0);
        let drawn: HashSet<_> = (0..1_000).map(|_| draw.between(-2, 2)).collect();
        assert_eq!(drawn, (-2..=2).collect());
    }

    #[test]
    fn scattered_numbers_do_not_meet() {
        let scattered: HashSet<_> = (0..100_000).map(|index| scatter(index, 100_000)).collect();
        assert_eq!(scattered.len(), 100_000);
    }
}
