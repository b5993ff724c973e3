//! The host's packet filter around the link: it talks to whoever a peer names as its address, and what it sends must reach nothing of the
//! operator's own networks. redteam L3

mod rules;

#[cfg(test)]
mod tests;

use super::user::{User, Users};
use crate::{
    config::{shown, Config},
    error::{KeeperError, Result},
};
use iog_link::{Network, RelayAddr};
use reqwest::Url;
use rules::{rules, Open};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::Write,
    net::{IpAddr, ToSocketAddrs},
    process::{Command, Stdio},
};

const DNS: u16 = 53;

/// A table of its own in the host's packet filter. Removed when this goes; one that a killed process left is replaced.
pub struct Filter {
    table: String,
}

impl Filter {
    /// Filters what the link's user sends. Nothing to filter by, and nothing is, where the link is the same user as all else.
    ///
    /// # Errors
    /// If it cannot be filtered and strangers are served.
    pub fn set(config: &Config) -> Result<Option<Self>> {
        let users = User::of_node(&config.node)?;
        let Some(link) = own_user(&users) else {
            return Ok(None);
        };
        let table = table(config);
        let text = rules(&table, link.uid, &config.node.lans, &open(config)?);
        match nft(&["-f", "-"], &text) {
            Ok(()) => Ok(Some(Self { table })),
            Err(reason) if config.policy.own_renters.is_empty() => Err(KeeperError::Config(format!(
                "[node]: what link_user sends cannot be filtered ({reason}); install nftables, or serve nobody but policy.own_renters"
            ))),
            Err(reason) => {
                tracing::warn!(reason, "what link_user sends is not filtered: peers may have it send packets to this machine's own networks");
                Ok(None)
            }
        }
    }
}

impl Drop for Filter {
    fn drop(&mut self) {
        if let Err(reason) = nft(&["delete", "table", "inet", &self.table], "") {
            tracing::warn!(
                reason,
                table = self.table,
                "the link's packet filter is left behind"
            );
        }
    }
}

/// The link's user, where the filter can tell it from the others.
fn own_user(users: &Users) -> Option<User> {
    let link = users.link?;
    let root = User { uid: 0, gid: 0 };
    let others = [
        users.chain.unwrap_or(root),
        users.jobs.unwrap_or(root),
        root,
    ];
    others
        .iter()
        .all(|other| other.uid != link.uid)
        .then_some(link)
}

/// Of this node: two on one machine do not take each other's away.
fn table(config: &Config) -> String {
    let dir = config.node_dir();
    let hash = Sha256::digest(dir.as_os_str().as_encoded_bytes());
    let name = hash.iter().take(6).map(|byte| format!("{byte:02x}"));
    format!("iog_link_{}", name.collect::<String>())
}

/// Where the link must get, whatever network it is in: its relays and the machine's servers of names. It asks no RPC.
fn open(config: &Config) -> Result<Vec<Open>> {
    let name = config.node.network.as_deref().unwrap_or("localnet");
    let updates = config.state_dir.join("networks");
    let warn = |error: &_| tracing::warn!("the newer network file is not taken: {error}");
    let network = Network::find(name, Some(&updates), warn)
        .map_err(|error| KeeperError::Config(format!("node.network: {error}")))?;
    let resolvers = fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
    let mut all: Vec<Open> = servers_of_names(&resolvers).collect();
    for relay in &network.settings().relays {
        all.extend(of_relay(relay));
    }
    Ok(all)
}

fn servers_of_names(resolv_conf: &str) -> impl Iterator<Item = Open> + '_ {
    let lines = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let server = (words.next()? == "nameserver").then(|| words.next())??;
        // An interface may stand behind a link-local one.
        server.split('%').next()?.parse().ok()
    });
    lines.map(|address: IpAddr| Open {
        address,
        tcp: DNS,
        udp: DNS,
    })
}

/// One that cannot be found now is a public one, or the link does not find it either.
fn of_relay(relay: &RelayAddr) -> Vec<Open> {
    let url = Url::parse(&relay.url).ok();
    let place = url.as_ref().and_then(|url| {
        let host = url.host_str()?.trim_matches(['[', ']']);
        Some((host.to_string(), url.port_or_known_default()?))
    });
    let found = place.and_then(|place| place.to_socket_addrs().ok());
    let Some(found) = found else {
        tracing::warn!(relay = shown(&relay.url), "its address is not known yet");
        return Vec::new();
    };
    let opened = found.map(|found| Open {
        address: found.ip(),
        tcp: found.port(),
        udp: relay.quic_port.unwrap_or(found.port()),
    });
    opened.collect()
}

/// Tells the host's packet filter; what it answers if it refuses.
fn nft(args: &[&str], input: &str) -> std::result::Result<(), String> {
    let told = |error: std::io::Error| format!("nft: {error}");
    let mut child = Command::new("nft")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(told)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(told)?;
    }
    let output = child.wait_with_output().map_err(told)?;
    if output.status.success() {
        return Ok(());
    }
    let answer = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "nft: {}",
        answer.lines().next().unwrap_or("refused")
    ))
}
