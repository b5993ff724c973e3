//! Every place of an instruction's account list, given every kind of wrong account.

use std::fmt;

use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::world::PubkeyOf;
use crate::{Failure, World};

/// What stands in an account's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// An address without an account.
    Nothing,
    /// The right bytes under another owner.
    Counterfeit,
    /// The right bytes under the right owner, at another address.
    Copy,
    /// The right account, without its signature.
    Unsigned,
    /// The right account, not writable.
    ReadOnly,
}

const ALL: [Wrong; 5] = [
    Wrong::Nothing,
    Wrong::Counterfeit,
    Wrong::Copy,
    Wrong::Unsigned,
    Wrong::ReadOnly,
];

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// Sends the instruction once for each place and wrong account; every one must be refused with a code, not with a panic
/// of the program, but for those in `harmless` (place, what, why). As it is the instruction must succeed. A stranger pays.
#[track_caller]
pub fn refused(
    world: &World,
    instruction: &Instruction,
    signers: &[&Keypair],
    harmless: &[(usize, Wrong, &str)],
) {
    refused_behind(world, &[], instruction, signers, harmless);
}

/// The same for an instruction that others stand before in its transaction.
#[track_caller]
pub fn refused_behind(
    world: &World,
    before: &[Instruction],
    instruction: &Instruction,
    signers: &[&Keypair],
    harmless: &[(usize, Wrong, &str)],
) {
    let mut world = world.clone();
    let payer = world.wallet();
    let all: Vec<&Keypair> = [&payer]
        .into_iter()
        .chain(signers.iter().copied())
        .collect();
    let whole = [before, std::slice::from_ref(instruction)].concat();
    let right = world.clone().send(&whole, &all);
    assert!(right.is_ok(), "the right accounts: {right:?}");
    let mut wrong = Vec::new();
    for place in 0..instruction.accounts.len() {
        for what in ALL {
            let excused = harmless.iter().any(|(p, w, _)| (*p, *w) == (place, what));
            let sent = (before, instruction, all.as_slice());
            if let Some(problem) = check(&world, sent, place, what, excused) {
                wrong.push(format!("place {place}, {what}: {problem}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn check(
    world: &World,
    (before, instruction, signers): (&[Instruction], &Instruction, &[&Keypair]),
    place: usize,
    what: Wrong,
    excused: bool,
) -> Option<String> {
    let mut world = world.clone();
    let changed = change(&mut world, instruction, place, what)?;
    let signs = |key: &Keypair| {
        let address = key.pubkey_of();
        let mut metas = changed.accounts.iter();
        metas.any(|meta| meta.is_signer && meta.pubkey == address)
    };
    // Whoever lost a mark need not sign; the payer, the first one, always does.
    let kept: Vec<&Keypair> = signers
        .iter()
        .enumerate()
        .filter(|(index, key)| *index == 0 || signs(key))
        .map(|(_, key)| *key)
        .collect();
    let whole = [before, &[changed]].concat();
    match (world.send(&whole, &kept), excused) {
        (Ok(_), true) => None,
        (Ok(_), false) => Some("it succeeded".into()),
        (Err(failure), true) => Some(format!("excused, but refused with {}", failure.code())),
        (Err(failure), false) => broke(&failure).then(|| format!("{failure:?}")),
    }
}

/// The program gave up instead of refusing.
fn broke(failure: &Failure) -> bool {
    matches!(
        failure.code,
        InstructionError::ProgramFailedToComplete
            | InstructionError::ComputationalBudgetExceeded
            | InstructionError::ReadonlyDataModified
            | InstructionError::ReadonlyLamportChange
    )
}

/// The instruction with this wrong account, or `None` where there is nothing to get wrong.
fn change(
    world: &mut World,
    instruction: &Instruction,
    place: usize,
    what: Wrong,
) -> Option<Instruction> {
    let mut changed = instruction.clone();
    let meta = &mut changed.accounts[place];
    let account = world.find(&meta.pubkey);
    let empty = account
        .as_ref()
        .is_none_or(|account| account.data.is_empty() || account.executable);
    match what {
        Wrong::Nothing if meta.is_signer => return None,
        Wrong::Nothing => meta.pubkey = world.address(),
        Wrong::Counterfeit | Wrong::Copy if empty || meta.is_signer => return None,
        Wrong::Counterfeit => {
            let fake = world.counterfeit(&meta.pubkey);
            meta.pubkey = fake;
        }
        Wrong::Copy => {
            let copy = world.address();
            world.copy_account(&meta.pubkey, &copy);
            meta.pubkey = copy;
        }
        Wrong::Unsigned if !meta.is_signer => return None,
        Wrong::Unsigned => meta.is_signer = false,
        Wrong::ReadOnly if !meta.is_writable => return None,
        Wrong::ReadOnly => meta.is_writable = false,
    }
    Some(changed)
}
