//! Each error of restitution has a transaction that ends in it; those of stakes and of slash cases are in the test of staking.

use iog_client::market::Verdict;
use iog_client::pda;
use iog_client::staking::StakingError as E;
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::{cases, refusal, Case, Outcome, World};
use solana_pubkey::Pubkey;

use super::stage::{lose, Stage, CLAIM};
use crate::stage::{IO, MONTH};

/// The first error of restitution, `NotVerdict`, and the first behind the last, `RestitutionNeeded`.
const FIRST: u32 = 6_035;
const AFTER: u32 = 6_045;

/// A lost dispute, in the place of the table's world.
fn lost(world: &mut World) -> Stage {
    let stage = Stage::new();
    *world = stage.plain.world.clone();
    stage
}

fn named(world: &mut World, verdict: fn(&mut Stage) -> Pubkey) -> Outcome {
    let mut stage = lost(world);
    stage.verdict = verdict(&mut stage);
    stage.try_propose(IO)
}

fn changed(world: &mut World, change: fn(&mut Verdict)) -> Outcome {
    let mut stage = lost(world);
    let verdict = stage.verdict;
    stage.world().edit::<Verdict>(&verdict, change);
    stage.try_propose(IO)
}

fn errors() -> Vec<Case> {
    let mut all = proposing();
    all.extend(ending());
    all
}

fn proposing() -> Vec<Case> {
    vec![
        refusal("a counterfeit of the verdict", E::NotVerdict, |world| {
            named(world, |stage| {
                let verdict = stage.verdict;
                stage.world().counterfeit(&verdict)
            })
        }),
        refusal("a lease for a verdict", E::NotVerdict, |world| {
            named(world, |stage| {
                pda::market::lease(&stage.order, &stage.plain.one.device)
            })
        }),
        refusal("a wallet for a verdict", E::NotVerdict, |world| {
            named(world, |stage| stage.renter.wallet.pubkey_of())
        }),
        refusal("another device's verdict", E::WrongVerdict, |world| {
            let mut stage = lost(world);
            let renter = stage.renter.clone();
            let world = stage.world();
            let other = world.supplier(CLASS_TEST);
            let order = lose(world, &other, &renter, 2);
            let lease = pda::market::lease(&order, &other.device);
            stage.verdict = pda::market::verdict(&lease);
            stage.try_propose(IO)
        }),
        refusal("an earlier owner's verdict", E::WrongVerdict, |world| {
            changed(world, |verdict| verdict.owner = verdict.renter)
        }),
        refusal("the slasher has resolved", E::ResolverHasRole, |world| {
            let mut stage = lost(world);
            let slasher = stage.plain.court.slasher.pubkey_of();
            let verdict = stage.verdict;
            stage
                .world()
                .edit::<Verdict>(&verdict, |verdict| verdict.resolver = slasher);
            stage.try_propose(IO)
        }),
        refusal("the judge has resolved", E::ResolverHasRole, |world| {
            let mut stage = lost(world);
            let judge = stage.plain.court.judge.pubkey_of();
            let verdict = stage.verdict;
            stage
                .world()
                .edit::<Verdict>(&verdict, |verdict| verdict.resolver = judge);
            stage.try_propose(IO)
        }),
        refusal("after 180 days", E::ClaimTooLate, |world| {
            let mut stage = lost(world);
            let decided = stage.verdict().decided_ts;
            stage.world().set_time(decided + CLAIM);
            stage.try_propose(IO)
        }),
        refusal("a unit above the rent", E::AboveRentPaid, |world| {
            lost(world).try_propose(606_786_428)
        }),
        refusal("a lease that was paid nothing", E::AboveRentPaid, |world| {
            changed(world, |verdict| verdict.paid_usd6 = 0)
        }),
        refusal(
            "a later decision of the same lease",
            E::WrongRestitution,
            |world| {
                let mut stage = lost(world);
                stage.propose(IO);
                let verdict = stage.verdict;
                stage
                    .world()
                    .edit::<Verdict>(&verdict, |verdict| verdict.decided_ts += 1);
                stage.try_propose(IO)
            },
        ),
        refusal("a decision at the end of time", E::MathOverflow, |world| {
            changed(world, |verdict| verdict.decided_ts = i64::MAX)
        }),
    ]
}

fn ending() -> Vec<Case> {
    vec![
        refusal("burnt, what pays a renter", E::PaysRenter, |world| {
            let mut stage = lost(world);
            let case = stage.propose(IO);
            stage.plain.pass(MONTH);
            stage.plain.try_finalize(&case)
        }),
        refusal("paid, what burns", E::PaysNoRenter, |world| {
            let mut stage = lost(world);
            stage.propose(IO);
            let case = stage.plain.propose(IO);
            stage.plain.pass(MONTH);
            stage.try_finalize(&case)
        }),
        refusal("paid to another's renter", E::WrongRestitution, |world| {
            let mut stage = lost(world);
            let case = stage.propose(IO);
            let renter = stage.renter.clone();
            let one = stage.plain.one.clone();
            let order = lose(stage.world(), &one, &renter, 2);
            let lease = pda::market::lease(&order, &one.device);
            stage.verdict = pda::market::verdict(&lease);
            stage.propose(IO);
            stage.plain.pass(MONTH);
            stage.try_finalize(&case)
        }),
        refusal("nothing was carried out", E::NothingDue, |world| {
            let mut stage = lost(world);
            stage.propose(IO);
            stage.try_fetch()
        }),
        refusal("fetched already", E::NothingDue, |world| {
            let mut stage = lost(world);
            stage.take(IO);
            stage.try_fetch().unwrap();
            stage.try_fetch()
        }),
        refusal("into the owner's account", E::WrongRecipient, |world| {
            let mut stage = lost(world);
            stage.take(IO);
            stage.renter.token = stage.plain.one.owner_token;
            stage.try_fetch()
        }),
        refusal("closed with a case open", E::RestitutionNeeded, |world| {
            let mut stage = lost(world);
            stage.propose(IO);
            stage.try_close()
        }),
        refusal("closed while it owes", E::RestitutionNeeded, |world| {
            let mut stage = lost(world);
            stage.take(IO);
            stage.plain.pass(CLAIM);
            stage.try_close()
        }),
        refusal("closed while it remembers", E::RestitutionNeeded, |world| {
            let mut stage = lost(world);
            stage.take(IO);
            stage.try_fetch().unwrap();
            stage.try_close()
        }),
    ]
}

#[test]
fn each_error_of_restitution_has_its_refusal() {
    let all = errors();
    cases::run(&World::new(), &all);
    assert_eq!(E::NotVerdict.code(), FIRST);
    assert_eq!(E::RestitutionNeeded.code() + 1, AFTER);
    let own = |code| E::from_code(code).filter(|_| code < AFTER);
    cases::cover_from(FIRST, own, &all, &[]);
}
