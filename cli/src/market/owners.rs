//! One owner for a whole order: a cluster is as trustworthy as its worst device.

use super::{
    candidates::{self, Stock},
    offer::Offer,
    order::{self, OPEN},
};
use crate::{
    context::Context,
    error::{CliError, Result},
};
use iog_client::{
    market::{accounts::Order, types::OrderArgs},
    AccountData,
};
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// Of the owners that can fill the order alone now the one whose devices cost the least, then with the fewest machines.
pub async fn pick(context: &Context, offer: &Offer, args: &OrderArgs) -> Result<Pubkey> {
    let order = to_be(offer, args)?;
    // An address that no lease names.
    let stock = candidates::read(context, &Pubkey::default(), &order).await?;
    cheapest(stock, &order)
}

/// The order as the program would make it, as far as its matching goes.
fn to_be(offer: &Offer, args: &OrderArgs) -> Result<Order> {
    let mut zeros = Order::DISCRIMINATOR.to_vec();
    zeros.resize(Order::SIZE, 0);
    let mut order: Order = iog_client::decode(&zeros).map_err(|error| {
        CliError::Refused(format!("an order cannot be laid out: {error}; update iog"))
    })?;
    (order.mint, order.currency) = (offer.currency.mint, offer.currency.pay.number());
    (order.hours, order.created_ts) = (args.hours, offer.now);
    (order.kind, order.min_tier, order.platform) = (args.kind, args.min_tier, args.platform);
    order.min_reputation_bps = args.min_reputation_bps;
    order.secure_only = u8::from(args.secure_only);
    (order.countries, order.state, order.rate_count) = (args.countries, OPEN, 1);
    let mut prices = offer.quote.parts.iter().map(|part| part.price.0);
    let [rate, ..] = &mut order.rates;
    let wanted = args.parts.iter().zip(&mut rate.price_usd6);
    for ((wanted, price), part) in wanted.zip(&mut order.parts) {
        part.class_id = wanted.class_id;
        part.per_machine = wanted.per_machine;
        part.gpus = wanted.gpus;
        if wanted.gpus > 0 {
            *price = prices.next().unwrap_or(0);
        }
    }
    Ok(order)
}

fn cheapest(stock: Stock, order: &Order) -> Result<Pubkey> {
    let mut fitting = BTreeSet::new();
    let mut closest = None;
    for (owner, stock) in stock.by_owner() {
        let choice = stock.choose(order, &BTreeSet::new())?;
        if choice.missing == 0 {
            fitting.insert((choice.hourly_usd6, choice.chosen.len(), owner));
        }
        let nearer = |(missing, _): &(u32, Pubkey)| choice.missing < *missing;
        if closest.as_ref().is_none_or(nearer) {
            closest = Some((choice.missing, owner));
        }
    }
    if let Some((_, _, owner)) = fitting.first() {
        return Ok(*owner);
    }
    let all = order::gpus(order);
    let found = closest.filter(|(missing, _)| *missing < all);
    let who = match found {
        Some((missing, owner)) => format!(
            "{owner} comes closest, with {} of {all} GPUs",
            all.saturating_sub(missing)
        ),
        None => "no listed device fits it".into(),
    };
    Err(CliError::Refused(format!(
        "no owner can fill the order alone now: {who}; ask for fewer GPUs or other classes, or leave --one-owner away"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::candidates::tests::{capped, listed, order, stock};

    fn owner(name: u8) -> Pubkey {
        Pubkey::new_from_array([name; 32])
    }

    /// Devices of class 1 by owner, GPUs and what they are paid at most.
    fn pick(devices: &[(u8, u32, u64)], gpus: u32) -> Result<Pubkey> {
        let devices = devices
            .iter()
            .zip(1..)
            .map(|((name, gpus, cap_usd6), number)| {
                let mut device = listed(number, 1, *gpus, 1);
                device.device.owner = owner(*name);
                capped(device, *cap_usd6)
            });
        cheapest(stock(devices.collect()), &order(&[(1, gpus)]))
    }

    /// redteam mesh M1
    #[test]
    fn the_cheapest_owner_that_fills_all_is_taken() {
        let full = 500_000;
        let devices = [(7, 4, full), (8, 2, full), (8, 2, 400_000), (9, 2, 1)];
        assert_eq!(pick(&devices, 4).unwrap(), owner(8));
        // Of equal ones the one with fewer machines.
        let devices = [(7, 2, full), (7, 2, full), (8, 4, full)];
        assert_eq!(pick(&devices, 4).unwrap(), owner(8));
    }

    #[test]
    fn who_comes_closest_is_named() {
        let full = 500_000;
        let refusal = pick(&[(7, 4, full), (8, 6, full), (9, 2, full)], 8).unwrap_err();
        let text = refusal.to_string();
        let named = format!("{} comes closest, with 6 of 8 GPUs", owner(8));
        assert!(text.contains(&named), "{text}");
        let none = pick(&[], 8).unwrap_err().to_string();
        assert!(none.contains("no listed device fits it"), "{none}");
    }
}
