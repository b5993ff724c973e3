//! Wrong accounts in the places of a good instruction.

use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::{Code, World};

/// What is wrong, the place in the account list, the account put there, and the refusal.
pub type Swap<'a> = (&'a str, usize, Pubkey, Code);

/// Puts each wrong account into its place on a copy of `world`; panics with all those that did not end in their code.
#[track_caller]
pub fn refused(world: &World, instruction: &Instruction, signers: &[&Keypair], wrong: &[Swap<'_>]) {
    let failures: Vec<String> = wrong
        .iter()
        .filter_map(|swap| check(world, instruction, signers, swap).err())
        .collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
    let outcome = world
        .clone()
        .send(std::slice::from_ref(instruction), signers);
    assert!(outcome.is_ok(), "the right accounts: {outcome:?}");
}

fn check(
    world: &World,
    instruction: &Instruction,
    signers: &[&Keypair],
    (what, place, account, code): &Swap<'_>,
) -> Result<(), String> {
    let mut instruction = instruction.clone();
    instruction.accounts[*place].pubkey = *account;
    match world.clone().send(&[instruction], signers) {
        Err(failure) if failure.code() == *code => Ok(()),
        Err(failure) => Err(format!("{what}: expected {code}, got {failure:?}")),
        Ok(_) => Err(format!("{what}: expected {code}, but it succeeded")),
    }
}
