//! Relays in the internet, and the network's file, which names them and is signed.

use super::{program, Product, PATIENCE};
use crate::{Process, Spawn};
use anyhow::{Context, Result};
use ed25519_dalek::{Signer, SigningKey};
use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
};

/// Servers of the internet, by the last byte of their address.
const RELAYS: u8 = 20;
const RELAY_PORT: u16 = 3340;
const QUIC_PORT: u16 = 7842;
/// Signs the network's files.
const SIGNER: [u8; 32] = [7; 32];
/// What stands before the text that is signed.
const SIGNED: &[u8] = b"\xffiog:network\0\x01";

/// What the network's file says.
pub struct Networks {
    version: u32,
    /// Numbers of the relays, with their entries.
    relays: Vec<(u8, String)>,
}

impl Default for Networks {
    fn default() -> Self {
        Self {
            version: 1,
            relays: Vec::new(),
        }
    }
}

impl Networks {
    fn text(&self) -> String {
        let known = include_str!("../../../../networks/localnet.toml");
        let own = known.split("\n[[relays]]").next().unwrap_or(known);
        let key = SigningKey::from_bytes(&SIGNER).verifying_key();
        let head = format!(
            "version = {}\nsigner = \"{}\"\n",
            self.version,
            bs58::encode(key.to_bytes()).into_string()
        );
        let entries: Vec<&str> = self.relays.iter().map(|(_, text)| text.as_str()).collect();
        format!(
            "{}\n{}\n",
            own.replacen("version = 1\n", &head, 1),
            entries.join("\n")
        )
    }
}

impl Product {
    /// Starts relay `number` in the internet; from now on the network's file names it.
    pub fn relay(&mut self, number: u8, args: &[&str]) -> Result<Process> {
        self.relay_of(number, number, args)
    }

    /// Starts at address `to` what was relay `from`, with its keys; the network's next version names it there, and no other.
    pub fn move_relay(&mut self, from: u8, to: u8) -> Result<Process> {
        self.networks.version += 1;
        self.networks.relays.clear();
        self.relay_of(to, from, &[])
    }

    fn relay_of(&mut self, number: u8, keys: u8, args: &[&str]) -> Result<Process> {
        let address = self.relay_address(number);
        let listen = format!("{address}:{RELAY_PORT}");
        let quic = format!("{address}:{QUIC_PORT}");
        let dir = self.folder().join(format!("relay{keys}"));
        let dir = dir.display().to_string();
        let name = address.to_string();
        let mut all = vec!["relay", "--allow-any", "--bytes-per-second", "100000000"];
        all.extend(["--listen", &listen, "--quic", &quic]);
        all.extend(["--dir", &dir, "--name", &name]);
        all.extend(args);
        let log = self.folder().join(format!("relay{number}.log"));
        let mut relay = Spawn::new(program("iog-keeper")?, &all).start(&self.lab.internet, &log)?;
        relay.says("relay started", PATIENCE)?;
        let entry = (number, entry(&relay.text()).context("no entry in its log")?);
        if !self.networks.relays.contains(&entry) {
            self.networks.relays.push(entry);
        }
        Ok(relay)
    }

    pub fn relay_address(&self, number: u8) -> Ipv4Addr {
        self.lab.server(RELAYS + number)
    }

    /// Writes the network's file as it is now; returns its path.
    pub(super) fn network_file(&self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join("network.toml");
        fs::write(&path, self.network_text())?;
        Ok(path)
    }

    /// With both endpoints: a renter believes none alone.
    fn network_text(&self) -> String {
        let both = format!(
            "rpc_urls = [\"{}\", \"{}\"]",
            self.rpc.url(),
            self.witness.url()
        );
        let own = "rpc_urls = [\"http://127.0.0.1:8899\"]";
        self.networks.text().replacen(own, &both, 1)
    }

    /// Lays the network's file, signed, where `iog-keeper` (its state folder) or `iog` (its data folder) looks for a newer one.
    pub fn update_network(&self, folder: &Path) -> Result<()> {
        let text = self.network_text();
        let key = SigningKey::from_bytes(&SIGNER);
        let signature = key.sign(&[SIGNED, text.as_bytes()].concat());
        let path = folder.join("networks/localnet.toml");
        fs::create_dir_all(folder.join("networks"))?;
        fs::write(&path, text)?;
        fs::write(
            path.with_extension("toml.sig"),
            hex::encode(signature.to_bytes()),
        )?;
        Ok(())
    }
}

/// What a relay prints for the network's file, up to the first line that is no field.
fn entry(log: &str) -> Option<String> {
    let (_, after) = log.split_once("[[relays]]\n")?;
    let fields = after.lines().take_while(|line| {
        let name = line.split(" = ").next().unwrap_or_default();
        ["url", "quic_port", "pins"].contains(&name)
    });
    let fields: Vec<&str> = fields.collect();
    Some(format!("[[relays]]\n{}\n", fields.join("\n")))
}
