//! The co-staker's part of a device's rewards: by the terms of each check-in, to the unit.

use iog_client::emission::events::{CoRewardClaimed, RewardBooked};
use iog_client::emission::instructions::ClaimCo;
use iog_client::emission::{EmissionError as E, Event};
use iog_client::staking::accounts::DeviceStake;
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{CoStaker, PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::*;

/// What the co-stakers put in: 100 IO.
pub const PART: u64 = 10_000_000_000;

pub fn co_staked(bps: u16) -> (World, Supplier, CoStaker) {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let co = world.co_staker();
    world.co_stake(&supplier, &co, PART, bps);
    (world, supplier, co)
}

pub fn claim_co(world: &mut World, supplier: &Supplier, co: &CoStaker) {
    let claim = world.claim_co_ix(supplier, &co.token).instruction();
    world.govern(claim);
}

#[track_caller]
pub fn refused(world: &mut World, supplier: &Supplier, code: E) {
    world.mark_passed(supplier);
    let before = (rewards(world, supplier), config(world));
    let check_in = world.check_in_ix(supplier).instruction();
    let anyone = world.authority.insecure_clone();
    world.refuses(code, check_in, &[&anyone]);
    assert_eq!((rewards(world, supplier), config(world)), before);
}

/// The shares of the pending hours, as they were at each check-in.
pub fn pending_shares(world: &World, supplier: &Supplier) -> Vec<u16> {
    let rewards = rewards(world, supplier);
    let pending = &rewards.pending[..usize::from(rewards.pending_count)];
    pending.iter().map(|hour| hour.co_share_bps).collect()
}

/// Ends the running hour, closes, settles and mints everything; page 0 only.
fn end_hour(world: &mut World, supplier: &Supplier) {
    let next = start(world.hour() + 1);
    world.set_time(next);
    world.close_hours(48);
    settle(world, supplier);
    world.mint_due();
}

#[test]
fn a_reward_is_split_exactly_at_any_share() {
    for bps in [0, 1, 2_500, 3_333, 9_999, 10_000] {
        let (mut world, supplier, _) = co_staked(bps);
        world.check_in(&supplier);
        world.set_time(start(2));
        world.close_hours(1);
        world.mint_due();
        let meta = settle(&mut world, &supplier);
        let reward = share(SCORE, ENTERPRISE, SCORE);
        // floor for the co-staker, the rest for the owner: 433,789,954,336 at 3,333 bps are 144,582,191,780 and 289,207,762,556
        let part = reward * u64::from(bps) / 10_000;
        let booked = RewardBooked {
            device: supplier.device,
            owner_booked_before: 0,
            owner_booked_after: reward - part,
            co_booked_before: 0,
            co_booked_after: part,
        };
        assert_eq!(emission_events(&meta), [Event::RewardBooked(booked)]);
        let books = rewards(&world, &supplier);
        assert_eq!(
            (books.owner_booked_units, books.co_booked_units),
            (reward - part, part)
        );
        assert_eq!(config(&world).booked_units, reward);
        check_books(&world);
    }
    let (reward, part) = (433_789_954_336_u64, 144_582_191_780);
    assert_eq!(reward * 3_333 / 10_000, part);
}

#[test]
fn owner_and_co_staker_are_paid_apart_in_any_order_and_by_anyone() {
    for first in ["owner", "co"] {
        let (mut world, supplier, co) = co_staked(3_333);
        world.check_in(&supplier);
        end_hour(&mut world, &supplier);
        let booked = rewards(&world, &supplier);
        let before = [supplier.owner_token, co.token].map(|token| world.balance(&token));
        let order = if first == "co" { [1, 0] } else { [0, 1] };
        for which in order {
            let claim = [
                world.claim_ix(&supplier).instruction(),
                world.claim_co_ix(&supplier, &co.token).instruction(),
            ][which]
                .clone();
            let stranger = world.authority.insecure_clone();
            let meta = world.must(claim.clone(), &[&stranger]);
            assert!(meta.units <= 15_000, "{} compute units", meta.units);
            world.refuses(E::NothingToClaim, claim, &[&stranger]);
            if which == 1 {
                let claimed = CoRewardClaimed {
                    device: supplier.device,
                    co_staker: co.wallet.pubkey_of(),
                    amount: booked.co_booked_units,
                    claimed_before: 0,
                    claimed_after: booked.co_booked_units,
                };
                assert_eq!(emission_events(&meta), [Event::CoRewardClaimed(claimed)]);
            }
            check_books(&world);
        }
        let got = [supplier.owner_token, co.token].map(|token| world.balance(&token));
        let paid = [booked.owner_booked_units, booked.co_booked_units];
        assert_eq!([got[0] - before[0], got[1] - before[1]], paid);
        let after = rewards(&world, &supplier);
        assert_eq!([after.claimed_units, after.co_claimed_units], paid);
        let books = config(&world);
        assert_eq!(
            (books.booked_units, books.claimed_units),
            (0, paid[0] + paid[1])
        );
    }
}

#[test]
fn nobody_elses_account_is_paid() {
    let (mut world, supplier, co) = co_staked(5_000);
    world.check_in(&supplier);
    end_hour(&mut world, &supplier);
    let thief = world.wallet();
    let own = world.give_io(&thief.pubkey_of(), 1);
    for wrong in [own, supplier.owner_token] {
        let mut claim = world.claim_co_ix(&supplier, &wrong);
        claim.signer = thief.pubkey_of();
        world.refuses(E::WrongRecipient, claim.instruction(), &[&thief]);
    }
    let mut claim = world.claim_ix(&supplier);
    (claim.signer, claim.owner_token) = (thief.pubkey_of(), co.token);
    world.refuses(E::WrongRecipient, claim.instruction(), &[&thief]);
    let claim = world.claim_co_ix(&supplier, &co.token).instruction();
    let twice =
        "the recipient's account is its associated one: one mark makes it writable in both places";
    let harmless = [
        (
            ClaimCo::REWARDS,
            Wrong::Copy,
            "only its own program creates such an account",
        ),
        (ClaimCo::CO_STAKER_TOKEN, Wrong::ReadOnly, twice),
        (ClaimCo::ASSOCIATED, Wrong::ReadOnly, twice),
    ];
    let authority = world.authority.insecure_clone();
    sweep::refused(&world, &claim, &[&authority], &harmless);
}

/// All at one time and in one slot: what counts is the terms that stand when the device checks in.
#[test]
fn terms_are_those_of_the_check_in_within_a_slot() {
    // accepted right before, and right after
    let (mut world, supplier, _) = co_staked(4_000);
    world.check_in(&supplier);
    assert_eq!(pending_shares(&world, &supplier), [4_000]);
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let co = world.co_staker();
    let slot = world.slot();
    world.check_in(&supplier);
    world.co_stake(&supplier, &co, PART, 4_000);
    assert_eq!(
        (world.slot(), pending_shares(&world, &supplier)),
        (slot, vec![0])
    );
    end_hour(&mut world, &supplier);
    let books = rewards(&world, &supplier);
    assert_eq!(books.co_booked_units, 0);
    assert_eq!(books.co_staker, Pubkey::default());

    // left right after, and right before
    let (mut world, supplier, co) = co_staked(4_000);
    let mut before = world.clone();
    world.check_in(&supplier);
    let leave = world.leave_ix(&supplier, &co).instruction();
    world.must(leave.clone(), &[&co.wallet]);
    assert_eq!(pending_shares(&world, &supplier), [4_000]);
    before.must(leave, &[&co.wallet]);
    before.check_in(&supplier);
    assert_eq!(pending_shares(&before, &supplier), [0]);

    // unstaked right after, and right before
    let (mut world, supplier, _) = co_staked(4_000);
    let mut before = world.clone();
    world.check_in(&supplier);
    let request = world.unstake_ix(&supplier).instruction();
    world.must(request.clone(), &[&supplier.owner]);
    assert_eq!(pending_shares(&world, &supplier), [4_000]);
    before.must(request, &[&supplier.owner]);
    refused(&mut before, &supplier, E::NotStaked);
    // What was earned before the cool-down is still paid.
    end_hour(&mut world, &supplier);
    let reward = share(SCORE, ENTERPRISE, SCORE);
    assert_eq!(rewards(&world, &supplier).co_booked_units, reward * 4 / 10);
}

#[test]
fn a_leaving_co_staker_earns_nothing_more_while_its_part_still_counts() {
    let mut world = ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let co = world.co_staker();
    world.co_stake(&supplier, &co, PART, 2_000);
    // The owner keeps half: without the co-staker the device is not covered.
    world.edit::<DeviceStake>(&supplier.stake, |stake| stake.amount_units = PART);
    world.check_in(&supplier);
    let leave = world.leave_ix(&supplier, &co).instruction();
    world.must(leave, &[&co.wallet]);
    end_hour(&mut world, &supplier);
    let first = rewards(&world, &supplier);
    let left_at = start(1);
    world.check_in(&supplier);
    assert_eq!(pending_shares(&world, &supplier), [0]);
    end_hour(&mut world, &supplier);
    let second = rewards(&world, &supplier);
    assert_eq!(second.co_booked_units, first.co_booked_units);
    assert!(second.owner_booked_units > first.owner_booked_units + first.co_booked_units);
    // Seven days on the owner must have refilled.
    world.open_page(1);
    world.set_time(left_at + 7 * 86_400 - 1);
    world.check_in(&supplier);
    world.set_time(left_at + 7 * 86_400);
    refused(&mut world, &supplier, E::NotStaked);
    let refill = world.increase_ix(&supplier, PART).instruction();
    world.must(refill, &[&supplier.owner]);
    world.check_in(&supplier);
}
