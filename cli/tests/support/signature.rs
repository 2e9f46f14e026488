//! A second reading of AWS Signature Version 4, by its description, to check the command's signatures by.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::collections::BTreeMap;

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use super::Asked;

/// What a valid signature says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(crate) access_key: String,
    pub(crate) region: String,
    pub(crate) service: String,
    /// `20261122T130000Z`.
    pub(crate) date: String,
    /// The names of the headers that it covers.
    pub(crate) headers: Vec<String>,
    pub(crate) session_token: Option<String>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// What a service does to a path that is encoded already. Task ids need it not, a base path may.
fn encoded(path: &str) -> String {
    let keep = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    path.bytes().map(|byte| if keep(byte) { (byte as char).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The signature of a request, which must be by this secret.
pub(crate) fn verified(asked: &Asked, secret: &str) -> Signed {
    let headers: BTreeMap<String, String> = asked
        .raw_headers
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let authorization = headers.get("authorization").expect("a signature");
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256 ").expect("the scheme");
    let fields: BTreeMap<&str, &str> = fields.split(", ").filter_map(|field| field.split_once('=')).collect();
    let scope: Vec<&str> = fields["Credential"].split('/').collect();
    let [access_key, day, region, service, "aws4_request"] = scope[..] else { panic!("scope {scope:?}") };
    let names: Vec<&str> = fields["SignedHeaders"].split(';').collect();
    assert!(names.is_sorted(), "{names:?}");

    let (method, target) = asked.line.split_once(' ').expect("a request line");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let covered: String = names.iter().map(|name| format!("{name}:{}\n", headers[*name])).collect();
    let canonical = format!(
        "{method}\n{}\n{query}\n{covered}\n{}\n{}",
        encoded(path),
        fields["SignedHeaders"],
        hex(&Sha256::digest(&asked.body))
    );
    let date = &headers["x-amz-date"];
    assert!(date.starts_with(day), "{date} is not on {day}");
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical.as_bytes())));
    let key = [day, region, service, "aws4_request"]
        .iter()
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| hmac(&key, part));
    assert_eq!(fields["Signature"], hex(&hmac(&key, &to_sign)), "the signature is wrong for {canonical}");
    Signed {
        access_key: access_key.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
        date: date.clone(),
        headers: names.iter().map(ToString::to_string).collect(),
        session_token: headers.get("x-amz-security-token").cloned(),
    }
}
