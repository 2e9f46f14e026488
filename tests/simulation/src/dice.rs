//! Random draws from one seed.

use std::time::Duration;

use taskway_runtime::random::{Random, SeededRandom};

/// A sequence of draws.
#[derive(Debug)]
pub struct Dice(SeededRandom);

impl Dice {
    /// Starts the sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Dice(SeededRandom::new(seed))
    }

    /// A seed for an independent sequence, whose draws do not depend on how often others draw.
    pub fn seed(&self) -> u64 {
        self.0.bits()
    }

    /// A number from 0 to `end` − 1.
    pub fn below(&self, end: usize) -> usize {
        ((u128::from(self.0.bits()) * end.max(1) as u128) >> 64) as usize
    }

    /// True in `per_mille` of a thousand cases.
    pub fn chance(&self, per_mille: u32) -> bool {
        self.below(1000) < per_mille as usize
    }

    /// One of these.
    pub fn pick<T: Copy>(&self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Milliseconds from `least` to `most`.
    pub fn millis(&self, least: u64, most: u64) -> Duration {
        Duration::from_millis(least + self.below((most - least + 1) as usize) as u64)
    }

    /// A pause between two steps of a script: mostly short, sometimes long.
    pub fn span(&self) -> Duration {
        match self.below(100) {
            0..40 => self.millis(0, 50),
            40..75 => self.millis(50, 2_000),
            75..90 => self.millis(2_000, 30_000),
            90..98 => self.millis(30_000, 120_000),
            _ => self.millis(120_000, 1_500_000),
        }
    }
}
