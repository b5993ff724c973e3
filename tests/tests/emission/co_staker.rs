//! The co-staker's part of a device's rewards: by the terms of each check-in, to the unit.

use iog_client::emission::events::{CoRewardClaimed, RewardBooked};
use iog_client::emission::instructions::ClaimCo;
use iog_client::emission::{EmissionError as E, Event};
use iog_client::staking::accounts::DeviceStake;
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{page_of, CoStaker, PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_account::Account;
use solana_pubkey::Pubkey;

use super::stage::*;

/// What the co-stakers put in: 100 IO.
const PART: u64 = 10_000_000_000;

fn co_staked(bps: u16) -> (World, Supplier, CoStaker) {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let co = world.co_staker();
    world.co_stake(&supplier, &co, PART, bps);
    (world, supplier, co)
}

fn claim_co(world: &mut World, supplier: &Supplier, co: &CoStaker) {
    let claim = world.claim_co_ix(supplier, &co.token).instruction();
    let stranger = world.wallet();
    world.must(claim, &[&stranger]);
}

#[track_caller]
fn refused(world: &mut World, supplier: &Supplier, code: E) {
    world.mark_passed(supplier);
    let before = (rewards(world, supplier), config(world));
    let check_in = world.check_in_ix(supplier).instruction();
    let anyone = world.authority.insecure_clone();
    world.refuses(code, check_in, &[&anyone]);
    assert_eq!((rewards(world, supplier), config(world)), before);
}

/// The shares of the pending hours, as they were at each check-in.
fn pending_shares(world: &World, supplier: &Supplier) -> Vec<u16> {
    let rewards = rewards(world, supplier);
    let pending = &rewards.pending[..usize::from(rewards.pending_count)];
    pending.iter().map(|hour| hour.co_share_bps).collect()
}

/// Ends the running hour, closes and settles everything; page 0 only.
fn end_hour(world: &mut World, supplier: &Supplier) {
    let next = start(world.hour() + 1);
    world.set_time(next);
    world.close_hours(48);
    settle(world, supplier);
}

#[test]
fn a_reward_is_split_exactly_at_any_share() {
    for bps in [0, 1, 2_500, 3_333, 9_999, 10_000] {
        let (mut world, supplier, _) = co_staked(bps);
        world.check_in(&supplier);
        world.set_time(start(2));
        world.close_hours(1);
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
            let stranger = world.wallet();
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
        let claim = world.claim_co_ix(&supplier, &wrong).instruction();
        world.refuses(E::WrongRecipient, claim, &[&thief]);
    }
    let mut claim = world.claim_ix(&supplier);
    claim.owner_token = co.token;
    world.refuses(E::WrongRecipient, claim.instruction(), &[&thief]);
    let claim = world.claim_co_ix(&supplier, &co.token).instruction();
    let harmless = [
        (
            2 - 1,
            Wrong::Copy,
            "only its own program creates such an account",
        ),
        (
            ClaimCo::CO_STAKER_TOKEN,
            Wrong::Copy,
            "any account of the recipient's will do",
        ),
    ];
    sweep::refused(&world, &claim, &[], &harmless);
}

/// All at one time and in one slot: what counts is the terms that stand when the device checks in.
#[test]
fn terms_are_those_of_the_check_in_within_a_slot() {
    // accepted right before, and right after
    let (mut world, supplier, _) = co_staked(4_000);
    world.check_in(&supplier);
    assert_eq!(pending_shares(&world, &supplier), [4_000]);
    let mut world = World::ready();
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
    let mut world = World::ready();
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

/// The former co-staker leaves after hour 1 and is paid out; the clock stands three weeks later, nothing is closed.
fn succeeded(bps: u16) -> (World, Supplier, CoStaker, CoStaker) {
    let (mut world, supplier, former) = co_staked(5_000);
    world.check_in(&supplier);
    let leave = world.leave_ix(&supplier, &former).instruction();
    world.must(leave, &[&former.wallet]);
    world.set_time(start(1) + 21 * 86_400);
    let withdraw = world.withdraw_co_ix(&supplier, &former).instruction();
    world.govern(withdraw);
    let new = world.co_staker();
    world.co_stake(&supplier, &new, PART, bps);
    world.open_page((world.hour() - 1) / 128);
    (world, supplier, former, new)
}

#[test]
fn former_and_new_co_staker_are_never_mixed() {
    let (mut world, supplier, former, new) = succeeded(2_000);
    refused(&mut world, &supplier, E::CoHoursPending);
    world.close_hours(1);
    // The check-in itself settles the former one's hour, and then finds it not paid.
    let mut check_in = world.check_in_ix(&supplier);
    check_in.previous_page = Some(page_of(1));
    let anyone = world.authority.insecure_clone();
    world.refuses(E::CoRewardsUnclaimed, check_in.instruction(), &[&anyone]);
    settle(&mut world, &supplier);
    let reward = share(SCORE, ENTERPRISE, SCORE);
    assert_eq!(rewards(&world, &supplier).co_booked_units, reward / 2);
    refused(&mut world, &supplier, E::CoRewardsUnclaimed);
    // The new one cannot take what the former earned.
    let claim = world.claim_co_ix(&supplier, &new.token).instruction();
    world.refuses(E::WrongRecipient, claim, &[&new.wallet]);
    let before = world.balance(&former.token);
    claim_co(&mut world, &supplier, &former);
    assert_eq!(world.balance(&former.token) - before, reward / 2);

    world.check_in(&supplier);
    let hour = world.hour();
    assert_eq!(pending_shares(&world, &supplier), [2_000]);
    assert_eq!(rewards(&world, &supplier).co_staker, new.wallet.pubkey_of());
    world.set_time(start(hour + 1));
    catch_up(&mut world);
    let settle = world.settle_rewards_ix(&supplier, (hour - 1) / 128);
    world.govern(settle.instruction());
    let pool = page(&world, hour).hours[((hour - 1) % 128) as usize].enterprise;
    let part = share(SCORE, pool.amount_units, SCORE) * 2_000 / 10_000;
    assert_eq!(rewards(&world, &supplier).co_booked_units, part);
    let claim = world.claim_co_ix(&supplier, &former.token).instruction();
    world.refuses(E::WrongRecipient, claim, &[&former.wallet]);
    let before = world.balance(&new.token);
    claim_co(&mut world, &supplier, &new);
    assert_eq!(world.balance(&new.token) - before, part);
    check_books(&world);
}

/// A former co-staker who has closed its accounts keeps nobody from earning: anyone opens one and pays it.
#[test]
fn a_former_co_staker_who_is_gone_blocks_nobody() {
    let (mut world, supplier, former, _) = succeeded(2_000);
    world.close_hours(1);
    settle(&mut world, &supplier);
    world.set_account(&former.token, Account::default());
    refused(&mut world, &supplier, E::CoRewardsUnclaimed);
    let io = world.io;
    let token = world.token_account(&former.wallet.pubkey_of(), &io);
    let claim = world.claim_co_ix(&supplier, &token).instruction();
    world.govern(claim);
    assert_eq!(world.balance(&token), share(SCORE, ENTERPRISE, SCORE) / 2);
    world.check_in(&supplier);
}

/// A new co-staker without a share takes no place in the books: the former one's amount waits for as long as it likes.
#[test]
fn a_successor_without_a_share_leaves_the_formers_booking_alone() {
    let (mut world, supplier, former, _) = succeeded(0);
    world.check_in(&supplier);
    assert_eq!(pending_shares(&world, &supplier), [5_000, 0]);
    world.close_hours(1);
    settle(&mut world, &supplier);
    world.set_time(world.now() + 3_600);
    world.check_in(&supplier);
    let before = world.balance(&former.token);
    claim_co(&mut world, &supplier, &former);
    let reward = share(SCORE, ENTERPRISE, SCORE);
    assert_eq!(world.balance(&former.token) - before, reward / 2);
}

/// Who comes back is the same co-staker: nothing need be paid first, and both terms are kept apart hour by hour.
#[test]
fn a_co_staker_who_returns_need_not_be_paid_first() {
    let (mut world, supplier, former, _) = succeeded(2_000);
    // As if the former one had accepted again.
    let again = former.wallet.pubkey_of();
    world.edit::<DeviceStake>(&supplier.stake, |stake| stake.co_staker = again);
    world.check_in(&supplier);
    assert_eq!(pending_shares(&world, &supplier), [5_000, 2_000]);
}
