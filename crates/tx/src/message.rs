//! Messages before they are signed and after.

use crate::{error::TxError, fees::priority_lamports};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_instruction::Instruction;
use solana_message::{Message, VersionedMessage};
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::versioned::VersionedTransaction;

/// The most compute that one transaction may ask for.
pub(crate) const MAX_UNITS: u32 = 1_400_000;
/// What the chain grants an instruction that asks for nothing; used when a node does not report what a simulation used.
const DEFAULT_UNITS_PER_INSTRUCTION: u32 = 200_000;

/// Units beyond that, for what is different when a transaction lands behind others that were simulated beside it: the last device to accept
/// starts its order, which takes some 2,000 more than the others' acceptances took.
const RACE_UNITS: u64 = 3_000;

/// A signer that may be used from any thread.
pub type AnySigner = dyn Signer + Send + Sync;

/// What a simulation found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    pub units_consumed: u64,
    pub logs: Vec<String>,
}

impl Simulation {
    /// 1.2 times what was used and 3,000 more, within what the chain allows.
    pub fn unit_limit(&self) -> u32 {
        let limit = self.units_consumed.saturating_mul(6).div_ceil(5);
        let limit = limit.saturating_add(RACE_UNITS);
        u32::try_from(limit).unwrap_or(MAX_UNITS).min(MAX_UNITS)
    }
}

/// A signed transaction, with what must be remembered about it.
#[derive(Clone, Debug)]
pub struct Prepared {
    pub transaction: VersionedTransaction,
    pub signature: Signature,
    /// Past this block height it can no longer land.
    pub last_valid_block_height: u64,
    pub unit_limit: u32,
    pub micro_lamports: u64,
    pub simulation: Simulation,
}

impl Prepared {
    /// What it pays for priority, besides 5,000 lamports a signature.
    pub fn priority_fee_lamports(&self) -> u64 {
        priority_lamports(self.micro_lamports, self.unit_limit)
    }
}

/// The instructions behind their compute budget. Simulation and sending use the same shape, so that the compute of the
/// budget instructions is measured too and instruction numbers in errors mean the same.
pub(crate) fn budgeted(
    instructions: &[Instruction],
    payer: &Pubkey,
    unit_limit: u32,
    micro_lamports: u64,
    blockhash: Hash,
) -> VersionedMessage {
    let mut all = Vec::with_capacity(instructions.len() + 2);
    all.push(ComputeBudgetInstruction::set_compute_unit_limit(unit_limit));
    all.push(ComputeBudgetInstruction::set_compute_unit_price(
        micro_lamports,
    ));
    all.extend_from_slice(instructions);
    VersionedMessage::Legacy(Message::new_with_blockhash(&all, Some(payer), &blockhash))
}

/// The message with empty signatures, which is enough to simulate it.
pub(crate) fn unsigned(message: VersionedMessage) -> VersionedTransaction {
    let signatures =
        vec![Signature::default(); usize::from(message.header().num_required_signatures)];
    VersionedTransaction {
        signatures,
        message,
    }
}

pub(crate) fn sign(
    message: VersionedMessage,
    payer: &AnySigner,
    signers: &[&AnySigner],
) -> Result<VersionedTransaction, TxError> {
    let mut keys: Vec<&dyn Signer> = vec![payer];
    for signer in signers {
        if !keys.iter().any(|key| key.pubkey() == signer.pubkey()) {
            keys.push(*signer);
        }
    }
    VersionedTransaction::try_new(message, &keys)
        .map_err(|error| TxError::Signing(error.to_string()))
}

/// The accounts whose competition sets the price.
pub(crate) fn written_accounts(message: &VersionedMessage) -> Vec<Pubkey> {
    let keys = message.static_account_keys().iter().enumerate();
    keys.filter(|(index, _)| {
        message.is_maybe_writable_with_reserved_addresses(
            *index,
            None::<&std::collections::HashSet<Pubkey>>,
        )
    })
    .map(|(_, key)| *key)
    .collect()
}

/// Compute of a simulation whose node did not report it.
pub(crate) fn assumed_units(message: &VersionedMessage) -> u64 {
    let instructions = u32::try_from(message.instructions().len()).unwrap_or(u32::MAX);
    u64::from(
        instructions
            .saturating_mul(DEFAULT_UNITS_PER_INSTRUCTION)
            .min(MAX_UNITS),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(units_consumed: u64) -> u32 {
        Simulation {
            units_consumed,
            logs: Vec::new(),
        }
        .unit_limit()
    }

    #[test]
    fn limit_is_six_fifths_of_the_use_and_what_a_race_may_take() {
        assert_eq!(
            [units(0), units(450), units(1), units(100_000)],
            [3_000, 3_540, 3_002, 123_000]
        );
        assert_eq!([units(1_300_000), units(u64::MAX)], [1_400_000, 1_400_000]);
    }
}
