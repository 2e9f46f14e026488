//! A record of the calls that the endpoints received. A test compares it with the permissions in the template.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderMap, header::AUTHORIZATION};

/// One action on one resource by one caller, in the words of IAM.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The access key that signed the request; empty for an unsigned request.
    pub access_key: String,
    /// The permission that AWS would check, such as `dynamodb:PutItem`.
    pub action: String,
    /// The ARN of the table, index, queue, bucket or object; `*` for an action without a resource.
    pub resource: String,
}

/// Keeps each distinct call once, so that the record stays small however long the stack runs. Clones share the record.
#[derive(Clone, Debug, Default)]
pub struct Calls(Arc<Mutex<BTreeSet<Call>>>);

impl Calls {
    /// All distinct calls so far.
    pub fn all(&self) -> BTreeSet<Call> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note(&self, headers: &HeaderMap, action: String, resource: String) {
        self.note_of(access_key(headers), action, resource);
    }

    pub(super) fn note_of(&self, access_key: &str, action: String, resource: String) {
        let call = Call { access_key: access_key.to_owned(), action, resource };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(call);
    }
}

/// Finds the key in `AWS4-HMAC-SHA256 Credential=KEY/20261123/us-east-1/sqs/aws4_request, …`.
fn access_key(headers: &HeaderMap) -> &str {
    let signed = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let credential = signed.split_once("Credential=").map_or("", |(_, credential)| credential);
    credential.split(['/', ',', ' ']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn each_call_is_kept_once_for_each_access_key() {
        let signed = |value: &'static str| HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
        let calls = Calls::default();
        for headers in [
            signed(
                "AWS4-HMAC-SHA256 Credential=Ann/20261123/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0",
            ),
            signed(
                "AWS4-HMAC-SHA256 SignedHeaders=host,Credential=Ann/20261124/us-east-1/sqs/aws4_request,Signature=1",
            ),
            signed("AWS4-HMAC-SHA256 Credential=Ben, Signature=0"),
            signed("Bearer x"),
            HeaderMap::new(),
        ] {
            calls.note(&headers, "sqs:SendMessage".to_owned(), "arn".to_owned());
        }
        let keys: Vec<String> = calls.all().into_iter().map(|call| call.access_key).collect();
        assert_eq!(keys, ["", "Ann", "Ben"]);
    }
}
