//! The hosts that requests may name.

use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv4Addr},
};

use http::uri::Authority;

/// The names and addresses under which the stack answers: those of loopback, and those that it was told.
#[derive(Clone, Debug)]
pub struct Hosts {
    bound: IpAddr,
    names: BTreeSet<String>,
}

impl Default for Hosts {
    /// Those of loopback alone.
    fn default() -> Self {
        Hosts { bound: Ipv4Addr::LOCALHOST.into(), names: BTreeSet::new() }
    }
}

impl Hosts {
    /// The hosts of a stack that listens on this address and is reached by these names as well.
    pub fn new(bound: IpAddr, names: impl IntoIterator<Item = String>) -> Self {
        Hosts { bound, names: names.into_iter().map(|name| plain(&name)).collect() }
    }

    /// Whether a request may name this host. The port does not matter: a forwarded port has another number.
    pub(super) fn knows(&self, authority: &Authority) -> bool {
        if authority.as_str().contains('@') {
            return false;
        }
        let host = plain(authority.host());
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            // An address cannot be made to resolve to another one. If the stack listens on all of a machine's addresses,
            // it does not know them all.
            return address.to_canonical().is_loopback() || self.bound.is_unspecified() || address == self.bound;
        }
        host == "localhost" || host.ends_with(".localhost") || self.names.contains(&host)
    }
}

/// The name in lower case, without the dot at the end that means the root of the domain names.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}
