//! RPC endpoints: how many, of whom, and how they are named in a log.

use super::{Config, Role};
use crate::error::{KeeperError, Result};
use reqwest::Url;
use std::collections::BTreeSet;

/// An endpoint without what is secret in it: providers put keys into user, path and query.
pub fn shown(url: &str) -> String {
    let Ok(url) = Url::parse(url) else {
        return "an address that cannot be read".into();
    };
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

impl Config {
    /// A node whose only endpoint is gone for half an hour loses its leases, and one that believes a single endpoint opens its jobs to whom that
    /// one names. redteam L2, V3
    pub(super) fn check_endpoints(&self) -> Result<()> {
        let refuse = |reason: &str| Err(KeeperError::Config(reason.into()));
        let mut hosts = BTreeSet::new();
        for (name, url) in [("rpc_url", &self.rpc_url)]
            .into_iter()
            .chain(self.witness_urls.iter().map(|url| ("witness_urls", url)))
        {
            if !url.starts_with("http://") && !url.starts_with("https://") {
                return refuse(&format!("{name} must begin with http:// or https://"));
            }
            let host = Url::parse(url)
                .ok()
                .and_then(|url| url.host_str().map(str::to_string));
            match host {
                Some(host) => hosts.insert(host),
                None => return refuse(&format!("{name} names no host")),
            };
        }
        let serves = self.has(Role::Node) && !self.devices.is_empty();
        if serves && !self.single_rpc && hosts.len() < 2 {
            return refuse(
                "the role node needs a second RPC endpoint on another host: name one in witness_urls, or set single_rpc = true",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_shown_without_their_keys() {
        for (url, text) in [
            ("http://127.0.0.1:1/?api-key=SECRET", "http://127.0.0.1:1"),
            (
                "https://user:SECRET@rpc.example.com/v2/SECRET",
                "https://rpc.example.com",
            ),
            ("SECRET", "an address that cannot be read"),
        ] {
            assert_eq!(shown(url), text);
        }
    }

    /// redteam V3
    #[test]
    fn a_node_has_two_endpoints_of_different_hosts() {
        let check = |rpc: &str, witnesses: &[&str], change: fn(&mut Config)| {
            let mut config = Config::new(rpc, "payer.json", "state");
            config
                .devices
                .push(super::super::Device::new("device.json"));
            config.witness_urls = witnesses.iter().map(|url| url.to_string()).collect();
            change(&mut config);
            config.validate().map_err(|error| error.to_string())
        };
        let one = "https://one.example.com/abc";
        let lone = check(one, &[], |_| ()).unwrap_err();
        assert!(lone.contains("witness_urls"), "{lone}");
        assert!(check(one, &["https://one.example.com:8899/def"], |_| ()).is_err());
        check(one, &["https://two.example.com"], |_| ()).unwrap();
        check(one, &[], |config| config.single_rpc = true).unwrap();
        // Whoever serves nobody needs no second one.
        check(one, &[], |config| config.devices.clear()).unwrap();
        check(one, &[], |config| config.roles = [Role::Crank].into()).unwrap();
        let error = check(one, &["two.example.com"], |_| ()).unwrap_err();
        assert!(error.contains("witness_urls must begin with"), "{error}");
        assert!(check("http://", &[], |_| ()).is_err());
    }
}
