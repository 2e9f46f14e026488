//! Payloads and results that are too large for the table. They are objects of a bucket.

use std::fmt;

use serde::{Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use crate::TaskId;

/// The largest object, in bytes: 100 MiB.
pub const LARGEST_OBJECT: u64 = 100 * 1024 * 1024;

/// What the keys of objects begin with that belong to tasks. Behind it comes the task's id.
pub const OBJECTS_OF_TASKS: &str = "tasks/";

/// What the keys of objects begin with that clients have uploaded, and that no task may have yet.
pub const UPLOADS: &str = "uploads/";

/// The bytes of a payload or a result in the bucket, by their digest and length. As a text it is a `payload_ref`:
/// 64 hexadecimal digits of the SHA-256, a dash, and the length.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Object {
    /// The SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub bytes: u64,
}

impl Object {
    /// The object with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Object { sha256: Sha256::digest(bytes).into(), bytes: bytes.len() as u64 }
    }

    /// Reads what [`Display`](fmt::Display) printed.
    pub fn parse(text: &str) -> Option<Self> {
        let (digest, bytes) = text.split_once('-')?;
        let (sha256, count) = (parse_sha256(digest)?, bytes.parse().ok()?);
        // One text for each object: no sign and no leading zero.
        Some(Object { sha256, bytes: count }).filter(|_| count.to_string() == bytes)
    }

    /// Its key in the bucket, if it belongs to this task. No other task has the same key, so a task's objects can be removed
    /// when its record is gone.
    pub fn key_of(&self, task: TaskId) -> String {
        format!("{OBJECTS_OF_TASKS}{task}/{}", self.sha256_hex())
    }

    /// Its key in the bucket while it is an upload of this client. A client finds its own uploads only.
    pub fn key_of_upload(&self, client: &str) -> String {
        let client = Object::of(client.as_bytes()).sha256_hex();
        format!("{UPLOADS}{}/{self}", &client[..32])
    }

    /// The digest in hexadecimal digits.
    pub fn sha256_hex(&self) -> String {
        self.sha256.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.sha256_hex(), self.bytes)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// The task to which the object with this key belongs.
pub fn task_of_object(key: &str) -> Option<TaskId> {
    let (id, _) = key.strip_prefix(OBJECTS_OF_TASKS)?.split_once('/')?;
    TaskId::parse(id)
}

/// Reads a SHA-256 of 64 lower-case hexadecimal digits.
pub fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let digits = text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !digits {
        return None;
    }
    let mut sha256 = [0; 32];
    for (byte, at) in sha256.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(sha256)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{TaskKey, Time};

    #[test]
    fn an_object_is_read_back_as_it_was_printed() {
        let object = Object::of(b"hello");
        let text = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824-5";
        assert_eq!((object.to_string().as_str(), Object::parse(text)), (text, Some(object)));
        let digest = &text[..64];
        for wrong in ["", "-", digest, &digest.to_uppercase(), "x-5"] {
            assert_eq!(Object::parse(wrong), None, "{wrong}");
        }
        for wrong in ["05", "+5", "", "-5", "5 ", "18446744073709551616"] {
            assert_eq!(Object::parse(&format!("{digest}-{wrong}")), None, "{wrong}");
        }
    }

    #[test]
    fn the_key_of_an_object_tells_its_task() {
        let id = TaskId { key: TaskKey::from_bytes([7; 16]), born: Time::from_millis(1_764_000_000_123) };
        let key = Object::of(b"hello").key_of(id);
        assert_eq!(task_of_object(&key), Some(id));
        for other in [Object::of(b"hello").key_of_upload("ann").as_str(), "tasks/x/y", "tasks/", &key[6..]] {
            assert_eq!(task_of_object(other), None, "{other}");
        }
    }

    #[test]
    fn clients_have_keys_of_their_own() {
        let object = Object::of(b"hello");
        assert_eq!(object.key_of_upload("ann"), object.key_of_upload("ann"));
        assert_ne!(object.key_of_upload("ann"), object.key_of_upload("ben"));
    }
}
