//! Attacks: donations, recipients that cannot be paid, accounts funded, revived or taken for another.

use iog_client::market::instructions::WithdrawEarnings;
use iog_client::market::{MarketError as E, ID};
use iog_client::pda;
use iog_tests::world::{ata, order_args, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Code, World};
use solana_account::Account;
use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;

use super::stage::{stage, stage_with, PAID};

/// A stale, a missing and a forged price stop new orders, and no exit.
#[test]
fn no_exit_needs_a_price() {
    let (mut world, supplier, renter) = stage_with(1_800);
    let other = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    let waiting = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    world.match_device(&waiting, &other);
    let price = world.price;
    world.set_account(&price, Account::default());
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(3, 1, 1));
    world.refuses(E::PriceNotPyth, create.instruction(), &[&renter.wallet]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, PAID);
    world.end_early(&order, &renter);
    world.wind_up(&order, &[&supplier]);
    world.expire_order(&waiting);
    world.wind_up(&waiting, &[&other]);
    world.withdraw(&supplier, Currency::Io);
    world.collect_fees(Currency::Io);
    world.delist_device(&supplier);
    let request = world.unstake_ix(&supplier).instruction();
    world.must(request, &[&supplier.owner]);
    world.check_escrows();
}

/// A donation is in none of the books: it changes nothing and is nobody's.
#[test]
fn donations_change_nothing() {
    let (mut world, supplier, renter) = stage();
    let (io, usd) = (
        pda::market::vault(&world.io),
        pda::market::vault(&world.usd),
    );
    world.donate(&io, 12_345);
    world.donate(&pda::market::credit_vault(), 999);
    let authority = world.authority.insecure_clone();
    let dollars = world.usd;
    let gift = iog_tests::world::spl::mint_to(&dollars, &usd, &authority.pubkey_of(), 77);
    world.must(gift, &[&authority]);
    for (id, currency) in [(1, Currency::Io), (2, Currency::Usd)] {
        let order = world.running_in(currency, &renter, id, 1, &[&supplier]);
        world.serve_hour(&[&supplier], 6);
        world.wind_up(&order, &[&supplier]);
        world.withdraw(&supplier, currency);
        world.collect_fees(currency);
        let gift = if currency == Currency::Io { 12_345 } else { 77 };
        world.check_escrow_with(currency, gift);
        let books = world.escrow(currency);
        assert_eq!(world.balance(&books.vault), gift);
    }
    world.check_escrow_with(Currency::Iosd, 999);
}

fn freeze(world: &mut World, token: &Pubkey) {
    let mut account = world.account(token);
    account.data[108] = 2;
    world.set_account(token, account);
}

/// A dollar can be frozen. Whoever's account is, only its own money waits; its owner takes it to another account.
#[test]
fn frozen_accounts_block_nobody_else() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let other = world.renter();
    let order = world.running_in(Currency::Usd, &renter, 1, 2, &[&one, &two]);
    let usd = world.usd;
    let frozen = world.token_account(&one.owner.pubkey_of(), &usd);
    freeze(&mut world, &frozen);
    freeze(&mut world, &renter.usd);
    world.serve_hour(&[&one, &two], 6);
    world.settle_lease(&order, &one);
    world.settle_lease(&order, &two);
    world.end_early(&order, &renter);
    for supplier in [&one, &two] {
        world.settle_lease(&order, supplier);
        world.close_lease(&order, supplier);
    }
    world.withdraw(&two, Currency::Usd);
    world.collect_fees(Currency::Usd);
    let next = world.running_in(Currency::Usd, &other, 1, 1, &[&one]);
    world.serve_hour(&[&one], 6);
    world.wind_up(&next, &[&one]);
    // The two that are frozen are refused, each by the token program.
    let keeper = world.authority.insecure_clone();
    let withdraw = world.withdraw_earnings_ix(&one, Currency::Usd);
    let refund = world.token_refund_ix(&order);
    for instruction in [withdraw.instruction(), refund.instruction()] {
        assert!(world.send(&[instruction], &[&keeper]).is_err());
    }
    // Another account of the same owner will do where that one signs; a stranger pays into the associated one.
    let elsewhere = |world: &mut World, owner: &Pubkey, like: &Pubkey| {
        let account = world.address();
        world.copy_account(like, &account);
        let mut content = world.account(&account);
        content.data[32..64].copy_from_slice(owner.as_ref());
        content.data[64..72].fill(0);
        world.set_account(&account, content);
        account
    };
    let like = other.usd;
    let destination = elsewhere(&mut world, &one.owner.pubkey_of(), &like);
    let mut paid = WithdrawEarnings {
        destination,
        ..withdraw
    };
    world.refuses(E::NotAssociated, paid.instruction(), &[&keeper]);
    paid.signer = one.owner.pubkey_of();
    world.must(paid.instruction(), &[&one.owner]);
    assert_eq!(world.balance(&destination), 2 * 977_500);
    let mut paid = refund;
    paid.renter_token = elsewhere(&mut world, &renter.wallet.pubkey_of(), &like);
    let to = paid.renter_token;
    world.refuses(E::NotAssociated, paid.instruction(), &[&keeper]);
    paid.signer = renter.wallet.pubkey_of();
    world.must(paid.instruction(), &[&renter.wallet]);
    // Two hours that are left, with their fee.
    assert_eq!(world.balance(&to), 2_045_000);
    world.close_order(&order);
    world.check_escrows();
}

/// An account that its owner closed is opened again by anyone.
#[test]
fn closed_accounts_are_opened_again() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    for account in [supplier.owner_token, renter.token] {
        world.set_account(&account, Account::default());
    }
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    let refund = world.refund_ix(&order);
    let keeper = world.authority.insecure_clone();
    assert!(world
        .send(std::slice::from_ref(&refund), &[&keeper])
        .is_err());
    let io = world.io;
    world.token_account(&renter.wallet.pubkey_of(), &io);
    world.must(refund, &[&keeper]);
    world.withdraw(&supplier, Currency::Io);
    assert_eq!(world.balance(&supplier.owner_token), PAID);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// Finding of a public audit: a transfer to oneself that is booked and moves nothing.
#[test]
fn vaults_are_never_recipients() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    let keeper = world.authority.insecure_clone();
    let vault = pda::market::vault(&world.io);
    let twice = Code::anchor(ID, 2040);
    let mut withdraw = world.withdraw_earnings_ix(&supplier, Currency::Io);
    withdraw.destination = vault;
    world.refuses(twice.clone(), withdraw.instruction(), &[&keeper]);
    let mut refund = world.token_refund_ix(&order);
    refund.renter_token = vault;
    world.refuses(twice.clone(), refund.instruction(), &[&keeper]);
    let mut collect = world.collect_fees_ix(Currency::Io);
    collect.fee_vault = vault;
    world.refuses(twice.clone(), collect.instruction(), &[&keeper]);
    let mut create = world.create_order_ix(&renter, CLASS_TEST, order_args(9, 1, 1));
    create.renter_token = vault;
    world.refuses(twice, create.instruction(), &[&renter.wallet]);
    world.check_escrows();
}

/// Who rents from himself moves his money in a circle and pays the fees.
#[test]
fn renting_from_oneself_only_costs_fees() {
    let (mut world, supplier, _) = stage();
    let own = world.renter_with(supplier.owner.insecure_clone());
    let before = world.balance(&own.token);
    let order = world.running(&own, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    world.withdraw(&supplier, Currency::Io);
    assert_eq!(own.token, ata(&supplier.owner.pubkey_of(), &world.io));
    assert_eq!(before - world.balance(&own.token), 1_002_005 + 1_002_004);
    world.check_escrows();
}

#[test]
fn addresses_funded_beforehand_can_be_created() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.stake(&supplier, 20_000_000_000);
    let wallet = world.wallet();
    let order = pda::market::order(&wallet.pubkey_of(), 1);
    for (address, lamports) in [
        (order, 1),
        (pda::market::lease(&order, &supplier.device), 890_880),
        (supplier.occupancy, 5_000_000_000),
        (pda::market::renter(&wallet.pubkey_of()), 7),
        (world.earnings_of(&supplier, Currency::Io), 8),
    ] {
        world.fund(&address, lamports);
    }
    // Funded only, the address says nothing yet: the device is idle.
    let request = world.unstake_ix(&supplier).instruction();
    world.clone().must(request, &[&supplier.owner]);
    world.open_earnings(&supplier);
    world.list_device(&supplier, 0);
    let renter = world.renter_with(wallet);
    let made = world.running(&renter, 1, 1, &[&supplier]);
    assert_eq!(made, order);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
}

/// The same id again is a new order: nothing of the old one is left.
#[test]
fn a_closed_order_reopens_from_zero() {
    let (mut world, supplier, renter) = stage();
    let first = world.running(&renter, 1, 1, &[&supplier]);
    let taken = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
    assert!(world
        .send(&[taken.instruction()], &[&renter.wallet])
        .is_err());
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&first, &[&supplier]);
    let again = world.running(&renter, 1, 1, &[&supplier]);
    assert_eq!(first, again);
    let opened = world.order(&again);
    let money = (opened.paid_units, opened.fee_units, opened.refunded_units);
    assert_eq!(money, (0, 0, 0));
    let settle = world.settle_lease_ix(&again, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingToSettle, settle, &[&keeper]);
    assert_eq!(world.earned(&supplier), PAID);
}

/// sealevel-attacks 9: kept alive by lamports in its own transaction, a closed account is empty and the system's.
#[test]
fn a_closed_lease_and_order_cannot_be_revived() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    let lease = pda::market::lease(&order, &supplier.device);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let keeper = world.authority.insecure_clone();
    let revive = |to: &Pubkey| {
        solana_system_interface::instruction::transfer(&keeper.pubkey_of(), to, 10_000_000)
    };
    let close_lease = world.close_lease_ix(&order, &supplier).instruction();
    let twice = [close_lease.clone(), revive(&lease), close_lease.clone()];
    let refused = world.clone().send(&twice, &[&keeper]).unwrap_err();
    assert_eq!(refused.program, ID);
    world
        .send(&[close_lease, revive(&lease)], &[&keeper])
        .unwrap();
    world.refund(&order);
    let close_order = world.close_order_ix(&order).instruction();
    let twice = [close_order.clone(), revive(&order), close_order.clone()];
    let refused = world.clone().send(&twice, &[&keeper]).unwrap_err();
    let gone = Code::plain(ID, InstructionError::AccountDataTooSmall);
    assert_eq!(refused.code(), gone);
    world
        .send(&[close_order, revive(&order)], &[&keeper])
        .unwrap();
    for address in [lease, order] {
        let left = world.account(&address);
        assert_eq!((left.data.len(), left.owner), (0, Pubkey::default()));
    }
}

/// An old lease that is closed late does not free the device from its new one.
#[test]
fn closing_an_old_lease_leaves_the_new_one_alone() {
    let (mut world, supplier, renter) = stage();
    let first = world.running(&renter, 1, 1, &[&supplier]);
    world.set_time(GENESIS_TS + 3_600);
    world.settle_lease(&first, &supplier);
    let second = world.running(&renter, 2, 1, &[&supplier]);
    world.close_lease(&first, &supplier);
    let place = world.occupancy(&supplier);
    assert_eq!(place.lease, pda::market::lease(&second, &supplier.device));
    assert_eq!(place.hired_gpus, 1);
    world.check_price_book(CLASS_TEST, &[&supplier]);
}
