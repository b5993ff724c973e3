//! Runs what is missing.

use crate::{
    amounts::value,
    plan::PlanError,
    steps::{Context, Step},
    Plan, MIGRATIONS,
};
use iog_client::{decode, market, pda, token};
use iog_tx::{AnySigner, Sender, TxError};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

/// Why the migrations stopped. What was done stays done: run them again.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    #[error("the chain could not be read: {0}; check the endpoint and run the migrations again")]
    Rpc(String),
    #[error("migration {number} ({name}), step '{step}': {source}")]
    Step {
        number: u32,
        name: &'static str,
        step: String,
        source: TxError,
    },
}

impl MigrationError {
    /// The CLI's exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Plan(_) => 2,
            Self::Rpc(_) => 4,
            Self::Step { source, .. } => source.exit_code(),
        }
    }
}

/// What became of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its accounts were there.
    AlreadyDone,
    /// Signature of its transaction.
    Done(String),
    /// A dry run: it would be sent.
    WouldRun,
}

/// One step and what became of it.
#[derive(Clone, Debug)]
pub struct Report {
    pub number: u32,
    pub migration: &'static str,
    pub step: String,
    pub outcome: Outcome,
}

/// Runs every step of which an account is missing, in order. `authority` pays and must be the programs' upgrade authority.
///
/// # Errors
/// [`MigrationError`]; nothing is undone, and running again goes on where it stopped.
pub async fn run(
    sender: &Sender,
    authority: &AnySigner,
    plan: &Plan,
    now: i64,
    dry_run: bool,
    mut progress: impl FnMut(&Report),
) -> Result<Vec<Report>, MigrationError> {
    let hash = sender.rpc().get_genesis_hash().await;
    let hash = hash.map_err(|error| MigrationError::Rpc(error.to_string()))?;
    let context = Context {
        authority: authority.pubkey(),
        plan,
        now,
        genesis_hash: hash.to_bytes(),
    };
    require_same_mint(sender, plan).await?;
    require_same_chain(sender, &context.genesis_hash).await?;
    let mut reports = Vec::new();
    for migration in MIGRATIONS {
        for step in (migration.steps)(&context)? {
            let missing = missing(sender, &step).await?;
            let outcome = if missing.is_empty() {
                Outcome::AlreadyDone
            } else if dry_run {
                Outcome::WouldRun
            } else {
                let sent = sender.send(&missing, authority, &[]).await;
                let confirmed = sent.map_err(|source| MigrationError::Step {
                    number: migration.number,
                    name: migration.name,
                    step: step.label.clone(),
                    source,
                })?;
                Outcome::Done(confirmed.signature.to_string())
            };
            let report = Report {
                number: migration.number,
                migration: migration.name,
                step: step.label,
                outcome,
            };
            progress(&report);
            reports.push(report);
        }
    }
    Ok(reports)
}

/// A plan for another mint would open vaults that no program ever looks at.
async fn require_same_mint(sender: &Sender, plan: &Plan) -> Result<(), MigrationError> {
    let Some(data) = data(sender, &pda::token::config()).await? else {
        return Ok(());
    };
    match decode::<token::accounts::Config>(&data) {
        Ok(books) if books.io_mint != plan.io_mint()? => Err(value(
            "io_mint",
            &format!("this network's IO is {}: take its plan", books.io_mint),
        )
        .into()),
        _ => Ok(()),
    }
}

/// Receipts name the chain by its genesis hash, which no program can read: a market that was initialised with another one than this chain's
/// takes no receipt of it, and its disputes could never be answered. Nothing can change it: deploy the market anew before anybody books.
async fn require_same_chain(sender: &Sender, hash: &[u8; 32]) -> Result<(), MigrationError> {
    let Some(data) = data(sender, &pda::market::config()).await? else {
        return Ok(());
    };
    match decode::<market::accounts::Config>(&data) {
        Ok(config) if config.genesis_hash != *hash => Err(value(
            "endpoint",
            &format!(
                "the chain there is {}, and the market was initialised for {}: check the endpoint, or deploy the market anew",
                Pubkey::new_from_array(*hash),
                Pubkey::new_from_array(config.genesis_hash)
            ),
        )
        .into()),
        _ => Ok(()),
    }
}

/// What of a step has not run: the instructions whose accounts are not there. Empty accounts may hold lamports that somebody
/// sent first.
async fn missing(sender: &Sender, step: &Step) -> Result<Vec<Instruction>, MigrationError> {
    let addresses: Vec<Pubkey> = step.parts.iter().map(|part| part.creates).collect();
    let accounts = sender
        .rpc()
        .get_multiple_accounts_with_commitment(&addresses, sender.commitment())
        .await
        .map_err(|error| MigrationError::Rpc(error.to_string()))?;
    let parts = step.parts.iter().zip(accounts.value);
    let missing = parts.filter(|(_, account)| {
        account
            .as_ref()
            .is_none_or(|account| account.data.is_empty())
    });
    Ok(missing
        .flat_map(|(part, _)| part.instructions.clone())
        .collect())
}

async fn data(sender: &Sender, address: &Pubkey) -> Result<Option<Vec<u8>>, MigrationError> {
    sender
        .rpc()
        .get_account_with_commitment(address, sender.commitment())
        .await
        .map(|response| response.value.map(|account| account.data))
        .map_err(|error| MigrationError::Rpc(error.to_string()))
}
