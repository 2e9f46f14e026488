//! Signatures by the Standard Webhooks specification, with which a receiver checks who called.

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The secrets that sign requests. There are several while one replaces another.
#[derive(Clone, Default)]
pub struct Secrets(Vec<Vec<u8>>);

/// A text that is not a secret.
#[derive(Debug, thiserror::Error)]
#[error("a secret must be whsec_ and 24 to 64 bytes in base64")]
pub struct SecretsError;

impl Secrets {
    /// Parses `TASKWAY_WEBHOOK_SECRETS`: secrets like `whsec_…`, separated by commas or spaces.
    ///
    /// # Errors
    /// One of them is not a secret. The error does not repeat it, because it may be almost right.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let secrets = words.map(|word| {
            let bytes = STANDARD.decode(word.strip_prefix("whsec_").unwrap_or(word)).map_err(|_| SecretsError)?;
            (24..=64).contains(&bytes.len()).then_some(bytes).ok_or(SecretsError)
        });
        secrets.collect::<Result<_, _>>().map(Secrets)
    }

    /// The value of the header `webhook-signature`: one signature for each secret. `None` without secrets.
    pub(super) fn sign(&self, id: &str, timestamp: u64, body: &[u8]) -> Option<String> {
        let signatures = self.0.iter().filter_map(|secret| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        });
        let text = signatures.collect::<Vec<_>>().join(" ");
        (!text.is_empty()).then_some(text)
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn signs_like_the_example_of_the_specification() {
        let secrets = Secrets::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signature = secrets.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).unwrap();
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert!(Secrets::parse("whsec_AAAA").is_err());
        assert!(Secrets::parse("").unwrap().sign("a", 1, b"").is_none());
    }
}
