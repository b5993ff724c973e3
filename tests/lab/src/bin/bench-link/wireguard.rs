//! A WireGuard of user space between the renter and the first node, for comparison.

use crate::{Bench, SECS};
use anyhow::{Context, Result};
use iog_lab::{wait_until, Namespace, Process, Spawn};
use std::{fs, path::Path};

const PORT: &str = "51820";

pub struct Tunnel {
    url: String,
    _ends: Vec<Process>,
}

impl Tunnel {
    /// Brings both ends up; the first node's server answers by it.
    pub fn start(bench: &Bench) -> Result<Self> {
        let (node, renter) = (&bench.nodes[0].host, &bench.renter.host);
        let public = format!("{}:{PORT}", node.public);
        // Its control sockets lie in one folder for the whole machine.
        let name = |end: char| format!("iogwg{}{end}", std::process::id());
        let far = End::start(&node.inside, &name('a'), &bench.nodes[0].folder)?;
        let near = End::start(&renter.inside, &name('b'), &bench.renter.folder)?;
        far.set(
            &node.inside,
            "10.9.0.1",
            &near.public,
            "10.9.0.2/32",
            &["listen-port", PORT],
            &[],
        )?;
        near.set(
            &renter.inside,
            "10.9.0.2",
            &far.public,
            "10.9.0.1/32",
            &[],
            &["endpoint", &public],
        )?;
        let url = "http://10.9.0.1:9000".to_string();
        wait_until("WireGuard's first byte", SECS, || {
            Ok(bench.fetch(&url, 1).ok().map(|_| ()))
        })?;
        Ok(Self {
            url,
            _ends: vec![far.process, near.process],
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }
}

struct End {
    process: Process,
    name: String,
    key: String,
    public: String,
}

impl End {
    fn start(inside: &Namespace, name: &str, folder: &Path) -> Result<Self> {
        let spawn = Spawn::new("wireguard-go", &["-f", name]).env("LOG_LEVEL", "error");
        let process = spawn
            .start(inside, &folder.join("wireguard.log"))
            .context("wireguard-go (Debian's package of that name)")?;
        wait_until("WireGuard's device", SECS, || {
            let shown = inside.run("wg", &["show", name]);
            Ok(shown.ok().map(|_| ()))
        })?;
        let secret = inside.run("wg", &["genkey"])?;
        let key = folder.join("wireguard.key");
        fs::write(&key, secret)?;
        let key = key.display().to_string();
        inside.run("wg", &["set", name, "private-key", &key])?;
        let public = inside.run("wg", &["show", name, "public-key"])?;
        Ok(Self {
            process,
            name: name.into(),
            key,
            public: public.trim().into(),
        })
    }

    fn set(
        &self,
        inside: &Namespace,
        own: &str,
        peer: &str,
        allowed: &str,
        of_end: &[&str],
        of_peer: &[&str],
    ) -> Result<()> {
        let mut args = vec!["set", &self.name, "private-key", &self.key];
        args.extend(of_end);
        args.extend(["peer", peer, "allowed-ips", allowed]);
        args.extend(of_peer);
        inside.run("wg", &args)?;
        inside.ip(&["addr", "add", &format!("{own}/24"), "dev", &self.name])?;
        inside.ip(&["link", "set", &self.name, "mtu", "1420", "up"])?;
        Ok(())
    }
}
