//! Ids without a random source: a counter, mixed with a seed.

use std::fmt;

use serde::{Serialize, Serializer};

/// A message's id. It stays the same in a dead-letter queue. Displayed as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId([u8; 16]);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = u128::from_be_bytes(self.0);
        let (a, b, c) = ((word >> 96) as u32, (word >> 80) as u16, (word >> 64) as u16);
        let (d, e) = ((word >> 48) as u16, word as u64 & 0xffff_ffff_ffff);
        write!(f, "{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}")
    }
}

impl fmt::Debug for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for MessageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Gives out a new id at every call.
#[derive(Debug)]
pub(super) struct Ids {
    seed: u64,
    count: u64,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Ids { seed, count: 0 }
    }

    pub(super) fn next_word(&mut self) -> u64 {
        self.count += 1;
        scatter(self.seed ^ scatter(self.count))
    }

    pub(super) fn next_message_id(&mut self) -> MessageId {
        // Sets the version and variant bits of a random UUID, because some clients parse the id as one.
        let high = self.next_word() & !0xf000 | 0x4000;
        let low = self.next_word() & !(0b11 << 62) | 0b10 << 62;
        MessageId((u128::from(high) << 64 | u128::from(low)).to_be_bytes())
    }
}

/// The finaliser of SplitMix64. It is a bijection: different counters give different words.
pub(super) fn scatter(word: u64) -> u64 {
    let word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
