//! A local network with a staked device, a renter, and keepers over it.

use iog_client::{market, pda, registry, staking};
use iog_keeper::config::Device;
use iog_keeper::{Config, Done, Keeper, Outcome};
use iog_math::units::{HOUR, IO};
use iog_migrations::{
    localnet::{up, Options, Running, TOKEN_PROGRAM},
    Plan,
};
use iog_node::board::{self, Board, Report};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{path::Path, time::Duration};
use tempfile::TempDir;

pub const CLASS: u16 = 2;
/// The hour in which tests begin: the network was set up in the one before, in which its price was seen.
pub const HOUR_NOW: u32 = 2;
/// How long a settled hour can be disputed.
pub const DISPUTE_SECS: u32 = 600;

pub struct World {
    pub net: Running,
    pub dir: TempDir,
    pub device: Pubkey,
}

impl World {
    /// Programs come from `cargo xtask build`.
    pub async fn new() -> Self {
        Self::with_uptime(0).await
    }

    /// Devices earn after this many hours with a sign of life in each.
    pub async fn with_uptime(min_uptime_hours: u64) -> Self {
        Self::with_plan(Plan {
            min_uptime_hours,
            ..Plan::local().unwrap()
        })
        .await
    }

    /// A network by a plan, in which devices earn from their registration on.
    pub async fn with_plan(plan: Plan) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut options = Options::new(dir.path().join("keys")).unwrap();
        if std::env::var_os("IOG_PROGRAMS").is_none() {
            options.programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/deploy");
        }
        options.block_interval = Duration::from_millis(20);
        options.plan = Plan {
            min_device_age_secs: 0,
            ..plan
        };
        options.plan.market.dispute_secs = DISPUTE_SECS;
        let net = up(options, |_| {}).await.unwrap();
        // In the second half of an hour an idle device sends a heartbeat: every test begins in the first.
        let now = net.net.clock().unwrap().unix_timestamp;
        if now.rem_euclid(HOUR) >= HOUR / 2 - 300 {
            let next = (now.div_euclid(HOUR) + 1) * HOUR;
            net.net.warp_to_timestamp(next).unwrap();
        }
        let device = pda::registry::device(&net.wallets.get("device-a").pubkey());
        let world = Self { net, dir, device };
        world.join("supplier-a", "device-a").await;
        world.open_renter().await;
        world
    }

    /// A keeper of all roles with the key of `device-a`, paid for by a wallet of its own.
    pub fn keeper(&self, payer: &str) -> Keeper {
        self.keeper_with(payer, |_| ())
    }

    pub fn keeper_with(&self, payer: &str, change: impl FnOnce(&mut Config)) -> Keeper {
        let key = |name: &str| self.key_file(name);
        let state = self.dir.path().join(format!("state-{payer}"));
        let mut config = Config::new(&self.net.rpc_url, key(payer), state);
        config.devices.push(Device::new(key("device-a")));
        config.fees = iog_tx::FeePolicy::fixed(0).into();
        config.crank.burn_at_units = 1;
        config.crank.collect_at_usd_units = 1;
        config.crank.withdraw_at_io_units = Some(1);
        config.single_rpc = true;
        config.books_mib = 1;
        // Each keeper is a machine of its own.
        let locks = self.dir.path().join(format!("locks-{payer}"));
        std::fs::create_dir_all(&locks).unwrap();
        config.lock_dir = Some(locks);
        change(&mut config);
        report(&config, |_| ());
        Keeper::open(config).unwrap()
    }

    pub fn key_file(&self, wallet: &str) -> std::path::PathBuf {
        self.dir.path().join("keys").join(format!("{wallet}.json"))
    }

    pub async fn send(&self, instruction: Instruction, signers: &[&str]) {
        let signers: Vec<&Keypair> = signers
            .iter()
            .map(|name| self.net.wallets.get(name))
            .collect();
        let others: Vec<&iog_tx::AnySigner> = signers[1..].iter().map(|key| *key as _).collect();
        let sent = self
            .net
            .sender
            .send(&[instruction], signers[0], &others)
            .await;
        sent.unwrap();
    }

    pub fn address(&self, wallet: &str) -> Pubkey {
        self.net.wallets.get(wallet).pubkey()
    }

    /// The account, or `None` if it does not exist.
    pub fn read<T: iog_client::AccountData>(&self, address: &Pubkey) -> Option<T> {
        let account = self.net.net.get_account(address).unwrap()?;
        (account.owner == T::OWNER).then(|| iog_client::decode(&account.data).unwrap())
    }

    pub fn io_of(&self, wallet: &Pubkey) -> u64 {
        let account = pda::token_account(wallet, &pda::token::io_mint(), &TOKEN_PROGRAM);
        let data = self.net.net.get_account(&account).unwrap().unwrap().data;
        u64::from_le_bytes(data[64..72].try_into().unwrap())
    }

    /// Registers a supplier's device of one card, stakes and lists it, and takes every currency.
    pub async fn join(&self, supplier: &str, device_name: &str) {
        self.join_with(supplier, device_name, 1).await;
    }

    /// As [`World::join`], with so many cards.
    pub async fn join_with(&self, supplier: &str, device_name: &str, quantity: u32) {
        let (owner, device_key) = (self.address(supplier), self.address(device_name));
        let device = pda::registry::device(&device_key);
        let class = pda::registry::class(CLASS);
        let operator = registry::instructions::RegisterOperator {
            authority: owner,
            operator: pda::registry::operator(&owner),
            name: [b'a'; 32],
        };
        self.send(operator.instruction(), &[supplier]).await;
        let register = registry::instructions::RegisterDevice {
            authority: owner,
            device_key,
            operator: pda::registry::operator(&owner),
            class,
            device,
            attestation: pda::registry::attestation(&device),
            args: registry::DeviceArgs {
                tunnel_key: Pubkey::new_unique(),
                quantity,
                country: *b"DE",
                platform: 0,
            },
        };
        self.send(register.instruction(), &[supplier, device_name])
            .await;
        let io_mint = pda::token::io_mint();
        let stake = staking::instructions::Stake {
            owner,
            device,
            class,
            stake: pda::staking::stake(&device),
            owner_token: pda::token_account(&owner, &io_mint, &TOKEN_PROGRAM),
            io_mint,
            amount: 200 * IO * u64::from(quantity),
        };
        self.send(stake.instruction(), &[supplier]).await;
        let list = market::instructions::ListDevice {
            owner,
            device,
            class,
            stake: pda::staking::stake(&device),
            book: pda::market::price_book(CLASS),
            occupancy: pda::market::occupancy(&device),
            args: market::ListingArgs {
                floor_usd6: 0,
                currencies: 0b111,
            },
        };
        self.send(list.instruction(), &[supplier]).await;
        for mint in [io_mint, pda::token::iosd_mint()] {
            let open = market::instructions::OpenEarnings {
                owner,
                escrow: pda::market::escrow(&mint),
                earnings: pda::market::earnings(&mint, &owner),
            };
            self.send(open.instruction(), &[supplier]).await;
        }
    }

    async fn open_renter(&self) {
        let renter = self.address("renter");
        let open = market::instructions::OpenRenter {
            payer: renter,
            renter,
            stats: pda::market::renter(&renter),
        };
        self.send(open.instruction(), &["renter"]).await;
    }
}

/// Stands for the job side of a keeper's node: it is ready, takes everybody's jobs, and has acted on every board.
pub fn report(config: &Config, change: impl FnOnce(&mut Report)) {
    let mut report = Report {
        board_slot: u64::MAX,
        engine: "test".into(),
        strangers: true,
        ..Report::default()
    };
    change(&mut report);
    let file = board::report_file(&config.node_dir());
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    board::replace(&file, &report).unwrap();
}

/// What a keeper has published.
pub fn published(config: &Config) -> Board {
    let board = board::read(&board::board_file(&config.node_dir())).unwrap();
    board.unwrap()
}

/// The kinds of a pass's successes, in order; panics on a refusal.
pub fn done_kinds(done: &[Done]) -> Vec<&'static str> {
    for done in done {
        assert_ne!(done.outcome, Outcome::Refused, "{done:?}");
    }
    let successes = done.iter().filter(|done| done.outcome.is_success());
    successes.map(|done| done.action).collect()
}

/// What succeeded, but for what the clock alone asks for in the midst of any test: the look at the price when an hour begins, and the
/// sign of life of a device in a match when ten minutes do.
pub fn done_kinds_but_timed(done: &[Done]) -> Vec<&'static str> {
    let mut kinds = done_kinds(done);
    kinds.retain(|kind| !matches!(*kind, "observe_price" | "heartbeat"));
    kinds
}

/// How often `kind` is among them.
pub fn count(kinds: &[&str], kind: &str) -> usize {
    kinds.iter().filter(|known| **known == kind).count()
}
