//! Attacks: prices, donations, frozen recipients, accounts funded, revived or taken for another.

use iog_client::market::accounts::{Escrow, Occupancy, Order};
use iog_client::market::instructions::Settle;
use iog_client::market::{MarketError as E, ID};
use iog_client::pda;
use iog_tests::world::{order_args, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Code, Supplier, World};
use solana_instruction::error::InstructionError;
use solana_pubkey::Pubkey;

const PAID: u64 = 399_799_599;

fn stage() -> (World, Supplier, Renter) {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    (world, supplier, renter)
}

fn books(world: &World, order: &Pubkey) -> Order {
    world.check_order_books(order);
    world.read::<Order>(order)
}

fn finish(world: &mut World, order: &Pubkey, supplier: &Supplier) {
    world.settle_lease(order, supplier);
    world.close_lease(order, supplier);
    world.close_order(order);
}

/// A stale, a missing and a forged price stop new orders, and no exit.
#[test]
fn no_exit_needs_a_price() {
    let (mut world, supplier, renter) = stage();
    let other = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let waiting = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    world.match_device(&waiting, &other);
    let price = world.price;
    world.set_account(&price, solana_account::Account::default());
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(3, 1, 1));
    world.refuses(E::PriceNotPyth, create.instruction(), &[&renter.wallet]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    finish(&mut world, &order, &supplier);
    world.expire_order(&waiting);
    world.close_lease(&waiting, &other);
    world.close_order(&waiting);
    let request = world.unstake_ix(&supplier).instruction();
    world.must(request, &[&supplier.owner]);
}

#[test]
fn a_donation_to_the_vault_is_nobodys() {
    let (mut world, supplier, renter) = stage();
    let vault = pda::market::vault(&world.io);
    world.donate(&vault, 12_345);
    world.donate(&pda::treasury::vault(&world.io), 678);
    let order = world.running(&renter, 1, 1, &[&supplier]);
    let before = world.balance(&supplier.owner_token);
    world.serve_hour(&[&supplier], 6);
    finish(&mut world, &order, &supplier);
    assert_eq!(world.balance(&supplier.owner_token), before + PAID);
    assert_eq!(world.balance(&vault), 12_345);
    let books = world.read::<Escrow>(&pda::market::escrow(&world.io));
    assert_eq!(
        (books.escrowed_units, books.deposited_units),
        (0, 401_803_609)
    );
}

fn freeze(world: &mut World, token: &Pubkey) {
    let mut account = world.account(token);
    account.data[108] = 2;
    world.set_account(token, account);
}

/// IO cannot be frozen; a currency that can would stop a recipient, not its neighbours, and not for good.
#[test]
fn a_frozen_recipient_blocks_only_its_own_lease() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 1, &[&one, &two]);
    world.serve_hour(&[&one, &two], 6);
    freeze(&mut world, &one.owner_token);
    let settle = world.settle_lease_ix(&order, &one);
    let keeper = world.authority.insecure_clone();
    assert!(world.send(&[settle.instruction()], &[&keeper]).is_err());
    world.settle_lease(&order, &two);
    // Anyone can open another account for the same owner.
    let elsewhere = world.address();
    world.copy_account(&two.owner_token, &elsewhere);
    let mut account = world.account(&elsewhere);
    account.data[32..64].copy_from_slice(one.owner.pubkey_of().as_ref());
    account.data[64..72].fill(0);
    world.set_account(&elsewhere, account);
    let mut settle = world.settle_lease_ix(&order, &one);
    settle.supplier_token = elsewhere;
    world.must(settle.instruction(), &[&keeper]);
    assert_eq!(world.balance(&elsewhere), PAID);
    assert_eq!(books(&world, &order).state, 3);
}

/// Finding of a public audit: a transfer to oneself that is booked and moves nothing.
#[test]
fn vaults_and_recipients_are_never_the_same_account() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    let keeper = world.authority.insecure_clone();
    let vault = pda::market::vault(&world.io);
    let good = world.settle_lease_ix(&order, &supplier);
    let changes: [fn(&mut Settle, Pubkey); 3] = [
        |settle, vault| settle.supplier_token = vault,
        |settle, vault| settle.renter_token = vault,
        |settle, vault| settle.fee_vault = vault,
    ];
    for change in changes {
        let mut settle = good.clone();
        change(&mut settle, vault);
        world.refuses(Code::anchor(ID, 2040), settle.instruction(), &[&keeper]);
    }
    // A renter who rents from himself names two accounts.
    let mut settle = good;
    settle.renter_token = settle.supplier_token;
    world.refuses(Code::anchor(ID, 2040), settle.instruction(), &[&keeper]);
}

#[test]
fn addresses_funded_beforehand_can_be_created() {
    let (mut world, supplier, renter) = stage();
    let order = pda::market::order(&renter.wallet.pubkey_of(), 1);
    let lease = pda::market::lease(&order, &supplier.device);
    for (address, lamports) in [
        (order, 1),
        (lease, 890_880),
        (supplier.occupancy, 5_000_000_000),
    ] {
        world.fund(&address, lamports);
    }
    // Funded only, the address says nothing yet: the device is idle.
    let request = world.unstake_ix(&supplier).instruction();
    world.clone().must(request, &[&supplier.owner]);
    let made = world.running(&renter, 1, 1, &[&supplier]);
    assert_eq!(made, order);
    world.serve_hour(&[&supplier], 6);
    finish(&mut world, &order, &supplier);
}

/// The same id again is a new order: nothing of the old one is left.
#[test]
fn a_closed_order_reopens_from_zero() {
    let (mut world, supplier, renter) = stage();
    let first = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    finish(&mut world, &first, &supplier);
    let before = world.balance(&supplier.owner_token);
    let again = world.running(&renter, 1, 1, &[&supplier]);
    assert_eq!(first, again);
    let opened = books(&world, &again);
    assert_eq!(
        (opened.paid_units, opened.fee_units, opened.refunded_units),
        (0, 0, 0)
    );
    let settle = world.settle_lease_ix(&again, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingToSettle, settle, &[&keeper]);
    assert_eq!(world.balance(&supplier.owner_token), before);
    assert_eq!(world.read::<Occupancy>(&supplier.occupancy).leases, 2);
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
    let close_order = world.close_order_ix(&order).instruction();
    let twice = [close_order.clone(), revive(&order), close_order.clone()];
    let refused = world.clone().send(&twice, &[&keeper]).unwrap_err();
    assert_eq!(
        refused.code(),
        Code::plain(ID, InstructionError::AccountDataTooSmall)
    );
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
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&first, &supplier);
    let second = world.running(&renter, 2, 1, &[&supplier]);
    world.close_lease(&first, &supplier);
    let occupancy = world.read::<Occupancy>(&supplier.occupancy);
    assert_eq!(
        occupancy.lease,
        pda::market::lease(&second, &supplier.device)
    );
}
