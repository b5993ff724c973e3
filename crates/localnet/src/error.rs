use solana_pubkey::Pubkey;

/// What can go wrong with a local network, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum LocalNetError {
    #[error("the configuration is not usable: {0}")]
    Config(String),
    #[error("the local network did not start: {0}; choose other ports or stop the process that holds them")]
    Start(String),
    #[error("the local network has stopped; start a new one")]
    Stopped,
    #[error("the local network did not confirm that it closed its ports within {0} s; end the process to free them")]
    StopTimeout(u64),
    #[error("time only moves forward: asked for {asked}, the chain is at {now}")]
    Backwards { asked: i64, now: i64 },
    #[error("the jump is too far for the chain's counters; ask for less")]
    TooFar,
    #[error("account {address}: {reason}")]
    Account { address: Pubkey, reason: String },
    #[error("program {program_id} was not deployed: {reason}; check that the file is a program built for SBPF")]
    Deploy { program_id: Pubkey, reason: String },
    #[error("the transaction failed: {reason}\n{}", logs.join("\n"))]
    Transaction { reason: String, logs: Vec<String> },
    #[error("the instruction could not be built: {0}")]
    Instruction(String),
    #[error("surfpool: {0}")]
    Surfpool(String),
}
