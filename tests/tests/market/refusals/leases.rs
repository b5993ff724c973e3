//! Refusals of leases.

use iog_client::market::MarketError as E;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, Supplier, World};
use solana_pubkey::Pubkey;

use super::super::stage::send;
use super::{at_work, matches, stage, waiting};

pub fn cases() -> Vec<Case> {
    let mut all = acceptance();
    all.extend(running());
    all.extend(dropping());
    all
}

fn accepts(world: &mut World, order: &Pubkey, supplier: &Supplier) -> Outcome {
    let payer = world.authority.insecure_clone();
    let accept = world.accept_ix(order, supplier).instruction();
    world.send(&[accept], &[&payer, &supplier.device_key])
}

/// The device's own key leaves.
fn leaves(world: &mut World, order: &Pubkey, supplier: &Supplier) -> Outcome {
    let payer = world.authority.insecure_clone();
    let mut leave = world.leave_lease_ix(order, supplier);
    leave.signer = supplier.device_key.pubkey_of();
    world.send(&[leave.instruction()], &[&payer, &supplier.device_key])
}

fn acceptance() -> Vec<Case> {
    vec![
        refusal("a stranger accepts", E::NotDeviceKey, |world| {
            let (supplier, renter, order) = waiting(world);
            let mut accept = world.accept_ix(&order, &supplier);
            accept.device_key = renter.wallet.pubkey_of();
            world.send(&[accept.instruction()], &[&renter.wallet])
        }),
        refusal("accepted twice", E::LeaseNotMatched, |world| {
            let (supplier, _, order) = at_work(world);
            accepts(world, &order, &supplier)
        }),
        refusal("accepted while paused", E::DeviceNotActive, |world| {
            let (supplier, _, order) = waiting(world);
            world.set_device_state(&supplier, 1);
            accepts(world, &order, &supplier)
        }),
        refusal("accepted with a place to fill", E::OrderNotWhole, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&order, &supplier);
            accepts(world, &order, &supplier)
        }),
        refusal("accepted after 91 seconds", E::AcceptTooLate, |world| {
            let (supplier, _, order) = waiting(world);
            world.advance(91);
            accepts(world, &order, &supplier)
        }),
        refusal("accepted into an expired order", E::OrderExpired, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
            world.advance(1_150);
            world.match_device(&order, &supplier);
            world.advance(50);
            accepts(world, &order, &supplier)
        }),
        refusal("a stranger declines", E::NotDeviceKey, |world| {
            let (supplier, renter, order) = waiting(world);
            let mut decline = world.decline_ix(&order, &supplier);
            decline.signer = renter.wallet.pubkey_of();
            world.send(&[decline.instruction()], &[&renter.wallet])
        }),
        refusal("declined at work", E::LeaseNotMatched, |world| {
            let (supplier, _, order) = at_work(world);
            let payer = world.authority.insecure_clone();
            let decline = world.decline_ix(&order, &supplier).instruction();
            world.send(&[decline], &[&payer, &supplier.device_key])
        }),
        refusal("skipped after 90 seconds", E::AcceptStillOpen, |world| {
            let (supplier, _, order) = waiting(world);
            world.advance(90);
            let skip = world.skip_ix(&order, &supplier).instruction();
            send(world, skip)
        }),
        refusal("skipped before it was asked", E::AcceptStillOpen, |world| {
            let (supplier, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&order, &supplier);
            world.advance(1_000);
            let skip = world.skip_ix(&order, &supplier).instruction();
            send(world, skip)
        }),
        refusal("skipped at work", E::LeaseNotMatched, |world| {
            let (supplier, _, order) = at_work(world);
            world.advance(91);
            let skip = world.skip_ix(&order, &supplier).instruction();
            send(world, skip)
        }),
    ]
}

fn running() -> Vec<Case> {
    vec![
        refusal("settled before the start", E::NothingToSettle, |world| {
            let (supplier, _, order) = waiting(world);
            let settle = world.settle_lease_ix(&order, &supplier).instruction();
            send(world, settle)
        }),
        refusal("settled a second early", E::NothingToSettle, |world| {
            let (supplier, _, order) = at_work(world);
            world.advance(3_599);
            let settle = world.settle_lease_ix(&order, &supplier).instruction();
            send(world, settle)
        }),
        refusal("settled twice", E::NothingToSettle, |world| {
            let (supplier, _, order) = at_work(world);
            world.serve_hour(&[&supplier], 6);
            world.settle_lease(&order, &supplier);
            let settle = world.settle_lease_ix(&order, &supplier).instruction();
            send(world, settle)
        }),
        refusal("settled for another renter", E::NotRenter, |world| {
            let (supplier, _, order) = at_work(world);
            let other = world.renter();
            world.serve_hour(&[&supplier], 6);
            let mut settle = world.settle_lease_ix(&order, &supplier);
            settle.stats = other.stats;
            send(world, settle.instruction())
        }),
        refusal("settled in another currency", E::WrongMint, |world| {
            let (supplier, _, order) = at_work(world);
            world.serve_hour(&[&supplier], 6);
            let mut settle = world.settle_lease_ix(&order, &supplier);
            settle.escrow = world.escrow_of(Currency::Usd);
            send(world, settle.instruction())
        }),
        refusal("settled with another order", E::WrongOrder, |world| {
            let (supplier, renter, order) = at_work(world);
            let other = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
            world.serve_hour(&[&supplier], 6);
            let mut settle = world.settle_lease_ix(&order, &supplier);
            settle.order = other;
            send(world, settle.instruction())
        }),
    ]
}

fn dropping() -> Vec<Case> {
    vec![
        refusal("silent for half an hour", E::DeviceServes, |world| {
            let (supplier, _, order) = at_work(world);
            world.heartbeat(&supplier);
            world.advance(2_399);
            let report = world.timeout_ix(&order, &supplier).instruction();
            send(world, report)
        }),
        refusal("silent, with hours unsettled", E::SettleFirst, |world| {
            let (supplier, _, order) = at_work(world);
            world.advance(3_600);
            let report = world.timeout_ix(&order, &supplier).instruction();
            send(world, report)
        }),
        refusal("silent before it began", E::LeaseNotRunning, |world| {
            let (supplier, _, order) = waiting(world);
            world.advance(3_000);
            let report = world.timeout_ix(&order, &supplier).instruction();
            send(world, report)
        }),
        refusal("left before its time", E::AgreedToServe, |world| {
            let (supplier, _, order) = at_work(world);
            leaves(world, &order, &supplier)
        }),
        refusal("left a waiting order at once", E::AgreedToServe, |world| {
            let (one, renter) = stage(world);
            let two = world.supplier(CLASS_TEST);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            world.match_device(&order, &one);
            world.match_device(&order, &two);
            world.accept(&order, &one);
            world.advance(90);
            leaves(world, &order, &one)
        }),
        refusal("left without accepting", E::LeaseNotRunning, |world| {
            let (supplier, _, order) = waiting(world);
            leaves(world, &order, &supplier)
        }),
        refusal("made to leave by a stranger", E::NotOwner, |world| {
            let (supplier, renter, order) = at_work(world);
            let mut leave = world.leave_lease_ix(&order, &supplier);
            leave.signer = renter.wallet.pubkey_of();
            world.send(&[leave.instruction()], &[&renter.wallet])
        }),
        refusal("a lease closed at work", E::LeaseNotSettled, |world| {
            let (supplier, _, order) = at_work(world);
            let close = world.close_lease_ix(&order, &supplier).instruction();
            send(world, close)
        }),
        refusal("the lease's rent to another", E::WrongRecipient, |world| {
            let (supplier, _, order) = at_work(world);
            let mut close = world.close_lease_ix(&order, &supplier);
            close.payer = world.wallet().pubkey_of();
            send(world, close.instruction())
        }),
        refusal("replaced in the last hour", E::OrderNotOpen, |world| {
            let (supplier, renter) = stage(world);
            let other = world.supplier(CLASS_TEST);
            let order = world.running(&renter, 1, 1, &[&supplier]);
            world.set_device_state(&supplier, 1);
            world.advance(1);
            world.report_timeout(&order, &supplier);
            matches(world, &order, &other)
        }),
    ]
}
