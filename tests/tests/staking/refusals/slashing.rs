//! Refusals of slash cases.

use iog_client::staking::instructions::{SetAppealAuthority, SetSlasher};
use iog_client::staking::StakingError as E;
use iog_tests::world::{Court, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, Supplier, World};
use solana_pubkey::Pubkey;

use crate::stage::COOL_DOWN;

/// A stake of 200 IO, and a case of 10 IO against it.
fn case(world: &mut World) -> (Supplier, Court, Pubkey) {
    let (one, court) = (world.supplier(CLASS_TEST), world.court());
    let case = world.propose_slash(&court, &one, 1_000_000_000);
    (one, court, case)
}

fn propose(world: &mut World, court: &Court, one: &Supplier, amount: u64) -> Outcome {
    let propose = world.propose_slash_ix(court, one, amount).instruction();
    world.send(&[propose], &[&court.slasher])
}

fn resolve(world: &mut World, court: &Court, case: &Pubkey) -> Outcome {
    let resolve = world.resolve_ix(court, case, true).instruction();
    world.send(&[resolve], &[&court.judge])
}

fn finalize(world: &mut World, one: &Supplier, case: &Pubkey) -> Outcome {
    let authority = world.authority.insecure_clone();
    let close = world.finalize_slash_ix(one, case).instruction();
    world.send(&[close], &[&authority])
}

pub fn errors() -> Vec<Case> {
    vec![
        refusal("all that is left is held", E::HeldByCase, |world| {
            let (one, _, _) = case(world);
            let authority = one.owner.insecure_clone();
            let request = world.unstake_ix(&one).instruction();
            world.must(request, &[&authority]);
            world.advance(COOL_DOWN);
            let withdraw = world.withdraw_ix(&one).instruction();
            world.must(withdraw.clone(), &[&authority]);
            world.send(&[withdraw], &[&authority])
        }),
        refusal("the judge proposes", E::NotSlasher, |world| {
            let (one, court, _) = case(world);
            let wrong = Court {
                slasher: court.judge,
                judge: court.slasher,
            };
            propose(world, &wrong, &one, 1)
        }),
        refusal("the slasher decides", E::NotAppealAuthority, |world| {
            let (_, court, case) = case(world);
            let wrong = Court {
                slasher: court.judge,
                judge: court.slasher,
            };
            resolve(world, &wrong, &case)
        }),
        refusal("one key for both roles", E::RolesEqual, |world| {
            let authority = world.authority.insecure_clone();
            let (key, authority_key) = (world.address(), authority.pubkey_of());
            let slasher = SetSlasher {
                authority: authority_key,
                key,
            };
            world.govern(slasher.instruction());
            let judge = SetAppealAuthority {
                authority: authority_key,
                key,
            };
            world.send(&[judge.instruction()], &[&authority])
        }),
        refusal("the proposer decides", E::JudgeProposed, |world| {
            let (one, court, case) = case(world);
            world.name_court(court.judge.pubkey_of(), court.slasher.pubkey_of());
            let appeal = world.appeal_ix(&one.owner, &one, &case).instruction();
            world.must(appeal, &[&one.owner]);
            let swapped = Court {
                slasher: court.judge,
                judge: court.slasher,
            };
            resolve(world, &swapped, &case)
        }),
        refusal(
            "upheld on the day of the appeal",
            E::UpheldTooEarly,
            |world| {
                let (one, court, case) = case(world);
                let appeal = world.appeal_ix(&one.owner, &one, &case).instruction();
                world.must(appeal, &[&one.owner]);
                resolve(world, &court, &case)
            },
        ),
        refusal("the owner takes a case back", E::MayNotWithdraw, |world| {
            let (one, _, case) = case(world);
            let withdraw = world.withdraw_case_ix(&one.owner, &case).instruction();
            world.send(&[withdraw], &[&one.owner])
        }),
        refusal("an offence of tomorrow", E::OffenceInFuture, |world| {
            let (one, court, _) = case(world);
            let mut propose = world.propose_slash_ix(&court, &one, 1);
            propose.offence_ts += 1;
            world.send(&[propose.instruction()], &[&court.slasher])
        }),
        refusal("more than a tenth", E::SlashAboveCap, |world| {
            let (one, court, _) = case(world);
            propose(world, &court, &one, 2_000_000_001)
        }),
        refusal("a fifth case", E::TooManyCases, |world| {
            let (one, court, _) = case(world);
            for _ in 0..3 {
                propose(world, &court, &one, 1).unwrap();
            }
            propose(world, &court, &one, 1)
        }),
        refusal("a stranger appeals", E::NotAppellant, |world| {
            let (one, court, case) = case(world);
            let appeal = world.appeal_ix(&court.slasher, &one, &case).instruction();
            world.send(&[appeal], &[&court.slasher])
        }),
        refusal("nobody appealed", E::WrongCaseState, |world| {
            let (_, court, case) = case(world);
            resolve(world, &court, &case)
        }),
        refusal("the time for an appeal runs", E::CaseRuns, |world| {
            let (one, _, case) = case(world);
            finalize(world, &one, &case)
        }),
        refusal("another's case", E::WrongCase, |world| {
            let (_, _, case) = case(world);
            let other = world.supplier(CLASS_TEST);
            world.advance(2_592_000);
            finalize(world, &other, &case)
        }),
    ]
}
