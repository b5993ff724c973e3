//! What the table says.

use crate::config::Lan;
use std::{fmt::Write, net::IpAddr};

/// This network, private, shared (carriers), loopback, link-local (metadata), protocol assignments, benchmarks, multicast, reserved. RFC 6890.
const CLOSED: [&str; 11] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// Unspecified and loopback, IPv4 by another name, NAT64, unique local, link-local, multicast.
const CLOSED_V6: [&str; 6] = [
    "::/127",
    "::ffff:0.0.0.0/96",
    "64:ff9b::/96",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// A service that stays open wherever it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    pub address: IpAddr,
    pub tcp: u16,
    pub udp: u16,
}

/// The table, in place of the one that was there.
pub fn rules(table: &str, uid: u32, lans: &[Lan], open: &[Open]) -> String {
    let mut allowed = String::new();
    let mut allow = |family: IpAddr, what: String| {
        let family = match family {
            IpAddr::V4(_) => "ip",
            IpAddr::V6(_) => "ip6",
        };
        // A string takes everything.
        let _ = writeln!(allowed, "        {family} daddr {what} accept");
    };
    for lan in lans {
        allow(lan.address, lan.to_string());
    }
    for Open { address, tcp, udp } in open {
        allow(*address, format!("{address} tcp dport {tcp}"));
        allow(*address, format!("{address} udp dport {udp}"));
    }
    let (closed, closed_v6) = (CLOSED.join(", "), CLOSED_V6.join(", "));
    format!(
        "table inet {table}
delete table inet {table}
table inet {table} {{
    counter dropped {{ }}
    set closed {{ type ipv4_addr; flags interval; elements = {{ {closed} }}; }}
    set closed_v6 {{ type ipv6_addr; flags interval; elements = {{ {closed_v6} }}; }}
    chain output {{
        type filter hook output priority filter - 5; policy accept;
        meta skuid != {uid} accept
{allowed}        ip daddr @closed counter name dropped drop
        ip6 daddr @closed_v6 counter name dropped drop
    }}
}}
"
    )
}
