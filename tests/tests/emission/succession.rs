//! One co-staker after another: what is booked for the one is never paid to the other.

use iog_client::emission::EmissionError as E;
use iog_client::staking::accounts::DeviceStake;
use iog_tests::world::{page_of, CoStaker, PubkeyOf};
use iog_tests::{Supplier, World};
use solana_account::Account;

use super::co_staker::{claim_co, co_staked, pending_shares, refused, PART};
use super::stage::*;

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
