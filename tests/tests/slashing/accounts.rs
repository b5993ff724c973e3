//! Foreign, copied and counterfeit accounts in the places of a case's.

use iog_client::pda;
use iog_client::staking::instructions::{
    Appeal, FinalizeSlash, ProposeSlash, Resolve, WithdrawCase,
};
use iog_client::staking::{StakingError as E, ID};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::{swaps, Code, Supplier};
use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;

use crate::stage::{Stage, IO, MONTH, UPHOLD_AFTER};

fn plain(code: InstructionError) -> Code {
    Code::plain(ID, code)
}

/// Two devices with a case each.
fn stage() -> (Stage, Supplier, [Pubkey; 2]) {
    let mut stage = Stage::new(300 * IO, 100 * IO);
    let other = stage.world.supplier(CLASS_TEST);
    let case = stage.propose(40 * IO);
    let theirs = stage.world.propose_slash(&stage.court, &other, 10 * IO);
    (stage, other, [case, theirs])
}

#[test]
fn a_case_is_against_its_own_stake_only() {
    let (mut stage, other, [case, theirs]) = stage();
    let seeds = || plain(InstructionError::InvalidSeeds);
    let copy = stage.world.address();
    stage.world.copy_account(&stage.one.stake, &copy);
    let propose = stage.world.propose_slash_ix(&stage.court, &stage.one, 1);
    let wrong = [
        ("a copied stake", ProposeSlash::STAKE, copy, seeds()),
        (
            "the next number",
            ProposeSlash::CASE,
            pda::staking::slash_case(3),
            seeds(),
        ),
        (
            "a number that is used",
            ProposeSlash::CASE,
            pda::staking::slash_case(0),
            seeds(),
        ),
    ];
    let instruction = propose.instruction();
    swaps::refused(&stage.world, &instruction, &[&stage.court.slasher], &wrong);

    let owner = stage.one.owner.insecure_clone();
    let appeal = stage.world.appeal_ix(&owner, &stage.one, &case);
    let wrong = [
        (
            "another's stake",
            Appeal::STAKE,
            other.stake,
            E::WrongCase.into(),
        ),
        ("another's case", Appeal::CASE, theirs, E::WrongCase.into()),
        (
            "a stake as case",
            Appeal::CASE,
            other.stake,
            plain(InstructionError::InvalidAccountData),
        ),
    ];
    swaps::refused(&stage.world, &appeal.instruction(), &[&owner], &wrong);

    stage.pass(MONTH);
    let payer = stage.world.authority.insecure_clone();
    let owner = other.owner.pubkey_of();
    let close = stage.finalize_ix(&case);
    let fake_config = stage.world.counterfeit(&pda::token::config());
    let wrong = [
        (
            "another proposer",
            FinalizeSlash::PROPOSER,
            owner,
            E::WrongCase.into(),
        ),
        (
            "another owner",
            FinalizeSlash::OWNER,
            owner,
            E::NotOwner.into(),
        ),
        (
            "another's stake",
            FinalizeSlash::STAKE,
            other.stake,
            E::NotOwner.into(),
        ),
        (
            "another's case",
            FinalizeSlash::CASE,
            theirs,
            E::WrongCase.into(),
        ),
        (
            "another vault",
            FinalizeSlash::VAULT,
            other.owner_token,
            seeds(),
        ),
        (
            "another authority",
            FinalizeSlash::VAULT_AUTHORITY,
            copy,
            seeds(),
        ),
        (
            "a counterfeit of the token's books",
            FinalizeSlash::TOKEN_CONFIG,
            fake_config,
            plain(InstructionError::IllegalOwner),
        ),
    ];
    swaps::refused(&stage.world, &close, &[&payer], &wrong);
}

/// The place of the next case is known to all; lamports that somebody leaves there do not keep the case away.
#[test]
fn a_case_address_funded_beforehand_can_be_opened() {
    let mut stage = Stage::new(300 * IO, 0);
    for lamports in [1, 10_000_000_000] {
        let next = stage.world.staking_config().cases;
        stage.world.fund(&pda::staking::slash_case(next), lamports);
        stage.propose(1);
    }
    assert_eq!(stage.world.staking_config().cases, 2);
}

#[test]
fn every_kind_of_wrong_account_in_every_place() {
    let (mut stage, _, [case, _]) = stage();
    let (slasher, judge, owner) = (
        stage.court.slasher.insecure_clone(),
        stage.court.judge.insecure_clone(),
        stage.one.owner.insecure_clone(),
    );
    let propose = stage.world.propose_slash_ix(&stage.court, &stage.one, 1);
    sweep::refused(&stage.world, &propose.instruction(), &[&slasher], &[]);
    const COPY: &str =
        "programs alone write such bytes, and cases and stakes are found by no other address";
    let appeal = stage.world.appeal_ix(&owner, &stage.one, &case);
    let harmless = [
        (Appeal::STAKE, Wrong::Copy, COPY),
        (Appeal::CASE, Wrong::Copy, COPY),
    ];
    sweep::refused(&stage.world, &appeal.instruction(), &[&owner], &harmless);
    stage.appeal(&case);
    let withdraw = stage.world.withdraw_case_ix(&slasher, &case);
    let harmless = [(WithdrawCase::CASE, Wrong::Copy, COPY)];
    sweep::refused(
        &stage.world,
        &withdraw.instruction(),
        &[&slasher],
        &harmless,
    );
    stage.pass(UPHOLD_AFTER);
    let resolve = stage.world.resolve_ix(&stage.court, &case, true);
    let harmless = [(Resolve::CASE, Wrong::Copy, COPY)];
    sweep::refused(&stage.world, &resolve.instruction(), &[&judge], &harmless);
    stage.resolve(&case, true);
    let close = stage.finalize_ix(&case);
    let harmless = [
        (FinalizeSlash::STAKE, Wrong::Copy, COPY),
        (FinalizeSlash::CASE, Wrong::Copy, COPY),
    ];
    sweep::refused(&stage.world, &close, &[], &harmless);
}
