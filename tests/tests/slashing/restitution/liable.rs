//! redteam 6e: the owner alone is liable, so that no owner is paid out of its co-staker.

use iog_client::pda;
use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, Currency, PubkeyOf};

use super::stage::{lose, staked, Stage};
use crate::stage::{Stage as Plain, IO, MONTH};

/// A rent of 100 USD an hour, so that caps bind before the rent does.
const DEAR: u64 = 100_000_000;

/// redteam 6e: an owner rents the own device by a second wallet, loses on purpose, and an honest slasher acts: 10 % of the stake went to "the
/// renter", half of it the co-staker's, 25 USD a case and 62 a month. Now every unit is the owner's own: the gain is 0, the price the fees
/// of the order.
#[test]
fn renting_the_own_device_takes_nothing_from_the_co_staker() {
    let (mut world, one, co, renter) = staked(1_000 * IO, 1_000 * IO, DEAR);
    let court = world.court();
    let supply = world.supply(&world.io);
    // The second wallet is the renter's; all that the owner has, wherever it lies.
    let dollars = |world: &iog_tests::World, order: Option<&solana_pubkey::Pubkey>| {
        let due = world.earnings(&one, Currency::Usd).due_units;
        let booked = order.map_or(0, |order| {
            let books = world.order(order);
            books.escrowed_units + books.refund_due_units
        });
        world.balance(&renter.usd) + due + booked
    };
    let before = dollars(&world, None);
    let order = lose(&mut world, &one, &renter, 1);
    let spent = before - dollars(&world, Some(&order));
    let lease = pda::market::lease(&order, &one.device);
    let plain = Plain {
        world,
        one,
        co,
        court,
        supply,
    };
    let mut stage = Stage {
        plain,
        renter,
        order,
        verdict: pda::market::verdict(&lease),
    };
    // 10 % of the owner's part, not of the whole stake: 25.05 USD at the high price.
    expect_code(stage.try_propose(100 * IO + 1), E::SlashAboveCap);
    let own_io = |stage: &Stage| {
        let world = &stage.plain.world;
        let staked = stage.plain.parts()[0].0;
        let owed = stage.owed().0;
        world.balance(&stage.plain.one.owner_token)
            + world.balance(&stage.renter.token)
            + staked
            + owed
    };
    let before = own_io(&stage);
    let cases = [100, 100, 50].map(|io| stage.propose(io * IO));
    assert_eq!(
        stage.plain.parts(),
        [(1_000 * IO, 250 * IO), (1_000 * IO, 0)]
    );
    stage.plain.pass(MONTH);
    for case in &cases {
        stage.finalize(case);
    }
    stage.try_fetch().unwrap();
    assert_eq!(stage.plain.parts(), [(750 * IO, 0), (1_000 * IO, 0)]);
    assert_eq!(
        own_io(&stage),
        before,
        "what one pocket pays the other gets"
    );
    // Fees of the served hour: 2.25 % on top and as much off it, 4.50 USD of 100.
    assert_eq!(spent, 4_500_000);
    stage.books(0);
}

/// redteam 6e: whose part is not touched has no voice in the case, and its way out is free.
#[test]
fn the_co_staker_neither_appeals_nor_waits() {
    let mut stage = Stage::of(1_000 * IO, 1_000 * IO, DEAR);
    let case = stage.propose(100 * IO);
    let co = stage.plain.co.wallet.insecure_clone();
    let appeal = stage.plain.world.appeal_ix(&co, &stage.plain.one, &case);
    stage
        .world()
        .refuses(E::NotAppellant, appeal.instruction(), &[&co]);
    stage.plain.leave();
    stage
        .plain
        .pass(crate::stage::WAIT + crate::stage::COOL_DOWN);
    let out = stage.plain.withdraw_co_ix();
    stage.world().govern(out);
    assert_eq!(stage.plain.wallets().1, crate::stage::WALLET);
    stage.plain.pass(MONTH);
    stage.finalize(&case);
    assert_eq!(stage.plain.parts(), [(900 * IO, 0), (0, 0)]);
    stage.books(0);
}

/// A co-staker that joins after the offence does not halve what can be held: caps are of the part that is liable.
#[test]
fn a_friendly_co_staker_neither_widens_nor_narrows_the_caps() {
    for co in [0, 1, 1_000 * IO] {
        let mut stage = Stage::of(2_000 * IO, 0, DEAR);
        if co > 0 {
            let Plain {
                world, one, co: by, ..
            } = &mut stage.plain;
            world.co_stake(one, by, co, 10_000);
        }
        expect_code(stage.try_propose(200 * IO + 1), E::SlashAboveCap);
        let case = stage.propose(200 * IO);
        let case = stage.plain.case(&case);
        assert_eq!((case.owner_units, case.co_units), (200 * IO, 0));
    }
}

/// A device whose owner's own wallet is the renter: nothing forbids it, and nothing is gained.
#[test]
fn an_owner_who_is_the_renter_pays_itself() {
    let (mut world, one, co, _) = staked(2_000 * IO, 0, DEAR);
    let renter = world.renter_with(one.owner.insecure_clone());
    assert_eq!(renter.token, one.owner_token);
    let order = lose(&mut world, &one, &renter, 1);
    let court = world.court();
    let supply = world.supply(&world.io);
    let verdict = pda::market::verdict(&pda::market::lease(&order, &one.device));
    let before = world.balance(&renter.token);
    let plain = Plain {
        world,
        one,
        co,
        court,
        supply,
    };
    let mut stage = Stage {
        plain,
        renter,
        order,
        verdict,
    };
    assert_eq!(stage.verdict().renter, stage.plain.one.owner.pubkey_of());
    stage.take(200 * IO);
    stage.try_fetch().unwrap();
    let paid = stage.plain.world.balance(&stage.renter.token) - before;
    assert_eq!(paid, 200 * IO);
    assert_eq!(stage.plain.parts()[0].0, 1_800 * IO);
    stage.books(0);
}
