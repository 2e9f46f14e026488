//! Receipt handles. A receipt names a queue, a message and a delivery of that message.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{ids::scatter, message::Key};
use crate::emulator::sqs::SqsError;

const BYTES: usize = 24;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Receipt {
    pub(super) key: Key,
    /// How many times this queue had delivered the message, including this delivery.
    pub(super) delivery: u32,
}

impl Receipt {
    pub(super) fn encode(self, nonce: u64) -> String {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&nonce.to_be_bytes());
        bytes[8..16].copy_from_slice(&self.key.0.to_be_bytes());
        bytes[16..20].copy_from_slice(&self.delivery.to_be_bytes());
        bytes[20..].copy_from_slice(&self.check(nonce).to_be_bytes());
        STANDARD.encode(bytes)
    }

    /// Refuses receipts of other queues. Each queue draws its `nonce` when it is created.
    pub(super) fn parse(text: &str, nonce: u64) -> Result<Self, SqsError> {
        let invalid = || SqsError::ReceiptHandleIsInvalid(text.to_owned());
        let mut bytes = [0; BYTES];
        // The decoder needs room for whole groups of four characters. 24 bytes are exactly eight groups.
        if STANDARD.decode_slice(text, &mut bytes) != Ok(BYTES) {
            return Err(invalid());
        }
        let (head, rest) = bytes.split_at(16);
        let (queue, key) = head.split_at(8);
        let (delivery, check) = rest.split_at(4);
        let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        let receipt = Receipt { key: Key(word(key)), delivery: word(delivery) as u32 };
        let genuine = word(queue) == nonce && word(check) as u32 == receipt.check(nonce);
        if genuine { Ok(receipt) } else { Err(invalid()) }
    }

    fn check(self, nonce: u64) -> u32 {
        scatter(scatter(nonce ^ self.key.0) ^ u64::from(self.delivery)) as u32
    }
}
