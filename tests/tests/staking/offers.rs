//! Offers: made, taken back, accepted; every balance, every event.

use iog_client::pda;
use iog_client::staking::accounts::{DeviceStake, Offer, OwnerBook};
use iog_client::staking::events::{OfferAccepted, OfferMade, OfferRetracted};
use iog_client::staking::{Event, StakingError as E};
use iog_tests::world::{expect_code, CoStaker, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Outcome, Supplier, World};

use crate::stage::{said, Stage, COOL_DOWN, IO, MINIMUM, SHARE, WAIT, WALLET};
use solana_pubkey::Pubkey;

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

#[test]
fn an_offer_says_its_terms_and_moves_nothing() {
    let mut stage = Stage::staked(150 * IO);
    let (owner, device) = (stage.one.owner.pubkey_of(), stage.one.device);
    let before = stage.world.device_stake(&stage.one);
    let lamports = stage.world.lamports(&owner);
    let offer = stage.world.offer_ix(&stage.one, 50 * IO, SHARE);
    let meta = stage.owner_does(offer.instruction());
    let made = OfferMade {
        device,
        owner,
        co_staker: NOBODY,
        amount: 5_000_000_000,
        co_share_bps: 3_000,
    };
    assert_eq!(meta.events, said(Event::OfferMade(made)));
    let rent = stage.world.rent(160) + stage.world.rent(72);
    assert_eq!(lamports - stage.world.lamports(&owner), rent + 5_000);
    let read = stage.world.read::<Offer>(&offer.offer);
    let terms = (
        read.device,
        read.owner,
        read.amount_units,
        read.co_share_bps,
    );
    assert_eq!(terms, (device, owner, 50 * IO, 3_000));
    let book = stage.world.read::<OwnerBook>(&offer.owner_book);
    assert_eq!((book.owner, book.accepted, book.version), (owner, 0, 1));
    assert_eq!(stage.world.device_stake(&stage.one), before);

    let lamports = stage.world.lamports(&owner);
    let retract = stage.world.retract_ix(&stage.one).instruction();
    let meta = stage.owner_does(retract.clone());
    let back = OfferRetracted { device, owner };
    assert_eq!(meta.events, said(Event::OfferRetracted(back)));
    assert_eq!(
        stage.world.lamports(&owner) - lamports,
        stage.world.rent(160) - 5_000
    );
    assert!(stage.world.find(&offer.offer).is_none());
    stage.owner_does(offer.instruction());
    stage.owner_does(retract);
    stage.holds(150 * IO, 0);
}

#[test]
fn an_acceptance_pays_in_and_freezes_the_terms() {
    let mut stage = Stage::staked(150 * IO);
    let (owner, co_staker) = (stage.one.owner.pubkey_of(), stage.co.wallet.pubkey_of());
    let before = stage.world.device_stake(&stage.one);
    let offer = stage
        .world
        .offer_ix(&stage.one, 50 * IO, SHARE)
        .instruction();
    stage.owner_does(offer);
    let lamports = stage.world.lamports(&owner);
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, 50 * IO, SHARE);
    let meta = stage.world.must(accept.instruction(), &[&stage.co.wallet]);
    let accepted = OfferAccepted {
        device: stage.one.device,
        owner,
        co_staker,
        amount: 5_000_000_000,
        co_share_bps: 3_000,
        staked_before: 15_000_000_000,
        staked_after: 20_000_000_000,
    };
    assert_eq!(meta.events, said(Event::OfferAccepted(accepted)));
    let expected = DeviceStake {
        co_staker,
        co_amount_units: 50 * IO,
        co_share_bps: 3_000,
        co_since_ts: GENESIS_TS,
        co_caps: before.caps,
        ..before
    };
    assert_eq!(stage.world.device_stake(&stage.one), expected);
    assert_eq!(stage.wallets(), (WALLET - 150 * IO, WALLET - 50 * IO));
    assert!(stage.world.find(&accept.offer).is_none());
    assert_eq!(
        stage.world.lamports(&owner) - lamports,
        stage.world.rent(160),
        "the offer's rent goes back to the owner"
    );
    assert_eq!(stage.accepted(), 1);
    stage.holds(150 * IO, 50 * IO);

    // Nobody changes the terms: neither by a new offer, nor by adding to the stake.
    let offer = stage.world.offer_ix(&stage.one, 1, 1).instruction();
    let owner = stage.one.owner.insecure_clone();
    stage.world.refuses(E::HasCoStaker, offer, &[&owner]);
    let add = stage.world.increase_ix(&stage.one, 5).instruction();
    stage.owner_does(add);
    let stake = stage.world.device_stake(&stage.one);
    assert_eq!(
        (stake.co_share_bps, stake.co_amount_units),
        (3_000, 50 * IO)
    );
    stage.holds(150 * IO + 5, 50 * IO);
}

/// At most half of the whole: at most what the owner has staked.
#[test]
fn an_offer_asks_for_half_at_most() {
    for (staked, asked) in [(MINIMUM / 2, MINIMUM / 2), (MINIMUM + 1, MINIMUM + 1)] {
        let mut stage = Stage::staked(staked);
        let over = stage.world.offer_ix(&stage.one, asked + 1, 0).instruction();
        stage
            .world
            .refuses(E::OfferTooLarge, over, &[&stage.one.owner]);
        let fits = stage
            .world
            .offer_ix(&stage.one, asked, 10_000)
            .instruction();
        stage.owner_does(fits);
        let accept = stage
            .world
            .accept_offer_ix(&stage.one, &stage.co, asked, 10_000);
        stage.world.must(accept.instruction(), &[&stage.co.wallet]);
        stage.holds(staked, asked);
    }
    let mut stage = Stage::staked(MINIMUM);
    let dear = stage.world.offer_ix(&stage.one, 1, 10_001).instruction();
    stage
        .world
        .refuses(E::InvalidShare, dear, &[&stage.one.owner]);
    let none = stage.world.offer_ix(&stage.one, 0, 1).instruction();
    stage
        .world
        .refuses(E::ZeroAmount, none, &[&stage.one.owner]);
}

/// What the owner takes out between offer and acceptance counts: half is half when it is accepted.
#[test]
fn an_offer_that_grew_too_large_is_not_accepted() {
    let mut stage = Stage::staked(MINIMUM + 5);
    let offer = stage
        .world
        .offer_ix(&stage.one, MINIMUM + 1, 0)
        .instruction();
    stage.owner_does(offer);
    let out = stage.world.overflow_ix(&stage.one, 5).instruction();
    stage.owner_does(out);
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, MINIMUM + 1, 0)
        .instruction();
    let co = stage.co.wallet.insecure_clone();
    stage
        .world
        .refuses(E::OfferTooLarge, accept.clone(), &[&co]);
    stage.holds(MINIMUM, 0);
    let add = stage.world.increase_ix(&stage.one, 1).instruction();
    stage.owner_does(add);
    stage.world.must(accept, &[&co]);
    stage.holds(MINIMUM + 1, MINIMUM + 1);
}

/// The owner answers a co-staker's transaction with other terms, in each of the two numbers.
#[test]
fn terms_changed_in_between_are_refused() {
    let mut stage = Stage::staked(MINIMUM);
    let offer = |stage: &Stage, amount, bps| stage.world.offer_ix(&stage.one, amount, bps);
    let first = offer(&stage, 50 * IO, SHARE).instruction();
    stage.owner_does(first);
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, 50 * IO, SHARE)
        .instruction();
    let co = stage.co.wallet.insecure_clone();
    for (amount, bps) in [
        (50 * IO, SHARE - 1),
        (50 * IO + 1, SHARE),
        (50 * IO - 1, SHARE),
    ] {
        let retract = stage.world.retract_ix(&stage.one).instruction();
        stage.owner_does(retract);
        let other = offer(&stage, amount, bps).instruction();
        stage.owner_does(other);
        stage.world.refuses(E::TermsChanged, accept.clone(), &[&co]);
        stage.holds(MINIMUM, 0);
        assert_eq!(stage.wallets().1, WALLET);
    }
}

fn offer_and_accept(world: &mut World, one: &Supplier, co: &CoStaker) -> Outcome {
    let offer = world.offer_ix(one, IO, SHARE).instruction();
    if world.find(&pda::staking::offer(&one.device)).is_none() {
        world.must(offer, &[&one.owner]);
    }
    let accept = world.accept_offer_ix(one, co, IO, SHARE).instruction();
    world.send(&[accept], &[&co.wallet])
}

/// An owner has two co-stakers at a time, whatever the number of devices; a third waits until one has been paid out.
#[test]
fn a_third_acceptance_waits_for_a_departure() {
    let mut stage = Stage::staked(MINIMUM);
    let owner = stage.one.owner.insecure_clone();
    let more: Vec<Supplier> = (0..2)
        .map(|_| {
            let device = stage.world.add_device(&owner, CLASS_TEST, 1);
            stage.world.stake(&device, MINIMUM);
            device
        })
        .collect();
    let Stage { world, one, co } = &mut stage;
    let all = [one.clone(), more[0].clone(), more[1].clone()];
    for device in &all[..2] {
        offer_and_accept(world, device, co).unwrap();
    }
    expect_code(offer_and_accept(world, &all[2], co), E::TooManyAccepted);
    // Another owner's device is not affected.
    let other = world.registered(CLASS_TEST, 1);
    world.stake(&other, MINIMUM);
    offer_and_accept(world, &other, co).unwrap();

    let leave = world.leave_ix(one, co).instruction();
    world.must(leave, &[&co.wallet]);
    expect_code(offer_and_accept(world, &all[2], co), E::TooManyAccepted);
    world.advance(WAIT + COOL_DOWN);
    expect_code(offer_and_accept(world, &all[2], co), E::TooManyAccepted);
    let paid = world.withdraw_co_ix(one, co).instruction();
    world.govern(paid);
    offer_and_accept(world, &all[2], co).unwrap();
    expect_code(offer_and_accept(world, &all[0], co), E::TooManyAccepted);
    assert_eq!(stage.accepted(), 2);
    stage
        .world
        .check_stakes(&[&all[0], &all[1], &all[2], &other]);
}
