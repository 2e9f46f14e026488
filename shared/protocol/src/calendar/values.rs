//! The seconds, minutes or hours that a field names.

use croner::CronComponent;

/// A set of numbers from 0 to 59, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Values(u64);

impl Values {
    /// The numbers that `field` names.
    pub(super) fn of(field: &CronComponent) -> Self {
        Values(field.values().into_iter().filter(|value| *value < 60).fold(0, |bits, value| bits | 1 << value))
    }

    /// Whether `n` is in the set.
    pub(super) fn contains(self, n: u32) -> bool {
        self.from(n) == Some(n)
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
