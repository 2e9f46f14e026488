//! The names and counters that tell tasks, lives, messages and claims apart.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use sha2::{Digest as _, Sha256};

use crate::Time;

/// A task's key in the table: 128 bits, drawn at random or hashed from an idempotency key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskKey([u8; 16]);

impl TaskKey {
    /// The key of these 128 bits.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        TaskKey(bytes)
    }

    /// The key that [`Display`](fmt::Display) printed, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(TaskKey)
    }

    /// A number from 0 to `shards` − 1 that spreads keys evenly.
    pub fn shard(&self, shards: u16) -> u16 {
        u16::from_be_bytes([self.0[14], self.0[15]]) % shards.max(1)
    }
}

impl fmt::Display for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskKey({self})")
    }
}

/// A task's public id: its key and when it was born. A later life of the same idempotency key has the same key,
/// another birth, and so another id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskId {
    /// Where the record is kept.
    pub key: TaskKey,
    /// When this life was submitted, to the millisecond.
    pub born: Time,
}

impl TaskId {
    /// `t`, so that an id never begins with a dash, then 22 bytes in base64url.
    const PREFIX: char = 't';

    /// The id that [`Display`](fmt::Display) printed, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(Self::PREFIX)?).ok()?;
        let (key, born) = bytes.split_first_chunk::<16>()?;
        let born: [u8; 6] = born.try_into().ok()?;
        let mut ms = [0; 8];
        ms[2..].copy_from_slice(&born);
        Some(TaskId { key: TaskKey(*key), born: Time::from_millis(u64::from_be_bytes(ms)) })
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 22];
        bytes[..16].copy_from_slice(&self.key.0);
        // 48 bits of milliseconds last until the year 10889.
        bytes[16..].copy_from_slice(&self.born.as_millis().to_be_bytes()[2..]);
        write!(f, "{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({self})")
    }
}

/// The first 128 bits of a SHA-256: names content that is kept in an item of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 16]);

impl Digest {
    /// The digest of these 128 bits.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Digest(bytes)
    }

    /// The digest of a text.
    pub fn of(text: &[u8]) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha256::digest(text)[..16]);
        Digest(short)
    }

    /// The digest that [`Display`](fmt::Display) printed, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Digest)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// Who made a claim or a first put: drawn at random for each, so that a writer whose answer was lost knows its own
/// write when it meets it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Nonce(pub u64);

/// How often the task entered the agenda. A message whose generation is behind its record's is stale.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Generation(pub u32);

impl Generation {
    /// Of a task just submitted.
    pub const FIRST: Generation = Generation(1);

    /// The one after this.
    pub const fn next(self) -> Self {
        Generation(self.0.saturating_add(1))
    }
}

/// How often the task was claimed, over its whole life. Every write of an attempt is conditional on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fence(pub u32);

impl Fence {
    /// Of a task that nobody has claimed yet.
    pub const NONE: Fence = Fence(0);

    /// The one after this.
    pub const fn next(self) -> Self {
        Fence(self.0.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_id_is_read_back_as_it_was_printed() {
        let id = TaskId { key: TaskKey::from_bytes([0xfb; 16]), born: Time::from_millis(1_764_000_000_123) };
        let text = id.to_string();
        assert_eq!(text.len(), 31);
        assert_eq!(TaskId::parse(&text).unwrap(), id);
    }

    #[test]
    fn what_is_not_an_id_is_none() {
        for text in ["", "t", "x", "nope", "t!!!!", "tAAAA", &"t".repeat(31), &"tA".repeat(40), "t\u{0}"] {
            assert_eq!(TaskId::parse(text).map(|id| id.to_string()).filter(|printed| printed != text), None, "{text}");
        }
        // The last character carries two unused bits; another spelling of the same bits is not the same id.
        assert_eq!(TaskId::parse(&format!("t{}B", "A".repeat(29))), None);
    }
}
