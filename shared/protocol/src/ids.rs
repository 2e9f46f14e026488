//! The ids and counters that distinguish tasks, lives, messages and claims.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::Time;

/// A task's key in the table: 128 bits, either random or the hash of an idempotency key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskKey([u8; 16]);

impl TaskKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        TaskKey(bytes)
    }

    /// Reads what [`Display`](fmt::Display) printed: 22 characters of base64url.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(TaskKey)
    }

    /// The shard of this key: a number from 0 to `shards` − 1. Keys spread evenly over the shards.
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

/// A task's public id: its key and its birth. If a client reuses an idempotency key after the record is gone, the new
/// life has the same key and another birth, and so another id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId {
    /// The key of the record in the table.
    pub key: TaskKey,
    /// When this life of the task was submitted.
    pub born: Time,
}

impl TaskId {
    /// An id is this letter and 22 bytes in base64url. Without the letter, an id could begin with a dash.
    const PREFIX: char = 't';

    /// Reads what [`Display`](fmt::Display) printed: 31 characters.
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
        // The lower 48 bits suffice for milliseconds until the year 10889.
        bytes[16..].copy_from_slice(&self.born.as_millis().to_be_bytes()[2..]);
        write!(f, "{}{}", Self::PREFIX, URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl fmt::Debug for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskId({self})")
    }
}

/// The first 128 bits of a SHA-256. It names a text that is stored in a separate item.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 16]);

impl Digest {
    /// The digest with these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Digest(bytes)
    }

    /// The digest of a text.
    pub fn of(text: &[u8]) -> Self {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha256::digest(text)[..16]);
        Digest(short)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads what [`Display`](fmt::Display) printed: 22 characters of base64url.
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

/// Identifies one claim or one first put; random for each. If a writer did not get the answer to its write, the nonce
/// in the record shows whether the write was its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Nonce(pub u64);

/// Starts at 1, and rises each time a step puts the task into the agenda as due. A message is stale if its generation
/// is behind the record's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Generation(pub u32);

impl Generation {
    /// The generation of a task that was just submitted.
    pub const FIRST: Generation = Generation(1);

    /// The next value.
    pub const fn next(self) -> Self {
        Generation(self.0.saturating_add(1))
    }
}

/// Counts the claims of a task over its whole life. Every write of an attempt is conditional on it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Fence(pub u32);

impl Fence {
    /// The fence of a task that no executor has claimed.
    pub const NONE: Fence = Fence(0);

    /// The next value.
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
    fn a_text_that_is_not_an_id_is_refused() {
        for text in ["", "t", "x", "nope", "t!!!!", "tAAAA", &"t".repeat(31), &"tA".repeat(40), "t\u{0}"] {
            assert_eq!(TaskId::parse(text).map(|id| id.to_string()).filter(|printed| printed != text), None, "{text}");
        }
        // The last character has two unused bits. If one of them is set, the text is not an id.
        assert_eq!(TaskId::parse(&format!("t{}B", "A".repeat(29))), None);
    }
}
