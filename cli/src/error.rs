//! What ends a command, its exit code and its one line.

use iog_tx::{Rejection, TxError};
use solana_pubkey::Pubkey;

pub type Result<T> = std::result::Result<T, CliError>;

/// SPL Token, whose refusals our own programs do not explain.
const SPL_TOKEN: Pubkey = Pubkey::from_str_const("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
const SYSTEM: Pubkey = Pubkey::from_str_const("11111111111111111111111111111111");

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line, a file, or an address that does not exist: the caller can correct it.
    #[error("{0}")]
    Usage(String),
    /// The state of the chain does not allow it.
    #[error("{0}")]
    Refused(String),
    #[error("RPC: {doing}: {reason}; check --url or try again")]
    Rpc { doing: String, reason: String },
    #[error("{}", transaction(.0))]
    Tx(#[from] TxError),
    /// Another crate's error, with the exit code that it asks for.
    #[error("{text}")]
    Other { text: String, code: u8 },
}

impl CliError {
    pub fn usage(text: impl Into<String>) -> Self {
        Self::Usage(text.into())
    }

    pub fn rpc(doing: impl Into<String>, reason: &dyn std::fmt::Display) -> Self {
        Self::Rpc {
            doing: doing.into(),
            reason: iog_tx::without_secrets(&reason.to_string()),
        }
    }

    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Refused(_) => 3,
            Self::Rpc { .. } => 4,
            Self::Tx(error) => error.exit_code(),
            Self::Other { code, .. } => *code,
        }
    }

    /// The message without line breaks: whatever a node or a library says, the caller reads one line.
    pub fn line(&self) -> String {
        one_line(&self.to_string())
    }
}

/// In one line, and without what would steer a terminal: it may be a supplier's word. redteam S4
pub fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    crate::output::printable(&line)
}

/// An endpoint without what is secret in it: providers put keys into user, path and query. field case 2
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "an address that cannot be read".into();
    };
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = place.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{place}")
}

impl From<iog_tx::KeyError> for CliError {
    fn from(error: iog_tx::KeyError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<iog_math::MathError> for CliError {
    fn from(error: iog_math::MathError) -> Self {
        Self::Usage(error.to_string())
    }
}

fn transaction(error: &TxError) -> String {
    match error.rejection() {
        Some(rejection) => refusal(rejection),
        None => error.to_string(),
    }
}

/// Program, name of the error and what can be done about it.
fn refusal(rejection: &Rejection) -> String {
    let when = if rejection.simulated {
        "in simulation, nothing was sent"
    } else {
        "on chain"
    };
    let landed = rejection
        .signature
        .map(|signature| format!(" [{signature}]"))
        .unwrap_or_default();
    let named = rejection.program.zip(rejection.code);
    if let Some((program, name, message, code)) =
        named.and_then(|(program, code)| explained(&program, code))
    {
        return format!("refused by {program} {when}: {name} ({code}): {message}{landed}");
    }
    let hint = match rejection.error.to_string() {
        text if text.contains("no record of a prior credit") || text.contains("for fee") => {
            "; fund the fee payer with SOL"
        }
        _ => "",
    };
    format!("{rejection}{hint}")
}

fn explained(program: &Pubkey, code: u32) -> Option<(String, &'static str, &'static str, u32)> {
    if let Some((name, message)) = iog_client::errors::explain(program, code) {
        let known = iog_client::PROGRAMS.iter().find(|(_, id)| id == program);
        let program = known.map_or_else(|| program.to_string(), |(name, _)| (*name).to_string());
        return Some((program, name, message, code));
    }
    let (program, name, message) = match (*program, code) {
        (SPL_TOKEN, 1) => (
            "spl-token",
            "InsufficientFunds",
            "the token account holds less than that: see iog token balance",
        ),
        (SPL_TOKEN, 4) => (
            "spl-token",
            "OwnerMismatch",
            "the signer does not own the token account",
        ),
        (SPL_TOKEN, 17) => ("spl-token", "AccountFrozen", "the token account is frozen"),
        (SYSTEM, 0) => (
            "system",
            "AccountAlreadyInUse",
            "the account exists already: look at it with the noun's show verb",
        ),
        (SYSTEM, 1) => (
            "system",
            "InsufficientLamports",
            "the payer has too little SOL for the rent: fund it",
        ),
        _ => return None,
    };
    Some((program.to_string(), name, message, code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_program_error_and_remedy() {
        let (program, name, message, _) = explained(&iog_client::market::ID, 6013).unwrap();
        assert_eq!((program.as_str(), name), ("market", "TotalAboveLimit"));
        assert!(message.contains("max_total"));
        assert_eq!(explained(&SPL_TOKEN, 1).unwrap().1, "InsufficientFunds");
        assert!(explained(&SPL_TOKEN, 99).is_none());
    }

    /// field case 2
    #[test]
    fn endpoints_are_told_without_their_keys() {
        let error = CliError::rpc(
            "reading accounts",
            &"error for url (https://me:KEY1@rpc.example.com:8/v2/KEY2?api-key=KEY3), HTTP 401",
        );
        assert!(
            error
                .line()
                .contains("error for url (https://rpc.example.com:8), HTTP 401"),
            "{error}"
        );
    }

    #[test]
    fn every_message_is_one_line() {
        assert_eq!(CliError::usage("a\n  b\n").line(), "a b");
    }
}
