//! The laws of the market's books.

use super::{same, Books};
use crate::{actors::Actors, credit::iosd_account, market::Pay, summary::Law};
use anyhow::{anyhow, Result};
use iog_client::market::accounts::{Escrow, Order};
use iog_math::{
    market::with_fees,
    units::{Io, Iosd},
};
use solana_signer::Signer as _;

/// The books of a currency's orders, and what backs them: a vault, or for IOSD the right to mint it again.
pub(super) fn of_an_escrow(
    actors: &Actors,
    pay: Pay,
    e: &Escrow,
    books: &Books,
) -> Result<Vec<Law>> {
    let name = pay.name();
    let same = |law: String, a: u64, b: u64| in_currency(pay, law, a, b);
    let owed = e.escrowed_units + e.refunds_due_units + e.fees_due_units;
    let backing = match pay {
        Pay::Iosd => same(
            "IOSD spent and still refundable == escrowed + refunds + fees and pay not reported".into(),
            books.minter.outstanding_iosd_units,
            owed,
        ),
        _ => same(
            format!("the {name} vault holds what is escrowed, earned, refunded and a fee, and not paid out"),
            actors.balance(&e.vault)?,
            owed + e.earnings_due_units,
        ),
    };
    let all = e.paid_units + e.refunded_units + e.fee_units + e.escrowed_units;
    let sums = format!("{name} deposited == paid + refunded + fees + escrowed");
    Ok(vec![same(sums, e.deposited_units, all), backing])
}

/// The books of one order while its proved slots are held: `held` is their rent.
pub fn while_held(pay: Pay, order: &Order, held: u64) -> Result<Vec<Law>> {
    let name = pay.name();
    let [rate, ..] = order.rates;
    let [price, ..] = rate.price_per_gpu_hour_units;
    let [part, ..] = order.parts;
    let rent = price * u64::from(part.gpus) * u64::from(order.hours);
    let total = with_fees(rent, order.renter_fee_bps, order.network_fee_bps, true)
        .map_err(|error| anyhow!("formula: {error:?}"))?;
    Ok(vec![
        in_currency(
            pay,
            format!(
                "{name} order: deposited == paid + refunded + fees + escrowed, before it is paid"
            ),
            order.deposited_units,
            order.paid_units + order.refunded_units + order.fee_units + order.escrowed_units,
        ),
        in_currency(
            pay,
            format!("{name} order: escrowed == rent of its proved slots + fees on top + spare"),
            order.escrowed_units,
            held + (total - rent) + order.spare_units,
        ),
        in_currency(
            pay,
            format!("{name} order: unproved slots went back at once"),
            order.refunded_units,
            rent - held,
        ),
    ])
}

fn in_currency(pay: Pay, law: String, a: u64, b: u64) -> Law {
    Law {
        law,
        holds: a == b,
        detail: format!("{} = {}", pay.amount(a), pay.amount(b)),
    }
}

fn within(law: &str, part: u64, whole: u64) -> Law {
    Law {
        law: law.into(),
        holds: part <= whole,
        detail: format!("{} of {} IO", Io(part), Io(whole)),
    }
}

/// The laws of IOSD.
pub(super) fn of_credit(actors: &Actors, books: &Books) -> Result<Vec<Law>> {
    let t = &books.token;
    let booked = t.iosd_minted_units + t.iosd_refunded_units - t.iosd_spent_units;
    let held = actors.balance(&iosd_account(&actors.wallet("renter").pubkey()))?;
    let same_iosd = |law: &str, a: u64, b: u64| Law {
        law: law.into(),
        holds: a == b,
        detail: format!("{} = {} IOSD", Iosd(a), Iosd(b)),
    };
    Ok(vec![
        same_iosd(
            "IOSD minted + refunded - spent == supply of its mint",
            booked,
            books.iosd_supply,
        ),
        same_iosd("the renter holds all IOSD", held, books.iosd_supply),
        same_iosd(
            "IOSD spent == IOSD deposited in orders",
            t.iosd_spent_units,
            books.escrows[&Pay::Iosd].deposited_units,
        ),
        same_iosd(
            "IOSD spent == refunded + earned or fees, reported + outstanding",
            t.iosd_spent_units,
            t.iosd_refunded_units + t.iosd_settled_units + books.minter.outstanding_iosd_units,
        ),
        same_iosd(
            "IOSD turned into claims == IOSD paid to suppliers",
            books.line.earned_usd6,
            books.escrows[&Pay::Iosd].paid_units,
        ),
        within(
            "IO claimed is within what was burned for IOSD and paid in",
            books.line.claimed_units,
            books.net_emission.burned_units + books.line.incentive_units,
        ),
        same(
            "the credit vault holds what funded the line and is not paid",
            books.vault("credit vault"),
            books.line.funded_units - books.line.paid_units,
        ),
        same(
            "IO minted again == what funded the line",
            t.reminted_units,
            books.line.funded_units - books.line.incentive_units,
        ),
    ])
}
