//! The work that anyone may do.

use super::{earn, money, orders, settle, turn, Policy};
use crate::{action::Action, rules, snapshot::Snapshot};
use iog_math::units::HOUR;

/// Hours that one transaction closes: what compute and logs take with room to spare.
const CLOSE_AT_ONCE: u32 = 24;

/// An action, and the chain time since when it could be done. Taking turns counts from there.
pub(super) type Due = (i64, Action);

pub(super) fn plan(snapshot: &Snapshot, policy: &Policy) -> Vec<Action> {
    let mut due = hourly(snapshot);
    due.extend(attestations(snapshot));
    due.extend(settle::plan(snapshot));
    due.extend(orders::plan(snapshot));
    due.extend(money::plan(snapshot, policy));
    due.extend(rewards(snapshot, policy));
    due.extend(fees(snapshot, policy));
    due.extend(auctions(snapshot));
    let wait = turn(&policy.turn, snapshot.epoch(), &policy.operator);
    let now = snapshot.time.now;
    due.into_iter()
        .filter(|(due_ts, _)| now >= due_ts.saturating_add(wait))
        .map(|(_, action)| action)
        .collect()
}

/// Window and page of the running hour, and the closing of those that are over.
fn hourly(snapshot: &Snapshot) -> Vec<Due> {
    let hour = snapshot.hour;
    if hour == 0 {
        return Vec::new();
    }
    let start = rules::hour_start(snapshot.genesis_ts, hour);
    let mut due = Vec::new();
    let epoch = snapshot.epoch();
    match rules::anchored(&snapshot.windows, epoch) {
        None => due.push((start, Action::AnchorWindow { epoch })),
        Some(window) if window.slot == 0 => {
            due.push((window.opens_ts, Action::OpenWindow { epoch }));
        }
        Some(_) => {}
    }
    let first = snapshot.emission.next_hour;
    let mut pages = vec![rules::page_of(hour)];
    if first < hour {
        // After an outage over a whole page nobody has opened it.
        pages.push(rules::page_of(first));
        pages.dedup();
    }
    let missing = pages.iter().filter(|page| !snapshot.pages.contains(page));
    due.extend(missing.map(|index| (start, Action::OpenPage { index: *index })));
    let over = rules::hour_start(snapshot.genesis_ts, first.saturating_add(1));
    due.extend(close(snapshot).map(|action| (over, action)));
    due
}

/// As many hours as are over, lie on the page, and may be minted now.
fn close(snapshot: &Snapshot) -> Option<Action> {
    let first = snapshot.emission.next_hour;
    let page = rules::page_of(first);
    if first >= snapshot.hour || !snapshot.pages.contains(&page) {
        return None;
    }
    let behind = snapshot.hour.saturating_sub(first).min(CLOSE_AT_ONCE);
    let mut room = mintable(snapshot);
    let mut minted = snapshot.emission.minted_units;
    let mut count = 0u8;
    for hour in first..first.saturating_add(behind) {
        let amount = iog_math::emission::payable(hour, minted).ok()?;
        if amount > room || rules::page_of(hour) != page {
            break;
        }
        room = room.saturating_sub(amount);
        minted = minted.saturating_add(amount);
        count = count.saturating_add(1);
    }
    (count > 0).then_some(Action::CloseHour { first, count })
}

/// What the emission may still mint in this hour of unix time.
fn mintable(snapshot: &Snapshot) -> u64 {
    let Some(minter) = &snapshot.minter else {
        return u64::MAX;
    };
    let hour = u64::try_from(snapshot.time.now.div_euclid(HOUR)).unwrap_or(0);
    let minted = match minter.hour == hour {
        true => minter.minted_this_hour_units,
        false => 0,
    };
    minter.cap_per_hour_units.value.saturating_sub(minted)
}

/// Proofs that somebody left open.
fn attestations(snapshot: &Snapshot) -> impl Iterator<Item = Due> + '_ {
    snapshot.devices.iter().filter_map(|(address, view)| {
        let attestation = view.attestation.as_ref()?;
        let over = rules::can_finalize(attestation, snapshot.time.slot);
        let (device, epoch) = (*address, attestation.epoch);
        over.then_some((i64::MIN, Action::Finalize { device, epoch }))
    })
}

fn rewards(snapshot: &Snapshot, policy: &Policy) -> Vec<Due> {
    let mut due = Vec::new();
    for (address, view) in &snapshot.devices {
        let Some(rewards) = &view.rewards else {
            continue;
        };
        if let Some(settle) = earn::settle(address, rewards, snapshot.emission.next_hour) {
            let start = rules::hour_start(snapshot.genesis_ts, snapshot.hour);
            due.push((start, settle));
        } else if policy.crank.claim && rewards.owner_booked_units > 0 {
            let claim = Action::Claim {
                device: *address,
                claimed_units: rewards.claimed_units,
            };
            due.push((i64::MIN, claim));
        } else if policy.crank.claim && rewards.co_booked_units > 0 {
            due.push((i64::MIN, earn::claim_co(address, rewards)));
        }
    }
    due
}

fn fees(snapshot: &Snapshot, policy: &Policy) -> Option<Due> {
    let fees = snapshot.fees.as_ref()?;
    let enough = fees.booked_units > 0 && fees.booked_units >= policy.crank.burn_at_units;
    let burned_units = fees.burned_units;
    enough.then_some((i64::MIN, Action::BurnFees { burned_units }))
}

/// Rounds of the buyback that can begin.
fn auctions(snapshot: &Snapshot) -> Vec<Due> {
    let Some(config) = &snapshot.treasury else {
        return Vec::new();
    };
    if config.paused & rules::AUCTIONS_PAUSED != 0 {
        return Vec::new();
    }
    let now = snapshot.time.now;
    let ready = snapshot.auctions.iter().filter_map(|(mint, view)| {
        let due_ts = rules::next_auction_ts(&view.auction);
        let open = now >= due_ts && rules::has_a_lot(config, &view.auction, &view.fees, now);
        let round = view.auction.round;
        open.then_some((due_ts, Action::OpenAuction { mint: *mint, round }))
    });
    ready.collect()
}
