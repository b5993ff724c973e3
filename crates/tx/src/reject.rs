//! What a refused transaction tells: which program, which error, in words where words are known.

use solana_message::VersionedMessage;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_transaction_error::TransactionError;
use std::str::FromStr;

/// Names an error code of a program; the generated clients supply one.
pub type Explain = fn(program: &Pubkey, code: u32) -> Option<&'static str>;

/// A refusal by the chain or by its simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The program that refused, the innermost one of a chain of calls. `None` when the runtime refused before any program ran.
    pub program: Option<Pubkey>,
    /// The program's own error code.
    pub code: Option<u32>,
    /// What the error means: the explainer's text, else Anchor's name of it from the logs, else the runtime's words.
    pub name: String,
    pub logs: Vec<String>,
    /// True if nothing was sent.
    pub simulated: bool,
    /// The transaction on the chain, which has paid its fee, unless it was only simulated.
    pub signature: Option<Signature>,
    /// The runtime's own error, for callers that match on it.
    pub error: TransactionError,
}

impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.simulated {
            "refused in simulation: "
        } else {
            "refused on chain: "
        })?;
        f.write_str(&self.name)?;
        if let Some(code) = self.code {
            write!(f, " (error {code})")?;
        }
        if let Some(program) = self.program {
            write!(f, " by {program}")?;
        }
        if let Some(signature) = self.signature {
            write!(f, " in {signature}")?;
        }
        Ok(())
    }
}

/// Where a rejection was met.
pub(crate) struct Seen<'a> {
    pub message: Option<&'a VersionedMessage>,
    pub logs: Vec<String>,
    pub signature: Option<Signature>,
}

pub(crate) fn rejection(
    error: TransactionError,
    seen: Seen<'_>,
    explain: Option<Explain>,
) -> Rejection {
    let code = custom_code(&error);
    let program = failed_program(&seen.logs).or_else(|| called_program(&error, seen.message));
    let explained = program
        .zip(code)
        .zip(explain)
        .and_then(|((program, code), explain)| explain(&program, code));
    let name = match explained {
        Some(text) => text.to_string(),
        None => anchor_name(&seen.logs).unwrap_or_else(|| error.to_string()),
    };
    Rejection {
        program,
        code,
        name,
        logs: seen.logs,
        simulated: seen.signature.is_none(),
        signature: seen.signature,
        error,
    }
}

fn custom_code(error: &TransactionError) -> Option<u32> {
    // InstructionError lives in a crate that two versions of share the name; its text does not differ.
    let TransactionError::InstructionError(_, inner) = error else {
        return None;
    };
    let text = inner.to_string();
    let hex = text.strip_prefix("custom program error: 0x")?;
    u32::from_str_radix(hex, 16).ok()
}

/// The first program to fail is the innermost; its callers fail after it.
fn failed_program(logs: &[String]) -> Option<Pubkey> {
    logs.iter().find_map(|line| {
        let (program, rest) = line.strip_prefix("Program ")?.split_once(' ')?;
        rest.starts_with("failed")
            .then(|| Pubkey::from_str(program).ok())?
    })
}

fn called_program(error: &TransactionError, message: Option<&VersionedMessage>) -> Option<Pubkey> {
    let TransactionError::InstructionError(index, _) = error else {
        return None;
    };
    let message = message?;
    let instruction = message.instructions().get(usize::from(*index))?;
    message
        .static_account_keys()
        .get(usize::from(instruction.program_id_index))
        .copied()
}

/// Anchor logs `… Error Code: Name. Error Number: 6000. Error Message: text.`.
fn anchor_name(logs: &[String]) -> Option<String> {
    logs.iter().find_map(|line| {
        let (_, rest) = line.split_once("Error Code: ")?;
        let (name, rest) = rest.split_once('.')?;
        match rest.split_once("Error Message: ") {
            Some((_, text)) => Some(format!("{name}: {}", text.trim_end_matches('.'))),
            None => Some(name.to_string()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
    const OUTER: &str = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";

    fn logs(lines: &[String]) -> Vec<String> {
        lines.to_vec()
    }

    fn custom(code: u32) -> TransactionError {
        let json = serde_json::json!({ "InstructionError": [2, { "Custom": code }] });
        serde_json::from_value(json).unwrap()
    }

    fn seen(lines: &[String]) -> Seen<'static> {
        Seen {
            message: None,
            logs: logs(lines),
            signature: None,
        }
    }

    #[test]
    fn blames_the_innermost_program() {
        let lines = [
            format!("Program {OUTER} invoke [1]"),
            format!("Program {INNER} invoke [2]"),
            format!("Program {INNER} failed: custom program error: 0x1"),
            format!("Program {OUTER} failed: custom program error: 0x1"),
        ];
        let explain: Explain = |program, code| {
            (program.to_string() == INNER && code == 1).then_some("insufficient funds")
        };
        let rejection = rejection(custom(1), seen(&lines), Some(explain));
        assert_eq!(rejection.program.unwrap().to_string(), INNER);
        assert_eq!(rejection.code, Some(1));
        assert_eq!(rejection.name, "insufficient funds");
        assert_eq!(
            rejection.to_string(),
            format!("refused in simulation: insufficient funds (error 1) by {INNER}")
        );
    }

    #[test]
    fn falls_back_to_anchors_name() {
        let line = "Program log: AnchorError thrown in x.rs:1. Error Code: PriceStale. Error Number: 6004. Error Message: post a newer price.";
        let rejection = rejection(custom(6004), seen(&[line.to_string()]), None);
        assert_eq!(rejection.name, "PriceStale: post a newer price");
        assert_eq!(rejection.program, None);
    }

    #[test]
    fn falls_back_to_the_runtimes_words() {
        let rejection = rejection(TransactionError::AccountNotFound, seen(&[]), None);
        assert_eq!(
            (rejection.code, rejection.name.as_str()),
            (
                None,
                "Attempt to debit an account but found no record of a prior credit."
            )
        );
    }
}
