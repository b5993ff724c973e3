//! Who takes part: the network, its wallets, a node for each supplier's machine, and a keeper that matches and cranks.

mod join;

use crate::processes::{private, tunnel_key, until, Node, Processes};
use anyhow::{Context, Result};
use iog_client::{pda, registry, AccountData};
use iog_keeper::{config::Overrides, Config, Done, Keeper, Outcome};
use iog_math::{slots::SLOT_SECS, units::HOUR};
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
    /// The device's end of the link.
    pub tunnel_key: Pubkey,
    pub stake: u64,
}

pub struct Actors {
    pub net: Running,
    pub dir: PathBuf,
    pub suppliers: [Supplier; 2],
    /// Of each supplier: processes that see the chain and the link, and nothing of this one.
    pub nodes: [Node; 2],
    pub processes: Processes,
    /// Scheduler and crank: the only one that moves when the story tells it to.
    pub keeper: Keeper,
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
        let mut suppliers = [
            Supplier {
                cards: 8,
                ..supplier(&net, "A", "supplier-a", "device-a", 1, "test-enterprise")
            },
            supplier(&net, "B", "supplier-b", "device-b", 2, "test-community"),
        ];
        let processes = Processes::start(dir, &net.rpc_url).await?;
        let mut node = |place: usize, wallet, device| {
            let (config, tunnel) = config(&net, dir, wallet, Some((device, processes.network())))?;
            suppliers[place].tunnel_key = tunnel;
            anyhow::Ok(Node::new(
                wallet,
                config_file(dir, wallet),
                config.node_dir(),
            ))
        };
        let nodes = [
            node(0, "supplier-a", "device-a")?,
            node(1, "supplier-b", "device-b")?,
        ];
        let (own, _) = config(&net, dir, "keeper", None)?;
        let keeper = Keeper::open(own)?;
        Ok(Self {
            net,
            dir: dir.to_path_buf(),
            suppliers,
            nodes,
            processes,
            keeper,
        })
    }

    pub fn wallet(&self, name: &str) -> &Keypair {
        self.net.wallets.get(name)
    }

    pub fn switch_on(&mut self, supplier: usize) -> Result<()> {
        self.nodes[supplier].start(&self.processes)
    }

    /// Waits until every node has seen what the chain is now, and knows that it can run an order: before that it takes none.
    pub async fn nodes_are_ready(&self) -> Result<()> {
        let slot = self.net.net.clock()?.slot;
        for node in &self.nodes {
            self.processes.told(node.is_ready(slot).await)?;
        }
        Ok(())
    }

    /// Waits until `look` finds on chain what a node is to do; where it does not come, the nodes' own words are in the error.
    pub async fn sees<T>(&self, what: &str, look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
        self.processes.told(until(what, look).await)
    }

    /// Waits until these suppliers' devices have shown a sign of life in the present ten minutes.
    pub async fn beats(&self, suppliers: &[usize]) -> Result<()> {
        let interval = self.now()?.div_euclid(SLOT_SECS);
        for index in suppliers {
            let supplier = &self.suppliers[*index];
            let what = format!("a heartbeat of device {}", supplier.name);
            self.sees(&what, || {
                let device: registry::accounts::Device = self.read(&supplier.device)?;
                Ok((device.beat_head >= interval).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// The transactions that an account was in, the oldest first.
    pub async fn transactions(&self, address: &Pubkey) -> Result<Vec<String>> {
        let sent = self.net.sender.rpc().get_signatures_for_address(address);
        let mut sent: Vec<_> = sent
            .await?
            .into_iter()
            .filter(|sent| sent.err.is_none())
            .collect();
        sent.sort_by_key(|sent| sent.slot);
        Ok(sent.into_iter().map(|sent| sent.signature).collect())
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

    /// One pass of scheduler and crank. What they were refused for good ends the demo.
    pub async fn tick(&mut self) -> Result<Vec<Done>> {
        let all = self.keeper.tick().await?;
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

fn config_file(dir: &Path, wallet: &str) -> PathBuf {
    dir.join("keepers").join(wallet).join("keeper.toml")
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
        tunnel_key: Pubkey::default(),
        stake: 0,
    }
}

/// A keeper's configuration in a folder of its own, paid by `wallet`: a node with a device, or the scheduler and crank. Returns the key of its
/// link, too.
fn config(
    net: &Running,
    dir: &Path,
    wallet: &str,
    node: Option<(&str, &Path)>,
) -> Result<(Config, Pubkey)> {
    let file = config_file(dir, wallet);
    let folder = file.parent().context("no folder")?;
    private(folder)?;
    let key = |name: &str| dir.join("network").join(format!("{name}.json"));
    let roles = match node {
        Some(_) => "'node'",
        None => "'scheduler', 'crank'",
    };
    // One price: the local network keeps every transaction's fees, and asking for them gets slower with each. Its clock is hurried, and so are
    // the passes.
    let mut text = format!(
        "rpc_url = '{}'\nsingle_rpc = true\nfee_payer = '{}'\nroles = [{roles}]\nstate_dir = 'state'\nbooks_mib = 1\nlock_dir = '.'\ntick_secs = 0.1\n\
         [fees]\nfloor_micro_lamports = 0\ncap_micro_lamports = 0\n[crank]\nwithdraw_at_io_units = 1\nwithdraw_at_usd_units = 1\n",
        net.rpc_url,
        key(wallet).display()
    );
    let mut tunnel = Pubkey::default();
    if let Some((device, network)) = node {
        tunnel = tunnel_key(&folder.join("tunnel.json"))?;
        let renter = net.wallets.get("renter").pubkey();
        // Without the rights of root a sandbox limits too little for strangers' jobs: the renter is the operator's friend.
        text += &format!(
            "[[device]]\nkey = '{}'\ntunnel_key = 'tunnel.json'\n[node]\nengine = 'sandbox'\nnetwork = '{}'\n[policy]\nown_renters = ['{renter}']\n",
            key(device).display(),
            network.display()
        );
    }
    std::fs::write(&file, text)?;
    Ok((Config::load(Some(&file), Overrides::default())?, tunnel))
}
