//! Who takes part: the network, its wallets, and a keeper for each machine.

mod join;

use anyhow::{Context, Result};
use iog_client::{pda, AccountData};
use iog_keeper::{Config, Done, Keeper, Outcome, Role};
use iog_math::units::HOUR;
use iog_migrations::localnet::{up, Options as NetOptions, Running, START_AGO_SECS, TOKEN_PROGRAM};
use iog_tx::{AnySigner, Confirmed};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Real time between blocks: fast, so that the story is short; a block is 400 ms of chain time all the same.
const BLOCK_INTERVAL: Duration = Duration::from_millis(25);

/// A supplier with one device.
pub struct Supplier {
    pub name: &'static str,
    pub wallet: &'static str,
    /// GPUs behind the device's key, which prove themselves together.
    pub cards: u32,
    pub class_id: u16,
    pub class_name: &'static str,
    pub device_key: Pubkey,
    pub device: Pubkey,
    pub stake: u64,
}

pub struct Actors {
    pub net: Running,
    pub dir: PathBuf,
    pub suppliers: [Supplier; 2],
    pub nodes: [Keeper; 2],
    /// Scheduler and crank.
    pub keeper: Keeper,
    /// The supplier whose node is off just now.
    pub dark: Option<usize>,
}

impl Actors {
    pub async fn start(dir: &Path, programs: PathBuf, progress: impl FnMut(&str)) -> Result<Self> {
        let mut options = NetOptions::new(dir.join("network"))?;
        options.programs = programs;
        options.block_interval = BLOCK_INTERVAL;
        // The network's hours begin with the clock's, so that every run has its slots at the same minutes; it begins an hour ago, in which the
        // price is seen.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
        let now = i64::try_from(now.as_secs())?;
        let begins = now - START_AGO_SECS;
        options.plan.genesis_ts = Some(begins - begins % HOUR);
        let net = up(options, progress).await?;
        let suppliers = [
            Supplier {
                cards: 8,
                ..supplier(&net, "A", "supplier-a", "device-a", 1, "test-enterprise")
            },
            supplier(&net, "B", "supplier-b", "device-b", 2, "test-community"),
        ];
        let node = |wallet, device| keeper(&net, dir, wallet, &[Role::Node], Some(device));
        let nodes = [
            node("supplier-a", "device-a")?,
            node("supplier-b", "device-b")?,
        ];
        let keeper = keeper(&net, dir, "keeper", &[Role::Scheduler, Role::Crank], None)?;
        Ok(Self {
            net,
            dir: dir.to_path_buf(),
            suppliers,
            nodes,
            keeper,
            dark: None,
        })
    }

    pub fn wallet(&self, name: &str) -> &Keypair {
        self.net.wallets.get(name)
    }

    pub fn jobs_dir(&self) -> PathBuf {
        jobs_dir(&self.dir)
    }

    /// Runs instructions in one transaction that `wallet` pays for.
    pub async fn send(
        &self,
        instructions: &[solana_instruction::Instruction],
        wallet: &str,
        others: &[&str],
    ) -> Result<Confirmed> {
        let others: Vec<&AnySigner> = others
            .iter()
            .map(|name| self.wallet(name) as &AnySigner)
            .collect();
        let sent = self
            .net
            .sender
            .send(instructions, self.wallet(wallet), &others)
            .await;
        sent.with_context(|| format!("a transaction of {wallet}"))
    }

    /// Reads an account that must be there.
    pub fn read<T: AccountData>(&self, address: &Pubkey) -> Result<T> {
        let account = self.net.net.get_account(address)?;
        let account = account.with_context(|| format!("{} {address} is missing", T::NAME))?;
        Ok(iog_client::decode(&account.data)?)
    }

    pub fn exists(&self, address: &Pubkey) -> Result<bool> {
        let account = self.net.net.get_account(address)?;
        Ok(account.is_some_and(|account| !account.data.is_empty()))
    }

    /// IO in a wallet's token account, 0 where there is none.
    pub fn io_of(&self, owner: &Pubkey) -> Result<u64> {
        self.balance(&io_account(owner))
    }

    pub fn balance(&self, token_account: &Pubkey) -> Result<u64> {
        if self.exists(token_account)? {
            Ok(self.net.net.token_balance(token_account)?)
        } else {
            Ok(0)
        }
    }

    /// What a wallet has to pay fees with.
    pub fn lamports(&self, wallet: &Pubkey) -> Result<u64> {
        let account = self.net.net.get_account(wallet)?;
        Ok(account.map_or(0, |account| account.lamports))
    }

    pub fn now(&self) -> Result<i64> {
        Ok(self.net.net.clock()?.unix_timestamp)
    }

    /// One pass of every keeper that is on. What a keeper was refused for good ends the demo.
    pub async fn tick(&mut self) -> Result<Vec<Done>> {
        let mut all = self.keeper.tick().await?;
        // Side by side: each waits for its walk, and for the slots of its challenge.
        let [a, b] = &mut self.nodes;
        let (a, b) = match self.dark {
            Some(0) => (Vec::new(), b.tick().await?),
            Some(_) => (a.tick().await?, Vec::new()),
            None => tokio::try_join!(a.tick(), b.tick())?,
        };
        all.extend(a);
        all.extend(b);
        for done in &all {
            anyhow::ensure!(
                done.outcome != Outcome::Refused,
                "{} was refused: {}",
                done.key,
                done.note
            );
        }
        Ok(all)
    }
}

pub fn io_account(owner: &Pubkey) -> Pubkey {
    token_account(owner, &pda::token::io_mint())
}

/// Of IO or USDC.
pub fn token_account(owner: &Pubkey, mint: &Pubkey) -> Pubkey {
    pda::token_account(owner, mint, &TOKEN_PROGRAM)
}

fn jobs_dir(dir: &Path) -> PathBuf {
    dir.join("jobs")
}

fn supplier(
    net: &Running,
    name: &'static str,
    wallet: &'static str,
    device: &str,
    class_id: u16,
    class_name: &'static str,
) -> Supplier {
    let device_key = net.wallets.get(device).pubkey();
    Supplier {
        name,
        wallet,
        cards: 1,
        class_id,
        class_name,
        device_key,
        device: pda::registry::device(&device_key),
        stake: 0,
    }
}

/// A keeper with a state folder of its own, paid by `wallet`.
fn keeper(
    net: &Running,
    dir: &Path,
    wallet: &str,
    roles: &[Role],
    device: Option<&str>,
) -> Result<Keeper> {
    let key = |name: &str| dir.join("network").join(format!("{name}.json"));
    let mut config = Config::new(
        net.rpc_url.clone(),
        key(wallet),
        dir.join("keepers").join(wallet),
    );
    config.roles = roles.iter().copied().collect();
    config.device_keys = device.map(key).into_iter().collect();
    config.jobs_dir = Some(jobs_dir(dir));
    // One price: the local network keeps every transaction's fees, and asking for them gets slower with each.
    config.fees.floor_micro_lamports = 0;
    config.fees.cap_micro_lamports = 0;
    config.crank.withdraw_at_io_units = Some(1);
    config.crank.withdraw_at_usd_units = Some(1);
    Ok(Keeper::open(config)?)
}
