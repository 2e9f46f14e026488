//! The addresses that stay closed whatever the operator allows: a task that reached them could take the executor's own
//! credentials or its next invocation.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Link-local addresses have AWS's metadata services of instances, containers and pods. The rest are the metadata services
/// that other clouds have elsewhere: of Azure, Alibaba and Oracle.
const V4: [(Ipv4Addr, u8); 4] = [
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(100, 100, 100, 200), 32),
    (Ipv4Addr::new(192, 0, 0, 192), 32),
];

/// Link-local addresses, those of AWS's services within an instance, and Google's metadata service.
const V6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
    (Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0xfd20, 0x00ce, 0, 0, 0, 0, 0, 0x254), 128),
];

/// Where IPv6 addresses have an IPv4 address in them, the network and the byte at which it begins.
const EMBEDDING: [(Ipv6Addr, u8, usize); 3] = [
    (Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96, 12),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, 2),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0, 0, 0), 96, 12),
];

/// Networks with closed addresses only.
pub(super) fn networks() -> impl Iterator<Item = IpNet> {
    let v4 = V4.iter().filter_map(|(at, length)| Ipv4Net::new(*at, *length).ok()).map(IpNet::V4);
    let v6 = V6.iter().filter_map(|(at, length)| Ipv6Net::new(*at, *length).ok()).map(IpNet::V6);
    v4.chain(v6)
}

/// Whether this address stays closed, or leads to one that does.
pub(super) fn has(ip: IpAddr) -> bool {
    let ip = ip.to_canonical();
    let within = if let IpAddr::V6(ip) = ip { embedded(ip) } else { None };
    networks().any(|network| network.contains(&ip) || within.is_some_and(|within| network.contains(&within)))
}

fn embedded(ip: Ipv6Addr) -> Option<IpAddr> {
    let (.., begins) = EMBEDDING
        .iter()
        .find(|(at, length, _)| Ipv6Net::new(*at, *length).is_ok_and(|network| network.contains(&ip)))?;
    let octets: [u8; 4] = ip.octets().get(*begins..begins + 4)?.try_into().ok()?;
    Some(Ipv4Addr::from(octets).into())
}

/// The port in a runtime API's address: `127.0.0.1:9001`. cargo-lambda's has a path as well.
pub(super) fn port(runtime_api: &str) -> Option<u16> {
    let address = runtime_api.split_once("://").map_or(runtime_api, |(_, rest)| rest);
    let authority = address.split('/').next().unwrap_or_default();
    let port = authority.rsplit_once(':').map(|(_, port)| port)?;
    port.parse().ok()
}
