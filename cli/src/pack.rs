//! Putting instructions into as few transactions as hold them.

use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// Bytes of a transaction on the wire.
const PACKET: usize = 1_232;
const KEY: usize = 32;
const SIGNATURE: usize = 64;
/// Header, blockhash and the lengths of the lists, each with room to spare.
const FRAME: usize = 3 + KEY + 8;
/// The two instructions of the compute budget, and their program's key.
const BUDGET: usize = KEY + 8 + 12;
/// Number of the program, and the lengths of accounts and data.
const PER_INSTRUCTION: usize = 5;

/// Bytes of a transaction of these instructions, a few too many rather than one too few.
fn size(instructions: &[Instruction], payer: &Pubkey) -> usize {
    let (mut keys, mut signers) = (BTreeSet::from([*payer]), BTreeSet::from([*payer]));
    let mut bytes = FRAME + BUDGET;
    for instruction in instructions {
        keys.insert(instruction.program_id);
        for meta in &instruction.accounts {
            keys.insert(meta.pubkey);
            if meta.is_signer {
                signers.insert(meta.pubkey);
            }
        }
        bytes += PER_INSTRUCTION + instruction.accounts.len() + instruction.data.len();
    }
    bytes + keys.len() * KEY + signers.len() * SIGNATURE
}

/// Whether one transaction holds them.
pub fn fits(instructions: &[Instruction], payer: &Pubkey) -> bool {
    size(instructions, payer) <= PACKET
}

/// The instructions in their order, each transaction as full as can be.
pub fn pack(instructions: Vec<Instruction>, payer: &Pubkey) -> Vec<Vec<Instruction>> {
    let mut batches: Vec<Vec<Instruction>> = Vec::new();
    for instruction in instructions {
        let last = batches.last_mut();
        let roomy = last.filter(|batch| {
            let mut tried = (*batch).clone();
            tried.push(instruction.clone());
            fits(&tried, payer)
        });
        match roomy {
            Some(batch) => batch.push(instruction),
            None => batches.push(vec![instruction]),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;
    use solana_instruction::AccountMeta;

    /// An instruction with this many accounts of its own.
    fn own(accounts: usize) -> Instruction {
        let metas = (0..accounts).map(|_| AccountMeta::new(Pubkey::new_unique(), false));
        Instruction {
            program_id: Pubkey::new_from_array([9; 32]),
            accounts: metas.collect(),
            data: vec![0; 8],
        }
    }

    #[test]
    fn a_transaction_is_filled_and_not_overfilled() {
        let payer = Pubkey::new_unique();
        let all: Vec<Instruction> = (0..10).map(|_| own(5)).collect();
        let batches = pack(all.clone(), &payer);
        assert_eq!(batches.concat(), all);
        // 5 keys, 5 numbers, 8 bytes of data and 5 of lengths: 178 bytes each beside 223 for the rest
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        assert_eq!(sizes, [5, 5]);
        assert!(!fits(&all[..6], &payer));
    }

    #[test]
    fn shared_accounts_count_once() {
        let payer = Pubkey::new_unique();
        let one = own(20);
        assert_eq!(pack(vec![one; 8], &payer).len(), 1);
    }
}
