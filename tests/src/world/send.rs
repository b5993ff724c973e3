//! Sending transactions and telling what came of them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use iog_client::events::{self, Event};
use iog_client::{emission, errors, market, registry, staking, token, treasury, PROGRAMS};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_transaction::Transaction;
use solana_transaction_error::TransactionError;

use super::{PubkeyOf, World};

/// Bytes of a transaction on the wire, at most.
const PACKET_LEN: usize = 1_232;
/// Compute units of a transaction, at most.
const MAX_UNITS: u32 = 1_400_000;

/// What a transaction did.
#[derive(Clone, Debug)]
pub struct Meta {
    /// Compute units, of all instructions together.
    pub units: u64,
    pub logs: Vec<String>,
    pub events: Vec<Event>,
    /// What the last program returned, if any did.
    pub returned: Vec<u8>,
}

/// Why a transaction was refused.
#[derive(Clone)]
pub struct Failure {
    /// The program that refused, the innermost of a chain of calls.
    pub program: Pubkey,
    pub code: InstructionError,
    pub logs: Vec<String>,
}

pub type Outcome = Result<Meta, Failure>;

/// A refusal that a test expects: a program's own error, or one of the runtime or the framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub program: Pubkey,
    pub code: InstructionError,
}

impl Code {
    /// One of the runtime's own errors, which Anchor's account types end in, from `program`.
    pub fn plain(program: Pubkey, code: InstructionError) -> Self {
        Self { program, code }
    }

    /// The system program's refusal to create an account where there is one: what a second `init` ends in.
    pub fn in_use() -> Self {
        Self::anchor(Pubkey::new_from_array([0; 32]), 0)
    }

    /// One of Anchor's own numbered errors from `program`, such as 2003 ConstraintRaw.
    pub fn anchor(program: Pubkey, number: u32) -> Self {
        Self::plain(program, InstructionError::Custom(number))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.code {
            InstructionError::Custom(code) => errors::explain(&self.program, code)
                .map_or_else(|| format!("custom {code}"), |(name, _)| name.to_string()),
            ref other => format!("{other:?}"),
        };
        let program = PROGRAMS
            .iter()
            .find(|(_, id)| *id == self.program)
            .map_or_else(|| self.program.to_string(), |(name, _)| name.to_string());
        write!(f, "{name} of {program}")
    }
}

macro_rules! codes {
    ($($program:ident::$errors:ident),*) => {$(
        impl From<$program::$errors> for Code {
            fn from(error: $program::$errors) -> Self {
                Self::anchor($program::ID, error.code())
            }
        }
    )*};
}
codes!(
    emission::EmissionError,
    market::MarketError,
    registry::RegistryError,
    staking::StakingError,
    token::TokenError,
    treasury::TreasuryError
);

impl Failure {
    pub fn code(&self) -> Code {
        Code::plain(self.program, self.code.clone())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.code(), self.logs.join("\n"))
    }
}

impl World {
    /// Sends the instructions in one transaction, which the first signer pays. Every instruction must fit the default
    /// of 200,000 compute units.
    pub fn send(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Outcome {
        // A cluster refuses the same transaction twice; a new blockhash makes it another one.
        self.svm.expire_blockhash();
        let transaction = self.signed(instructions, signers);
        let len = packet_len(&transaction);
        assert!(
            len <= PACKET_LEN,
            "a transaction of {len} bytes fits no packet"
        );
        match self.svm.send_transaction(transaction) {
            Ok(meta) => {
                self.note_cost(instructions, &meta.logs, meta.compute_units_consumed);
                Ok(Meta {
                    units: meta.compute_units_consumed,
                    events: events::parse_logs(&meta.logs),
                    logs: meta.logs,
                    returned: meta.return_data.data,
                })
            }
            Err(failed) => Err(failure(failed.err, failed.meta.logs, instructions)),
        }
    }

    /// The transaction that [`World::send`] sends.
    pub fn signed(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Transaction {
        let payer = signers.first().expect("somebody pays").pubkey_of();
        let mut transaction = Transaction::new_with_payer(instructions, Some(&payer));
        transaction
            .try_sign(&signers.to_vec(), self.svm.latest_blockhash())
            .unwrap_or_else(|error| panic!("the signers do not fit the instructions: {error}"));
        transaction
    }

    /// Compute units of each instruction of our programs that was sent on its own, the latest of each, by
    /// `program.instruction`.
    pub fn costs(&self) -> &BTreeMap<String, u64> {
        &self.costs
    }

    /// Says that an instruction usually costs this, whatever its last call did.
    pub fn set_cost(&mut self, name: &str, units: u64) {
        self.costs.insert(name.into(), units);
    }

    fn note_cost(&mut self, sent: &[Instruction], logs: &[String], units: u64) {
        let [only] = sent else { return };
        let program = PROGRAMS.iter().find(|(_, id)| *id == only.program_id);
        let name = logs
            .iter()
            .find_map(|line| line.strip_prefix("Program log: Instruction: "));
        if let (Some((program, _)), Some(name)) = (program, name) {
            self.costs.insert(format!("{program}.{name}"), units);
        }
    }

    /// As [`World::send`], with the most compute units that a transaction may have.
    pub fn send_large(&mut self, instructions: &[Instruction], signers: &[&Keypair]) -> Outcome {
        let mut all = vec![ComputeBudgetInstruction::set_compute_unit_limit(MAX_UNITS)];
        all.extend_from_slice(instructions);
        self.send(&all, signers)
    }

    /// One instruction that must succeed.
    pub fn must(&mut self, instruction: Instruction, signers: &[&Keypair]) -> Meta {
        self.send(&[instruction], signers)
            .unwrap_or_else(|failure| panic!("refused: {failure:?}"))
    }

    /// Sends as the network's authority; must succeed.
    pub fn govern(&mut self, instruction: Instruction) -> Meta {
        let authority = self.authority.insecure_clone();
        self.must(instruction, &[&authority])
    }

    /// One instruction that must be refused with exactly this code, by exactly its program.
    #[track_caller]
    pub fn refuses(
        &mut self,
        code: impl Into<Code>,
        instruction: Instruction,
        signers: &[&Keypair],
    ) {
        let outcome = self.send(&[instruction], signers);
        expect_code(outcome, code);
    }
}

/// Bytes of a transaction on the wire.
pub fn packet_len(transaction: &Transaction) -> usize {
    1 + 64 * transaction.signatures.len() + transaction.message_data().len()
}

/// Panics unless the outcome is this refusal.
#[track_caller]
pub fn expect_code(outcome: Outcome, code: impl Into<Code>) {
    let expected = code.into();
    match outcome {
        Ok(_) => panic!("expected {expected}, but it succeeded"),
        Err(failure) if failure.code() == expected => {}
        Err(failure) => panic!("expected {expected}, got {failure:?}"),
    }
}

fn failure(error: TransactionError, logs: Vec<String>, sent: &[Instruction]) -> Failure {
    let (index, code) = match error {
        TransactionError::InstructionError(index, code) => (index, code),
        other => panic!("the transaction did not run: {other}\n{}", logs.join("\n")),
    };
    // The first program to fail is the innermost one.
    let innermost = logs.iter().find_map(|line| {
        let (program, rest) = line.strip_prefix("Program ")?.split_once(' ')?;
        rest.starts_with("failed:")
            .then(|| Pubkey::from_str(program).ok())?
    });
    let program = innermost.unwrap_or(sent[usize::from(index)].program_id);
    Failure {
        program,
        code,
        logs,
    }
}
