//! The numbers that a field names.

/// A set of numbers from 0 to 59, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Values(u64);

impl Values {
    /// Adds `n`, which is at most 59.
    pub(super) fn add(&mut self, n: u32) {
        self.0 |= 1 << n;
    }

    /// Adds all numbers of another set.
    pub(super) fn add_all(&mut self, other: Values) {
        self.0 |= other.0;
    }

    /// Whether `n` is in the set. `n` is at most 60.
    pub(super) fn contains(self, n: u32) -> bool {
        self.from(n) == Some(n)
    }

    /// Whether the set has no numbers.
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many numbers the set has.
    pub(super) fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// The numbers, in order.
    pub(super) fn iter(self) -> impl Iterator<Item = u32> + Clone {
        (0..60).filter(move |n| self.0 >> n & 1 == 1)
    }

    /// The lowest number in the set that is at least `n`. `n` is at most 60.
    pub(super) fn from(self, n: u32) -> Option<u32> {
        let rest = self.0 >> n;
        (rest != 0).then(|| n + rest.trailing_zeros())
    }

    /// The highest number in the set that is less than `n`. `n` is at most 60.
    pub(super) fn below(self, n: u32) -> Option<u32> {
        (self.0 & ((1 << n) - 1)).checked_ilog2()
    }
}

impl FromIterator<u32> for Values {
    fn from_iter<I: IntoIterator<Item = u32>>(numbers: I) -> Self {
        let mut values = Values::default();
        numbers.into_iter().for_each(|n| values.add(n));
        values
    }
}
