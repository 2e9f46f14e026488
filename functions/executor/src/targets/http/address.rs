//! Which addresses a task may be delivered to: public ones, and private ones that the operator allows.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use ipnet::IpNet;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use super::closed;

/// The private networks that the operator allows.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    networks: Vec<IpNet>,
    /// The port of Lambda's runtime API, under Lambda.
    runtime_port: Option<u16>,
}

/// A word that opens nothing.
#[derive(Debug, thiserror::Error)]
pub enum AllowedError {
    /// The word is neither a network nor an address.
    #[error("{0:?} is not a network like 10.0.0.0/8 or an address like 127.0.0.1")]
    NoNetwork(String),
    /// The word names only addresses that stay closed.
    #[error("{0} has only link-local or metadata addresses, where credentials can be had: they are never opened")]
    NeverOpen(IpNet),
}

/// An address that a task may not be delivered to.
#[derive(Clone, Copy, Debug, thiserror::Error)]
pub(super) enum Refused {
    #[error("the URL's address is private, and TASKWAY_HTTP_ALLOW does not open it")]
    Private,
    #[error("plain http is only for addresses that TASKWAY_HTTP_ALLOW opens; use https")]
    Plain,
    #[error("the URL's address is link-local or a metadata service's, which TASKWAY_HTTP_ALLOW never opens")]
    NeverOpen,
    #[error("the URL may reach Lambda's own runtime API, which TASKWAY_HTTP_ALLOW never opens")]
    Runtime,
}

impl Allowed {
    /// Parses `TASKWAY_HTTP_ALLOW`: networks like `10.0.0.0/8` or addresses, separated by commas or spaces.
    ///
    /// # Errors
    /// Names the first word that is neither, or that opens nothing.
    pub fn parse(text: &str) -> Result<Self, AllowedError> {
        Self::beside(text, std::env::var("AWS_LAMBDA_RUNTIME_API").ok().as_deref())
    }

    /// [`parse`](Self::parse) in a process whose runtime API is at this host and port.
    fn beside(text: &str, runtime_api: Option<&str>) -> Result<Self, AllowedError> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        let networks = words.map(|word| {
            let network = network(word).ok_or_else(|| AllowedError::NoNetwork(word.to_owned()))?;
            let one = network.hosts().next().filter(|_| network.prefix_len() == network.max_prefix_len());
            let closed = closed::networks().any(|closed| closed.contains(&network)) || one.is_some_and(closed::has);
            if closed { Err(AllowedError::NeverOpen(network)) } else { Ok(network) }
        });
        let networks = networks.collect::<Result<_, _>>()?;
        Ok(Allowed { networks, runtime_port: runtime_api.and_then(closed::port) })
    }

    /// Whether no network is allowed, so that no URL can be reached over plain http.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Checks an address that is written in the URL. The client asks the [`Resolver`] only for names.
    pub(super) fn check_literal(&self, url: &Url, plain: bool) -> Result<(), Refused> {
        // The runtime API speaks plain http only.
        if plain && self.is_runtime(url) {
            return Err(Refused::Runtime);
        }
        match url.host() {
            Some(url::Host::Ipv4(ip)) => self.check(IpAddr::V4(ip), plain),
            Some(url::Host::Ipv6(ip)) => self.check(IpAddr::V6(ip), plain),
            Some(url::Host::Domain(_)) | None if plain && self.is_empty() => Err(Refused::Plain),
            Some(url::Host::Domain(_)) | None => Ok(()),
        }
    }

    /// Whether a URL may be that of Lambda's runtime API: its port, on this machine. A name may resolve to this machine.
    fn is_runtime(&self, url: &Url) -> bool {
        if self.runtime_port.is_none() || url.port_or_known_default() != self.runtime_port {
            return false;
        }
        match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
            Some(url::Host::Ipv6(ip)) => {
                let ip = IpAddr::V6(ip).to_canonical();
                ip.is_loopback() || ip.is_unspecified()
            }
            Some(url::Host::Domain(_)) | None => true,
        }
    }

    fn check(&self, ip: IpAddr, plain: bool) -> Result<(), Refused> {
        let ip = ip.to_canonical();
        if !self.is_empty() && closed::has(ip) {
            return Err(Refused::NeverOpen);
        }
        match self.networks.iter().any(|net| net.contains(&ip)) {
            true => Ok(()),
            false if plain => Err(Refused::Plain),
            false if is_public(ip) => Ok(()),
            false => Err(Refused::Private),
        }
    }
}

/// A network such as `10.0.0.0/8`, or an address. The template's pattern for `HttpAllow` accepts the same texts.
fn network(word: &str) -> Option<IpNet> {
    let (address, bits) = word.split_once('/').map_or((word, None), |(address, bits)| (address, Some(bits)));
    // An IPv4 address that is written as IPv6 is judged as IPv4, so such a network would open nothing.
    let is_mixed = address.contains(':') && address.contains('.');
    let ip: IpAddr = address.parse().ok().filter(|_| !is_mixed)?;
    let Some(bits) = bits else { return Some(ip.into()) };
    // Not `ipnet`'s own parser: it takes 010 for 10, which other programs take for 8.
    let is_number = bits == "0" || (!bits.starts_with('0') && bits.bytes().all(|digit| digit.is_ascii_digit()));
    IpNet::new(ip, bits.parse().ok().filter(|_| is_number)?).ok()
}

/// Resolves a name to those of its addresses that a task may be delivered to. The client connects to these very addresses,
/// so a name cannot pass the check with one address and be reached at another.
pub(super) struct Resolver {
    allowed: Arc<Allowed>,
    plain: bool,
}

impl Resolver {
    pub(super) fn new(allowed: Arc<Allowed>, plain: bool) -> Self {
        Resolver { allowed, plain }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (allowed, plain) = (Arc::clone(&self.allowed), self.plain);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let mut refused = None;
            let usable: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| allowed.check(address.ip(), plain).map_err(|error| refused = Some(error)).is_ok())
                .collect();
            match (usable.is_empty(), refused) {
                (true, Some(refused)) => Err(refused.into()),
                (true, None) | (false, _) => Ok(Box::new(usable.into_iter()) as Addrs),
            }
        })
    }
}

/// The resolver's refusal, if it caused the client's error.
pub(super) fn refusal(error: &reqwest::Error) -> Option<Refused> {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref::<Refused>() {
            return Some(*refused);
        }
        cause = error.source();
    }
    None
}

/// Whether an address belongs to the public Internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol = a == 192 && b == 0 && c == 0;
    let benchmark = a == 198 && (b == 18 || b == 19);
    let relay = a == 192 && b == 88 && c == 99;
    !(a == 0
        || a >= 224
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || shared
        || protocol
        || benchmark
        || relay)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, ..] = ip.segments();
    let global_unicast = a & 0xe000 == 0x2000;
    // Teredo, benchmarks, documentation and 6to4: ranges for other purposes, some of which embed an IPv4 address.
    let special = a == 0x2001 && (b < 0x0200 || b == 0x0db8) || a == 0x2002 || a == 0x3fff;
    global_unicast && !special
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
        ] {
            assert!(Allowed::default().check(private.parse().unwrap(), false).is_err(), "{private}");
        }
        for public in ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1", "172.32.0.1"] {
            assert!(Allowed::default().check(public.parse().unwrap(), false).is_ok(), "{public}");
            assert!(Allowed::default().check(public.parse().unwrap(), true).is_err(), "plain {public}");
        }
    }

    #[test]
    fn only_allowed_networks_are_open() {
        let allowed = Allowed::parse("127.0.0.1, 10.0.0.0/8").unwrap();
        assert!(allowed.check("127.0.0.1".parse().unwrap(), true).is_ok());
        assert!(allowed.check("10.9.8.7".parse().unwrap(), true).is_ok());
        assert!(allowed.check("127.0.0.2".parse().unwrap(), true).is_err());
        for wrong in
            ["10.0.0.0/33", "10.0.0.0/99", "010.0.0.0/8", "10.0.0.0/08", "10.0.0.0/", "::ffff:10.0.0.0/104", "::/129"]
        {
            assert!(Allowed::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn link_local_and_metadata_addresses_stay_closed_whatever_is_allowed() {
        let all = Allowed::parse("0.0.0.0/0,::/0").unwrap();
        for never in [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.0.1",
            "::ffff:169.254.169.254",
            "fe80::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::a9fe:a9fe",
        ] {
            for plain in [true, false] {
                let checked = all.check(never.parse().unwrap(), plain);
                assert!(matches!(checked, Err(Refused::NeverOpen)), "{never}: {checked:?}");
            }
            let error = Allowed::parse(never).unwrap_err();
            // An IPv4 address that is written as IPv6 is no address of this variable at all.
            let is_mixed = never.contains(':') && never.contains('.');
            assert!(is_mixed || matches!(error, AllowedError::NeverOpen(_)), "{error}");
        }
        for open in ["10.0.0.1", "127.0.0.1", "169.253.0.1", "1.1.1.1", "fd00::1", "::1", "64:ff9b::101:101"] {
            assert!(all.check(open.parse().unwrap(), true).is_ok(), "{open}");
        }
        for network in ["169.254.0.0/16", "169.254.169.0/24", "fe80::/64", "FE80::/10", "fd00:ec2::/32"] {
            assert!(Allowed::parse(network).is_err(), "{network}");
        }
    }

    #[test]
    fn the_runtime_api_stays_closed_under_lambda() {
        let check = |api: Option<&str>, url: &str| {
            let allowed = Allowed::beside("127.0.0.0/8,::1,10.0.0.0/8", api).unwrap();
            allowed.check_literal(&Url::parse(url).unwrap(), true)
        };
        for api in ["127.0.0.1:9001", "http://127.0.0.1:9001/.rt", "[::1]:9001/function"] {
            for url in [
                "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
                "http://127.9.9.9:9001/",
                "http://2130706433:9001/",
                "http://[::1]:9001/",
                "http://[::ffff:127.0.0.1]:9001/",
                "http://0.0.0.0:9001/",
                "http://localhost:9001/",
                "http://a.example:9001/",
            ] {
                assert!(matches!(check(Some(api), url), Err(Refused::Runtime)), "{api} {url}");
                assert!(!matches!(check(None, url), Err(Refused::Runtime)), "{url}");
            }
            assert!(check(Some(api), "http://127.0.0.1:9002/").is_ok());
            assert!(check(Some(api), "http://10.0.0.1:9001/").is_ok());
        }
    }
}
