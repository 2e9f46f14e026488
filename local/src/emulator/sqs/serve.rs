//! The HTTP server of the endpoint.

use std::future::Future;

use axum::{Router, serve::ListenerExt};
use tokio::net::TcpListener;

use super::{endpoint::Sqs, protocol};
use crate::emulator::doors::Doors;

impl Sqs {
    /// The endpoint's routes, for a caller with a server of its own.
    pub fn router(&self) -> Router {
        protocol::router(self.clone())
    }

    /// Serves until `shutdown` resolves. Then receives that wait are answered at once, without messages.
    pub async fn serve(
        self,
        doors: Doors,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> std::io::Result<()> {
        // Each answer is small and written at once, so waiting for a full packet would only delay it.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "cannot set TCP_NODELAY");
            }
        });
        let router = doors.before(self.router());
        let closing = async move {
            shutdown.await;
            self.end_waits();
        };
        axum::serve(listener, router).with_graceful_shutdown(closing).await
    }
}
