//! Where a list goes on: a text that a client gives back as it came.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use taskway_cloud::dynamo::{Partition, Place};
use taskway_protocol::{Digest, TaskKey, Time};

/// The form that this code writes and reads.
const VERSION: u32 = 1;

/// No cursor is as long.
const LONGEST: usize = 512;

/// A place in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Position {
    /// The partition.
    pub(super) partition: Partition,
    /// The place in it.
    pub(super) place: Place,
}

/// What has been looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    /// Everything up to a place in the list.
    UpTo(Position),
    /// As many of the ids that were given.
    Ids(u32),
}

/// A cursor as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Cursor {
    /// Of the list that it belongs to: another list goes on elsewhere.
    pub(crate) list: Digest,
    /// Behind what the list goes on.
    pub(crate) seen: Seen,
}

/// What the text says: `t q s k` of a place, or `i` of ids. Short names, for it goes into URLs.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    v: u32,
    l: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    t: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    q: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    s: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<u32>,
}

impl Cursor {
    /// The text.
    pub(crate) fn text(&self) -> String {
        let written = Written { v: VERSION, l: self.list.to_string(), ..Written::default() };
        let written = match &self.seen {
            Seen::UpTo(Position { partition, place }) => Written {
                t: Some(place.at.as_millis()),
                q: Some(partition.queue.to_string()),
                s: Some(partition.shard),
                k: Some(place.key.to_string()),
                ..written
            },
            Seen::Ids(count) => Written { i: Some(*count), ..written },
        };
        // Text and numbers: there is nothing that serde_json could refuse.
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&written).unwrap_or_default())
    }

    /// The cursor of a text, or nothing where it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let written: Written = serde_json::from_slice(&bytes).ok()?;
        let seen = match (written.t, written.q, written.s, written.k, written.i) {
            (Some(t), Some(q), Some(s), Some(k), None) if taskway_strict::words::is_name(&q) && t <= LATEST => {
                Seen::UpTo(Position {
                    partition: Partition { queue: q.into(), shard: s },
                    place: Place { at: Time::from_millis(t), key: TaskKey::parse(&k)? },
                })
            }
            (None, None, None, None, Some(count)) => Seen::Ids(count),
            _ => return None,
        };
        (written.v == VERSION).then_some(Cursor { list: Digest::parse(&written.l)?, seen })
    }
}

/// Times have 14 digits in the table's keys.
const LATEST: u64 = 99_999_999_999_999;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn cursor() -> impl Strategy<Value = Cursor> {
        let name = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}";
        let up_to = (0..=LATEST, name, any::<u16>(), any::<[u8; 16]>()).prop_map(|(at, queue, shard, key)| {
            let place = Place { at: Time::from_millis(at), key: TaskKey::from_bytes(key) };
            Seen::UpTo(Position { partition: Partition { queue: queue.into(), shard }, place })
        });
        let seen = prop_oneof![up_to, any::<u32>().prop_map(Seen::Ids)];
        (any::<[u8; 16]>(), seen).prop_map(|(list, seen)| Cursor { list: Digest::from_bytes(list), seen })
    }

    proptest! {
        #[test]
        fn a_cursor_is_read_back_as_it_was_written(cursor in cursor()) {
            let text = cursor.text();
            prop_assert!(text.len() <= LONGEST, "{}", text.len());
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            prop_assert_eq!(Cursor::parse(&text), Some(cursor));
        }

        #[test]
        fn garbage_is_no_cursor(text in "\\PC{0,300}", mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(Cursor::parse(&text), None);
            prop_assert_eq!(Cursor::parse(&URL_SAFE_NO_PAD.encode(&bytes)), None);
            bytes.splice(0..0, *b"{\"v\":1,");
            prop_assert_eq!(Cursor::parse(&URL_SAFE_NO_PAD.encode(&bytes)), None);
        }

        #[test]
        fn a_cursor_that_was_cut_is_none(cursor in cursor(), cut in 1_usize..100) {
            let text = cursor.text();
            prop_assert_eq!(Cursor::parse(&text[..text.len() - cut.min(text.len())]), None);
        }
    }

    #[test]
    fn each_part_is_judged() {
        let list = Digest::from_bytes([1; 16]);
        let key = TaskKey::from_bytes([2; 16]);
        let good = format!(r#"{{"v":1,"l":"{list}","t":5,"q":"a","s":3,"k":"{key}"}}"#);
        let parsed = |text: &str| Cursor::parse(&URL_SAFE_NO_PAD.encode(text)).is_some();
        assert!(parsed(&good));
        for (part, by) in [
            (r#""v":1"#, r#""v":2"#),
            (r#""t":5"#, r#""t":-5"#),
            (r#""t":5"#, r#""t":100000000000000"#),
            (r#""q":"a""#, r##""q":"#queues""##),
            (r#""q":"a""#, r#""q":"""#),
            (r#""s":3"#, r#""s":65536"#),
            (r#""s":3"#, r#""s":3,"x":1"#),
            (&format!(r#""k":"{key}""#), r#""k":"AAAA""#),
            (&format!(r#""l":"{list}""#), r#""l":"""#),
        ] {
            assert!(!parsed(&good.replace(part, by)), "{by}");
        }
    }
}
