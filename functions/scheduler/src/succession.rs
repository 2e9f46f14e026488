//! Handing work over to another invocation at once, when one invocation has no time for it.

use std::error::Error;

use futures::future::BoxFuture;
use taskway_protocol::Nonce;

/// The longest chain of invocations that follow a tick. Lambda stops a function that invokes itself about 16 times in a
/// chain. After this many the shard waits for the next minute's tick.
pub const MOST_HOPS: u8 = 8;

/// A shard of the agenda that a chain of invocations goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// The shard's number.
    pub shard: u16,
    /// How many invocations came before this one; the tick is the first.
    pub hop: u8,
    /// The name under which every invocation of the chain holds the shard's lease.
    pub holder: Nonce,
}

impl Sweep {
    pub(crate) fn next(self) -> Self {
        Sweep { hop: self.hop.saturating_add(1), ..self }
    }
}

/// Runs sweeps that an invocation has no time for.
pub trait Successor: Send + Sync + 'static {
    /// Takes over a sweep without waiting for its end. The sweep may run twice or not at all; the next tick looks at the
    /// shard again in any case.
    fn take_over(&self, sweep: Sweep) -> BoxFuture<'_, Result<(), NotTakenOver>>;
}

/// The successor did not take over. The due tasks are still in the agenda.
#[derive(Debug, thiserror::Error)]
#[error("nobody takes over the sweep")]
pub struct NotTakenOver(#[source] pub Box<dyn Error + Send + Sync>);

/// What became of a sweep that was to be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandOver {
    /// The successor has it.
    Done,
    /// There is no successor, or the chain is as long as it may be.
    NotPossible,
    /// The successor did not take it.
    Failed,
}

/// Gives the sweep to the successor, if there is one and the chain may grow.
pub(crate) async fn hand_over(successor: Option<&dyn Successor>, sweep: Sweep) -> HandOver {
    let Some(successor) = successor.filter(|_| sweep.hop <= MOST_HOPS) else { return HandOver::NotPossible };
    match successor.take_over(sweep).await {
        Ok(()) => HandOver::Done,
        Err(error) => {
            tracing::warn!(agenda.shard = sweep.shard, error = %taskway_runtime::log::causes(&error), "cannot hand over");
            HandOver::Failed
        }
    }
}
