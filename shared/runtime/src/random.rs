//! The source of randomness. Ids, nonces and jitter are drawn from a [`Random`], so a test can fix them.

use std::sync::atomic::{AtomicU64, Ordering};

/// A source of random numbers.
pub trait Random: Send + Sync + 'static {
    /// 64 random bits.
    fn bits(&self) -> u64;

    /// 128 random bits.
    fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.bits().to_ne_bytes());
        bytes[8..].copy_from_slice(&self.bits().to_ne_bytes());
        bytes
    }

    /// A number from 0, included, to 1, excluded.
    fn fraction(&self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The operating system's randomness. Nobody can guess an id drawn from it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn bits(&self) -> u64 {
        // Without randomness no id is safe to give out. The kernel never refuses after it has started.
        #[allow(clippy::expect_used)]
        getrandom::u64().expect("the operating system gives random numbers")
    }
}

/// Randomness for tests: SplitMix64, which draws the same numbers from the same seed.
#[derive(Debug)]
pub struct SeededRandom(AtomicU64);

impl SeededRandom {
    /// A source that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        SeededRandom(AtomicU64::new(seed))
    }
}

impl Random for SeededRandom {
    fn bits(&self) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed).wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
