//! Signatures by the Standard Webhooks specification, with which a receiver checks who called.

use std::collections::BTreeMap;

use base64::{
    DecodeError, Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use taskway_strict::words::is_name;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// How many bytes a secret may have.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The secrets that sign requests. There are several of a kind while one replaces another.
#[derive(Clone, Default)]
pub struct Secrets {
    /// The secrets of the queues that have their own.
    of_queues: BTreeMap<Box<str>, Vec<Secret>>,
    /// The secrets of all other queues.
    others: Vec<Secret>,
}

/// The bytes of a secret.
type Secret = Vec<u8>;

/// A text that is not a secret. The error does not repeat the text, because it may be almost right.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "secret {which} of {of} {fault}; a secret is {PREFIX} and 24 to 64 bytes in base64, with QUEUE: before it if only this \
     queue's deliveries are signed with it"
)]
pub struct SecretsError {
    which: usize,
    of: usize,
    fault: Fault,
}

/// What is wrong with a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
enum Fault {
    #[error("is followed by a line break, which is often the end of the file that it was read from: leave it out")]
    LineBreakAtEnd,
    #[error("has white space in it; only spaces and commas divide secrets")]
    WhiteSpace,
    #[error("does not begin with {PREFIX}")]
    Prefix,
    #[error("has no name of a queue before its colon")]
    Queue,
    #[error("has nothing after {PREFIX}")]
    Empty,
    #[error("lacks the padding of its base64: add {0}")]
    NoPadding(&'static str),
    #[error("is in the base64 for URLs: write + for - and / for _")]
    ForUrls,
    #[error("is not base64: see its character {0}")]
    Character(usize),
    #[error("is not whole base64: its end is missing, or it is damaged")]
    Broken,
    #[error("has {0} bytes")]
    Length(usize),
}

impl Secrets {
    /// Parses `TASKWAY_WEBHOOK_SECRETS`: secrets like `whsec_…` or `QUEUE:whsec_…`, separated by commas or spaces.
    ///
    /// # Errors
    /// Says which of them is not a secret, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, SecretsError> {
        let words: Vec<&str> = text.split([',', ' ']).filter(|word| !word.is_empty()).collect();
        let mut secrets = Secrets::default();
        for (index, word) in words.iter().enumerate() {
            let (queue, secret) =
                named(word).map_err(|fault| SecretsError { which: index + 1, of: words.len(), fault })?;
            let known = match queue {
                Some(queue) => secrets.of_queues.entry(queue.into()).or_default(),
                None => &mut secrets.others,
            };
            known.push(secret);
        }
        Ok(secrets)
    }

    /// Begins a signature by each secret of this queue. `None` without secrets.
    pub(super) fn sign(&self, queue: &str, id: &str, timestamp: u64) -> Option<Signing> {
        let begun = self.of_queues.get(queue).unwrap_or(&self.others).iter().filter_map(|secret| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            Some(mac)
        });
        let begun: Vec<_> = begun.collect();
        (!begun.is_empty()).then_some(Signing(begun))
    }
}

/// Signatures that have seen a part of the body.
pub(super) struct Signing(Vec<Hmac<Sha256>>);

impl Signing {
    /// Adds the next bytes of the body.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        for mac in &mut self.0 {
            mac.update(bytes);
        }
    }

    /// The value of the header `webhook-signature`: one signature for each secret.
    pub(super) fn finish(self) -> String {
        let signatures = self.0.into_iter().map(|mac| format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        signatures.collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Secrets { of_queues, others } = self;
        write!(f, "{} secrets", others.len() + of_queues.values().map(Vec::len).sum::<usize>())
    }
}

/// A secret, and the queue that it is for if the word names one.
fn named(word: &str) -> Result<(Option<&str>, Secret), Fault> {
    match word.split_once(':') {
        // Two secrets with a colon between are a slip.
        Some((queue, word)) if is_name(queue) && !queue.starts_with(PREFIX) => Ok((Some(queue), secret(word)?)),
        Some(_) => Err(Fault::Queue),
        None => Ok((None, secret(word)?)),
    }
}

fn secret(word: &str) -> Result<Secret, Fault> {
    let whole = word.trim_end_matches(['\n', '\r']);
    if whole.contains(char::is_whitespace) {
        return Err(Fault::WhiteSpace);
    }
    if whole.len() < word.len() {
        return Err(Fault::LineBreakAtEnd);
    }
    let text = word.strip_prefix(PREFIX).ok_or(Fault::Prefix)?;
    if text.is_empty() {
        return Err(Fault::Empty);
    }
    let bytes = STANDARD.decode(text).map_err(|error| undecoded(text, &error))?;
    if LENGTHS.contains(&bytes.len()) { Ok(bytes) } else { Err(Fault::Length(bytes.len())) }
}

fn undecoded(text: &str, error: &DecodeError) -> Fault {
    let missing = ["", "===", "==", "="][text.len() % 4];
    if STANDARD_NO_PAD.decode(text).is_ok() && !missing.is_empty() {
        return Fault::NoPadding(missing);
    }
    let for_urls = text.contains(['-', '_']);
    match error {
        DecodeError::InvalidByte(..) if for_urls => Fault::ForUrls,
        DecodeError::InvalidByte(at, _) => Fault::Character(PREFIX.len() + at + 1),
        DecodeError::InvalidLength(_) | DecodeError::InvalidLastSymbol(..) | DecodeError::InvalidPadding => {
            if for_urls { Fault::ForUrls } else { Fault::Broken }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const GOOD: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn signs_like_the_example_of_the_specification() {
        let secrets = Secrets::parse(GOOD).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let mut signing = secrets.sign("default", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330).unwrap();
        for part in body.chunks(7) {
            signing.update(part);
        }
        assert_eq!(signing.finish(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn spaces_and_commas_divide_secrets() {
        for text in [format!("{GOOD} {GOOD}"), format!("{GOOD},{GOOD}"), format!(" {GOOD} , {GOOD} ")] {
            assert_eq!(Secrets::parse(&text).unwrap().others.len(), 2, "{text}");
        }
        assert!(Secrets::parse("").unwrap().sign("a", "b", 1).is_none());
    }

    #[test]
    fn a_queue_with_secrets_of_its_own_signs_with_these_and_no_others() {
        let other = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
        let signed = |text: &str, queue: &str| Secrets::parse(text).unwrap().sign(queue, "a", 1).map(Signing::finish);
        let (good, both) = (signed(GOOD, "emails"), signed(&format!("{GOOD} {other}"), "emails"));
        let text = format!("{GOOD} emails:{other} orders:{GOOD},orders:{other}");
        assert_eq!(signed(&text, "default"), good);
        assert_eq!(signed(&text, "emails"), signed(other, "emails"));
        assert_eq!(signed(&text, "orders"), both);
        assert_eq!(signed(&format!("emails:{GOOD}"), "default"), None);
    }

    #[test]
    fn a_refused_secret_is_told_what_is_wrong_and_not_repeated() {
        let (short, long) = (format!("whsec_{}", "A".repeat(28)), format!("whsec_{}", "A".repeat(88)));
        let unpadded = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (text, said) in [
            ("whsec_x".to_owned(), "secret 1 of 1 is not whole base64"),
            (format!("{GOOD}\n"), "secret 1 of 1 is followed by a line break"),
            (format!("{GOOD}\r\n"), "secret 1 of 1 is followed by a line break"),
            (format!("{GOOD}\n{GOOD}"), "secret 1 of 1 has white space in it"),
            (format!("{GOOD}\t"), "secret 1 of 1 has white space in it"),
            (format!("{GOOD},{}", &GOOD[6..]), "secret 2 of 2 does not begin with whsec_"),
            ("WHSEC_AAAA".to_owned(), "does not begin with whsec_"),
            ("emails:AAAA".to_owned(), "does not begin with whsec_"),
            (format!(":{GOOD}"), "secret 1 of 1 has no name of a queue before its colon"),
            (format!("e=mails:{GOOD}"), "has no name of a queue before its colon"),
            (format!("{GOOD}:{GOOD}"), "has no name of a queue before its colon"),
            ("whsec_".to_owned(), "has nothing after whsec_"),
            (unpadded.to_owned(), "lacks the padding of its base64: add =="),
            (format!("{unpadded}A"), "lacks the padding of its base64: add ="),
            (GOOD.replace('Q', "-"), "is in the base64 for URLs"),
            (GOOD.replace('Q', "!"), "is not base64: see its character 10"),
            (short, "has 21 bytes; a secret is whsec_ and 24 to 64 bytes in base64"),
            (long, "has 66 bytes; a secret is whsec_ and 24 to 64 bytes in base64"),
        ] {
            let error = Secrets::parse(&text).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
            assert!(!error.contains("AAAA") && !error.contains("KYqrTwj"), "{error}");
        }
    }
}
