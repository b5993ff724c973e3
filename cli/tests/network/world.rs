//! An embedded network with an IO mint that is older than it.

use crate::common::Iog;
use iog_client::{decode, encode, pda, registry, token, treasury};
use iog_math::emission::hour_at;
use iog_migrations::{
    localnet::{up, Options, Running, TOKEN_PROGRAM},
    Plan,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use spl_token_2022_interface::instruction::burn_checked;
use std::{
    path::Path,
    process::{Child, Output},
    time::Duration,
};

/// 499 million IO are with the authority, a million is vested.
const EXISTING: u64 = 49_900_000_000_000_000;
/// Four times as fast as the clock on the wall: so slow that a few commands take no longer than the renter's thirty seconds, and that a price
/// which makes IOSD is not twenty seconds old when it lands.
const PACE: Duration = Duration::from_millis(100);
pub const VESTING: &str = "[[vesting]]\nname = \"rest\"\ntotal = \"1000000\"\nat_start_bps = 0\nfirst_release_secs = 0\nperiods = 12\nperiod_secs = 2629800\nper_second = true\n";

/// A network and a command line over it.
pub struct World {
    pub iog: Iog,
    pub net: Running,
}

impl World {
    pub async fn start(dir: &Path) -> Self {
        let mut options = Options::new(dir).unwrap();
        options.programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/deploy").into();
        options.block_interval = PACE;
        options.existing_io = Some(EXISTING);
        let plan = include_str!("../../../migrations/plans/local.toml");
        options.plan = Plan::parse(&format!("{plan}\n{VESTING}")).unwrap();
        let net = up(options, |_| ()).await.unwrap();
        Self {
            iog: Iog::new(),
            net,
        }
    }

    pub fn run(&self, dir: &Path, wallet: &str, line: &str) -> Output {
        self.spawn(dir, wallet, line).wait_with_output().unwrap()
    }

    pub fn spawn(&self, dir: &Path, wallet: &str, line: &str) -> Child {
        self.net.refresh_price().unwrap();
        let key = dir.join(format!("{wallet}.json"));
        let mut args: Vec<&str> = line.split(' ').collect();
        args.extend(["-u", &self.net.rpc_url, "-k", key.to_str().unwrap()]);
        args.extend(["-o", "json", "-y"]);
        self.iog.spawn(&args)
    }

    /// The device has just passed a proof and shown a sign of life: what a node does all day.
    pub fn proves(&self, device: &Pubkey) {
        let net = &self.net.net;
        let books = net.get_account(&pda::token::config()).unwrap().unwrap();
        let books: token::Config = decode(&books.data).unwrap();
        let clock = net.clock().unwrap();
        let hour = hour_at(books.genesis_ts, clock.unix_timestamp).unwrap();
        let mut account = net.get_account(device).unwrap().unwrap();
        let mut device_now: registry::Device = decode(&account.data).unwrap();
        device_now.last_pass_epoch = hour.into();
        device_now.last_sign_ts = clock.unix_timestamp;
        account.data = encode(&device_now);
        net.set_account(device, account).unwrap();
    }

    /// Fees of 1,000 USDC, which no order pays yet.
    pub fn fill_fees(&self) {
        let usdc = self.net.wallets.get("usdc-mint").pubkey();
        let net = &self.net.net;
        let address = pda::treasury::fees(&usdc);
        let mut account = net.get_account(&address).unwrap().unwrap();
        let mut fees: treasury::FeeVault = decode(&account.data).unwrap();
        (fees.booked_units, fees.collected_units) = (1_000_000_000, 1_000_000_000);
        account.data = encode(&fees);
        net.set_account(&address, account).unwrap();
        let vault = pda::treasury::vault(&usdc);
        let mut account = net.get_account(&vault).unwrap().unwrap();
        account.data[64..72].copy_from_slice(&1_000_000_000u64.to_le_bytes());
        net.set_account(&vault, account).unwrap();
    }

    /// Burns an IO of the renter past our programs.
    pub async fn burn_elsewhere(&self, mint: &Pubkey) {
        let renter = self.net.wallets.get("renter");
        let account = pda::token_account(&renter.pubkey(), mint, &TOKEN_PROGRAM);
        let owner = renter.pubkey();
        let burn = burn_checked(&TOKEN_PROGRAM, &account, mint, &owner, &[], 100_000_000, 8);
        let sent = self.net.sender.send(&[burn.unwrap()], renter, &[]).await;
        sent.unwrap();
    }
}
