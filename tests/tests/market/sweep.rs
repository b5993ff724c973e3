//! Every place of every market instruction, given every kind of wrong account.

use iog_client::market::instructions::{
    Accept, AddEscrow, CloseLease, CloseOrder, CreateOrder, EndEarly, ExpireOrder, MatchDevice,
    Settle,
};
use iog_client::pda;
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{order_args, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};

/// A copy can only be made by the program that owns it, and that one makes its accounts at their seeds alone.
const OWNED: &str = "only its own program creates such an account, at one address";
const ANY: &str = "any account of the recipient's or payer's will do";
const ORACLE: &str = "any update that Pyth's receiver wrote for the feed will do";

fn stage() -> (World, Supplier, Renter) {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    (world, supplier, renter)
}

#[test]
fn opening_a_currency_and_an_order() {
    let (mut world, _, renter) = stage();
    let authority = world.authority.insecure_clone();
    let mint = world.mint(&authority, 6);
    let add = AddEscrow {
        authority: authority.pubkey_of(),
        mint,
        escrow: pda::market::escrow(&mint),
        vault: pda::market::vault(&mint),
    };
    sweep::refused(&world, &add.instruction(), &[&authority], &[]);
    let create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
    let harmless = [
        (CreateOrder::CLASS, Wrong::Copy, OWNED),
        (CreateOrder::PRICE_SOURCE, Wrong::Copy, OWNED),
        (CreateOrder::PRICE, Wrong::Copy, ORACLE),
        (CreateOrder::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep::refused(&world, &create.instruction(), &[&renter.wallet], &harmless);
}

#[test]
fn matching_and_accepting() {
    let (mut world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let matching = world.match_ix(&order, &supplier).instruction();
    let harmless = [(MatchDevice::STAKE, Wrong::Copy, OWNED)];
    sweep::refused(&world, &matching, &[&keeper], &harmless);
    world.match_device(&order, &supplier);
    let accept = world.accept_ix(&order, &supplier).instruction();
    let harmless = [(Accept::LEASE, Wrong::Copy, OWNED)];
    sweep::refused(&world, &accept, &[&supplier.device_key], &harmless);
}

#[test]
fn settling_and_closing() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    let harmless = [
        (Settle::LEASE, Wrong::Copy, OWNED),
        (Settle::OCCUPANCY, Wrong::Copy, OWNED),
        (Settle::SUPPLIER_TOKEN, Wrong::Copy, ANY),
        (Settle::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep::refused(&world, &settle, &[], &harmless);
    let end = world.end_early_ix(&order).instruction();
    let harmless = [
        (EndEarly::ORDER, Wrong::Copy, OWNED),
        (EndEarly::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep::refused(&world, &end, &[&renter.wallet], &harmless);
    world.end_early(&order, &renter);
    world.settle_lease(&order, &supplier);
    let close = world.close_lease_ix(&order, &supplier).instruction();
    let harmless = [
        (CloseLease::LEASE, Wrong::Copy, OWNED),
        (CloseLease::OCCUPANCY, Wrong::Copy, OWNED),
    ];
    sweep::refused(&world, &close, &[], &harmless);
    world.close_lease(&order, &supplier);
    let close = world.close_order_ix(&order).instruction();
    let harmless = [
        (CloseOrder::ORDER, Wrong::Copy, OWNED),
        (CloseOrder::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep::refused(&world, &close, &[], &harmless);
}

#[test]
fn expiring() {
    let (mut world, _, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.set_time(world.now() + 1_200);
    let expire = world.expire_ix(&order).instruction();
    let harmless = [
        (ExpireOrder::ORDER, Wrong::Copy, OWNED),
        (ExpireOrder::RENTER_TOKEN, Wrong::Copy, ANY),
    ];
    sweep::refused(&world, &expire, &[], &harmless);
}
