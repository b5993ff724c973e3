//! Who takes part: the network, its wallets, and a keeper for each machine.

mod join;

use crate::processes::{private, tunnel_key, until, Processes};
use anyhow::{Context, Result};
use iog_client::{pda, AccountData};
use iog_keeper::{config::Overrides, Config, Done, Keeper, Outcome};
use iog_math::units::HOUR;
use iog_migrations::localnet::{up, Options as NetOptions, Running, START_AGO_SECS, TOKEN_PROGRAM};
use iog_node::board;
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
    /// The chain side of each node: the story moves the clock and tells each when to look.
    pub nodes: [Keeper; 2],
    pub processes: Processes,
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
        let mut suppliers = [
            Supplier {
                cards: 8,
                ..supplier(&net, "A", "supplier-a", "device-a", 1, "test-enterprise")
            },
            supplier(&net, "B", "supplier-b", "device-b", 2, "test-community"),
        ];
        let mut processes = Processes::start(dir, &net.rpc_url).await?;
        let node = |wallet, device| keeper(&net, dir, wallet, Some((device, processes.network())));
        let (a, tunnel_a) = node("supplier-a", "device-a")?;
        let (b, tunnel_b) = node("supplier-b", "device-b")?;
        let (keeper, _) = keeper(&net, dir, "keeper", None)?;
        (suppliers[0].tunnel_key, suppliers[1].tunnel_key) = (tunnel_a, tunnel_b);
        for wallet in ["supplier-a", "supplier-b"] {
            processes.node(&config_file(dir, wallet), wallet).await?;
        }
        let nodes = [a, b];
        Ok(Self {
            net,
            dir: dir.to_path_buf(),
            suppliers,
            nodes,
            processes,
            keeper,
            dark: None,
        })
    }

    pub fn wallet(&self, name: &str) -> &Keypair {
        self.net.wallets.get(name)
    }

    /// Waits until the nodes have erased every lease whose outputs need not be kept any more: nothing of them stays on this machine.
    pub async fn nodes_are_empty(&self) -> Result<()> {
        for node in &self.nodes {
            let leases = node.config().node_dir().join("jobs/leases");
            until("the end of a node's leases", || {
                let left = std::fs::read_dir(&leases).map_or(0, Iterator::count);
                Ok((left == 0).then_some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// Waits until the job side of every node has seen its newest board: a node takes no order while it does not know that it can run one.
    pub async fn nodes_are_ready(&self) -> Result<()> {
        for node in &self.nodes {
            let dir = node.config().node_dir();
            until("a node's job side", || {
                let (board, report) = (board::board_file(&dir), board::report_file(&dir));
                let board: Option<board::Board> = board::read(&board)?;
                let report: Option<board::Report> = board::read(&report)?;
                let seen = board.zip(report);
                Ok(seen.and_then(|(board, report)| {
                    (report.trouble.is_none() && report.board_slot >= board.slot).then_some(())
                }))
            })
            .await?;
        }
        Ok(())
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

/// A keeper with a folder of its own, paid by `wallet`: a node with a device, or the scheduler and crank. The node's other processes read the
/// same file. Returns the key of its link, too.
fn keeper(
    net: &Running,
    dir: &Path,
    wallet: &str,
    node: Option<(&str, &Path)>,
) -> Result<(Keeper, Pubkey)> {
    let file = config_file(dir, wallet);
    let folder = file.parent().context("no folder")?;
    private(folder)?;
    let key = |name: &str| dir.join("network").join(format!("{name}.json"));
    let roles = match node {
        Some(_) => "'node'",
        None => "'scheduler', 'crank'",
    };
    // One price: the local network keeps every transaction's fees, and asking for them gets slower with each.
    let mut text = format!(
        "rpc_url = '{}'\nsingle_rpc = true\nfee_payer = '{}'\nroles = [{roles}]\nstate_dir = 'state'\nbooks_mib = 1\nlock_dir = '.'\n\
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
    let config = Config::load(Some(&file), Overrides::default())?;
    Ok((Keeper::open(config)?, tunnel))
}
