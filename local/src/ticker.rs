//! What EventBridge does: a tick, again and again.

use std::{future::Future, sync::Arc, time::Duration};

use taskway::clock::Clock;
use tokio_util::sync::CancellationToken;

/// Ticks at once and then every `period`, one at a time, until told to stop.
pub(crate) async fn tick<F: Future<Output = ()>>(
    clock: Arc<dyn Clock>,
    period: Duration,
    stop: CancellationToken,
    mut once: impl FnMut() -> F,
) {
    loop {
        once().await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = clock.sleep(period) => {}
        }
    }
}
