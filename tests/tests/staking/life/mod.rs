//! Every state of a stake, of its offer, co-staker and slash case, and every instruction there: what it may do, or the exact
//! refusal, after which nothing has changed.

mod states;
mod table;

use iog_client::pda;
use iog_tests::world::PubkeyOf;
use iog_tests::{Code, Outcome, World};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::stage::{IO, SHARE};
use states::Life;

/// The columns of the table.
pub const INSTRUCTIONS: [&str; 15] = [
    "stake",
    "increase_stake",
    "withdraw_overflow",
    "make_offer",
    "retract",
    "accept_offer",
    "leave",
    "withdraw_co",
    "request_unstake",
    "withdraw",
    "propose_slash",
    "appeal",
    "resolve",
    "finalize_slash",
    "withdraw_case",
];

/// The instruction of a column, sent by whom it takes.
fn instruction(life: &Life, column: usize) -> (Instruction, Option<Keypair>) {
    let (world, one, co, court) = (
        &life.stage.world,
        &life.stage.one,
        &life.stage.co,
        &life.court,
    );
    let case = pda::staking::slash_case(0);
    let owner = || Some(one.owner.insecure_clone());
    let co_staker = || Some(co.wallet.insecure_clone());
    let judge = || Some(court.judge.insecure_clone());
    match column {
        0 => (world.stake_ix(one, 200 * IO).instruction(), owner()),
        1 => (world.increase_ix(one, 1).instruction(), owner()),
        2 => (world.overflow_ix(one, 1).instruction(), owner()),
        3 => (world.offer_ix(one, IO, SHARE).instruction(), owner()),
        4 => (world.retract_ix(one).instruction(), owner()),
        5 => {
            let accept = world.accept_offer_ix(one, co, IO, SHARE);
            (accept.instruction(), co_staker())
        }
        6 => (world.leave_ix(one, co).instruction(), co_staker()),
        7 => (world.withdraw_co_ix(one, co).instruction(), None),
        8 => (world.unstake_ix(one).instruction(), owner()),
        9 => (world.withdraw_ix(one).instruction(), owner()),
        10 => {
            let propose = world.propose_slash_ix(court, one, 10);
            (propose.instruction(), Some(court.slasher.insecure_clone()))
        }
        11 => {
            let appeal = world.appeal_ix(&one.owner, one, &case);
            (appeal.instruction(), owner())
        }
        12 => (world.resolve_ix(court, &case, true).instruction(), judge()),
        13 => (world.finalize_slash_ix(one, &case).instruction(), None),
        _ => {
            let withdraw = world.withdraw_case_ix(&court.slasher, &case);
            let slasher = court.slasher.insecure_clone();
            (withdraw.instruction(), Some(slasher))
        }
    }
}

fn accounts(
    world: &World,
    instruction: &Instruction,
    payer: &Pubkey,
) -> Vec<(Pubkey, Option<Account>)> {
    let metas = instruction.accounts.iter();
    metas
        .filter(|meta| meta.pubkey != *payer)
        .map(|meta| (meta.pubkey, world.find(&meta.pubkey)))
        .collect()
}

/// What a cell of the table says of the outcome.
fn cell(outcome: &Outcome) -> String {
    let Err(failure) = outcome else {
        return "ok".into();
    };
    let program = iog_client::staking::ID;
    let missing = Code::plain(program, InstructionError::AccountDataTooSmall);
    match failure.code() {
        code if code == Code::in_use() => "taken".into(),
        code if code == missing => "missing".into(),
        code => code.to_string().replace(" of staking", ""),
    }
}

#[test]
fn every_instruction_in_every_state() {
    let rows = table::rows();
    let names: Vec<_> = states::ALL.iter().map(|(name, _)| *name).collect();
    let listed: Vec<_> = rows.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, listed, "the table has every state");
    let fresh = Life::new();
    let mut wrong = Vec::new();
    for ((name, prepare), (_, expected)) in states::ALL.iter().zip(rows) {
        let mut life = fresh.clone();
        prepare(&mut life);
        life.stage.world.check_stakes(&[&life.stage.one]);
        let expected: Vec<&str> = expected.split_whitespace().collect();
        let got: Vec<String> = (0..INSTRUCTIONS.len())
            .map(|column| attempt(&life, column))
            .collect();
        if got != expected {
            wrong.push(format!("(\"{name}\", \"{}\"),", got.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn attempt(life: &Life, column: usize) -> String {
    let mut life = life.clone();
    let payer = life.stage.world.authority.insecure_clone();
    let (sent, signer) = instruction(&life, column);
    let signers: Vec<&Keypair> = [&payer].into_iter().chain(signer.as_ref()).collect();
    let world = &mut life.stage.world;
    let before = accounts(world, &sent, &payer.pubkey_of());
    let outcome = world.send(std::slice::from_ref(&sent), &signers);
    if outcome.is_err() {
        let after = accounts(world, &sent, &payer.pubkey_of());
        assert_eq!(before, after, "{} was refused", INSTRUCTIONS[column]);
    }
    world.check_stakes(&[&life.stage.one]);
    cell(&outcome)
}
