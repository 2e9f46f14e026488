//! The signatures of the table.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;
use sha2::Sha256;
use taskway_client::webhooks::{Secrets, TOLERANCE, verify_at};

use crate::TABLE;

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

/// The headers of a delivery, made by other code than the client's.
fn signed(case: &Value, body: &[u8], secrets: &Value, now: u64) -> BTreeMap<String, String> {
    if case["signed_by"].is_null() {
        return BTreeMap::new();
    }
    let sent = now.checked_add_signed(-case["age_seconds"].as_i64().unwrap_or(0)).unwrap().to_string();
    let signatures = texts(&case["signed_by"]).into_iter().map(|name| {
        let key = STANDARD.decode(&secrets[name].as_str().unwrap()["whsec_".len()..]).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(&[format!("t1.{sent}.").as_bytes(), body].concat());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    });
    let prefix = case["signature_prefix"].as_str().unwrap_or_default();
    let signature = format!("{prefix}{}", signatures.collect::<Vec<_>>().join(" "));
    [("webhook-id", "t1".to_owned()), ("webhook-timestamp", sent), ("webhook-signature", signature)]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
}

#[test]
fn every_signature_of_the_table() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let (cases, secrets) = (&table["signatures"]["cases"], &table["signatures"]["secrets"]);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let body = match case["body_base64"].as_str() {
            Some(text) => STANDARD.decode(text).unwrap(),
            None => case["body"].as_str().unwrap().as_bytes().to_vec(),
        };
        let mut headers = signed(case, &body, secrets, now);
        for (name, value) in case["headers"].as_object().into_iter().flatten() {
            headers.insert(name.clone(), value.as_str().unwrap().to_owned());
        }
        if let Some(without) = case["without"].as_str() {
            headers.remove(without);
        }
        let is_upper = case["header_case"] == "upper";
        let headers: HeaderMap = headers
            .into_iter()
            .map(|(name, value)| {
                let name = if is_upper { name.to_uppercase() } else { name };
                let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
                (HeaderName::from_bytes(name.as_bytes()).unwrap(), value)
            })
            .collect();
        let known: Vec<&str> =
            texts(&case["secrets"]).into_iter().map(|name| secrets[name].as_str().unwrap()).collect();
        let known: Secrets = known.join(" ").parse().unwrap();
        let tolerance = case["tolerance_seconds"].as_u64().map_or(TOLERANCE, Duration::from_secs);
        let sent = case["sent_body"].as_str().map_or(body, |text| text.as_bytes().to_vec());
        let at = UNIX_EPOCH + Duration::from_secs(now);
        let verified = verify_at(&sent, &headers, &known, at, tolerance);
        assert_eq!(verified.is_ok(), case["valid"].as_bool().unwrap(), "{name}: {verified:?}");
    }
}
