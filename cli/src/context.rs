//! What every verb works with: endpoint, key, output, and the one way to send.

use crate::{
    args::Global,
    config::SolanaConfig,
    error::{CliError, Result},
    output::{Output, Record},
};
use iog_client::events::{parse_logs, Event};
use iog_tx::{AnySigner, FeePolicy, Sender, TxError};
use serde_json::json;
use solana_client::rpc_request::RpcRequest;
use solana_commitment_config::CommitmentConfig;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;
use std::{path::PathBuf, str::FromStr};
use tokio::sync::OnceCell;

pub struct Context {
    pub out: Output,
    pub sender: Sender,
    pub url: String,
    /// It was named on the command line.
    pub url_said: bool,
    pub dry_run: bool,
    pub yes: bool,
    pub verbose: bool,
    /// Name or file of the network, if it was said.
    pub network: Option<String>,
    /// Read once: see [`Context::io_mint`].
    pub io_mint: OnceCell<Pubkey>,
    keypair: PathBuf,
}

/// Where a transaction's logs are.
enum Logs {
    Simulated(Vec<String>),
    Of(Signature),
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
            url_said: global.url.is_some(),
            dry_run: global.dry_run,
            yes: global.yes,
            verbose: global.verbose,
            network: global.network.clone(),
        })
    }

    /// As this one, asking another endpoint.
    pub fn of_endpoint(&self, url: &str) -> Self {
        Self {
            out: self.out,
            sender: Sender::new(url, self.sender.commitment(), FeePolicy::default()),
            io_mint: OnceCell::new(),
            keypair: self.keypair.clone(),
            url: url.to_string(),
            url_said: true,
            dry_run: self.dry_run,
            yes: self.yes,
            verbose: self.verbose,
            network: self.network.clone(),
        }
    }

    /// The key that signs and pays; its file must be readable by its owner alone.
    pub fn signer(&self) -> Result<Keypair> {
        Ok(iog_tx::read_keypair_file(&self.keypair)?)
    }

    /// The file of that key.
    pub fn keypair(&self) -> &std::path::Path {
        &self.keypair
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
        for line in text.lines() {
            eprintln!("{}", crate::output::printable(line));
        }
    }

    /// Sends, or with `--dry-run` simulates, and returns what happened.
    pub async fn submit(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        others: &[&AnySigner],
    ) -> Result<Record> {
        Ok(self.execute(instructions, payer, others).await?.0)
    }

    /// As [`Self::submit`], with what the programs logged; nothing where the node has no record of the transaction yet.
    pub async fn submit_with_events(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
    ) -> Result<(Record, Vec<Event>)> {
        let (record, logs) = self.execute(instructions, payer, &[]).await?;
        let lines = match logs {
            Logs::Simulated(lines) => lines,
            Logs::Of(signature) => self.logs_of(&signature).await.unwrap_or_default(),
        };
        Ok((record, parse_logs(&lines)))
    }

    async fn execute(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        others: &[&AnySigner],
    ) -> Result<(Record, Logs)> {
        if self.verbose {
            eprintln!(
                "endpoint {}, payer {}",
                crate::error::shown(&self.url),
                payer.pubkey()
            );
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
    ) -> std::result::Result<(Record, Logs), TxError> {
        let simulation = self.sender.dry_run(instructions, &payer.pubkey()).await?;
        self.logs(&simulation.logs);
        let record = Record::new()
            .put("dry_run", true)
            .put("compute_units", simulation.units_consumed);
        Ok((record, Logs::Simulated(simulation.logs)))
    }

    async fn sent(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        others: &[&AnySigner],
    ) -> std::result::Result<(Record, Logs), TxError> {
        let confirmed = self.sender.send(instructions, payer, others).await?;
        let record = Record::new()
            .put("signature", confirmed.signature.to_string())
            .put("slot", confirmed.slot)
            .put("compute_units", confirmed.units_consumed)
            .put("fee_lamports", confirmed.fee_lamports);
        Ok((record, Logs::Of(confirmed.signature)))
    }

    async fn logs_of(&self, signature: &Signature) -> Option<Vec<String>> {
        let asked = json!([
            signature.to_string(),
            { "encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": 0 },
        ]);
        let rpc = self.sender.rpc();
        let found: serde_json::Value = rpc.send(RpcRequest::GetTransaction, asked).await.ok()?;
        let lines = found.pointer("/meta/logMessages")?.as_array()?;
        let lines = lines.iter().filter_map(|line| line.as_str());
        Some(lines.map(str::to_string).collect())
    }

    fn logs(&self, logs: &[String]) {
        if self.verbose {
            for line in logs {
                eprintln!("  {line}");
            }
        }
    }
}
