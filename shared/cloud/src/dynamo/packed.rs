//! Texts that the table holds packed, where that makes them smaller: raw deflate (RFC 1951) in a binary attribute. A text
//! attribute is as it is, so what was written before is still read.

use std::{cell::RefCell, io::Read};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use flate2::{Compress, Compression, FlushCompress, Status, read::DeflateDecoder};

use super::{record::s, room::WRITE_UNIT};

/// A shorter content stays readable: packing it gains few bytes.
const WORTH_PACKING: usize = 200;

/// A longer content is not kept in its record, however small it packs: every reader of the record unpacks it.
const LONGEST_IN_RECORD: usize = 4096;

/// Of a content in a record, packing must save one part in this many. Otherwise it stays readable.
const SAVES: usize = 8;

/// No text of the table is longer, in bytes. Attributes have up to 400 KB, and deflate makes JSON about ten times smaller.
const LONGEST: u64 = 64 << 20;

thread_local! {
    /// One for each thread, because making one allocates and clears some hundred kilobytes.
    static PACKER: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
}

/// The attribute of a content that stays in its task's record.
pub(super) fn in_record(text: &str) -> AttributeValue {
    let is_worth_it = (WORTH_PACKING..=LONGEST_IN_RECORD).contains(&text.len());
    let most = if is_worth_it { text.len() - text.len() / SAVES } else { 0 };
    attribute(text, most)
}

/// The attribute of a text that has an item of its own, in which all else has `others` bytes. It is packed if its write then
/// costs less.
pub(super) fn in_part(text: &str, others: usize) -> AttributeValue {
    let units_before_last = (others + text.len()).div_ceil(WRITE_UNIT).saturating_sub(1);
    attribute(text, (units_before_last * WRITE_UNIT).saturating_sub(others))
}

/// The text of an attribute. `None` if it has none.
pub(super) fn text(attribute: &AttributeValue) -> Option<String> {
    let AttributeValue::B(packed) = attribute else { return attribute.as_s().ok().cloned() };
    let mut text = String::new();
    DeflateDecoder::new(packed.as_ref()).take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text)
}

/// The text, packed if it then has at most so many bytes.
fn attribute(text: &str, most: usize) -> AttributeValue {
    packed(text.as_bytes(), most).map_or_else(|| s(text), |packed| AttributeValue::B(Blob::new(packed)))
}

fn packed(text: &[u8], most: usize) -> Option<Vec<u8>> {
    if most == 0 {
        return None;
    }
    PACKER.with_borrow_mut(|packer| {
        packer.reset();
        // It writes no more than there is room for.
        let mut packed = Vec::with_capacity(most);
        let status = packer.compress_vec(text, &mut packed, FlushCompress::Finish);
        (matches!(status, Ok(Status::StreamEnd)) && packed.len() <= most).then_some(packed)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_packed(attribute: &AttributeValue) -> bool {
        attribute.is_b()
    }

    #[test]
    fn a_content_is_packed_where_that_saves_and_is_read_back() {
        let json: String = (0..40).map(|n| format!(r#"{{"user":"user-{n}","kind":"signed_in"}},"#)).collect();
        for (text, packs) in [
            (&json[..], true),
            ("{\"n\":1}", false),
            (&json[..199], false),
            (&json[..240], true),
            (&json.repeat(4), false),
        ] {
            let attribute = in_record(text);
            assert_eq!((is_packed(&attribute), super::text(&attribute).as_deref()), (packs, Some(text)));
        }
    }

    #[test]
    fn a_text_of_its_own_is_packed_if_its_item_costs_fewer_units() {
        let text = "ab".repeat(1_000);
        assert!(is_packed(&in_part(&text, 100)));
        assert!(!is_packed(&in_part(&text[..900], 100)), "one unit is the least");
        assert!(!is_packed(&in_part(&text[..30], 1_020)), "and nothing is packed to less than it has");
        let unit = in_part(&text[..1_000], 100);
        assert_eq!((is_packed(&unit), super::text(&unit).as_deref()), (true, Some(&text[..1_000])));
    }

    #[test]
    fn what_is_no_packed_text_is_none() {
        for bytes in [&b""[..], b"\xff\xff\xff", b"{}"] {
            assert_eq!(text(&AttributeValue::B(Blob::new(bytes))), None, "{bytes:?}");
        }
        assert_eq!(text(&AttributeValue::N("1".to_owned())), None);
    }
}
