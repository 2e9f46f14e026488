//! Listening on a port, and ending a server.

use std::{future::Future, net::SocketAddr, time::Duration};

use anyhow::Context;
use tokio::{net::TcpListener, task::JoinSet};

/// The servers of one part of the stack.
pub(super) type Servers = JoinSet<anyhow::Result<()>>;

/// Listens on a port of 127.0.0.1. Returns the listener and its URL.
pub(super) fn bind(
    what: &str,
    port: u16,
    option: &str,
) -> impl Future<Output = anyhow::Result<(TcpListener, String)>> + use<> {
    let refused =
        format!("{what} cannot listen on 127.0.0.1:{port}; if another program uses the port, choose one with {option}");
    async move {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await.context(refused)?;
        let url = format!("http://{}", listener.local_addr()?);
        Ok((listener, url))
    }
}

/// Waits until the servers have ended. Aborts them after `within`, because an unfinished request must not keep the process.
pub(super) async fn end(servers: &mut Servers, within: Duration) {
    let all = async { while servers.join_next().await.is_some() {} };
    if tokio::time::timeout(within, all).await.is_err() {
        servers.abort_all();
    }
}
