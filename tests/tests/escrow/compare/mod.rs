//! Every account of the market against the reference, after each step, and what must hold between them.

mod devices;
mod leases;
mod orders;
mod parties;

use iog_client::market::accounts::{CreditLine, Escrow, Verdict};
use iog_client::pda;
use iog_client::token::accounts::Minter;
use iog_client::treasury::accounts::FeeVault;
use iog_tests::reference::{CREDIT, IO};
use iog_tests::world::{PubkeyOf, CURRENCIES};

use super::action::Action;
use super::machine::Machine;

pub fn all(machine: &Machine, action: Action) {
    for currency in 0..3 {
        escrow(machine, currency, action);
    }
    for id in machine.model.orders.keys() {
        orders::one(machine, *id, action);
    }
    devices::all(machine, action);
    devices::price_books(machine, action);
    parties::all(machine, action);
    line(machine, action);
    verdicts(machine, action);
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
    let orders = model.orders.values();
    let orders = orders.filter(|order| order.currency == currency);
    let sums = orders.fold((0, 0), |(escrowed, due), order| {
        (escrowed + order.escrowed, due + order.due)
    });
    assert_eq!(
        sums,
        (got[1], got[6]),
        "orders in {currency} after {action:?}"
    );
    if currency == CREDIT {
        outstanding(machine, action);
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

/// IOSD spent through the market, not settled or refunded.
fn outstanding(machine: &Machine, action: Action) {
    let model = &machine.model;
    let minter = pda::token::minter(&pda::market::escrow_authority());
    let outstanding = machine.world.read::<Minter>(&minter).outstanding_iosd_units;
    let expected = [model.outstanding, model.iosd_outstanding()];
    assert_eq!([outstanding; 2], expected, "outstanding after {action:?}");
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
        account.earned_usd6,
        u64::from(account.cover_bps),
    ];
    let (cover, seen) = line.cover;
    let expected = [
        line.claimed,
        line.funded,
        line.paid,
        line.incentive,
        line.earned,
        cover,
    ];
    assert_eq!(got, expected, "line after {action:?}");
    let got_ts = [account.cover_ts, account.newest_price_ts];
    assert_eq!(got_ts, [seen, line.newest], "line after {action:?}");
    // Whatever prices say, no more is claimed than was burned and paid in.
    assert!(
        line.claimed <= line.burned.0 + line.incentive,
        "solvent after {action:?}"
    );
    assert!(
        got[0] >= got[1] && got[1] >= got[2],
        "line after {action:?}"
    );
    let vault = machine.world.balance(&pda::market::credit_vault());
    let held = line.funded - line.paid + machine.model.donated[2];
    assert_eq!(vault, held, "vault of the line after {action:?}");
}

/// What the resolver decided stays as it was.
fn verdicts(machine: &Machine, action: Action) {
    for verdict in &machine.model.verdicts {
        let account = machine.world.read::<Verdict>(&machine.verdict(verdict));
        let got = (
            account.device,
            account.renter,
            account.resolver,
            account.paid_usd6,
            account.decided_ts,
        );
        let expected = (
            machine.suppliers[verdict.device].device,
            machine.renters[verdict.renter].wallet.pubkey_of(),
            machine.resolver(verdict.resolver).pubkey_of(),
            verdict.paid_usd6,
            verdict.decided,
        );
        assert_eq!(got, expected, "verdict after {action:?}");
    }
}
