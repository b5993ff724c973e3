//! Routers of homes, by nftables.

use crate::Namespace;
use anyhow::Result;

/// How a home's router changes addresses. Nothing comes in that nobody inside has asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nat {
    /// Keeps the port towards everybody (endpoint-independent mapping): holes can be punched.
    Independent,
    /// Another port towards each peer: they cannot.
    Symmetric,
}

impl Nat {
    /// Rules of a router between `lan` and `wan`. `forward` sends one UDP port of the outside to an address inside.
    pub(crate) fn set(
        self,
        router: &Namespace,
        lan: &str,
        wan: &str,
        forward: Option<(u16, &str)>,
    ) -> Result<()> {
        let random = match self {
            Nat::Independent => "",
            Nat::Symmetric => " fully-random",
        };
        let (mut dnat, mut pass) = (String::new(), String::new());
        if let Some((port, inside)) = forward {
            dnat = format!("iifname {wan} udp dport {port} dnat to {inside}:{port}");
            pass = format!("iifname {wan} udp dport {port} accept");
        }
        let rules = format!(
            "flush ruleset
            table ip nat {{
                chain pre {{ type nat hook prerouting priority -100; policy accept;
                    {dnat}
                }}
                chain post {{ type nat hook postrouting priority 100; policy accept;
                    oifname {wan} masquerade{random}
                }}
            }}
            table ip filter {{
                chain forward {{ type filter hook forward priority 0; policy drop;
                    ct state established,related accept
                    iifname {lan} oifname {wan} accept
                    {pass}
                }}
                chain input {{ type filter hook input priority 0; policy drop;
                    ct state established,related accept
                    iifname lo accept
                    iifname {lan} accept
                }}
            }}"
        );
        let file = tempfile::NamedTempFile::new()?;
        std::fs::write(file.path(), rules)?;
        router.run("nft", &["-f", &file.path().display().to_string()])?;
        router.sysctl("net.ipv4.ip_forward", "1")
    }
}
