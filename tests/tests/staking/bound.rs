//! What an offer is bound to: one stake, and where its owner says so one co-staker.

use iog_client::staking::accounts::Offer;
use iog_client::staking::events::OfferMade;
use iog_client::staking::{Event, StakingError as E};
use iog_tests::world::PubkeyOf;
use iog_tests::Code;

use crate::stage::{said, Stage, COOL_DOWN, IO, MINIMUM, SHARE, WALLET};

/// audit: money L2: an owner forgets an offer, unstakes and stakes anew: on the new stake the old terms bind nobody, and the offer's rent is not
/// lost.
#[test]
fn an_offer_is_for_the_stake_it_was_made_on() {
    let mut stage = Stage::staked(MINIMUM);
    let offer = stage.world.offer_ix(&stage.one, IO, 9_000).instruction();
    stage.owner_does(offer.clone());
    stage.request();
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, IO, 9_000);
    let accept = accept.instruction();
    let co = stage.co.wallet.insecure_clone();
    stage.world.refuses(E::CoolingDown, accept.clone(), &[&co]);
    stage.world.advance(COOL_DOWN);
    let out = stage.withdraw_ix();
    stage.owner_does(out);
    for amount in [MINIMUM, 2 * MINIMUM] {
        let mut stage = stage.clone();
        stage.world.stake(&stage.one, amount);
        stage
            .world
            .refuses(E::OfferOutlived, accept.clone(), &[&co]);
        stage.holds(amount, 0);
        assert_eq!(stage.accepted(), 0);
        let owner = stage.one.owner.insecure_clone();
        stage
            .world
            .refuses(Code::in_use(), offer.clone(), &[&owner]);
        let retract = stage.world.retract_ix(&stage.one).instruction();
        stage.owner_does(retract);
        assert_eq!(stage.wallets(), (WALLET - amount, WALLET));
        // Made again it is for this stake.
        stage.owner_does(offer.clone());
        stage.world.must(accept.clone(), &[&co]);
        stage.holds(amount, IO);
    }
}

/// audit: money L2: what is added to a stake, or taken out above its minimum, makes it no other stake.
#[test]
fn a_stake_that_grows_is_the_same_stake() {
    let mut stage = Stage::staked(MINIMUM);
    let offer = stage.world.offer_ix(&stage.one, IO, SHARE);
    stage.owner_does(offer.instruction());
    let opened = stage.world.device_stake(&stage.one).opened_ts;
    stage.world.advance(365 * 86_400);
    let add = stage.world.increase_ix(&stage.one, 5).instruction();
    stage.owner_does(add);
    let out = stage.world.overflow_ix(&stage.one, 4).instruction();
    stage.owner_does(out);
    let read = stage.world.read::<Offer>(&offer.offer);
    assert_eq!(read.stake_opened_ts, opened);
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, IO, SHARE);
    stage.world.must(accept.instruction(), &[&stage.co.wallet]);
    stage.holds(MINIMUM + 1, IO);
}

/// audit: money L3: a stranger does not take the place for 21 days: an owner names who may have it.
#[test]
fn a_named_co_staker_alone_accepts() {
    let mut stage = Stage::staked(MINIMUM);
    let (owner, named) = (stage.one.owner.pubkey_of(), stage.co.wallet.pubkey_of());
    let mut offer = stage.world.offer_ix(&stage.one, IO, SHARE);
    offer.co_staker = named;
    let meta = stage.owner_does(offer.instruction());
    let made = OfferMade {
        device: stage.one.device,
        owner,
        co_staker: named,
        amount: IO,
        co_share_bps: SHARE,
    };
    assert_eq!(meta.events, said(Event::OfferMade(made)));
    let stranger = stage.world.co_staker();
    let theirs = stage
        .world
        .accept_offer_ix(&stage.one, &stranger, IO, SHARE);
    stage
        .world
        .refuses(E::NotInvited, theirs.instruction(), &[&stranger.wallet]);
    stage.holds(MINIMUM, 0);
    assert_eq!(stage.accepted(), 0);
    let accept = stage
        .world
        .accept_offer_ix(&stage.one, &stage.co, IO, SHARE);
    stage.world.must(accept.instruction(), &[&stage.co.wallet]);
    stage.holds(MINIMUM, IO);
}

/// An owner who names itself is refused as ever.
#[test]
fn naming_oneself_opens_nothing() {
    let mut stage = Stage::staked(MINIMUM);
    let mut offer = stage.world.offer_ix(&stage.one, IO, SHARE);
    offer.co_staker = stage.one.owner.pubkey_of();
    stage.owner_does(offer.instruction());
    let own = stage.world.co_staker_with(stage.one.owner.insecure_clone());
    let accept = stage.world.accept_offer_ix(&stage.one, &own, IO, SHARE);
    stage
        .world
        .refuses(E::SelfCoStake, accept.instruction(), &[&own.wallet]);
}
