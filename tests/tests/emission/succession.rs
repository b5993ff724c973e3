//! One co-staker after another: what is booked for the one is never paid to the other, and waits for nobody.

use iog_client::emission::EmissionError as E;
use iog_client::staking::accounts::DeviceStake;
use iog_tests::world::{page_of, CoStaker, PubkeyOf};
use iog_tests::{Supplier, World};
use solana_account::Account;
use solana_pubkey::Pubkey;

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

/// Checks in on the running hour's page, with the first one for what is pending there.
fn check_in(world: &mut World, supplier: &Supplier) {
    world.mark_passed(supplier);
    let mut check_in = world.check_in_ix(supplier);
    check_in.previous_page = Some(page_of(1));
    world.govern(check_in.instruction());
}

/// What the books have for the co-staker of now and for the one before.
fn booked(world: &World, supplier: &Supplier) -> [(Pubkey, u64); 2] {
    let books = rewards(world, supplier);
    [
        (books.co_staker, books.co_booked_units),
        (books.former_co_staker, books.former_booked_units),
    ]
}

/// The check-in settles the former one's hour and puts its part aside: nobody's vault or account that is short keeps the device out.
#[test]
fn former_and_new_co_staker_are_never_mixed() {
    let (mut world, supplier, former, new) = succeeded(2_000);
    let [old_key, new_key] = [&former, &new].map(|co| co.wallet.pubkey_of());
    refused(&mut world, &supplier, E::CoHoursPending);
    world.close_hours(1);
    check_in(&mut world, &supplier);
    let part = share(SCORE, ENTERPRISE, SCORE) / 2;
    assert_eq!(booked(&world, &supplier), [(new_key, 0), (old_key, part)]);
    assert_eq!(pending_shares(&world, &supplier), [2_000]);
    // The new one cannot take what the former earned, and the former finds it whenever it is minted.
    let mut claim_new = world.claim_co_ix(&supplier, &new.token);
    claim_new.signer = new_key;
    world.refuses(E::NothingToClaim, claim_new.instruction(), &[&new.wallet]);
    let mut claim_old = world.claim_co_ix(&supplier, &former.token);
    claim_old.signer = old_key;
    world.refuses(E::NotMintedYet, claim_old.instruction(), &[&former.wallet]);
    let hour = world.hour();
    world.set_time(start(hour + 1));
    catch_up(&mut world);
    settle_on(&mut world, &supplier, (hour - 1) / 128);
    let pool = page(&world, hour).hours[((hour - 1) % 128) as usize].enterprise;
    let new_part = share(SCORE, pool.amount_units, SCORE) / 5;
    assert_eq!(
        booked(&world, &supplier),
        [(new_key, new_part), (old_key, part)]
    );
    world.mint_due();
    for (co, part) in [(&former, part), (&new, new_part)] {
        let before = world.balance(&co.token);
        claim_co(&mut world, &supplier, co);
        assert_eq!(world.balance(&co.token) - before, part);
        let mut again = world.claim_co_ix(&supplier, &co.token);
        again.signer = co.wallet.pubkey_of();
        world.refuses(E::NothingToClaim, again.instruction(), &[&co.wallet]);
    }
    check_identities(&world, &[&supplier], 1);
}

/// A former co-staker who has closed its accounts keeps nobody from earning, and loses nothing: anyone opens one and pays it.
#[test]
fn a_former_co_staker_who_is_gone_blocks_nobody() {
    let (mut world, supplier, former, _) = succeeded(2_000);
    world.close_hours(1);
    world.set_account(&former.token, Account::default());
    check_in(&mut world, &supplier);
    world.mint_due();
    let io = world.io;
    let token = world.token_account(&former.wallet.pubkey_of(), &io);
    let claim = world.claim_co_ix(&supplier, &token).instruction();
    world.govern(claim);
    assert_eq!(world.balance(&token), share(SCORE, ENTERPRISE, SCORE) / 2);
}

/// Two wait side by side. A third, two weeks later at the earliest, waits until the first is paid, which anyone can do.
#[test]
fn a_third_co_staker_waits_until_the_first_is_paid() {
    let (mut world, supplier, former, _) = succeeded(2_000);
    world.close_hours(1);
    check_in(&mut world, &supplier);
    let hour = world.hour();
    world.set_time(start(hour + 1));
    catch_up(&mut world);
    settle_on(&mut world, &supplier, (hour - 1) / 128);
    let third = world.wallet().pubkey_of();
    world.edit::<DeviceStake>(&supplier.stake, |stake| stake.co_staker = third);
    refused(&mut world, &supplier, E::CoRewardsUnclaimed);
    world.mint_due();
    claim_co(&mut world, &supplier, &former);
    let [second, _] = booked(&world, &supplier);
    world.check_in(&supplier);
    assert_eq!(booked(&world, &supplier), [(third, 0), second]);
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
    world.mint_due();
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
