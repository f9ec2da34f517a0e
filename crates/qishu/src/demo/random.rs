//! A small generator of numbers that gives the same sequence everywhere, forever.
//!
//! SplitMix64. Each area of the demonstration draws from a stream of its own,
//! so that a change in one area leaves the others as they were.

/// The seed of the whole demonstration.
const SEED: u64 = 0x2021_0811_0082_4202;

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(super) struct Rng(u64);

impl Rng {
    /// The stream of the area called `name`.
    pub(super) fn new(name: &str) -> Self {
        let mut state = SEED;
        for byte in name.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
        Self(state)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included; `low` when they are the wrong way round.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.saturating_sub(low).max(0).unsigned_abs() + 1;
        low + (self.next() % span) as i64
    }

    /// An index below `len`; 0 when there is none.
    pub(super) fn index(&mut self, len: usize) -> usize {
        (self.next() % len.max(1) as u64) as usize
    }

    /// True in `percent` of a hundred cases.
    pub(super) fn chance(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of `items`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// An index drawn by weight.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = i64> + Clone) -> usize {
        let total: i64 = weights.clone().sum();
        let mut at = self.between(0, total - 1);
        for (i, weight) in weights.enumerate() {
            if at < weight {
                return i;
            }
            at -= weight;
        }
        0
    }

    /// Puts `items` in a random order.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.index(i + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_never_changes() {
        let draw = |name: &str| {
            let mut rng = Rng::new(name);
            (0..3).map(|_| rng.between(0, 999)).collect::<Vec<_>>()
        };
        assert_eq!(draw("finance"), draw("finance"));
        assert_ne!(draw("finance"), draw("funds"));
    }

    #[test]
    fn shuffling_loses_nothing() {
        let mut items: Vec<i32> = (0..50).collect();
        Rng::new("x").shuffle(&mut items);
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
