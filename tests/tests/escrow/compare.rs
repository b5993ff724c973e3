//! Every account of the market against the reference, after each step, and what must hold between them.

use iog_client::market::accounts::{
    CreditLine, Earnings, Escrow, Lease, Occupancy, Order, PriceBook, RenterStats,
};
use iog_client::pda;
use iog_client::token::accounts::Minter;
use iog_client::treasury::accounts::FeeVault;
use iog_tests::world::{ata, CURRENCIES};
use solana_pubkey::Pubkey;

use super::machine::Machine;
use super::stage::CLASSES;
use iog_tests::reference::orders;
use iog_tests::reference::{CREDIT, IO};

use super::action::Action;

pub fn all(machine: &Machine, action: Action) {
    for currency in 0..3 {
        escrow(machine, currency, action);
    }
    for id in machine.model.orders.keys() {
        one_order(machine, *id, action);
    }
    devices(machine, action);
    price_books(machine, action);
    parties(machine, action);
    line(machine, action);
}

/// The books of a currency, their identity, the sum over its orders, and the vault.
fn escrow(machine: &Machine, currency: usize, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    let mint = world.mint_of(CURRENCIES[currency]);
    let books = &model.books[currency];
    let account = world.read::<Escrow>(&pda::market::escrow(&mint));
    let got = [
        account.deposited_units,
        account.escrowed_units,
        account.paid_units,
        account.refunded_units,
        account.fee_units,
        account.earnings_due_units,
        account.refunds_due_units,
        account.fees_due_units,
    ];
    let expected = [
        books.deposited,
        books.escrowed,
        books.paid,
        books.refunded,
        books.fees,
        books.earnings_due,
        books.refunds_due,
        books.fees_due,
    ];
    assert_eq!(got, expected, "escrow {currency} after {action:?}");
    assert_eq!(
        got[0],
        got[1..5].iter().sum::<u64>(),
        "identity of {currency} after {action:?}"
    );
    let orders = model
        .orders
        .values()
        .filter(|order| order.currency == currency);
    let sums = orders.fold((0, 0), |(escrowed, due), order| {
        (escrowed + order.escrowed, due + order.due)
    });
    assert_eq!(
        sums,
        (got[1], got[6]),
        "orders in {currency} after {action:?}"
    );
    if currency == CREDIT {
        let minter = pda::token::minter(&pda::market::escrow_authority());
        let outstanding = world.read::<Minter>(&minter).outstanding_iosd_units;
        assert_eq!(
            outstanding, model.outstanding,
            "outstanding after {action:?}"
        );
        assert_eq!(
            outstanding,
            model.iosd_outstanding(),
            "outstanding after {action:?}"
        );
        return;
    }
    let earned: u64 = model.owners.iter().map(|owner| owner.due[currency]).sum();
    assert_eq!(earned, got[5], "earnings in {currency} after {action:?}");
    let held = got[1] + got[5] + got[6] + got[7] + model.donated[currency];
    let vault = world.balance(&pda::market::vault(&mint));
    assert_eq!(vault, held, "vault of {currency} after {action:?}");
    let fees = world.read::<FeeVault>(&pda::treasury::fees(&mint));
    let collected = model.treasury.collected[currency];
    assert_eq!(
        fees.collected_units, collected,
        "fees in {currency} after {action:?}"
    );
    if currency == IO {
        assert_eq!(
            fees.kept_units, model.treasury.kept,
            "kept after {action:?}"
        );
    }
}

fn one_order(machine: &Machine, id: u64, action: Action) {
    let order = &machine.model.orders[&id];
    let address = machine.order(id);
    let account = machine.world.read::<Order>(&address);
    let got = [
        account.deposited_units,
        account.escrowed_units,
        account.paid_units,
        account.refunded_units,
        account.fee_units,
        account.pending_fee_units,
        account.refund_due_units,
    ];
    let expected = [
        order.deposited,
        order.escrowed,
        order.paid,
        order.refunded,
        order.fees,
        order.pending,
        order.due,
    ];
    assert_eq!(got, expected, "order {id} after {action:?}");
    assert_eq!(
        got[0],
        got[1..5].iter().sum::<u64>(),
        "order {id} after {action:?}"
    );
    let times = [
        account.expires_ts,
        account.started_ts,
        account.end_ts,
        account.booked_end_ts,
        account.vacant_from_ts,
    ];
    let expected = [
        order.expires,
        order.started,
        order.end,
        order.booked_end,
        order.vacant,
    ];
    assert_eq!(times, expected, "times of {id} after {action:?}");
    let rates: Vec<orders::Rate> = account.rates[..usize::from(account.rate_count)]
        .iter()
        .map(|rate| orders::Rate {
            from: rate.from_ts,
            units: rate.price_per_gpu_hour_units,
            usd6: rate.price_usd6,
        })
        .collect();
    assert_eq!(rates, order.rates, "prices of {id} after {action:?}");
    let got = (
        account.state,
        account.hours,
        account.matched_gpus,
        account.leases as usize,
    );
    let expected = (order.state, order.hours, order.matched, order.leases.len());
    assert_eq!(got, expected, "order {id} after {action:?}");
    if order.state != orders::EXPIRED {
        let got = (account.accepted_gpus, account.running_leases);
        let expected = (order.accepted, order.running);
        assert_eq!(got, expected, "order {id} after {action:?}");
    }
    let held: u64 = order.leases.values().map(|lease| lease.held).sum();
    assert!(held <= order.escrowed, "order {id} after {action:?}");
    for (device, lease) in &order.leases {
        one_lease(machine, &address, *device, lease, action);
    }
}

fn one_lease(
    machine: &Machine,
    order: &Pubkey,
    device: usize,
    lease: &orders::Lease,
    action: Action,
) {
    let device = machine.suppliers[device].device;
    let address = pda::market::lease(order, &device);
    let account = machine.world.read::<Lease>(&address);
    let got = [
        account.paid_units,
        account.refunded_units,
        account.held_units,
        account.held_usd6,
        account.rule_units,
        u64::from(account.state),
    ];
    let expected = [
        lease.paid,
        lease.refunded,
        lease.held,
        lease.held_usd6,
        lease.rule,
        u64::from(lease.state),
    ];
    assert_eq!(got, expected, "lease {address} after {action:?}");
    let got = (
        account.settled_until_ts,
        account.agreed_until_ts,
        account.held_ts,
    );
    let expected = (lease.until, lease.agreed, lease.held_at);
    assert_eq!(got, expected, "lease {address} after {action:?}");
}

/// A device's place in the market, and that it is in one lease at most.
fn devices(machine: &Machine, action: Action) {
    for (device, (supplier, one)) in machine
        .suppliers
        .iter()
        .zip(&machine.model.devices)
        .enumerate()
    {
        let Some(_) = machine.world.find(&supplier.occupancy) else {
            assert!(!one.listed && one.order.is_none(), "{action:?}");
            continue;
        };
        let account = machine.world.read::<Occupancy>(&supplier.occupancy);
        let lease = one.order.map_or(Pubkey::default(), |id| {
            pda::market::lease(&machine.order(id), &supplier.device)
        });
        assert_eq!(account.lease, lease, "device {device} after {action:?}");
        let got = [
            account.hours_served,
            account.hours_missed,
            account.leases,
            account.skipped,
            account.timeouts,
            account.disputes_lost,
            account.floor_usd6,
            u64::from(account.listed_gpus),
            u64::from(account.hired_gpus),
        ];
        let gpus = u64::from(one.gpus);
        let expected = [
            one.served,
            one.missed,
            one.leases,
            one.skipped,
            one.timeouts,
            one.lost,
            one.floor,
            if one.listed { gpus } else { 0 },
            if one.hired { gpus } else { 0 },
        ];
        assert_eq!(got, expected, "device {device} after {action:?}");
        if one.idle_since != 0 {
            assert_eq!(
                account.idle_since_ts, one.idle_since,
                "device {device} after {action:?}"
            );
        }
        let running = machine.model.orders.values().filter(|order| {
            let lease = order.leases.get(&device);
            lease.is_some_and(|lease| lease.state < 2)
        });
        let most = usize::from(one.order.is_some());
        let expired = running
            .clone()
            .filter(|order| order.state == orders::EXPIRED)
            .count();
        assert!(
            running.count() - expired <= most,
            "device {device} is in two leases after {action:?}"
        );
    }
}

/// The counters of a class are those of its devices.
fn price_books(machine: &Machine, action: Action) {
    for (class, id) in CLASSES.iter().enumerate() {
        let book = machine
            .world
            .read::<PriceBook>(&pda::market::price_book(*id));
        let suppliers = machine
            .suppliers
            .iter()
            .filter(|supplier| supplier.class_id == *id);
        let (mut online, mut hired) = (0, 0);
        for supplier in suppliers {
            if machine.world.find(&supplier.occupancy).is_some() {
                let occupancy = machine.world.read::<Occupancy>(&supplier.occupancy);
                online += u64::from(occupancy.listed_gpus);
                hired += u64::from(occupancy.hired_gpus);
            }
        }
        let got = (book.online_gpus, book.hired_gpus);
        assert_eq!(got, (online, hired), "class {class} after {action:?}");
    }
}

/// What renters and owners hold, are owed, and are known for.
fn parties(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    for (party, renter) in machine.renters.iter().zip(&model.renters) {
        let tokens = CURRENCIES.map(|currency| world.balance(&party.token_of(currency)));
        assert_eq!(tokens, renter.tokens, "renter after {action:?}");
        let stats = world.read::<RenterStats>(&party.stats);
        let got = [
            stats.orders,
            stats.gpu_minutes,
            stats.spent_usd6,
            stats.points_e6,
            stats.disputes,
        ];
        let expected = [
            renter.orders,
            renter.gpu_minutes,
            renter.spent_usd6,
            renter.points_e6,
            renter.disputes,
        ];
        assert_eq!(got, expected, "statistics after {action:?}");
    }
    for (wallet, owner) in machine.owners.iter().zip(&model.owners) {
        for currency in 0..3 {
            let mint = world.mint_of(CURRENCIES[currency]);
            if currency != CREDIT {
                let tokens = world.balance(&ata(wallet, &mint));
                assert_eq!(tokens, owner.tokens[currency], "owner after {action:?}");
            }
            let earnings = pda::market::earnings(&mint, wallet);
            let account = world.read::<Earnings>(&earnings);
            let got = (account.due_units, account.withdrawn_units);
            let expected = (owner.due[currency], owner.withdrawn[currency]);
            assert_eq!(got, expected, "earnings after {action:?}");
            if currency == CREDIT {
                let got = (
                    account.claim_start_units,
                    account.claim_units,
                    account.claim_paid_units,
                );
                assert_eq!(got, owner.claim, "claim after {action:?}");
            }
        }
    }
}

fn line(machine: &Machine, action: Action) {
    let line = &machine.model.line;
    let account = machine
        .world
        .read::<CreditLine>(&pda::market::credit_line());
    let got = [
        account.claimed_units,
        account.funded_units,
        account.paid_units,
        account.incentive_units,
    ];
    let expected = [line.claimed, line.funded, line.paid, line.incentive];
    assert_eq!(got, expected, "line after {action:?}");
    assert!(
        got[0] >= got[1] && got[1] >= got[2],
        "line after {action:?}"
    );
    let vault = machine.world.balance(&pda::market::credit_vault());
    let held = line.funded - line.paid + machine.model.donated[2];
    assert_eq!(vault, held, "vault of the line after {action:?}");
}
