//! A WireGuard of user space between two machines, for comparison.

use crate::SECS;
use anyhow::{Context, Result};
use iog_lab::{wait_until, Host, Namespace, Process, Spawn};
use std::{fs, path::Path};

const PORT: &str = "51820";
/// Address of the machine that is dialled, inside.
pub const FAR: &str = "10.9.0.1";

/// Which one, by its program and what brings it up in the foreground. The last argument is the device.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Debian's.
    Go,
    /// In Rust; from `target/tools/bin`, where `cargo xtask bench link` builds it.
    Boring,
}

impl Kind {
    fn spawn(self, device: &str) -> Spawn {
        match self {
            Kind::Go => Spawn::new("wireguard-go", &["-f", device]).env("LOG_LEVEL", "error"),
            Kind::Boring => {
                let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tools/bin");
                // It would give its rights away, and with them the device.
                let args = ["--foreground", "--disable-drop-privileges", device];
                Spawn::new(tools.join("boringtun-cli"), &args)
            }
        }
    }
}

pub struct Tunnel {
    _ends: Vec<Process>,
}

impl Tunnel {
    /// Brings both ends up, until `fetch` has a byte of what `far` serves at [`FAR`].
    pub fn start(
        kind: Kind,
        far: (&Host, &Path),
        near: (&Host, &Path),
        fetch: impl Fn() -> Result<f64>,
    ) -> Result<Self> {
        let public = format!("{}:{PORT}", far.0.public);
        // Its control sockets lie in one folder for the whole machine.
        let name = |end: char| format!("iogwg{}{end}", std::process::id());
        let (far_host, near_host) = (&far.0.inside, &near.0.inside);
        let far = End::start(kind, far_host, &name('a'), far.1)?;
        let near = End::start(kind, near_host, &name('b'), near.1)?;
        far.set(
            far_host,
            FAR,
            &near.public,
            "10.9.0.2/32",
            &["listen-port", PORT],
            &[],
        )?;
        near.set(
            near_host,
            "10.9.0.2",
            &far.public,
            "10.9.0.1/32",
            &[],
            &["endpoint", &public],
        )?;
        wait_until("WireGuard's first byte", SECS, || Ok(fetch().ok()))?;
        Ok(Self {
            _ends: vec![far.process, near.process],
        })
    }
}

struct End {
    process: Process,
    name: String,
    key: String,
    public: String,
}

impl End {
    fn start(kind: Kind, inside: &Namespace, name: &str, folder: &Path) -> Result<Self> {
        let process = kind
            .spawn(name)
            .start(inside, &folder.join("wireguard.log"))
            .context("run `cargo xtask bench link`, which installs it")?;
        wait_until("WireGuard's device", SECS, || {
            let shown = inside.run("wg", &["show", name]);
            Ok(shown.ok().map(|_| ()))
        })?;
        let secret = inside.run("wg", &["genkey"])?;
        let key = folder.join("wireguard.key");
        fs::write(&key, secret)?;
        let key = key.display().to_string();
        inside.run("wg", &["set", name, "private-key", &key])?;
        // Not of the device: boringtun tells none that has no peer.
        let public = inside.run("sh", &["-c", "wg pubkey < \"$0\"", &key])?;
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
