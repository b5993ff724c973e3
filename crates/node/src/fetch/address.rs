//! Where the process that fetches may connect to.

use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, str::FromStr};

/// A network, `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    address: Ipv4Addr,
    bits: u32,
}

impl Network {
    const fn new(a: u8, b: u8, c: u8, bits: u32) -> Self {
        let address = Ipv4Addr::new(a, b, c, 0);
        Self { address, bits }
    }

    pub fn contains(&self, address: Ipv4Addr) -> bool {
        let differ = self.address.to_bits() ^ address.to_bits();
        differ.leading_zeros() >= self.bits
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network such as 10.0.0.0/8");
        let (address, bits) = text.split_once('/').ok_or_else(wrong)?;
        let address = address.parse().map_err(|_| wrong())?;
        let bits = bits.parse().map_err(|_| wrong())?;
        match bits <= 32 {
            true => Ok(Self { address, bits }),
            false => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        format!("{}/{}", network.address, network.bits)
    }
}

/// What the filter of jobs drops, too (RFC 6890): this network, private, shared, loopback, link-local, protocols, documentation, 6to4,
/// benchmarks, multicast, reserved. redteam J5
const FORBIDDEN: [Network; 14] = [
    Network::new(0, 0, 0, 8),
    Network::new(10, 0, 0, 8),
    Network::new(100, 64, 0, 10),
    Network::new(127, 0, 0, 8),
    Network::new(169, 254, 0, 16),
    Network::new(172, 16, 0, 12),
    Network::new(192, 0, 0, 24),
    Network::new(192, 0, 2, 24),
    Network::new(192, 88, 99, 24),
    Network::new(192, 168, 0, 16),
    Network::new(198, 18, 0, 15),
    Network::new(203, 0, 113, 24),
    Network::new(224, 0, 0, 4),
    Network::new(240, 0, 0, 4),
];

/// Whether an address may be connected to: it is on the internet, or in a network that the operator allows.
pub fn may_be_reached(address: Ipv4Addr, allowed: &[Network]) -> bool {
    let is_in = |all: &[Network]| all.iter().any(|network| network.contains(address));
    is_in(allowed) || !is_in(&FORBIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam J5, J6: nothing of the supplier's own networks, and no metadata.
    #[test]
    fn of_the_internet_alone() {
        let reached = |address: &str| may_be_reached(address.parse().unwrap(), &[]);
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.127.255.255",
            "127.0.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.0.1",
            "198.19.0.1",
            "224.0.0.251",
            "255.255.255.255",
        ] {
            assert!(!reached(address), "{address}");
        }
        for address in [
            "1.1.1.1",
            "100.128.0.0",
            "172.32.0.0",
            "9.255.255.255",
            "223.255.255.255",
        ] {
            assert!(reached(address), "{address}");
        }
        let lan = ["10.0.0.0/8".parse().unwrap()];
        assert!(may_be_reached(Ipv4Addr::new(10, 1, 2, 3), &lan));
        assert!(!may_be_reached(Ipv4Addr::new(192, 168, 0, 1), &lan));
        for text in ["10.0.0.0", "10.0.0.0/33", "::1/8", "/"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        assert!("0.0.0.0/0"
            .parse::<Network>()
            .unwrap()
            .contains(Ipv4Addr::BROADCAST));
    }
}
