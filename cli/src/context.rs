//! What every verb works with: endpoint, key, output, and the one way to send.

use crate::{
    args::Global,
    config::SolanaConfig,
    error::{CliError, Result},
    output::{Output, Record},
};
use iog_tx::{AnySigner, FeePolicy, Sender, TxError};
use solana_commitment_config::CommitmentConfig;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{path::PathBuf, str::FromStr};
use tokio::sync::OnceCell;

pub struct Context {
    pub out: Output,
    pub sender: Sender,
    pub url: String,
    pub dry_run: bool,
    pub yes: bool,
    pub verbose: bool,
    /// Read once: see [`Context::io_mint`].
    pub io_mint: OnceCell<Pubkey>,
    keypair: PathBuf,
}

impl Context {
    pub fn new(global: &Global) -> Result<Self> {
        let config = SolanaConfig::load(global.config.as_deref())?;
        let url = config.url(global.url.as_deref())?;
        let commitment = match (&global.commitment, &config.commitment) {
            (Some(given), _) => *given,
            (None, Some(configured)) => CommitmentConfig::from_str(configured).map_err(|_| {
                CliError::usage(format!(
                    "the config file's commitment '{configured}' is none"
                ))
            })?,
            (None, None) => CommitmentConfig::confirmed(),
        };
        let sender =
            Sender::new(&url, commitment, FeePolicy::default()).with_explainer(|program, code| {
                iog_client::errors::explain(program, code).map(|(_, text)| text)
            });
        Ok(Self {
            out: Output::new(global.output, global.no_color),
            sender,
            io_mint: OnceCell::new(),
            keypair: config.keypair(global.keypair.as_deref())?,
            url,
            dry_run: global.dry_run,
            yes: global.yes,
            verbose: global.verbose,
        })
    }

    /// The key that signs and pays; its file must be readable by its owner alone.
    pub fn signer(&self) -> Result<Keypair> {
        Ok(iog_tx::read_keypair_file(&self.keypair)?)
    }

    /// The given wallet, else the signer's.
    pub fn wallet(&self, given: Option<Pubkey>) -> Result<Pubkey> {
        match given {
            Some(wallet) => Ok(wallet),
            None => Ok(self.signer()?.pubkey()),
        }
    }

    /// Progress, on standard error.
    pub fn note(&self, text: &str) {
        eprintln!("{text}");
    }

    /// Sends, or with `--dry-run` simulates, and returns what happened.
    pub async fn submit(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        others: &[&AnySigner],
    ) -> Result<Record> {
        if self.verbose {
            eprintln!("endpoint {}, payer {}", self.url, payer.pubkey());
        }
        let sent = if self.dry_run {
            self.simulated(instructions, payer).await
        } else {
            self.sent(instructions, payer, others).await
        };
        sent.map_err(|error| {
            self.logs(error.rejection().map_or(&[], |rejection| &rejection.logs));
            error.into()
        })
    }

    async fn simulated(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
    ) -> std::result::Result<Record, TxError> {
        let simulation = self.sender.dry_run(instructions, &payer.pubkey()).await?;
        self.logs(&simulation.logs);
        Ok(Record::new()
            .put("dry_run", true)
            .put("compute_units", simulation.units_consumed))
    }

    async fn sent(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        others: &[&AnySigner],
    ) -> std::result::Result<Record, TxError> {
        let confirmed = self.sender.send(instructions, payer, others).await?;
        Ok(Record::new()
            .put("signature", confirmed.signature.to_string())
            .put("slot", confirmed.slot)
            .put("compute_units", confirmed.units_consumed)
            .put("fee_lamports", confirmed.fee_lamports))
    }

    fn logs(&self, logs: &[String]) {
        if self.verbose {
            for line in logs {
                eprintln!("  {line}");
            }
        }
    }
}
