use std::path::PathBuf;

/// Why the keeper stopped, or could not start.
#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    #[error("configuration: {0}")]
    Config(String),
    #[error(transparent)]
    Key(#[from] iog_tx::KeyError),
    #[error("RPC: {doing}: {reason}; check rpc_url and try again")]
    Rpc { doing: &'static str, reason: String },
    #[error("the account {address} ({what}) {reason}; is this the right network?")]
    Account {
        address: solana_pubkey::Pubkey,
        what: &'static str,
        reason: String,
    },
    #[error("the outbox: {0}; it lies in state_dir")]
    Outbox(#[from] rusqlite::Error),
    #[error("the books in {dir} are of another chain: {books}, and the endpoint is of {chain}; give this network a state_dir of its own, or remove that one")]
    OtherChain {
        dir: PathBuf,
        books: String,
        chain: String,
    },
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("listening on {address}: {source}; choose another address or leave listen out")]
    Listen {
        address: std::net::SocketAddr,
        source: std::io::Error,
    },
    #[error("the proof of {device}: {reason}")]
    Proof {
        device: solana_pubkey::Pubkey,
        reason: String,
    },
}

impl KeeperError {
    /// The process's exit code: 2 usage and configuration, 4 RPC.
    pub fn exit_code(&self) -> u8 {
        match self {
            KeeperError::Config(_)
            | KeeperError::Key(_)
            | KeeperError::Listen { .. }
            | KeeperError::File { .. }
            | KeeperError::OtherChain { .. }
            | KeeperError::Outbox(_)
            | KeeperError::Proof { .. } => 2,
            KeeperError::Rpc { .. } | KeeperError::Account { .. } => 4,
        }
    }

    /// Nothing that time alone changes.
    pub(crate) fn is_for_good(&self) -> bool {
        matches!(self, KeeperError::OtherChain { .. })
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| KeeperError::File { path, source }
    }

    pub(crate) fn rpc(
        doing: &'static str,
    ) -> impl FnOnce(solana_client::client_error::ClientError) -> Self {
        move |error| KeeperError::Rpc {
            doing,
            reason: iog_tx::without_secrets(&error.to_string()),
        }
    }
}

pub type Result<T> = std::result::Result<T, KeeperError>;
