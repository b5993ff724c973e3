use super::{host, run, Traffic};
use crate::error::EngineError;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::net::Ipv4Addr;

/// What no job reaches, whatever the host's own networks are: this network, private, shared (carriers), loopback, link-local (metadata),
/// protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved. RFC 6890. IPv6 is dropped altogether, and with it
/// `fc00::/7`, `fe80::/10`, `::ffff:0:0/96` and `64:ff9b::/96`.
pub const FORBIDDEN: [&str; 14] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];
/// Nobody rents a card to send mail.
const MAIL: &str = "{ 25, 465, 587 }";
/// Pairs of addresses for host and run, /30 each, of the range for benchmarks (RFC 2544), which is in no host's network.
const POOL: u32 = 0xc612_0000;
const POOL_PAIRS: u32 = 1 << 15;

/// A way to the internet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Egress {
    /// Each way. redteam J8
    pub kib_per_sec: u32,
    /// At once.
    pub connections: u32,
    /// Servers of names, written into the run's `resolv.conf`; none of the host's.
    pub resolvers: Vec<Ipv4Addr>,
}

impl Default for Egress {
    fn default() -> Self {
        Self {
            kib_per_sec: 12_500,
            connections: 512,
            resolvers: vec![Ipv4Addr::new(9, 9, 9, 9), Ipv4Addr::new(1, 1, 1, 1)],
        }
    }
}

impl Egress {
    /// Connects a namespace that is there.
    pub(super) fn open(&self, name: &str) -> Result<(), EngineError> {
        let network = HostNetwork::read()?;
        let pair = network.free_pair(name)?;
        let (outside, inside) = (pair.saturating_add(1), pair.saturating_add(2));
        let [outside, inside] = [outside, inside].map(Ipv4Addr::from);
        let device = device(name);
        // The filter is there before the way is.
        run(
            "nft",
            &["-f", "-"],
            Some(&self.rules(name, inside, &network)),
        )?;
        run(
            "ip",
            &[
                "link", "add", &device, "type", "veth", "peer", "name", "eth0", "netns", name,
            ],
            None,
        )?;
        run(
            "ip",
            &["addr", "add", &format!("{outside}/30"), "dev", &device],
            None,
        )?;
        run("ip", &["link", "set", &device, "up"], None)?;
        run(
            "ip",
            &[
                "-n",
                name,
                "addr",
                "add",
                &format!("{inside}/30"),
                "dev",
                "eth0",
            ],
            None,
        )?;
        run("ip", &["-n", name, "link", "set", "eth0", "up"], None)?;
        run(
            "ip",
            &[
                "-n",
                name,
                "route",
                "add",
                "default",
                "via",
                &outside.to_string(),
            ],
            None,
        )?;
        for device in network.uplinks.iter().chain([&device]) {
            let path = format!("/proc/sys/net/ipv4/conf/{device}/forwarding");
            std::fs::write(&path, "1").map_err(|error| host(&format!("{path}: {error}")))?;
        }
        let path = format!("/proc/sys/net/ipv6/conf/{device}/disable_ipv6");
        std::fs::write(path, "1").ok();
        Ok(())
    }

    /// Everything that is not allowed is dropped: what the run sends to the host itself, to the host's networks, to private ranges, under
    /// another address than its own, by IPv6, too fast or by too many connections; and what comes to it unasked.
    fn rules(&self, name: &str, inside: Ipv4Addr, network: &HostNetwork) -> String {
        let table = table(name);
        let device = device(name);
        let forbidden = FORBIDDEN.iter().map(|range| (*range).to_owned());
        let forbidden: Vec<_> = forbidden.chain(network.ranges.iter().cloned()).collect();
        let forbidden = forbidden.join(", ");
        let (rate, connections) = (self.kib_per_sec.max(1), self.connections.max(1));
        format!(
            r#"table inet {table} {{
    counter sent {{ }}
    counter received {{ }}
    set forbidden {{ type ipv4_addr; flags interval; auto-merge; elements = {{ {forbidden} }}; }}
    set connections {{ type ipv4_addr; flags dynamic; size 16; }}
    chain out {{
        meta nfproto != ipv4 drop
        ip saddr != {inside} drop
        ip daddr @forbidden drop
        tcp dport {MAIL} drop
        udp dport {MAIL} drop
        limit rate over {rate} kbytes/second burst {rate} kbytes drop
        ct state new add @connections {{ ip saddr ct count over {connections} }} drop
        ct state invalid drop
        counter name sent accept
    }}
    chain forward {{
        type filter hook forward priority filter - 5; policy accept;
        iifname "{device}" goto out
        oifname "{device}" limit rate over {rate} kbytes/second burst {rate} kbytes drop
        oifname "{device}" ct state established,related counter name received accept
        oifname "{device}" drop
    }}
    chain input {{
        type filter hook input priority filter - 5; policy accept;
        iifname "{device}" drop
    }}
    chain output {{
        type filter hook output priority filter - 5; policy accept;
        oifname "{device}" drop
    }}
    chain postrouting {{
        type nat hook postrouting priority srcnat; policy accept;
        ip saddr {inside} oifname != "{device}" masquerade
    }}
}}
"#
        )
    }

    pub(super) fn close(name: &str) -> Result<(), EngineError> {
        let device = device(name);
        let link = format!("/sys/class/net/{device}");
        if std::path::Path::new(&link).exists()
            || run("ip", &["link", "show", &device], None).is_ok()
        {
            run("ip", &["link", "del", &device], None)?;
        }
        let table = table(name);
        if run("nft", &["list", "table", "inet", &table], None).is_ok() {
            run("nft", &["delete", "table", "inet", &table], None)?;
        }
        Ok(())
    }

    pub(super) fn traffic(name: &str) -> Traffic {
        let mut traffic = Traffic::default();
        let listed = run(
            "nft",
            &["-j", "list", "counters", "table", "inet", &table(name)],
            None,
        );
        let Some(listed) = listed
            .ok()
            .and_then(|text| serde_json::from_str::<Value>(&text).ok())
        else {
            return traffic;
        };
        for counter in listed["nftables"].as_array().into_iter().flatten() {
            let counter = &counter["counter"];
            let bytes = counter["bytes"].as_u64().unwrap_or(0);
            match counter["name"].as_str() {
                Some("sent") => traffic.sent = bytes,
                Some("received") => traffic.received = bytes,
                _ => {}
            }
        }
        traffic
    }
}

fn device(name: &str) -> String {
    format!("iv{}", name.trim_start_matches("iog-"))
}

fn table(name: &str) -> String {
    name.replace('-', "_")
}

/// Where the host is itself.
struct HostNetwork {
    /// Its addresses and the networks they are in, also public ones.
    ranges: Vec<String>,
    /// Devices of its default routes.
    uplinks: Vec<String>,
    taken: Vec<Ipv4Addr>,
}

impl HostNetwork {
    fn read() -> Result<Self, EngineError> {
        let json = |args: &[&str]| -> Result<Vec<Value>, EngineError> {
            let text = run("ip", args, None)?;
            serde_json::from_str(text.trim()).or_else(|error| {
                if text.trim().is_empty() {
                    Ok(Vec::new())
                } else {
                    Err(host(&format!("ip: {error}")))
                }
            })
        };
        let (mut ranges, mut taken) = (Vec::new(), Vec::new());
        for link in json(&["-j", "-4", "addr"])? {
            for info in link["addr_info"].as_array().into_iter().flatten() {
                let (Some(local), Some(len)) = (info["local"].as_str(), info["prefixlen"].as_u64())
                else {
                    continue;
                };
                ranges.push(format!("{local}/{len}"));
                taken.extend(local.parse::<Ipv4Addr>().ok());
            }
        }
        let mut uplinks = Vec::new();
        for route in json(&["-j", "-4", "route", "show", "table", "main"])? {
            let (Some(to), Some(device)) = (route["dst"].as_str(), route["dev"].as_str()) else {
                continue;
            };
            match (to, route["gateway"].as_str()) {
                ("default", _) => uplinks.push(device.to_owned()),
                // On link: neighbours, also under public addresses.
                (to, None) => ranges.push(to.to_owned()),
                (_, Some(_)) => uplinks.push(device.to_owned()),
            }
        }
        uplinks.sort();
        uplinks.dedup();
        Ok(Self {
            ranges,
            uplinks,
            taken,
        })
    }

    /// The first address of a pair that no other run has.
    fn free_pair(&self, name: &str) -> Result<u32, EngineError> {
        let digits = name.trim_start_matches("iog-").get(..8).unwrap_or_default();
        let first = u32::from_str_radix(digits, 16).unwrap_or(0);
        let pairs = (0..POOL_PAIRS).map(|index| {
            POOL.saturating_add((first.wrapping_add(index) % POOL_PAIRS).saturating_mul(4))
        });
        let mut free =
            pairs.filter(|pair| !self.taken.contains(&Ipv4Addr::from(pair.saturating_add(1))));
        free.next()
            .ok_or_else(|| host("all addresses for ways to the internet are taken"))
    }
}
