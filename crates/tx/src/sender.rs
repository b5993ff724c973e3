use crate::{
    confirm::Confirmed,
    error::TxError,
    fees::FeePolicy,
    message::{
        assumed_units, budgeted, sign, unsigned, written_accounts, AnySigner, Prepared, Simulation,
        MAX_UNITS,
    },
    reject::Explain,
    without_secrets,
};
use solana_client::{
    client_error::ClientError, nonblocking::rpc_client::RpcClient,
    rpc_config::RpcSimulateTransactionConfig,
};
use solana_commitment_config::CommitmentConfig;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::VersionedMessage;
use solana_pubkey::Pubkey;
use solana_transaction_status_client_types::UiTransactionEncoding;
use std::{sync::Arc, time::Duration};

/// How patient a [`Sender`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Longest wait for one answer of the node.
    pub request: Duration,
    /// Between two looks at a signature.
    pub poll: Duration,
    /// Between two sendings of the same bytes.
    pub rebroadcast: Duration,
    /// A node silent for this long ends the wait with [`TxError::Unknown`].
    pub silence: Duration,
    /// How often one call may sign, the first time included.
    pub signings: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(30),
            poll: Duration::from_millis(400),
            rebroadcast: Duration::from_secs(2),
            silence: Duration::from_secs(90),
            signings: 3,
        }
    }
}

/// Simulates, prices, sends and confirms. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    rpc: Arc<RpcClient>,
    commitment: CommitmentConfig,
    fees: FeePolicy,
    timing: Timing,
    explain: Option<Explain>,
}

impl Sender {
    /// A sender over one RPC endpoint that calls a transaction done at `commitment`.
    pub fn new(rpc_url: impl ToString, commitment: CommitmentConfig, fees: FeePolicy) -> Self {
        Self::with_timing(rpc_url, commitment, fees, Timing::default())
    }

    /// As [`Sender::new`], with other patience.
    pub fn with_timing(
        rpc_url: impl ToString,
        commitment: CommitmentConfig,
        fees: FeePolicy,
        timing: Timing,
    ) -> Self {
        let rpc = RpcClient::new_with_timeout_and_commitment(
            rpc_url.to_string(),
            timing.request,
            commitment,
        );
        Self {
            rpc: Arc::new(rpc),
            commitment,
            fees,
            timing,
            explain: None,
        }
    }

    /// Registers the words for programs' error codes.
    pub fn with_explainer(mut self, explain: Explain) -> Self {
        self.explain = Some(explain);
        self
    }

    /// The client under it, for reading accounts.
    pub fn rpc(&self) -> &RpcClient {
        &self.rpc
    }

    pub fn commitment(&self) -> CommitmentConfig {
        self.commitment
    }

    pub(crate) fn timing(&self) -> &Timing {
        &self.timing
    }

    pub(crate) fn explain(&self) -> Option<Explain> {
        self.explain
    }

    /// Simulates only: nothing is signed or sent. This is `--dry-run`.
    ///
    /// # Errors
    /// [`TxError::Rejected`] with the logs if it would fail.
    pub async fn dry_run(
        &self,
        instructions: &[Instruction],
        payer: &Pubkey,
    ) -> Result<Simulation, TxError> {
        // Priority is left out: what it costs is not known before the compute is.
        self.simulate(budgeted(instructions, payer, MAX_UNITS, 0, Hash::default()))
            .await
    }

    /// Runs `instructions` in one transaction and waits for its confirmation. `payer` signs and pays; `signers` are the others.
    ///
    /// # Errors
    /// See [`TxError`]. After any of them but [`TxError::Unknown`] and a rejection with a signature, nothing has happened.
    pub async fn send(
        &self,
        instructions: &[Instruction],
        payer: &AnySigner,
        signers: &[&AnySigner],
    ) -> Result<Confirmed, TxError> {
        let mut signings = 0;
        loop {
            let prepared = self.prepare(instructions, payer, signers).await?;
            signings += 1;
            match self.submit(&prepared).await {
                Err(TxError::Expired { signature, .. }) if signings >= self.timing.signings => {
                    return Err(TxError::Expired {
                        signature,
                        signings,
                    });
                }
                Err(TxError::Expired { signature, .. }) => {
                    tracing::warn!(%signature, signings, "expired without landing, signing again");
                }
                other => return other,
            }
        }
    }

    /// Simulates, prices and signs, without sending.
    pub async fn prepare(
        &self,
        instructions: &[Instruction],
        payer: &AnySigner,
        signers: &[&AnySigner],
    ) -> Result<Prepared, TxError> {
        let payer_key = payer.pubkey();
        let simulation = self.dry_run(instructions, &payer_key).await?;
        let unit_limit = simulation.unit_limit();
        let trial = budgeted(instructions, &payer_key, unit_limit, 0, Hash::default());
        let micro_lamports = self.price(&written_accounts(&trial)).await;
        let (blockhash, last_valid_block_height) = self
            .rpc
            .get_latest_blockhash_with_commitment(self.commitment)
            .await
            .map_err(|error| rpc_error("reading the latest blockhash", &error))?;
        let message = budgeted(
            instructions,
            &payer_key,
            unit_limit,
            micro_lamports,
            blockhash,
        );
        let transaction = sign(message, payer, signers)?;
        let signature = transaction.signatures.first().copied().unwrap_or_default();
        Ok(Prepared {
            transaction,
            signature,
            last_valid_block_height,
            unit_limit,
            micro_lamports,
            simulation,
        })
    }

    /// A node that cannot say what others pay must not stop anybody from paying.
    async fn price(&self, written: &[Pubkey]) -> u64 {
        if let Some(price) = self.fees.known() {
            return price;
        }
        match self.rpc.get_recent_prioritization_fees(written).await {
            Ok(recent) => self.fees.choose(Some(&recent)),
            Err(error) => {
                tracing::warn!(%error, "recent priority fees are not known, paying the fallback");
                self.fees.choose(None)
            }
        }
    }

    async fn simulate(&self, message: VersionedMessage) -> Result<Simulation, TxError> {
        let config = RpcSimulateTransactionConfig {
            sig_verify: false,
            replace_recent_blockhash: true,
            commitment: Some(self.commitment),
            encoding: Some(UiTransactionEncoding::Base64),
            ..Default::default()
        };
        let transaction = unsigned(message);
        let response = self
            .rpc
            .simulate_transaction_with_config(&transaction, config)
            .await;
        let result = response
            .map_err(|error| rpc_error("simulating the transaction", &error))?
            .value;
        let logs = result.logs.unwrap_or_default();
        if let Some(error) = result.err {
            return Err(self.refusal(error.into(), &transaction.message, logs));
        }
        let units_consumed = result.units_consumed.filter(|units| *units > 0);
        let units_consumed = units_consumed.unwrap_or_else(|| assumed_units(&transaction.message));
        Ok(Simulation {
            units_consumed,
            logs,
        })
    }
}

pub(crate) fn rpc_error(doing: &'static str, error: &ClientError) -> TxError {
    TxError::Rpc {
        doing,
        reason: without_secrets(&error.to_string()),
    }
}
