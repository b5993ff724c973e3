//! Every balance and every book, after each step.

use iog_client::emission::accounts::{Config as EmissionConfig, DeviceRewards};
use iog_client::market::accounts::{Escrow, Lease, Occupancy, Order};
use iog_client::pda;
use iog_client::token::accounts::Config as TokenConfig;
use iog_client::treasury::accounts::FeeVault;
use iog_tests::reference::{orders, IO};
use iog_tests::world::PubkeyOf;
use solana_pubkey::Pubkey;

use super::compare_staking;
use super::machine::{Action, Machine};

const GENESIS_SUPPLY: u64 = 50_000_000_000_000_000;

pub fn all(machine: &Machine, action: Action) {
    compare_staking::all(machine, action);
    emission(machine, action);
    escrow(machine, action);
    for (id, order) in &machine.model.market.orders {
        one_order(machine, *id, order, action);
    }
    supply(machine, action);
}

fn emission(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    let config = world.read::<EmissionConfig>(&pda::emission::config());
    let got = [
        config.minted_units,
        config.booked_units,
        config.claimed_units,
        config.enterprise_carry_units,
        config.community_carry_units,
        u64::from(config.next_hour),
        u64::from(config.paused),
        u64::from(config.void_from_hour),
        u64::from(config.void_until_hour),
    ];
    let expected = [
        model.minted,
        model.booked(),
        model.claimed(),
        model.carry[0],
        model.carry[1],
        u64::from(model.next_hour),
        u64::from(model.paused),
        u64::from(model.void.0),
        u64::from(model.void.1),
    ];
    assert_eq!(got, expected, "emission after {action:?}");
    for (supplier, rewards) in machine.suppliers.iter().zip(&model.rewards) {
        let account = world.read::<DeviceRewards>(&supplier.rewards);
        let got = (
            account.owner_booked_units,
            account.claimed_units,
            account.co_booked_units,
            account.co_claimed_units,
            account.last_hour,
            account.co_staker,
        );
        let co = rewards
            .co
            .map_or(Pubkey::default(), |who| machine.cos[who].wallet.pubkey_of());
        let expected = (
            rewards.booked,
            rewards.claimed,
            rewards.co_booked,
            rewards.co_claimed,
            rewards.last_hour,
            co,
        );
        assert_eq!(got, expected, "{action:?}");
        let pending = &account.pending[..usize::from(account.pending_count)];
        let got: Vec<_> = pending
            .iter()
            .map(|p| (p.hour, p.score, p.co_share_bps))
            .collect();
        let expected: Vec<_> = rewards
            .pending
            .iter()
            .map(|p| (p.hour, p.score, p.bps))
            .collect();
        assert_eq!(got, expected, "pending after {action:?}");
    }
    let vault = world.balance(&pda::emission::vault());
    assert_eq!(
        vault,
        model.minted - model.claimed() + model.donations.emission,
        "{action:?}"
    );
    assert!(
        conserved(machine),
        "minted is booked, claimed, pending, carried or dust: {action:?}"
    );
}

/// minted == booked + claimed + pending + carry, but for less than one unit for each reward that was rounded down.
fn conserved(machine: &Machine) -> bool {
    let model = &machine.model;
    let mut pending = 0;
    for (rewards, kind) in model.rewards.iter().zip(&model.kinds) {
        for hour in rewards.pending.iter().filter(|p| p.hour < model.next_hour) {
            pending += model.ledger[&hour.hour][kind.pool].share(hour.score);
        }
    }
    let known = model.booked() + model.claimed() + pending + model.carry[0] + model.carry[1];
    let hours = u64::from(model.next_hour);
    known <= model.minted && model.minted - known <= hours * model.kinds.len() as u64
}

fn escrow(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    let books = &model.market.books[IO];
    for (renter, expected) in machine.renters.iter().zip(&model.market.renters) {
        let tokens = world.balance(&renter.token);
        assert_eq!(tokens, expected.tokens[IO], "renter after {action:?}");
    }
    let account = world.read::<Escrow>(&pda::market::escrow(&world.io));
    let got = [
        account.deposited_units,
        account.paid_units,
        account.refunded_units,
        account.fee_units,
        account.escrowed_units,
        account.earnings_due_units,
        account.refunds_due_units,
        account.fees_due_units,
    ];
    let expected = [
        books.deposited,
        books.paid,
        books.refunded,
        books.fees,
        books.escrowed,
        books.earnings_due,
        books.refunds_due,
        books.fees_due,
    ];
    assert_eq!(got, expected, "escrow after {action:?}");
    assert_eq!(
        got[0],
        got[1..5].iter().sum::<u64>(),
        "conservation after {action:?}"
    );
    let vault = world.balance(&pda::market::vault(&world.io));
    assert_eq!(
        vault,
        got[4..].iter().sum::<u64>() + model.donations.market,
        "vault after {action:?}"
    );
    for (supplier, device) in machine.suppliers.iter().zip(&model.market.devices) {
        let lease = device.order.map_or(Pubkey::default(), |id| {
            pda::market::lease(&machine.order(id), &supplier.device)
        });
        let Some(_) = world.find(&supplier.occupancy) else {
            assert_eq!(lease, Pubkey::default(), "occupancy after {action:?}");
            continue;
        };
        let account = world.read::<Occupancy>(&supplier.occupancy);
        let listed = account.listed_gpus > 0;
        let got = (
            account.lease,
            account.hours_served,
            account.hours_missed,
            listed,
        );
        let expected = (lease, device.served, device.missed, device.listed);
        assert_eq!(got, expected, "occupancy after {action:?}");
    }
}

fn one_order(machine: &Machine, id: u64, order: &orders::Order, action: Action) {
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
    let got = (
        account.state,
        account.started_ts,
        account.end_ts,
        account.leases as usize,
    );
    let expected = (order.state, order.started, order.end, order.leases.len());
    assert_eq!(got, expected, "order {id} after {action:?}");
    for (device, lease) in &order.leases {
        let supplier = &machine.suppliers[*device];
        let found = pda::market::lease(&address, &supplier.device);
        let account = machine.world.read::<Lease>(&found);
        let got = (
            account.state,
            account.settled_until_ts,
            account.paid_units,
            account.refunded_units,
        );
        let expected = (lease.state, lease.until, lease.paid, lease.refunded);
        assert_eq!(got, expected, "lease of {id} after {action:?}");
    }
}

fn supply(machine: &Machine, action: Action) {
    let (world, model) = (&machine.world, &machine.model);
    let fees = world.read::<FeeVault>(&pda::treasury::fees(&world.io));
    let got = (fees.booked_units, fees.collected_units, fees.burned_units);
    let expected = (model.fees.booked, model.fees.collected, model.fees.burned);
    assert_eq!(got, expected, "fees after {action:?}");
    assert_eq!(got.1, got.0 + got.2, "fees after {action:?}");
    let vault = world.balance(&pda::treasury::vault(&world.io));
    assert_eq!(
        vault,
        model.fees.booked + model.donations.treasury,
        "{action:?}"
    );
    let tokens = world.read::<TokenConfig>(&pda::token::config());
    let got = (tokens.emitted_units, tokens.burned_units);
    assert_eq!(
        got,
        (model.minted, model.fees.burned + model.stakes.slashed),
        "token books after {action:?}"
    );
    let supply = GENESIS_SUPPLY + model.minted - model.fees.burned - model.stakes.slashed;
    assert_eq!(world.supply(&world.io), supply, "supply after {action:?}");
}
