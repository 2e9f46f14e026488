//! What the client draws at random: idempotency keys and pauses.

/// An idempotency key that nobody else draws.
pub(crate) fn key() -> Box<str> {
    format!("{:016x}{:016x}", bits(), bits()).into()
}

/// A number from 0, included, to 1, excluded.
pub(crate) fn fraction() -> f64 {
    (bits() >> 11) as f64 / (1u64 << 53) as f64
}

fn bits() -> u64 {
    // Two tasks of one key would be one task. The kernel never refuses after it has started.
    #[allow(clippy::expect_used)]
    getrandom::u64().expect("the operating system gives random numbers")
}
