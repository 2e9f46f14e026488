//! Signatures of deliveries, as [Standard Webhooks](https://www.standardwebhooks.com) describes them.

use std::{
    fmt,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use http::HeaderMap;
use sha2::Sha256;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// How many bytes a secret may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// How old a delivery may be, or how far ahead: the clocks of sender and receiver may differ by so much.
pub const TOLERANCE: Duration = Duration::from_secs(300);

/// The secrets that a receiver knows. While one replaces another there are two.
#[derive(Clone)]
pub struct Secrets(Vec<Hmac<Sha256>>);

/// A text that holds no secret, or one that cannot be read. The error does not repeat the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SecretError {
    /// There is none.
    #[error("there is no secret to verify with")]
    None,
    /// The secret with this number, from 1, is not one.
    #[error("secret number {0} is not {PREFIX} and 24 to 64 bytes in base64")]
    Unreadable(usize),
}

/// The request does not come from a sender that knows a secret, or is too old. Answer it with 401.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unverified {
    /// This header is missing, or is no text.
    #[error("the header {0} is missing")]
    Missing(&'static str),
    /// The time cannot be read.
    #[error("webhook-timestamp is not a number of seconds")]
    Timestamp,
    /// The time is outside the tolerance.
    #[error("webhook-timestamp is too long ago or ahead: do the clocks agree?")]
    Time,
    /// No signature fits.
    #[error("no secret gives this signature: is the body as it came, and the secret the executor's?")]
    Signature,
}

/// What a verified request says of itself. The signature covers the id, the time and the body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    /// The task's id, the same for every attempt.
    pub id: String,
    /// When the attempt sent the request.
    pub sent_at: SystemTime,
}

/// Checks that one of the secrets signed exactly this body, at most [`TOLERANCE`] ago or ahead. `body` is what came, before
/// anything parsed it.
///
/// ```
/// use taskway_client::webhooks::{Secrets, Unverified, verify};
///
/// let secrets: Secrets = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse()?;
/// let refused = verify(b"{}", &http::HeaderMap::new(), &secrets);
/// assert_eq!(refused, Err(Unverified::Missing("webhook-id")));
/// # Ok::<(), taskway_client::webhooks::SecretError>(())
/// ```
///
/// # Errors
/// [`Unverified`]: answer with 401, and do not run the task.
pub fn verify(body: &[u8], headers: &HeaderMap, secrets: &Secrets) -> Result<Delivery, Unverified> {
    verify_at(body, headers, secrets, SystemTime::now(), TOLERANCE)
}

/// [`verify`] at another time and with another tolerance.
///
/// # Errors
/// [`Unverified`].
pub fn verify_at(
    body: &[u8],
    headers: &HeaderMap,
    secrets: &Secrets,
    now: SystemTime,
    tolerance: Duration,
) -> Result<Delivery, Unverified> {
    let header = |name: &'static str| {
        let value = headers.get(name).ok_or(Unverified::Missing(name))?;
        value.to_str().map_err(|_| Unverified::Missing(name))
    };
    let (id, sent, signatures) = (header("webhook-id")?, header("webhook-timestamp")?, header("webhook-signature")?);
    let digits = !sent.is_empty() && sent.len() <= 12 && sent.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = sent.parse().ok().filter(|_| digits).ok_or(Unverified::Timestamp)?;
    let sent_at = UNIX_EPOCH + Duration::from_secs(seconds);
    let apart = now.duration_since(sent_at).unwrap_or_else(|ahead| ahead.duration());
    if apart > tolerance {
        return Err(Unverified::Time);
    }
    let offered = signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    let fits = offered.into_iter().any(|offered| {
        secrets.0.iter().any(|secret| {
            let mut mac = secret.clone();
            mac.update(id.as_bytes());
            mac.update(b".");
            mac.update(sent.as_bytes());
            mac.update(b".");
            mac.update(body);
            mac.verify_slice(&offered).is_ok()
        })
    });
    if fits { Ok(Delivery { id: id.to_owned(), sent_at }) } else { Err(Unverified::Signature) }
}

impl FromStr for Secrets {
    type Err = SecretError;

    /// Reads one secret, or several with spaces or commas between.
    fn from_str(text: &str) -> Result<Self, SecretError> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let secrets = words.enumerate().map(|(index, word)| {
            let bytes = word.strip_prefix(PREFIX).and_then(|text| STANDARD.decode(text).ok());
            let bytes = bytes.filter(|bytes| LENGTHS.contains(&bytes.len()));
            let mac = bytes.and_then(|bytes| Hmac::new_from_slice(&bytes).ok());
            mac.ok_or(SecretError::Unreadable(index + 1))
        });
        let secrets = secrets.collect::<Result<Vec<_>, _>>()?;
        if secrets.is_empty() { Err(SecretError::None) } else { Ok(Secrets(secrets)) }
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_text_that_is_no_secret_is_refused_and_not_repeated() {
        let good = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        for (text, error) in [
            ("", SecretError::None),
            (" ,", SecretError::None),
            ("whsec_", SecretError::Unreadable(1)),
            ("whsec_AAAA", SecretError::Unreadable(1)),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SecretError::Unreadable(1)),
            (&format!("{good},whsec_%%%%"), SecretError::Unreadable(2)),
            (&format!("partners:{good}"), SecretError::Unreadable(1)),
        ] {
            assert_eq!(text.parse::<Secrets>().unwrap_err(), error, "{text}");
        }
        assert_eq!(format!("{:?}", format!("{good} {good}").parse::<Secrets>().unwrap()), "2 secrets");
    }
}
