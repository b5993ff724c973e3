//! The end of a run: everything closes, everyone is paid, and nothing is left over.

use iog_client::market::instructions::CloseOccupancy;
use iog_client::pda;
use iog_tests::world::PubkeyOf;
use solana_pubkey::Pubkey;

use super::machine::Machine;
use iog_tests::reference::orders::{ASKED, DISPUTED, EXPIRED};
use iog_tests::reference::{By, CREDIT};

use super::action::Action;

const DAY: i64 = 86_400;

/// What the wallets that pay rent hold: renters that of orders, the keeper that of leases.
pub fn lamports(machine: &Machine) -> Vec<i64> {
    let renters = machine.renters.iter().map(|party| party.wallet.pubkey_of());
    renters
        .chain([machine.keeper.pubkey_of()])
        .map(|wallet| i64::try_from(machine.world.lamports(&wallet)).unwrap())
        .collect()
}

fn must(machine: &mut Machine, action: Action) {
    let outcome = machine.step(action);
    assert!(outcome.ends_with(": ok"), "{action:?}: {outcome}");
}

/// Ends every order, and waits until disputes, windows and ends are over.
fn end(machine: &mut Machine) {
    let ids: Vec<u64> = machine.model.orders.keys().copied().collect();
    let last = machine.model.orders.values().map(|order| order.end).max();
    let wait = last.unwrap_or(0).max(machine.model.now) - machine.model.now;
    must(machine, Action::Warp(wait + 4 * DAY));
    for id in ids {
        if machine.model.orders[&id].waits() {
            must(machine, Action::Expire(id));
        }
    }
}

fn close_leases(machine: &mut Machine, id: u64) {
    let devices: Vec<usize> = machine.model.orders[&id].leases.keys().copied().collect();
    for device in devices {
        let state = machine.model.orders[&id].leases[&device].state;
        if machine.model.orders[&id].state == EXPIRED {
            must(machine, Action::CloseLease(id, device));
            continue;
        }
        if state == ASKED {
            must(machine, Action::Skip(id, device));
            continue;
        }
        while machine.step(Action::Settle(id, device)).ends_with(": ok") {}
        if state == DISPUTED {
            must(machine, Action::Rule(id, device));
        }
        must(machine, Action::CloseLease(id, device));
    }
}

/// Closes every lease and order, pays everyone, and checks that nothing is left.
pub fn all(machine: &mut Machine, lamports_before: &[i64]) {
    end(machine);
    let ids: Vec<u64> = machine.model.orders.keys().copied().collect();
    for id in ids {
        close_leases(machine, id);
        let order = &machine.model.orders[&id];
        if order.due + order.escrowed > 0 {
            must(machine, Action::Refund(id));
        }
        must(machine, Action::CloseOrder(id));
    }
    pay_everyone(machine);
    for (currency, books) in machine.model.books.iter().enumerate() {
        let left = [
            books.escrowed,
            books.earnings_due,
            books.refunds_due,
            books.fees_due,
        ];
        assert_eq!(left, [0; 4], "currency {currency}");
    }
    assert_eq!(machine.model.outstanding, 0);
    let matched = lamports_before.iter().zip(&machine.model.lamports);
    let expected: Vec<i64> = matched.map(|(before, net)| before + net).collect();
    assert_eq!(
        lamports(machine),
        expected,
        "rent comes back, and what nobody earned by matching"
    );
    let line = machine.model.line;
    assert_eq!((line.claimed, line.funded), (line.paid, line.paid));
    close_accounts(machine);
    empty(machine);
}

fn pay_everyone(machine: &mut Machine) {
    for currency in 0..2 {
        for owner in 0..machine.owners.len() {
            machine.step(Action::Withdraw(owner, currency));
        }
        machine.step(Action::Collect(currency));
    }
    machine.step(Action::SettleCredit);
    // What was burned has streamed by then, and is more than anybody earned.
    must(machine, Action::Warp(40 * DAY));
    pay_claims(machine);
    for owner in 0..machine.owners.len() {
        machine.step(Action::Claim(owner, false));
    }
    pay_claims(machine);
    for owner in &machine.model.owners {
        assert_eq!(owner.due[CREDIT], 0);
    }
}

fn pay_claims(machine: &mut Machine) {
    machine.step(Action::Fund(u64::MAX));
    for owner in 0..machine.owners.len() {
        machine.step(Action::PayCredit(owner));
    }
}

/// Nothing counts on any account any more: all of them close.
fn close_accounts(machine: &mut Machine) {
    must(machine, Action::Warp(180 * DAY));
    while !machine.model.verdicts.is_empty() {
        must(machine, Action::CloseVerdict(0));
    }
    for renter in 0..machine.renters.len() {
        must(machine, Action::CloseRenter(renter));
    }
    for owner in 0..machine.owners.len() {
        for currency in 0..3 {
            must(machine, Action::CloseEarnings(owner, currency));
        }
    }
}

/// Vaults hold what was given to them and nothing else, and no device is online or hired.
fn empty(machine: &mut Machine) {
    for device in 0..machine.suppliers.len() {
        assert!(!machine.model.devices[device].serving, "device {device}");
        machine.step(Action::Delist(device, By::Owner));
        machine.step(Action::State(device, 2));
    }
    for class in &machine.model.classes {
        assert_eq!((class.online, class.hired), (0, 0));
    }
    let payer = machine.world.authority.insecure_clone();
    for supplier in machine.suppliers.clone() {
        let close = CloseOccupancy {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            occupancy: supplier.occupancy,
        };
        let signers = [&payer, &supplier.owner];
        machine.world.must(close.instruction(), &signers);
    }
    let vaults: [Pubkey; 3] = [
        pda::market::vault(&machine.world.io),
        pda::market::vault(&machine.world.usd),
        pda::market::credit_vault(),
    ];
    let held = vaults.map(|vault| machine.world.balance(&vault));
    assert_eq!(held, machine.model.donated, "only gifts are left");
}
