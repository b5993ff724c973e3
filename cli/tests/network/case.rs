//! One device, and what wallets do with it on the command line.

use crate::{
    common::{json, text},
    world::World,
};
use serde_json::Value;
use solana_signer::Signer as _;
use std::path::Path;

pub const DAY: i64 = 86_400;

/// The base units of an amount.
pub fn units(value: &Value) -> u64 {
    value.as_str().unwrap().parse().unwrap()
}

pub struct Case<'a> {
    pub world: &'a World,
    pub dir: &'a Path,
    pub device: String,
}

impl Case<'_> {
    /// DEVICE in a line stands for the device.
    pub fn done(&self, wallet: &str, line: &str) -> Value {
        let line = line.replace("DEVICE", &self.device);
        json(&self.world.run(self.dir, wallet, &line))
    }

    pub fn refused(&self, wallet: &str, line: &str, name: &str) {
        let line = line.replace("DEVICE", &self.device);
        let output = self.world.run(self.dir, wallet, &line);
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{line}: {stderr}");
        assert!(stderr.contains(name), "{line}: {stderr}");
    }

    /// A file of evidence, and its hash: SHA-256 of "abc" (FIPS 180-2, appendix B.1).
    pub fn evidence(&self) -> (String, &'static str) {
        let file = self.dir.join("evidence");
        std::fs::write(&file, "abc").unwrap();
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        (file.to_str().unwrap().to_string(), hash)
    }

    pub fn key(&self, wallet: &str) -> String {
        self.world.net.wallets.get(wallet).pubkey().to_string()
    }

    pub fn now(&self) -> i64 {
        self.world.net.net.clock().unwrap().unix_timestamp
    }

    pub fn days_pass(&self, days: i64) {
        self.secs_pass(days * DAY + 1);
    }

    pub fn secs_pass(&self, secs: i64) {
        self.world
            .net
            .net
            .warp_to_timestamp(self.now() + secs)
            .unwrap();
    }
}
