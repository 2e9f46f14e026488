//! Listening on a port, and ending a server.

use std::{
    future::Future,
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinSet};

/// The servers of one part of the stack.
pub(super) type Servers = JoinSet<anyhow::Result<()>>;

/// Listens on a port of this address. Returns the listener and a URL by which this machine reaches it.
pub(super) fn bind(
    what: &str,
    address: IpAddr,
    port: u16,
    option: &str,
) -> impl Future<Output = anyhow::Result<(TcpListener, String)>> + use<> {
    let at = SocketAddr::from((address, port));
    let refused = format!("{what} cannot listen on {at}");
    let port_taken = format!("if another program uses the port, choose one with {option}");
    async move {
        let listener = TcpListener::bind(at).await.map_err(|error| {
            let has_no_such_address = error.kind() == ErrorKind::AddrNotAvailable;
            let advice = if has_no_such_address { "this machine has no such address: see --bind" } else { &port_taken };
            anyhow::Error::from(error).context(format!("{refused}; {advice}"))
        })?;
        let reached = match address {
            IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            IpAddr::V4(_) | IpAddr::V6(_) => address,
        };
        let url = format!("http://{}", SocketAddr::from((reached, listener.local_addr()?.port())));
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
