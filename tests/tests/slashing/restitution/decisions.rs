//! Who decides a case that pays a renter, and how it ends without a decision.

use iog_client::staking::instructions::{Resolve, SetSlashRoles};
use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::{Outcome, World};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::stage::Stage;
use crate::stage::{IO, MONTH};

const AMOUNT: u64 = 6 * IO;

fn name(world: &mut World, slasher: Pubkey, judge: Pubkey) {
    let roles = SetSlashRoles {
        authority: world.authority.pubkey_of(),
        slasher,
        appeal_authority: judge,
    };
    world.govern(roles.instruction());
}

fn resolve(stage: &mut Stage, by: &Keypair, case: &Pubkey) -> Outcome {
    let resolve = Resolve {
        appeal_authority: by.pubkey_of(),
        case: *case,
        upheld: true,
    };
    let payer = stage.plain.world.authority.insecure_clone();
    stage.world().send(&[resolve.instruction()], &[&payer, by])
}

/// Every way that a slash case can end, ends one that pays a renter: what was held is owed or free again.
#[test]
fn it_ends_as_every_slash_case_does() {
    // Appealed and how decided; when it ends; and whether it takes.
    let ends: [(Option<Option<bool>>, i64, bool); 6] = [
        (None, MONTH, true),
        (None, 2 * MONTH - 1, true),
        (None, 2 * MONTH, false),
        (Some(None), MONTH, false),
        (Some(Some(true)), 0, true),
        (Some(Some(false)), 0, false),
    ];
    let fresh = Stage::new();
    for (appealed, wait, takes) in ends {
        let mut stage = fresh.clone();
        let case = stage.propose(AMOUNT);
        if let Some(decision) = appealed {
            stage.plain.appeal(&case);
            if let Some(upheld) = decision {
                stage.plain.resolve(&case, upheld);
            }
        }
        if wait > 0 && wait <= MONTH {
            stage.plain.pass(wait - 1);
            expect_code(stage.try_finalize(&case), E::CaseRuns);
            stage.plain.pass(1);
        } else {
            stage.plain.pass(wait);
        }
        stage.finalize(&case);
        let taken = if takes { AMOUNT } else { 0 };
        assert_eq!(stage.owed(), (taken, taken), "{appealed:?} {wait}");
        assert_eq!(stage.plain.parts()[0], (2_000 * IO - taken, 0));
        let claimed = if takes { 1_503_000 } else { 0 };
        assert_eq!(stage.restitution().claimed_usd6, claimed);
        if !takes {
            // Nothing was taken, so nothing need be remembered.
            stage.try_close().unwrap();
        }
        stage.books(0);
    }
}

/// redteam 6f: who decided the dispute neither proposes nor judges here.
#[test]
fn resolver_slasher_and_judge_are_three_keys() {
    let mut stage = Stage::new();
    let resolver = stage.plain.world.resolver.insecure_clone();
    let court = stage.plain.court.clone();
    let (slasher, judge) = (court.slasher.pubkey_of(), court.judge.pubkey_of());
    name(stage.world(), slasher, resolver.pubkey_of());
    expect_code(stage.try_propose(AMOUNT), E::ResolverHasRole);
    name(stage.world(), resolver.pubkey_of(), judge);
    stage.plain.court.slasher = resolver;
    expect_code(stage.try_propose(AMOUNT), E::ResolverHasRole);
    stage.plain.court = court;
    name(stage.world(), slasher, judge);
    stage.propose(AMOUNT);
}

/// redteam 6f: nor after the roles have changed hands: such a case lapses in the owner's favour.
#[test]
fn who_resolved_or_proposed_judges_nothing_later() {
    let fresh = Stage::new();
    for successor in ["the resolver", "the proposer"] {
        let mut stage = fresh.clone();
        let case = stage.propose(AMOUNT);
        stage.plain.appeal(&case);
        let judge = match successor {
            "the resolver" => stage.plain.world.resolver.insecure_clone(),
            _ => stage.plain.court.slasher.insecure_clone(),
        };
        let other = stage.world().wallet();
        name(stage.world(), other.pubkey_of(), judge.pubkey_of());
        expect_code(resolve(&mut stage, &judge, &case), E::ResolverHasRole);
        // Of a case that burns the former slasher, judge now, decides as before.
        stage.plain.court.slasher = other;
        let burns = stage.plain.propose(IO);
        stage.plain.appeal(&burns);
        resolve(&mut stage, &judge, &burns).unwrap();
        stage.plain.pass(MONTH);
        stage.finalize(&case);
        assert_eq!(stage.owed(), (0, 0), "{successor}");
    }
}

/// Another judge, who is neither, decides it.
#[test]
fn a_successor_who_is_neither_decides() {
    let mut stage = Stage::new();
    let case = stage.propose(AMOUNT);
    stage.plain.appeal(&case);
    let (slasher, old) = (
        stage.plain.court.slasher.pubkey_of(),
        stage.plain.court.judge.insecure_clone(),
    );
    let new = stage.world().wallet();
    name(stage.world(), slasher, new.pubkey_of());
    expect_code(resolve(&mut stage, &old, &case), E::NotAppealAuthority);
    resolve(&mut stage, &new, &case).unwrap();
    stage.finalize(&case);
    assert_eq!(stage.owed(), (AMOUNT, AMOUNT));
}

/// Without a judge a case may be proposed; appealed, it lapses.
#[test]
fn without_a_judge_an_appeal_ends_the_case() {
    let mut stage = Stage::new();
    let slasher = stage.plain.court.slasher.pubkey_of();
    name(stage.world(), slasher, Pubkey::new_from_array([0; 32]));
    let case = stage.propose(AMOUNT);
    stage.plain.appeal(&case);
    stage.plain.pass(MONTH);
    stage.finalize(&case);
    assert_eq!(stage.owed(), (0, 0));
    assert_eq!(stage.plain.parts()[0], (2_000 * IO, 0));
}
