//! Accounts that something still counts on, and money for an order that has no use for it.

use iog_client::market::instructions::{CloseEarnings, CloseOccupancy, CloseRenter};
use iog_client::market::MarketError as E;
use iog_tests::world::{order_args, Currency, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, Supplier, World};

use super::super::stage::send;
use super::{at_work, stage, waiting};

fn close_renter(world: &mut World, renter: &Renter) -> Outcome {
    let close = CloseRenter {
        renter: renter.wallet.pubkey_of(),
        stats: renter.stats,
    };
    world.send(&[close.instruction()], &[&renter.wallet])
}

fn close_earnings(world: &mut World, supplier: &Supplier) -> Outcome {
    let close = CloseEarnings {
        owner: supplier.owner.pubkey_of(),
        earnings: world.earnings_of(supplier, Currency::Io),
    };
    world.send(&[close.instruction()], &[&supplier.owner])
}

fn close_occupancy(world: &mut World, supplier: &Supplier) -> Outcome {
    let close = CloseOccupancy {
        owner: supplier.owner.pubkey_of(),
        device: supplier.device,
        occupancy: supplier.occupancy,
    };
    world.send(&[close.instruction()], &[&supplier.owner])
}

pub fn cases() -> Vec<Case> {
    let mut all = closing();
    all.extend(funds());
    all
}

fn closing() -> Vec<Case> {
    vec![
        refusal("a renter with an order", E::StillNeeded, |world| {
            let (_, renter, _) = waiting(world);
            close_renter(world, &renter)
        }),
        refusal("earnings of a lease at work", E::StillNeeded, |world| {
            let (supplier, _, _) = at_work(world);
            close_earnings(world, &supplier)
        }),
        refusal("earnings that are due", E::StillNeeded, |world| {
            let (supplier, _, order) = at_work(world);
            for _ in 0..3 {
                world.serve_hour(&[&supplier], 6);
            }
            world.wind_up(&order, &[&supplier]);
            close_earnings(world, &supplier)
        }),
        refusal("the place of an active device", E::StillNeeded, |world| {
            let (supplier, _) = stage(world);
            world.delist_device(&supplier);
            close_occupancy(world, &supplier)
        }),
        refusal("the place of a listed device", E::StillNeeded, |world| {
            let (supplier, _) = stage(world);
            world.set_device_state(&supplier, 2);
            close_occupancy(world, &supplier)
        }),
        refusal("the place of a device at work", E::StillNeeded, |world| {
            let (supplier, _, _) = at_work(world);
            world.delist_device(&supplier);
            world.set_device_state(&supplier, 2);
            close_occupancy(world, &supplier)
        }),
        refusal(
            "the place of a device with an open lease",
            E::StillNeeded,
            |world| {
                let (supplier, _, order) = at_work(world);
                world.delist_device(&supplier);
                world.set_device_state(&supplier, 2);
                world.report_timeout(&order, &supplier);
                close_occupancy(world, &supplier)
            },
        ),
        refusal("another's place in the market", E::NotOwner, |world| {
            let (supplier, renter) = stage(world);
            let close = CloseOccupancy {
                owner: renter.wallet.pubkey_of(),
                device: supplier.device,
                occupancy: supplier.occupancy,
            };
            world.send(&[close.instruction()], &[&renter.wallet])
        }),
    ]
}

fn funds() -> Vec<Case> {
    vec![
        refusal("no money added", E::NothingDue, |world| {
            let (_, renter, order) = at_work(world);
            let add = world.token_funds_ix(&order, 0).instruction();
            world.send(&[add], &[&renter.wallet])
        }),
        refusal("money added before the start", E::OrderNotActive, |world| {
            let (_, renter, order) = waiting(world);
            let add = world.token_funds_ix(&order, 1).instruction();
            world.send(&[add], &[&renter.wallet])
        }),
        refusal("another renter's money", E::NotRenter, |world| {
            let (_, _, order) = at_work(world);
            let other = world.renter();
            let mut add = world.token_funds_ix(&order, 1);
            add.renter = other.wallet.pubkey_of();
            add.renter_token = other.token;
            world.send(&[add.instruction()], &[&other.wallet])
        }),
        refusal("IOSD added to an order in IO", E::WrongCurrency, |world| {
            let (_, renter, order) = at_work(world);
            let add = world.credit_funds_ix(&order, 1).instruction();
            world.send(&[add], &[&renter.wallet])
        }),
        refusal("no new price is due", E::NoStepDue, |world| {
            let (_, _, order) = at_work(world);
            world.post_price(25_000_000);
            let anew = world.price_anew_ix(&order).instruction();
            send(world, anew)
        }),
        refusal(
            "a new price for an order in dollars",
            E::WrongCurrency,
            |world| {
                let (supplier, renter) = stage(world);
                let order = world.running_in(Currency::Usd, &renter, 1, 1, &[&supplier]);
                let anew = world.price_anew_ix(&order).instruction();
                send(world, anew)
            },
        ),
        refusal("GPUs that are hired given back", E::NotVacant, |world| {
            let (_, renter, order) = at_work(world);
            let reduce = world.reduce_ix(&order, 0, 1).instruction();
            world.send(&[reduce], &[&renter.wallet])
        }),
        refusal("all of an order given back", E::NotVacant, |world| {
            let (supplier, renter, order) = at_work(world);
            world.set_device_state(&supplier, 1);
            world.report_timeout(&order, &supplier);
            let reduce = world.reduce_ix(&order, 0, 1).instruction();
            world.send(&[reduce], &[&renter.wallet])
        }),
        refusal("given back before the start", E::OrderNotActive, |world| {
            let (_, renter) = stage(world);
            let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
            let reduce = world.reduce_ix(&order, 0, 1).instruction();
            world.send(&[reduce], &[&renter.wallet])
        }),
    ]
}
