//! Where a list goes on: a text that a client gives back as it came.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use taskway_cloud::dynamo::{Partition, Place};
use taskway_protocol::{Digest, TaskKey, Time};

use super::stretch::Stretch;

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
    /// Everything up to a place in the list; of a list of all queues with the stretch of queues that it is in.
    UpTo(Position, Option<Stretch>),
    /// Everything in the queues that were noted at this time or later.
    Queues(Time),
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

/// What the text says: `t q s k` of a place, with `n o` of its stretch of queues; `o` alone of the queues that are done; or
/// `i` of ids. Short names, for it goes into URLs.
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
    n: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    o: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    i: Option<u32>,
}

impl Cursor {
    /// The text.
    pub(crate) fn text(&self) -> String {
        let written = Written { v: VERSION, l: self.list.to_string(), ..Written::default() };
        let written = match &self.seen {
            Seen::UpTo(Position { partition, place }, stretch) => Written {
                t: Some(place.at.as_millis()),
                q: Some(partition.queue.to_string()),
                s: Some(partition.shard),
                k: Some(place.key.to_string()),
                n: stretch.map(|stretch| stretch.newest.as_millis()),
                o: stretch.map(|stretch| stretch.oldest.as_millis()),
                ..written
            },
            Seen::Queues(down_to) => Written { o: Some(down_to.as_millis()), ..written },
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
        if [written.t, written.n, written.o].iter().flatten().any(|time| *time > LATEST) {
            return None;
        }
        let stretch = match (written.n, written.o) {
            (None, None) => None,
            (Some(newest), Some(oldest)) if oldest <= newest => {
                Some(Stretch { newest: Time::from_millis(newest), oldest: Time::from_millis(oldest) })
            }
            (None, Some(down_to)) if written.t.is_none() && written.i.is_none() => {
                let empty = written.q.is_none() && written.s.is_none() && written.k.is_none();
                let cursor =
                    Cursor { list: Digest::parse(&written.l)?, seen: Seen::Queues(Time::from_millis(down_to)) };
                return (empty && written.v == VERSION).then_some(cursor);
            }
            _ => return None,
        };
        let seen = match (written.t, written.q, written.s, written.k, written.i) {
            (Some(t), Some(q), Some(s), Some(k), None) if taskway_strict::words::is_name(&q) => {
                let partition = Partition { queue: q.into(), shard: s };
                let place = Place { at: Time::from_millis(t), key: TaskKey::parse(&k)? };
                Seen::UpTo(Position { partition, place }, stretch)
            }
            (None, None, None, None, Some(count)) if stretch.is_none() => Seen::Ids(count),
            _ => return None,
        };
        (written.v == VERSION).then_some(Cursor { list: Digest::parse(&written.l)?, seen })
    }
}

/// Times have 14 digits in the table's keys.
pub(super) const LATEST: u64 = 99_999_999_999_999;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn cursor() -> impl Strategy<Value = Cursor> {
        let name = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}";
        let times = || (0..=LATEST).prop_map(Time::from_millis);
        let stretch = (times(), times()).prop_map(|(a, b)| Stretch { newest: a.max(b), oldest: a.min(b) });
        let place = (times(), name, any::<u16>(), any::<[u8; 16]>());
        let up_to = (place, proptest::option::of(stretch)).prop_map(|((at, queue, shard, key), stretch)| {
            let place = Place { at, key: TaskKey::from_bytes(key) };
            Seen::UpTo(Position { partition: Partition { queue: queue.into(), shard }, place }, stretch)
        });
        let seen = prop_oneof![up_to, times().prop_map(Seen::Queues), any::<u32>().prop_map(Seen::Ids)];
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
        assert!(parsed(&good.replace(r#""s":3"#, r#""s":3,"n":9,"o":4"#)));
        assert!(parsed(&format!(r#"{{"v":1,"l":"{list}","o":4}}"#)));
        assert!(!parsed(&format!(r#"{{"v":1,"l":"{list}","o":4,"k":"{key}"}}"#)));
        assert!(!parsed(&format!(r#"{{"v":1,"l":"{list}","o":4,"i":4}}"#)));
        assert!(!parsed(&format!(r#"{{"v":2,"l":"{list}","o":4}}"#)));
        for (part, by) in [
            (r#""v":1"#, r#""v":2"#),
            (r#""t":5"#, r#""t":-5"#),
            (r#""t":5"#, r#""t":100000000000000"#),
            (r#""q":"a""#, r##""q":"#queues""##),
            (r#""q":"a""#, r#""q":"""#),
            (r#""s":3"#, r#""s":65536"#),
            (r#""s":3"#, r#""s":3,"x":1"#),
            (r#""s":3"#, r#""s":3,"n":9"#),
            (r#""s":3"#, r#""s":3,"o":9"#),
            (r#""s":3"#, r#""s":3,"n":4,"o":9"#),
            (r#""s":3"#, r#""s":3,"n":100000000000000,"o":9"#),
            (&format!(r#""k":"{key}""#), r#""k":"AAAA""#),
            (&format!(r#""l":"{list}""#), r#""l":"""#),
        ] {
            assert!(!parsed(&good.replace(part, by)), "{by}");
        }
    }
}
