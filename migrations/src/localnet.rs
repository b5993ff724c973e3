//! A local network with everything on it: the programs deployed and migrated, a stand-in for USDC, a price of IO, hardware
//! classes, and funded wallets whose keys lie in a folder. For dApps, tests and the demo.

use crate::{run, MigrationError, Outcome, Plan, PlanError};
use iog_client::PROGRAMS;
pub use iog_localnet::LocalNetError;
use iog_localnet::{Config, LocalNet};
use iog_tx::{FeePolicy, Sender, Timing, TxError};
use solana_commitment_config::CommitmentConfig;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use std::{
    fs,
    future::Future,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

mod funds;
mod price;
mod wallets;
pub use price::START_AGO_SECS;
pub use wallets::{Wallets, WALLETS};

/// SPL Token.
pub const TOKEN_PROGRAM: Pubkey =
    Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const SOL: u64 = 1_000_000_000;
/// Well inside the 20 seconds after which a price makes no IOSD, on a chain that is not hurried.
const PRICE_REFRESH: Duration = Duration::from_secs(5);
const SLOT: Duration = Duration::from_millis(400);
/// How often the price is shown to the token program: it looks back 24 hours.
const OBSERVE_SECS: i64 = 3_600;

/// How the network is set up.
#[derive(Clone, Debug)]
pub struct Options {
    pub rpc_port: Option<u16>,
    pub ws_port: Option<u16>,
    /// Keys and `addresses.json` are written here; keys that are there are used again.
    pub dir: PathBuf,
    /// Folder of the built programs, `target/deploy`.
    pub programs: PathBuf,
    /// Real time between blocks of 400 ms chain time; shorter hurries the chain.
    pub block_interval: Duration,
    pub plan: Plan,
    /// Base units of IO that the authority holds in a mint older than the network, which is handed over to it; without it the
    /// token program creates the mint. The plan says how the rest is vested.
    pub existing_io: Option<u64>,
}

impl Options {
    /// Free ports, mainnet's pace, the local plan, programs from `target/deploy`.
    ///
    /// # Errors
    /// As [`Plan::local`].
    pub fn new(dir: impl Into<PathBuf>) -> Result<Self, PlanError> {
        Ok(Self {
            rpc_port: None,
            ws_port: None,
            dir: dir.into(),
            programs: std::env::var_os("IOG_PROGRAMS")
                .map_or_else(|| "target/deploy".into(), Into::into),
            block_interval: SLOT,
            plan: Plan::local()?,
            existing_io: None,
        })
    }
}

/// Why the network did not come up.
#[derive(Debug, thiserror::Error)]
pub enum UpError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("the program {0} is not built: run `cargo xtask build` in the repository, or set IOG_PROGRAMS to its target/deploy")]
    NotBuilt(String),
    #[error("{path}: {reason}")]
    File { path: String, reason: String },
    #[error(transparent)]
    Net(#[from] LocalNetError),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error("setting up wallets: {0}")]
    Tx(#[from] TxError),
}

/// A running network. It ends when dropped.
pub struct Running {
    pub net: LocalNet,
    pub rpc_url: String,
    pub ws_url: String,
    pub wallets: Wallets,
    /// What `addresses.json` holds.
    pub addresses: serde_json::Value,
    pub sender: Sender,
    block_interval: Duration,
    /// Else its price comes from elsewhere: a quorum of reporters, or another account.
    writes_price: bool,
}

/// Starts a network, deploys and migrates the programs, and funds the wallets. `progress` gets a line for each step.
///
/// # Errors
/// [`UpError`] says what to do.
pub async fn up(options: Options, mut progress: impl FnMut(&str)) -> Result<Running, UpError> {
    let programs = built_programs(&options.programs)?;
    let wallets = Wallets::load_or_create(&options.dir)?;
    let begins_ts = machine_ts().saturating_sub(START_AGO_SECS);
    let net = LocalNet::start(Config {
        rpc_port: options.rpc_port,
        ws_port: options.ws_port,
        block_interval: Some(options.block_interval),
        start_unix_ts: Some(begins_ts),
        ..Config::default()
    })?;
    progress(&format!("network at {}", net.rpc_url()));
    let authority = wallets.get("authority");
    for (name, id, bytes) in &programs {
        net.deploy_program(id, bytes, Some(&authority.pubkey()))?;
        progress(&format!(
            "program {name} deployed at {id} ({} bytes)",
            bytes.len()
        ));
    }
    for (name, key) in wallets.iter() {
        // These are keys of the link and addresses of accounts, not wallets.
        if !matches!(name, "tunnel-a" | "tunnel-b" | "usdc-mint" | "io-price") {
            net.fund(&key.pubkey(), 100 * SOL)?;
        }
    }
    let sender = local_sender(&net, options.block_interval);
    let mut plan = options.plan;
    plan.genesis_ts.get_or_insert(begins_ts);
    create_mints(&net, &wallets, options.existing_io, &mut plan)?;
    let writes_price = price::pin(&wallets, &mut plan);
    let now = net.clock()?.unix_timestamp;
    run(&sender, authority, &plan, now, false, |report| {
        if let Outcome::Done(signature) = &report.outcome {
            progress(&format!(
                "migration {:04} {}: {signature}",
                report.number, report.step
            ));
        }
    })
    .await?;
    let running = Running {
        rpc_url: net.rpc_url(),
        ws_url: net.ws_url(),
        addresses: funds::addresses(&net, &wallets, &plan)?,
        wallets,
        sender,
        net,
        block_interval: options.block_interval,
        writes_price,
    };
    running.see_the_price_for_an_hour().await?;
    running.fund_wallets(&plan).await?;
    running.refresh_price()?;
    let path = options.dir.join("addresses.json");
    write(&path, &format!("{:#}\n", running.addresses))?;
    progress(&format!("addresses and keys in {}", options.dir.display()));
    Ok(running)
}

impl Running {
    /// Keeps the network and its price fresh until `shutdown` is done.
    ///
    /// # Errors
    /// When the network has stopped by itself.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), UpError> {
        tokio::pin!(shutdown);
        // A hurried chain's prices grow old sooner.
        let pace = self.block_interval.as_secs_f64() / SLOT.as_secs_f64();
        let mut timer = tokio::time::interval(PRICE_REFRESH.mul_f64(pace.clamp(0.01, 1.0)));
        let mut seen_ts = self.net.clock()?.unix_timestamp;
        loop {
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                _ = timer.tick() => self.refresh_price()?,
            }
            let now = self.net.clock()?.unix_timestamp;
            if now.saturating_sub(seen_ts) >= OBSERVE_SECS {
                self.observe_price().await?;
                seen_ts = now;
            }
        }
    }
}

fn machine_ts() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let secs = since.map_or(0, |since| since.as_secs());
    i64::try_from(secs).unwrap_or(i64::MAX)
}

/// Makes the mints that are older than the network, and names them in the plan, and who decides disputes.
fn create_mints(
    net: &LocalNet,
    wallets: &Wallets,
    existing_io: Option<u64>,
    plan: &mut Plan,
) -> Result<(), LocalNetError> {
    let authority = wallets.get("authority");
    let usdc = wallets.get("usdc-mint");
    net.create_mint(usdc, 6, &authority.pubkey(), &TOKEN_PROGRAM)?;
    plan.usdc_mint = Some(usdc.pubkey().to_string());
    let resolver = &mut plan.market.resolver;
    resolver.get_or_insert_with(|| authority.pubkey().to_string());
    if let Some(amount) = existing_io {
        let mint = Keypair::new();
        net.create_mint(&mint, 8, &authority.pubkey(), &TOKEN_PROGRAM)?;
        net.mint_to(&mint.pubkey(), authority, &authority.pubkey(), amount)?;
        plan.io_mint = Some(mint.pubkey().to_string());
    }
    Ok(())
}

/// A sender that is as quick as the network.
fn local_sender(net: &LocalNet, block_interval: Duration) -> Sender {
    let timing = Timing {
        poll: block_interval.min(Timing::default().poll),
        ..Timing::default()
    };
    Sender::with_timing(
        net.rpc_url(),
        CommitmentConfig::confirmed(),
        FeePolicy::fixed(0),
        timing,
    )
    .with_explainer(|program, code| {
        iog_client::errors::explain(program, code).map(|(_, message)| message)
    })
}

fn built_programs(folder: &Path) -> Result<Vec<(String, Pubkey, Vec<u8>)>, UpError> {
    let read = |(name, id): &(&str, Pubkey)| {
        let path = folder.join(format!("iog_{name}.so"));
        let bytes = fs::read(&path).map_err(|_| UpError::NotBuilt(path.display().to_string()))?;
        Ok((format!("iog_{name}"), *id, bytes))
    };
    PROGRAMS.iter().map(read).collect()
}

fn write(path: &Path, text: &str) -> Result<(), UpError> {
    fs::write(path, text).map_err(|error| UpError::File {
        path: path.display().to_string(),
        reason: error.to_string(),
    })
}
