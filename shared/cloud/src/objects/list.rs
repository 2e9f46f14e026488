//! Listing the objects of tasks (ListObjectsV2).

use aws_smithy_types::date_time::{DateTime, Format};
use aws_smithy_xml::decode::{Document, try_data};
use http::Method;
use taskway_protocol::{OBJECTS_OF_TASKS, Time};

/// An object of a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// When it was stored.
    pub stored_at: Time,
}

pub(super) fn request(after: &str) -> http::request::Builder {
    let escaped = |text: &str| text.replace('/', "%2F");
    let (prefix, after) = (escaped(OBJECTS_OF_TASKS), escaped(after));
    http::Request::builder().method(Method::GET).uri(format!("/?list-type=2&prefix={prefix}&start-after={after}"))
}

/// Reads a page. `None` if it is not one.
pub(super) fn read(xml: &[u8]) -> Option<Vec<Listed>> {
    let mut document = Document::new(std::str::from_utf8(xml).ok()?);
    let mut root = document.root_element().ok()?;
    if !root.start_el().matches("ListBucketResult") {
        return None;
    }
    let mut listed = Vec::new();
    while let Some(mut entry) = root.next_tag() {
        if !entry.start_el().matches("Contents") {
            continue;
        }
        let (mut key, mut stored_at) = (None, None);
        while let Some(mut part) = entry.next_tag() {
            if part.start_el().matches("Key") {
                key = Some(try_data(&mut part).ok()?.into_owned());
            } else if part.start_el().matches("LastModified") {
                let at = DateTime::from_str(try_data(&mut part).ok()?.as_ref(), Format::DateTime).ok()?;
                stored_at = Some(Time::from_millis(at.to_millis().ok()?.try_into().ok()?));
            }
        }
        listed.push(Listed { key: key?, stored_at: stored_at? });
    }
    Some(listed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_page_is_read() {
        let page = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>tasks/</Prefix><KeyCount>1</KeyCount>
<IsTruncated>false</IsTruncated><Contents><Key>tasks/t1/2</Key><LastModified>2026-11-30T05:02:30.268Z</LastModified>
<ETag>&quot;1&quot;</ETag><Size>7</Size><StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>"#;
        let stored_at = Time::from_millis(1_796_014_950_268);
        assert_eq!(read(page.as_bytes()).unwrap(), [Listed { key: "tasks/t1/2".to_owned(), stored_at }]);
        assert_eq!(read(b"<ListBucketResult/>").unwrap(), []);
        for other in [&b"<Error><Code>NoSuchBucket</Code></Error>"[..], b"", b"x", b"\xff"] {
            assert_eq!(read(other), None);
        }
    }
}
