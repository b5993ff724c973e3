//! How a case ends: burned through the token program, released, or lapsed; whoever ends it.

use iog_client::staking::events::SlashFinalized;
use iog_client::staking::Event;
use iog_client::staking::StakingError as E;
use iog_client::{events, token};
use iog_tests::world::{expect_code, PubkeyOf};
use solana_pubkey::Pubkey;

use crate::stage::{Stage, COOL_DOWN, IO, MONTH, START, WALLET};

const OWN: u64 = 300 * IO;
const CO: u64 = 100 * IO;

fn proposed() -> (Stage, Pubkey) {
    let mut stage = Stage::new(OWN, CO);
    let case = stage.propose(40 * IO);
    (stage, case)
}

fn finalized(stage: &Stage, case: Pubkey, owner_burned: u64, co_burned: u64) -> events::Event {
    events::Event::Staking(Event::SlashFinalized(SlashFinalized {
        case,
        device: stage.one.device,
        owner_burned,
        co_burned,
        staked_before: OWN + CO,
        staked_after: OWN + CO - owner_burned - co_burned,
    }))
}

/// Ends the case now, as burned or as released, and checks every book.
#[track_caller]
fn ends(stage: &mut Stage, case: &Pubkey, burns: bool) {
    let slasher = stage.court.slasher.pubkey_of();
    let rent = stage.world.lamports(case);
    assert_eq!(rent, stage.world.rent(296));
    let lamports = stage.world.lamports(&slasher);
    let wallets = stage.wallets();
    let meta = stage.finalize(case);
    let (own, co) = if burns { (30 * IO, 10 * IO) } else { (0, 0) };
    let last = meta.events.last().cloned();
    assert_eq!(last, Some(finalized(stage, *case, own, co)));
    let burned = token::events::IoBurned {
        owner: iog_client::pda::staking::vault_authority(),
        amount: 40 * IO,
        burned_before: 0,
        burned_after: 40 * IO,
    };
    let burned = events::Event::Token(token::Event::IoBurned(burned));
    assert_eq!(meta.events.len(), 1 + usize::from(burns));
    assert_eq!(meta.events[0] == burned, burns);
    assert_eq!(stage.parts(), [(OWN - own, 0), (CO - co, 0)]);
    assert_eq!(stage.world.device_stake(&stage.one).open_cases, 0);
    assert!(stage.world.find(case).is_none());
    assert_eq!(stage.world.lamports(&slasher) - lamports, rent);
    assert_eq!(stage.wallets(), wallets, "a slash pays nobody");
    stage.burned(own + co);
}

#[test]
fn a_case_without_appeal_burns_after_thirty_days() {
    let (mut stage, case) = proposed();
    for secs in [0, MONTH / 2, MONTH - 1] {
        stage.world.set_time(START + secs);
        expect_code(stage.try_finalize(&case), E::CaseRuns);
        assert_eq!(stage.parts(), [(OWN, 30 * IO), (CO, 10 * IO)]);
    }
    stage.world.set_time(START + MONTH);
    ends(&mut stage, &case, true);
    // It is gone: the same cannot be done twice.
    let mut again = stage.world.finalize_slash_ix(&stage.one, &case);
    again.proposer = stage.court.slasher.pubkey_of();
    let authority = stage.world.authority.insecure_clone();
    assert!(stage
        .world
        .send(&[again.instruction()], &[&authority])
        .is_err());
    stage.burned(40 * IO);
}

#[test]
fn a_case_that_nobody_carries_out_lapses_after_sixty_days() {
    let (mut stage, case) = proposed();
    stage.world.set_time(START + 2 * MONTH - 1);
    ends(&mut stage.clone(), &case, true);
    stage.world.set_time(START + 2 * MONTH);
    ends(&mut stage, &case, false);
}

/// redteam: M4, M5, roles: an upheld case lapses as every other does, or a pause of carrying out would hold stakes for ever.
#[test]
fn an_upheld_case_burns_at_once_and_lapses_after_thirty_days() {
    for (wait, burns) in [(0, true), (1, true), (MONTH - 1, true), (MONTH, false)] {
        let (mut stage, case) = proposed();
        stage.appeal(&case);
        stage.resolve(&case, true);
        stage.pass(wait);
        ends(&mut stage, &case, burns);
    }
}

#[test]
fn a_rejected_case_releases_at_once() {
    for wait in [0, MONTH, 3 * MONTH] {
        let (mut stage, case) = proposed();
        stage.appeal(&case);
        stage.resolve(&case, false);
        stage.pass(wait);
        ends(&mut stage, &case, false);
    }
}

#[test]
fn an_appeal_that_nobody_decides_releases_after_thirty_days() {
    let (mut stage, case) = proposed();
    let appealed = START + MONTH - 1;
    stage.world.set_time(appealed);
    stage.appeal(&case);
    stage.world.set_time(appealed + MONTH - 1);
    expect_code(stage.try_finalize(&case), E::CaseRuns);
    stage.world.set_time(appealed + MONTH);
    ends(&mut stage, &case, false);
}

/// Several cases at once: each ends for itself, in any order, and the rest is paid to the unit.
#[test]
fn cases_end_one_by_one() {
    let mut stage = Stage::new(OWN, CO);
    let [first, second, third] = [40 * IO, 30 * IO, 30 * IO].map(|amount| stage.propose(amount));
    assert_eq!(stage.parts(), [(OWN, 75 * IO), (CO, 25 * IO)]);
    stage.appeal(&second);
    stage.appeal(&third);
    stage.resolve(&third, true);
    stage.finalize(&third);
    // 30 IO: 22.5 and 7.5.
    let (own, co) = (OWN - 2_250_000_000, CO - 750_000_000);
    assert_eq!(stage.parts(), [(own, 5_250_000_000), (co, 1_750_000_000)]);
    stage.burned(30 * IO);
    stage.request();
    stage.resolve(&second, false);
    stage.finalize(&second);
    assert_eq!(stage.parts(), [(own, 30 * IO), (co, 10 * IO)]);
    stage.pass(MONTH);
    stage.finalize(&first);
    assert_eq!(stage.parts(), [(own - 30 * IO, 0), (co - 10 * IO, 0)]);
    stage.burned(70 * IO);
    let (out, co_out) = (stage.withdraw_ix(), stage.withdraw_co_ix());
    stage.world.govern(co_out);
    stage.owner_does(out);
    assert!(stage.world.find(&stage.one.stake).is_none());
    let lost = (5_250_000_000, 1_750_000_000);
    assert_eq!(stage.wallets(), (WALLET - lost.0, WALLET - lost.1));
    stage.burned(70 * IO);
}

/// The slasher's own device: rent of case and stake go to one wallet, and the case ends like any other.
#[test]
fn the_slashers_own_device_is_slashed_too() {
    let mut stage = Stage::new(OWN, 0);
    stage.court.slasher = stage.one.owner.insecure_clone();
    let (slasher, judge) = (&stage.court.slasher, &stage.court.judge);
    stage
        .world
        .name_court(slasher.pubkey_of(), judge.pubkey_of());
    let case = stage.propose(30 * IO);
    stage.request();
    stage.pass(COOL_DOWN);
    let out = stage.withdraw_ix();
    stage.owner_does(out);
    stage.pass(MONTH);
    let owner = stage.one.owner.pubkey_of();
    let lamports = stage.world.lamports(&owner);
    let rents = stage.world.rent(296) + stage.world.rent(304);
    stage.finalize(&case);
    assert_eq!(stage.world.lamports(&owner) - lamports, rents);
    assert!(stage.world.find(&stage.one.stake).is_none());
    stage.burned(30 * IO);
}
