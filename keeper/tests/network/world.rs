//! A local network with a staked device, a renter, and keepers over it.

use iog_client::{market, pda, registry, staking};
use iog_engine::{publish, JobSpec};
use iog_keeper::{Config, Done, Keeper, Outcome};
use iog_math::units::{HOUR, IO};
use iog_migrations::{
    localnet::{up, Options, Running, TOKEN_PROGRAM},
    Plan,
};
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{fs, path::Path, time::Duration};
use tempfile::TempDir;

const CLASS: u16 = 2;

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
        let net = up(options, |_| {}).await.unwrap();
        // In the second half of an hour an idle device sends a heartbeat: every test begins in the first.
        let now = net.net.clock().unwrap().unix_timestamp;
        if now.rem_euclid(HOUR) >= HOUR / 2 - 300 {
            let next = (now.div_euclid(HOUR) + 1) * HOUR;
            net.net.warp_to_timestamp(next).unwrap();
        }
        let device = pda::registry::device(&net.wallets.get("device-a").pubkey());
        let world = Self { net, dir, device };
        world.register_and_stake().await;
        world
    }

    /// A keeper of all roles with the device's key, paid for by a wallet of its own.
    pub fn keeper(&self, payer: &str) -> Keeper {
        let key = |name: &str| self.dir.path().join("keys").join(format!("{name}.json"));
        let state = self.dir.path().join(format!("state-{payer}"));
        let mut config = Config::new(&self.net.rpc_url, key(payer), state);
        config.device_keys.push(key("device-a"));
        config.fees = iog_tx::FeePolicy::fixed(0).into();
        config.crank.burn_at_units = 1;
        Keeper::open(config).unwrap()
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

    async fn register_and_stake(&self) {
        let (owner, device_key) = (self.address("supplier-a"), self.address("device-a"));
        let class = pda::registry::class(CLASS);
        let operator = registry::instructions::RegisterOperator {
            authority: owner,
            operator: pda::registry::operator(&owner),
            name: [b'a'; 32],
        };
        self.send(operator.instruction(), &["supplier-a"]).await;
        let device = registry::instructions::RegisterDevice {
            authority: owner,
            device_key,
            operator: pda::registry::operator(&owner),
            class,
            device: self.device,
            attestation: pda::registry::attestation(&self.device),
            args: registry::DeviceArgs {
                tunnel_key: Pubkey::new_unique(),
                quantity: 1,
                country: *b"DE",
            },
        };
        self.send(device.instruction(), &["supplier-a", "device-a"])
            .await;
        let tier = registry::instructions::SetConnectivity {
            attestor: self.address("authority"),
            device: self.device,
            test: registry::SpeedTest {
                download_mbps: 400,
                upload_mbps: 300,
                measured_ts: self.net.net.clock().unwrap().unix_timestamp,
                report_hash: [0; 32],
            },
        };
        self.send(tier.instruction(), &["authority"]).await;
        let io_mint = pda::token::io_mint();
        let stake = staking::instructions::Stake {
            owner,
            device: self.device,
            class,
            stake: pda::staking::stake(&self.device),
            owner_token: pda::token_account(&owner, &io_mint, &TOKEN_PROGRAM),
            io_mint,
            amount: 200 * IO,
        };
        self.send(stake.instruction(), &["supplier-a"]).await;
    }

    /// A job that copies its input to its output.
    fn publish_job(&self, jobs_dir: &Path) -> [u8; 32] {
        let source = self.dir.path().join("greeting");
        fs::write(&source, "hello\n").unwrap();
        let spec: JobSpec = serde_json::from_value(serde_json::json!({
            "id": "any-0",
            "command": ["/bin/sh", "-c", "cp in.txt $IOG_OUTPUT_DIR/greeting.txt; echo done"],
            "inputs": [{
                "source": source,
                "target": "in.txt",
                "sha256": hex::encode(Sha256::digest("hello\n")),
            }],
        }))
        .unwrap();
        publish(&spec, jobs_dir).unwrap()
    }

    /// Books one GPU for `hours` for a job that this keeper has; returns the order.
    pub async fn order(&self, keeper: &Keeper, hours: u32) -> Pubkey {
        let hash = self.publish_job(&keeper.config().jobs_dir());
        let (renter, mint) = (self.address("renter"), pda::token::io_mint());
        let order = pda::market::order(&renter, 1);
        self.net.refresh_price().unwrap();
        let create = market::instructions::CreateOrder {
            renter,
            class: pda::registry::class(CLASS),
            price_source: pda::token::price_source(),
            price: self.address("io-price"),
            order,
            escrow: pda::market::escrow(&mint),
            vault: pda::market::vault(&mint),
            renter_token: pda::token_account(&renter, &mint, &TOKEN_PROGRAM),
            mint,
            args: market::OrderArgs {
                id: 1,
                gpus: 1,
                hours,
                max_total: u64::MAX,
                min_tier: 1,
                countries: [
                    *b"DE", [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2], [0; 2],
                ],
                engineer_key: renter,
                image_hash: [0; 32],
                command_hash: hash,
            },
        };
        self.send(create.instruction(), &["renter"]).await;
        order
    }
}

/// The kinds of a pass's successes, in order; panics on a refusal.
pub fn done_kinds(done: &[Done]) -> Vec<&'static str> {
    for done in done {
        assert_ne!(done.outcome, Outcome::Refused, "{done:?}");
    }
    let successes = done.iter().filter(|done| done.outcome.is_success());
    successes.map(|done| done.action).collect()
}

/// How often `kind` is among them.
pub fn count(kinds: &[&str], kind: &str) -> usize {
    kinds.iter().filter(|known| **known == kind).count()
}
