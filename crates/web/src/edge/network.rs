//! Networks of trusted proxies, and the client behind them.

use std::net::IpAddr;
use std::str::FromStr;

use kernel::Error;

/// An address, or all addresses that begin alike: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u32,
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("trusted-proxy", format!("“{text}”不是地址或网段，例如 10.0.0.1 或 10.0.0.0/8"));
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |b| b.trim().parse().map_err(|_| wrong()))?;
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

impl Network {
    /// Whether an address is in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(one)) => same(net.to_bits().into(), one.to_bits().into(), 32 - self.bits),
            (IpAddr::V6(net), IpAddr::V6(one)) => same(net.to_bits(), one.to_bits(), 128 - self.bits),
            _ => false,
        }
    }
}

fn same(one: u128, other: u128, free: u32) -> bool {
    (one ^ other).checked_shr(free).unwrap_or(0) == 0
}

/// The client that a chain of proxies tells of: from the right, the first that is no proxy of ours.
/// What stands further left was written by the client itself. Something that is no address ends the chain.
pub(super) fn client(peer: Option<IpAddr>, told: Option<&str>, proxies: &[Network]) -> Option<IpAddr> {
    let mut last = peer;
    for part in told.unwrap_or_default().rsplit(',') {
        let Ok(address) = part.trim().parse::<IpAddr>() else { return last };
        last = Some(address.to_canonical());
        if !proxies.iter().any(|p| p.holds(address)) {
            return last;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_holds_what_begins_alike() {
        let net: Network = "10.1.0.0/16".parse().expect("a network");
        assert!(net.holds(ip("10.1.255.1")) && !net.holds(ip("10.2.0.1")) && !net.holds(ip("::1")));
        assert!(net.holds(ip("::ffff:10.1.0.9")), "an address of version 4 in the clothes of version 6");
        assert!("127.0.0.1".parse::<Network>().expect("one").holds(ip("127.0.0.1")));
        assert!("0.0.0.0/0".parse::<Network>().expect("all").holds(ip("1.2.3.4")));
        for wrong in ["", "x", "10.0.0.0/33", "10.0.0.0/x"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_client_cannot_tell_another_address_than_its_own() {
        let proxies = ["10.0.0.0/8".parse().expect("a network")];
        let peer = Some(ip("10.0.0.1"));
        let found = |told: &str| client(peer, Some(told), &proxies);
        assert_eq!(found("203.0.113.9"), Some(ip("203.0.113.9")));
        assert_eq!(found("1.1.1.1, 203.0.113.9, 10.0.0.7"), Some(ip("203.0.113.9")), "the left was written by itself");
        assert_eq!(found("203.0.113.9, evil"), peer, "what is no address is not believed");
        assert_eq!(client(peer, None, &proxies), peer);
    }
}
