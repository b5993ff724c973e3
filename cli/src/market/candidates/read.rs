//! Reading the devices that an order might get.

use super::{Held, Listed, Stock};
use crate::{
    context::Context,
    error::Result,
    market::{
        cover,
        currency::Pay,
        lease,
        order::{self, OPEN},
        rules::Moment,
    },
};
use iog_client::{
    market::accounts::{Config, Earnings, Lease, Occupancy, Order, PriceBook},
    pda,
    registry::accounts::{Device, HardwareClass},
    staking::accounts::DeviceStake,
};
use iog_math::{emission::hour_at, units::BPS};
use solana_pubkey::Pubkey;
use std::collections::{BTreeMap, BTreeSet};

/// A match of an order that is not whole keeps the device from other orders for this long (`MATCH_HOLD_SECS` of the program's
/// constants.rs).
const MATCH_HOLD_SECS: i64 = 30;

pub async fn read(context: &Context, address: &Pubkey, order: &Order) -> Result<Stock> {
    let config: Config = context.config(&pda::market::config()).await?;
    let now = context.time().await?.now;
    let epoch = u64::from(hour_at(config.genesis_ts, now)?);
    let classes = classes(context, order).await?;
    let mut places = Vec::new();
    for id in classes.keys() {
        let id = id.to_le_bytes();
        let filter: [(usize, &[u8]); 1] = [(Occupancy::CLASS_ID_AT, &id)];
        let found = context.list::<Occupancy>(&filter).await?;
        places.extend(found.into_iter().map(|(_, place)| place));
    }
    places.retain(|place| place.listed_gpus > 0);
    // A lease that is over keeps its address until it is closed.
    let mine = order::leases(context, address).await?;
    let mine: BTreeSet<Pubkey> = mine.iter().map(|(_, lease)| lease.device).collect();
    places.retain(|place| !mine.contains(&place.device));
    Ok(Stock {
        listed: listed(context, order, places, now).await?,
        classes,
        cover_bps: cover_bps(context, order, now).await?,
        at: Moment { now, epoch },
    })
}

/// Other currencies are worth what they say.
async fn cover_bps(context: &Context, order: &Order, now: i64) -> Result<Option<u64>> {
    if order.currency != Pay::Iosd.number() {
        return Ok(Some(BPS));
    }
    Ok(cover::known(&cover::line(context).await?, now))
}

/// The classes that the order still takes devices of.
async fn classes(
    context: &Context,
    order: &Order,
) -> Result<BTreeMap<u16, (HardwareClass, PriceBook)>> {
    let parts = order::entries(order).filter(|(_, part)| part.gpus > part.matched);
    let ids: BTreeSet<u16> = parts
        .flat_map(|(number, _)| order::classes_of(order, number))
        .collect();
    let ids: Vec<u16> = ids.into_iter().collect();
    let addresses: Vec<Pubkey> = ids.iter().map(|id| pda::registry::class(*id)).collect();
    let books: Vec<Pubkey> = ids.iter().map(|id| pda::market::price_book(*id)).collect();
    let classes = context.find_all::<HardwareClass>(&addresses).await?;
    let books = context.find_all::<PriceBook>(&books).await?;
    let known = ids.into_iter().zip(classes.into_iter().zip(books));
    Ok(known
        .filter_map(|(id, (class, book))| Some((id, (class?, book?))))
        .collect())
}

/// What belongs to the places.
async fn listed(
    context: &Context,
    order: &Order,
    places: Vec<Occupancy>,
    now: i64,
) -> Result<Vec<Listed>> {
    let addresses: Vec<Pubkey> = places.iter().map(|place| place.device).collect();
    let devices = context.find_all::<Device>(&addresses).await?;
    let stakes: Vec<Pubkey> = addresses.iter().map(pda::staking::stake).collect();
    let stakes = context.find_all::<DeviceStake>(&stakes).await?;
    let owners = devices.iter().map(|device| device.as_ref());
    let earnings: Vec<Pubkey> = owners
        .map(|device| device.map_or_else(Pubkey::default, |device| device.owner))
        .map(|owner| pda::market::earnings(&order.mint, &owner))
        .collect();
    let earnings = context.find_all::<Earnings>(&earnings).await?;
    let held = displaceable(context, &places, now).await?;
    let accounts = devices.into_iter().zip(stakes.into_iter().zip(earnings));
    let found = places.into_iter().zip(accounts);
    Ok(found
        .filter_map(|(place, (device, (stake, earnings)))| {
            let held = held.get(&place.lease).copied();
            let hired = place.lease != Pubkey::default();
            Some(Listed {
                address: place.device,
                device: device?,
                stake,
                earns: earnings.is_some(),
                hired: hired && held.is_none(),
                held,
                place,
            })
        })
        .collect())
}

/// The leases of the places that hold nobody: matched 30 seconds ago or earlier, to an order that is not whole.
async fn displaceable(
    context: &Context,
    places: &[Occupancy],
    now: i64,
) -> Result<BTreeMap<Pubkey, Held>> {
    let taken = places.iter().map(|place| place.lease);
    let taken: Vec<Pubkey> = taken.filter(|lease| *lease != Pubkey::default()).collect();
    let leases = context.find_all::<Lease>(&taken).await?;
    let known = taken.into_iter().zip(leases);
    let waiting: Vec<(Pubkey, Lease)> = known
        .filter_map(|(address, lease)| Some((address, lease?)))
        .filter(|(_, lease)| {
            let old = now.saturating_sub(lease.matched_ts) >= MATCH_HOLD_SECS;
            lease.state == lease::MATCHED && old
        })
        .collect();
    let orders: Vec<Pubkey> = waiting.iter().map(|(_, lease)| lease.order).collect();
    let orders = context.find_all::<Order>(&orders).await?;
    let found = waiting.into_iter().zip(orders);
    Ok(found
        .filter(|(_, order)| order.as_ref().is_some_and(|order| order.state == OPEN))
        .map(|((address, lease), _)| {
            let held = Held {
                lease: address,
                order: lease.order,
                payer: lease.payer,
            };
            (address, held)
        })
        .collect())
}
