//! Going on at once with what one invocation has no time for.

use std::error::Error;

use futures::future::BoxFuture;
use taskway_protocol::Nonce;

use crate::Scheduler;

/// So many invocations may follow one another. Lambda cuts a function that invokes itself after some 16; the minute's
/// tick begins anew.
pub const MOST_HOPS: u8 = 8;

/// A shard of the agenda that one invocation after another goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Which shard.
    pub shard: u16,
    /// How many invocations there were before it, the tick's included.
    pub hop: u8,
    /// By what they hold the shard, one like the other.
    pub holder: Nonce,
}

/// Who goes on.
pub trait Successor: Send + Sync + 'static {
    /// Takes over a sweep, and does not wait for its end. It may come to be done twice, or not at all: the next tick
    /// looks.
    fn take_over(&self, sweep: Sweep) -> BoxFuture<'_, Result<(), NotTakenOver>>;
}

/// Nobody took over. What is due is still in the agenda.
#[derive(Debug, thiserror::Error)]
#[error("nobody takes over the sweep")]
pub struct NotTakenOver(#[source] pub Box<dyn Error + Send + Sync>);

/// What came of looking for a successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// It is somebody else's now.
    Over,
    /// There is nobody, or there have been enough.
    Kept,
    /// There should have been somebody.
    Failed,
}

impl Scheduler {
    pub(crate) async fn hand_over(&self, sweep: Sweep) -> Handed {
        let Some(successor) = self.successor.as_ref().filter(|_| sweep.hop <= MOST_HOPS) else { return Handed::Kept };
        match successor.take_over(sweep).await {
            Ok(()) => Handed::Over,
            Err(error) => {
                tracing::warn!(agenda.shard = sweep.shard, error = %taskway_runtime::log::causes(&error), "cannot hand over");
                Handed::Failed
            }
        }
    }
}
