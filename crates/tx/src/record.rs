//! What the chain recorded of a transaction, and refusals in words.

use crate::{
    confirm::Confirmed,
    error::TxError,
    reject::{rejection, Rejection, Seen},
    sender::Sender,
};
use solana_client::rpc_config::RpcTransactionConfig;
use solana_commitment_config::CommitmentConfig;
use solana_message::VersionedMessage;
use solana_signature::Signature;
use solana_transaction_error::TransactionError;
use solana_transaction_status_client_types::{
    option_serializer::OptionSerializer, UiTransactionEncoding, UiTransactionStatusMeta,
};

impl Sender {
    /// Costs one more request; a node without the record yet is not worth waiting for.
    pub(crate) async fn receipt(&self, signature: Signature, slot: u64) -> Confirmed {
        let meta = self.meta(&signature).await;
        let units_consumed = meta
            .as_ref()
            .and_then(|meta| Option::from(meta.compute_units_consumed.clone()));
        Confirmed {
            signature,
            slot,
            units_consumed,
            fee_lamports: meta.map(|meta| meta.fee),
        }
    }

    pub(crate) async fn landed_rejection(
        &self,
        error: TransactionError,
        signature: Signature,
    ) -> Rejection {
        let logs = match self.meta(&signature).await.map(|meta| meta.log_messages) {
            Some(OptionSerializer::Some(logs)) => logs,
            _ => Vec::new(),
        };
        rejection(
            error,
            Seen {
                message: None,
                logs,
                signature: Some(signature),
            },
            self.explain(),
        )
    }

    async fn meta(&self, signature: &Signature) -> Option<UiTransactionStatusMeta> {
        let config = RpcTransactionConfig {
            encoding: Some(UiTransactionEncoding::Base64),
            // Nodes keep no record of transactions that are merely processed.
            commitment: Some(match self.commitment().is_finalized() {
                true => CommitmentConfig::finalized(),
                false => CommitmentConfig::confirmed(),
            }),
            max_supported_transaction_version: Some(0),
        };
        self.rpc()
            .get_transaction_with_config(signature, config)
            .await
            .ok()?
            .transaction
            .meta
    }

    pub(crate) fn refusal(
        &self,
        error: TransactionError,
        message: &VersionedMessage,
        logs: Vec<String>,
    ) -> TxError {
        let seen = Seen {
            message: Some(message),
            logs,
            signature: None,
        };
        TxError::Rejected(Box::new(rejection(error, seen, self.explain())))
    }
}
