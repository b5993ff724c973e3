//! Who leaves when, and what they are paid: the co-staker first, the owner first, and one who is away.

use iog_client::pda;
use iog_client::staking::events::{CoStakeWithdrawn, CoStakerLeaves, UnstakeRequested, Withdrawn};
use iog_client::staking::{Event, StakingError as E};
use iog_tests::world::{PubkeyOf, GENESIS_TS};

use crate::stage::{said, Stage, COOL_DOWN, IO, MINIMUM, SHARE, WAIT, WALLET};

const OWN: u64 = 150 * IO;
const CO: u64 = 50 * IO;

fn stage() -> Stage {
    Stage::co_staked(OWN, CO)
}

#[test]
fn a_co_staker_leaves_after_seven_and_fourteen_days() {
    let mut stage = stage();
    let (device, co_staker) = (stage.one.device, stage.co.wallet.pubkey_of());
    let meta = stage.leave();
    let leaves = CoStakerLeaves {
        device,
        co_staker,
        amount: CO,
        counts_until_ts: GENESIS_TS + 604_800,
        unlock_ts: GENESIS_TS + 1_814_400,
    };
    assert_eq!(meta.events, said(Event::CoStakerLeaves(leaves)));
    stage.holds(OWN, CO);

    let withdraw = stage.withdraw_co_ix();
    let payer = stage.world.authority.insecure_clone();
    for secs in [0, WAIT, COOL_DOWN, WAIT + COOL_DOWN - 1] {
        stage.world.set_time(GENESIS_TS + secs);
        stage
            .world
            .refuses(E::CoStakeLocked, withdraw.clone(), &[&payer]);
        stage.holds(OWN, CO);
    }
    stage.world.set_time(GENESIS_TS + WAIT + COOL_DOWN);
    let meta = stage.world.govern(withdraw);
    let paid = CoStakeWithdrawn {
        device,
        co_staker,
        amount: CO,
        held: 0,
        staked_before: OWN + CO,
        staked_after: OWN,
    };
    assert_eq!(meta.events, said(Event::CoStakeWithdrawn(paid)));
    assert_eq!(stage.wallets(), (WALLET - OWN, WALLET));
    let stake = stage.world.device_stake(&stage.one);
    assert_eq!(
        (stake.co_staker, stake.co_share_bps, stake.co_leave_ts),
        ([0; 32].into(), 0, 0)
    );
    assert_eq!(stage.accepted(), 0);
    stage.holds(OWN, 0);
}

/// A request cannot be taken back or made again: a second one would begin the wait anew.
#[test]
fn a_leave_is_irreversible() {
    let mut stage = stage();
    stage.leave();
    stage.world.advance(WAIT);
    let again = stage.world.leave_ix(&stage.one, &stage.co).instruction();
    let co = stage.co.wallet.insecure_clone();
    let before = stage.world.device_stake(&stage.one);
    stage.world.refuses(E::AlreadyLeaving, again, &[&co]);
    assert_eq!(stage.world.device_stake(&stage.one), before);
}

/// A second co-staker comes after the first is gone, on other terms.
#[test]
fn a_second_offer_follows_the_first_co_staker() {
    let mut stage = stage();
    stage.leave();
    stage.world.advance(WAIT + COOL_DOWN);
    let early = stage.world.offer_ix(&stage.one, IO, 1).instruction();
    let owner = stage.one.owner.insecure_clone();
    stage.world.refuses(E::HasCoStaker, early, &[&owner]);
    let paid = stage.withdraw_co_ix();
    stage.world.govern(paid.clone());
    let second = stage.world.co_staker();
    let Stage { world, one, .. } = &mut stage;
    world.co_stake(one, &second, OWN, 1);
    let stake = world.device_stake(one);
    assert_eq!(
        (stake.co_staker, stake.co_amount_units, stake.co_share_bps),
        (second.wallet.pubkey_of(), OWN, 1)
    );
    assert_eq!(stake.co_leave_ts, 0, "the first one's leave is over");
    // The first one's place is not the second one's.
    let payer = world.authority.insecure_clone();
    world.refuses(E::WrongRecipient, paid, &[&payer]);
    let leave = stage.world.leave_ix(&stage.one, &stage.co).instruction();
    stage
        .world
        .refuses(E::NotCoStaker, leave, &[&stage.co.wallet]);
    stage.holds(OWN, OWN);
    assert_eq!(stage.accepted(), 1);
}

/// The whole stake goes: both are paid after 14 days, in either order, and the account closes when it is empty.
#[test]
fn an_unstake_pays_both_in_either_order() {
    for owner_first in [true, false] {
        let mut stage = stage();
        let request = stage.world.unstake_ix(&stage.one).instruction();
        let meta = stage.owner_does(request);
        let requested = UnstakeRequested {
            device: stage.one.device,
            owner: stage.one.owner.pubkey_of(),
            amount: OWN,
            unlock_ts: GENESIS_TS + COOL_DOWN,
        };
        assert_eq!(meta.events, said(Event::UnstakeRequested(requested)));
        let (own, co) = (stage.withdraw_ix(), stage.withdraw_co_ix());
        let (payer, owner) = (
            stage.world.authority.insecure_clone(),
            stage.one.owner.insecure_clone(),
        );
        stage.world.set_time(GENESIS_TS + COOL_DOWN - 1);
        let early = [own.clone(), co.clone()];
        let [first, second] = early;
        stage.world.refuses(E::CoolDownNotOver, first, &[&owner]);
        stage.world.refuses(E::CoStakeLocked, second, &[&payer]);
        stage.world.set_time(GENESIS_TS + COOL_DOWN);
        let owned = stage.world.lamports(&owner.pubkey_of());
        let rent = stage.world.rent(304);
        if owner_first {
            let meta = stage
                .world
                .send(std::slice::from_ref(&own), &[&payer, &owner])
                .unwrap();
            let paid = Withdrawn {
                device: stage.one.device,
                owner: owner.pubkey_of(),
                amount: OWN,
                held: 0,
                staked_before: OWN + CO,
                staked_after: CO,
            };
            assert_eq!(meta.events, said(Event::Withdrawn(paid)));
            stage.holds(0, CO);
            assert_eq!(stage.wallets(), (WALLET, WALLET - CO));
            let twice = stage.world.send(&[own], &[&payer, &owner]);
            assert_eq!(twice.unwrap_err().code(), E::ZeroAmount.into());
            stage.holds(0, CO);
            stage.world.govern(co);
        } else {
            stage.world.govern(co);
            stage.holds(OWN, 0);
            assert_eq!(stage.wallets(), (WALLET - OWN, WALLET));
            assert_eq!(stage.world.lamports(&owner.pubkey_of()), owned);
            stage.world.send(&[own], &[&payer, &owner]).unwrap();
        }
        assert!(stage.world.find(&stage.one.stake).is_none());
        assert_eq!(
            stage.world.lamports(&owner.pubkey_of()) - owned,
            rent,
            "the account's rent is the owner's, whoever is paid last"
        );
        assert_eq!(stage.wallets(), (WALLET, WALLET));
        assert_eq!(stage.accepted(), 0);
        stage.world.check_stakes(&[&stage.one]);
    }
}

/// Both ways out run at once: the one that ends first is the co-staker's.
#[test]
fn the_earlier_of_two_ways_out_pays_the_co_staker() {
    // The owner's request after 10 days ends the cool-down after 24 days, the co-staker's leave after 21.
    for (request_after, unlock) in [(10, 21), (7, 21), (6, 20), (0, 14)] {
        let mut stage = stage();
        let day = 86_400;
        stage.leave();
        stage.world.set_time(GENESIS_TS + request_after * day);
        stage.request();
        let payer = stage.world.authority.insecure_clone();
        let paid = stage.withdraw_co_ix();
        stage.world.set_time(GENESIS_TS + unlock * day - 1);
        stage
            .world
            .refuses(E::CoStakeLocked, paid.clone(), &[&payer]);
        stage.world.set_time(GENESIS_TS + unlock * day);
        stage.world.govern(paid);
        stage.holds(OWN, 0);
        assert_eq!(stage.wallets().1, WALLET);
    }
    let mut stage = stage();
    stage.request();
    let leave = stage.world.leave_ix(&stage.one, &stage.co).instruction();
    let co = stage.co.wallet.insecure_clone();
    stage.world.refuses(E::CoolingDown, leave, &[&co]);
}

/// The co-staker's waits do not hold the owner up: anyone pays the co-staker out, to an account of its own only.
#[test]
fn a_co_staker_who_is_away_is_paid_by_anyone() {
    let mut stage = stage();
    stage.request();
    stage.world.advance(COOL_DOWN);
    let out = stage.withdraw_ix();
    stage.owner_does(out);
    let stranger = stage.world.co_staker();
    let mut theft = stage.world.withdraw_co_ix(&stage.one, &stage.co);
    theft.signer = stranger.wallet.pubkey_of();
    for thief in [stranger.token, stage.one.owner_token] {
        theft.co_staker_token = thief;
        let theft = theft.instruction();
        stage
            .world
            .refuses(E::WrongRecipient, theft, &[&stranger.wallet]);
    }
    theft.co_staker_token = stage.co.token;
    let paid = theft.instruction();
    stage.world.must(paid, &[&stranger.wallet]);
    assert_eq!(stage.wallets(), (WALLET, WALLET));
    assert_eq!(stage.world.balance(&stranger.token), WALLET);
    // The device is free for a new stake and a new co-staker.
    let Stage { world, one, .. } = &mut stage;
    world.stake(one, MINIMUM / 2);
    world.co_stake(one, &stranger, MINIMUM / 2, SHARE);
    let (own, co) = (
        world.balance(&one.owner_token),
        world.balance(&stranger.token),
    );
    assert_eq!((own, co), (WALLET - MINIMUM / 2, WALLET - MINIMUM / 2));
    let vault = world.balance(&pda::staking::vault());
    assert_eq!(vault, MINIMUM);
    stage.holds(MINIMUM / 2, MINIMUM / 2);
}

/// The owner of a hired device cannot unstake, but its co-staker can leave: the owner might hire the own device for ever.
#[test]
fn a_co_staker_leaves_a_hired_device() {
    let mut stage = stage();
    stage.list();
    let Stage { world, one, co } = &mut stage;
    let renter = world.renter();
    world.running(&renter, 1, 1, &[one]);
    let request = world.unstake_ix(one).instruction();
    world.refuses(E::DeviceHired, request, &[&one.owner]);
    let leave = world.leave_ix(one, co).instruction();
    world.must(leave, &[&co.wallet]);
    world.advance(WAIT + COOL_DOWN);
    let paid = world.withdraw_co_ix(one, co).instruction();
    world.govern(paid);
    assert_eq!(stage.wallets().1, WALLET);
    stage.holds(OWN, 0);
}
