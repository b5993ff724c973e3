//! Following a sent transaction to its end.

use crate::{
    error::TxError,
    message::Prepared,
    reject::Rejection,
    sender::{rpc_error, Sender},
};
use solana_client::{
    client_error::{ClientError, ClientErrorKind},
    rpc_config::RpcSendTransactionConfig,
    rpc_request::RpcError,
};
use solana_signature::Signature;
use solana_transaction_error::TransactionError;
use solana_transaction_status_client_types::{TransactionStatus, UiTransactionEncoding};
use tokio::time::{sleep, Instant};

/// A confirmed success.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    pub signature: Signature,
    pub slot: u64,
    /// `None` when the node has no record of the transaction yet.
    pub units_consumed: Option<u64>,
    /// All that the fee payer paid. `None` as above.
    pub fee_lamports: Option<u64>,
}

/// What became of a transaction that was once signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Confirmed {
        slot: u64,
    },
    Rejected(Box<Rejection>),
    /// It may still land: wait, or send the same bytes again.
    Pending,
    /// It has not landed and never will: it is safe to sign anew.
    Expired,
}

impl Sender {
    /// Sends a prepared transaction and follows it until it is confirmed, refused or expired. Sending it twice does no harm.
    ///
    /// # Errors
    /// [`TxError::Expired`] once it can no longer land; [`TxError::Unknown`] if the node falls silent.
    pub async fn submit(&self, prepared: &Prepared) -> Result<Confirmed, TxError> {
        self.hand_over(prepared).await?;
        let mut last_answer = Instant::now();
        let mut last_sent = Instant::now();
        loop {
            match self
                .outcome(&prepared.signature, prepared.last_valid_block_height)
                .await
            {
                Ok(Outcome::Confirmed { slot }) => {
                    return Ok(self.receipt(prepared.signature, slot).await)
                }
                Ok(Outcome::Rejected(rejection)) => return Err(TxError::Rejected(rejection)),
                Ok(Outcome::Expired) => {
                    return Err(TxError::Expired {
                        signature: prepared.signature,
                        signings: 1,
                    })
                }
                Ok(Outcome::Pending) => last_answer = Instant::now(),
                Err(error) => {
                    tracing::debug!(%error, signature = %prepared.signature, "no answer while confirming")
                }
            }
            if last_answer.elapsed() > self.timing().silence {
                return Err(TxError::Unknown {
                    signature: prepared.signature,
                });
            }
            if last_sent.elapsed() > self.timing().rebroadcast {
                last_sent = Instant::now();
                // The same signature cannot run twice, so errors here say nothing new.
                if let Err(error) = self.broadcast(prepared).await {
                    tracing::debug!(%error, "rebroadcast");
                }
            }
            sleep(self.timing().poll).await;
        }
    }

    /// What became of a signature that was valid up to `last_valid_block_height`; works after a restart.
    pub async fn outcome(
        &self,
        signature: &Signature,
        last_valid_block_height: u64,
    ) -> Result<Outcome, TxError> {
        // The height is read first: a signature that is absent afterwards was not in any block up to it.
        let height = self
            .rpc()
            .get_block_height_with_commitment(self.commitment())
            .await
            .map_err(|error| rpc_error("reading the block height", &error))?;
        let expired = height > last_valid_block_height;
        let found = self.status(signature, expired).await?;
        let Some(status) = found else {
            return Ok(if expired {
                Outcome::Expired
            } else {
                Outcome::Pending
            });
        };
        match &status.err {
            _ if !status.satisfies_commitment(self.commitment()) => Ok(Outcome::Pending),
            None => Ok(Outcome::Confirmed { slot: status.slot }),
            Some(error) => Ok(Outcome::Rejected(Box::new(
                self.landed_rejection(error.clone(), *signature).await,
            ))),
        }
    }

    async fn status(
        &self,
        signature: &Signature,
        history: bool,
    ) -> Result<Option<TransactionStatus>, TxError> {
        let asked = [*signature];
        let response = match history {
            true => self.rpc().get_signature_statuses_with_history(&asked).await,
            false => self.rpc().get_signature_statuses(&asked).await,
        };
        let response = response.map_err(|error| rpc_error("looking a signature up", &error))?;
        Ok(response.value.into_iter().next().flatten())
    }

    /// The first sending, which alone can tell that nothing has left this machine or that the node refuses the transaction.
    async fn hand_over(&self, prepared: &Prepared) -> Result<(), TxError> {
        let Err(error) = self.broadcast(prepared).await else {
            return Ok(());
        };
        let refused = error.get_transaction_error();
        // An unknown blockhash may be news to a node that lags: sending again will tell.
        let refused = refused.filter(|refused| *refused != TransactionError::BlockhashNotFound);
        let declined = refused.is_some() || was_not_accepted(&error);
        // Nodes decline what they have already processed, in words of their own: this may be a second sending.
        if !declined || matches!(self.status(&prepared.signature, true).await, Ok(Some(_))) {
            tracing::debug!(%error, signature = %prepared.signature, "sending failed, looking for the transaction");
            return Ok(());
        }
        Err(match refused {
            Some(refused) => self.refusal(refused, &prepared.transaction.message, Vec::new()),
            None => rpc_error("sending the transaction", &error),
        })
    }

    async fn broadcast(&self, prepared: &Prepared) -> Result<Signature, ClientError> {
        let config = RpcSendTransactionConfig {
            // It has just been simulated, and a lagging node's preflight would refuse a fresh blockhash.
            skip_preflight: true,
            preflight_commitment: Some(self.commitment().commitment),
            encoding: Some(UiTransactionEncoding::Base64),
            // This loop sends again by itself, and knows when to stop.
            max_retries: Some(0),
            min_context_slot: None,
        };
        self.rpc()
            .send_transaction_with_config(&prepared.transaction, config)
            .await
    }
}

/// True if the transaction certainly went nowhere: no connection, or an answer that declines it.
fn was_not_accepted(error: &ClientError) -> bool {
    match error.kind() {
        ClientErrorKind::Reqwest(error) => error.is_connect(),
        ClientErrorKind::RpcError(RpcError::RpcResponseError { code, .. }) => {
            DECLINED.contains(code)
        }
        _ => false,
    }
}

/// Preflight failure, bad signature, invalid parameters (too large): the node did not forward the transaction.
const DECLINED: [i64; 3] = [-32_002, -32_003, -32_602];
