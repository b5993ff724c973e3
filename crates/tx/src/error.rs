use crate::reject::Rejection;
use solana_signature::Signature;

/// Why a transaction has no confirmed success, sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
pub enum TxError {
    /// The chain, or its simulation, refused it. Sending the same again gives the same.
    #[error("{0}")]
    Rejected(Box<Rejection>),
    /// The node could not be asked. Nothing has happened on the chain.
    #[error("RPC: {doing}: {reason}; nothing was sent, try again or use another endpoint")]
    Rpc { doing: &'static str, reason: String },
    /// Every signed version ran out of time without landing. Nothing has happened on the chain.
    #[error("{signature} expired unconfirmed after {signings} signings; nothing was executed, try again or pay a higher priority fee")]
    Expired { signature: Signature, signings: u32 },
    /// It was sent, and the node stopped answering before its fate was known.
    #[error("{signature} was sent, but the node stopped answering: look the signature up before sending again")]
    Unknown { signature: Signature },
    /// It could not be built or signed.
    #[error(
        "the transaction could not be signed: {0}; pass every signer that the instructions name"
    )]
    Signing(String),
}

impl TxError {
    /// The CLI's exit code: 2 usage, 3 rejected on chain, 4 RPC, 5 unknown outcome.
    pub fn exit_code(&self) -> u8 {
        match self {
            TxError::Signing(_) => 2,
            TxError::Rejected(_) => 3,
            TxError::Rpc { .. } | TxError::Expired { .. } => 4,
            TxError::Unknown { .. } => 5,
        }
    }

    /// The refusal, if that is what it was.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            TxError::Rejected(rejection) => Some(rejection),
            _ => None,
        }
    }
}
