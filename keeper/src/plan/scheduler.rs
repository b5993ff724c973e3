//! Which devices an order gets.

use crate::{
    action::Action,
    rules::{self, state},
    snapshot::{DeviceView, Snapshot},
};
use iog_client::market::{Lease, Occupancy, Order};
use iog_math::matching::{choose, rank, Candidate, Kind, Wanted};
use solana_pubkey::Pubkey;
use std::collections::{BTreeMap, BTreeSet};

/// Devices that are looked at for one order, best first: bounds the work of a pass.
const MAX_CANDIDATES: usize = 8_192;

/// Late devices lose their place; then older orders choose first.
pub(super) fn plan(snapshot: &Snapshot) -> Vec<Action> {
    let mut actions: Vec<Action> = snapshot
        .leases
        .iter()
        .filter_map(|(address, lease)| skip(snapshot, address, lease))
        .collect();
    let mut orders: Vec<(&Pubkey, &Order)> = snapshot
        .orders
        .iter()
        .filter(|(_, order)| missing(order) > 0 && rules::is_joinable(order, snapshot.time.now))
        .collect();
    orders.sort_by_key(|(address, order)| (order.created_ts, **address));
    let mut taken = BTreeSet::new();
    let leases = snapshot.leases.values();
    let leased: BTreeSet<(Pubkey, Pubkey)> =
        leases.map(|lease| (lease.order, lease.device)).collect();
    for (address, order) in orders {
        // A lease that is over keeps its address until it is closed.
        let free =
            |device: &Pubkey| !taken.contains(device) && !leased.contains(&(*address, *device));
        for device in devices(snapshot, order, free) {
            taken.insert(device);
            actions.push(Action::Match {
                order: *address,
                device,
                created_ts: order.created_ts,
            });
        }
    }
    actions
}

/// Those of expired orders are closed without.
fn skip(snapshot: &Snapshot, address: &Pubkey, lease: &Lease) -> Option<Action> {
    let order = snapshot.orders.get(&lease.order)?;
    let late = lease.state == state::LEASE_MATCHED
        && order.state != state::ORDER_EXPIRED
        && rules::is_late(lease, snapshot.time.now);
    late.then_some(Action::SkipDevice {
        lease: *address,
        matched_ts: lease.matched_ts,
    })
}

fn missing(order: &Order) -> u32 {
    order.gpus.saturating_sub(order.matched_gpus)
}

/// The best devices that make up what the order lacks. One that waits is matched only as a whole, for too few would stand idle until it
/// expires; in a running one every device is better than none.
fn devices(snapshot: &Snapshot, order: &Order, free: impl Fn(&Pubkey) -> bool) -> Vec<Pubkey> {
    let ranked = ranked(snapshot, order, free);
    let missing = missing(order);
    let mut room = vec![0; usize::try_from(missing).unwrap_or(0).saturating_add(1)];
    let mut chosen = Vec::new();
    let filled = choose(&ranked, missing, &mut room, |place| {
        let device = ranked.get(place).map(|candidate| candidate.device);
        chosen.extend(device.map(Pubkey::new_from_array));
    });
    match filled {
        Ok(filled) if filled == missing || order.state == state::ORDER_ACTIVE => chosen,
        _ => Vec::new(),
    }
}

/// Devices that meet every constraint, best first. All that have shown a sign of life lately come before the others: a machine that is off
/// lets the time to accept pass.
fn ranked(snapshot: &Snapshot, order: &Order, free: impl Fn(&Pubkey) -> bool) -> Vec<Candidate> {
    let now = snapshot.time.now;
    let wanted = wanted(order, now);
    let prices = prices(snapshot, order, wanted.max_price_usd6);
    let devices = snapshot.devices.iter();
    let (mut fresh, mut quiet) = (Vec::new(), Vec::new());
    for (device, view) in devices.filter(|(device, _)| free(device)) {
        let up = (0..=1).any(|before| rules::was_up(&view.device, now, before));
        let group = if up { &mut fresh } else { &mut quiet };
        group.extend(candidate(snapshot, order, &prices, device, view));
    }
    for group in [&mut fresh, &mut quiet] {
        let eligible = rank(&wanted, group);
        group.truncate(eligible);
    }
    fresh.append(&mut quiet);
    fresh.truncate(MAX_CANDIDATES);
    fresh
}

fn wanted(order: &Order, now: i64) -> Wanted {
    Wanted {
        gpus: missing(order),
        max_price_usd6: rules::lowest_price(order, now),
        min_tier: order.min_tier,
        min_reputation_bps: order.min_reputation_bps,
        // Who names several countries names the best first.
        preferred_country: rules::countries(order).next(),
        kind: Kind::try_from(order.kind).unwrap_or_default(),
    }
}

/// What a GPU-hour costs in the classes that the order takes: its own price in the one that was quoted, the quote of now in others, where
/// that is not above it.
fn prices(snapshot: &Snapshot, order: &Order, most: u64) -> BTreeMap<u16, u64> {
    let [quoted, ..] = order.class_ids;
    let classes = snapshot.classes.values();
    let named = classes.filter(|class| rules::names(order, class.id));
    let prices = named.filter_map(|class| {
        if class.id == quoted {
            return Some((quoted, most));
        }
        let book = snapshot.market.books.get(&class.id)?;
        let price = rules::quote(book, class, order, snapshot.time.now)?;
        (price <= most).then_some((class.id, price))
    });
    prices.collect()
}

/// The device as a candidate, if it meets what `match_device` checks beyond tier, reputation, size and price.
fn candidate(
    snapshot: &Snapshot,
    order: &Order,
    prices: &BTreeMap<u16, u64>,
    address: &Pubkey,
    view: &DeviceView,
) -> Option<Candidate> {
    let device = &view.device;
    let price = prices.get(&device.class_id)?;
    let place = view.occupancy.as_ref()?;
    let now = snapshot.time.now;
    let suits = is_idle(place, now)
        && rules::is_active(device)
        && rules::allows(order, device.country)
        && (order.secure_only == 0 || device.secure == 1)
        && snapshot.market.takes(&device.owner, &order.mint)
        && is_staked(snapshot, view);
    // Who asks for nothing of its own asks for the market's price.
    let price_usd6 = match place.floor_usd6 {
        0 => *price,
        floor => floor,
    };
    let idle = now.saturating_sub(place.idle_since_ts);
    suits.then(|| Candidate {
        device: address.to_bytes(),
        gpus: device.quantity,
        price_usd6,
        tier: device.tier,
        country: device.country,
        reputation_bps: rules::reputation(place),
        idle_secs: u64::try_from(idle).unwrap_or(0),
    })
}

fn is_idle(place: &Occupancy, now: i64) -> bool {
    rules::is_listed(place) && !rules::is_hired(place) && now >= place.resting_until_ts
}

fn is_staked(snapshot: &Snapshot, view: &DeviceView) -> bool {
    let stake = view.stake.as_ref();
    let class = snapshot.class_of(&view.device);
    stake.zip(class).is_some_and(|(stake, class)| {
        rules::is_staked(stake, class, &view.device, snapshot.time.now)
    })
}
