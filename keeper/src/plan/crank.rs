//! The work that anyone may do.

use super::{earn, hourly, money, orders, settle, turn, upkeep, Policy};
use crate::{action::Action, rules, snapshot::Snapshot};

/// An action, and the chain time since when it could be done. Taking turns counts from there.
pub(super) type Due = (i64, Action);

pub(super) fn plan(snapshot: &Snapshot, policy: &Policy) -> Vec<Action> {
    let mut due = hourly::plan(snapshot);
    due.extend(attestations(snapshot));
    due.extend(settle::plan(snapshot));
    due.extend(orders::plan(snapshot));
    due.extend(upkeep::plan(snapshot, policy));
    due.extend(money::plan(snapshot, policy));
    due.extend(rewards(snapshot, policy));
    due.extend(fees(snapshot, policy));
    due.extend(auctions(snapshot));
    due.extend(sights(snapshot));
    let wait = turn(&policy.turn, snapshot.epoch(), &policy.operator);
    let now = snapshot.time.now;
    due.into_iter()
        .filter(|(due_ts, _)| now >= due_ts.saturating_add(wait))
        .map(|(_, action)| action)
        .collect()
}

/// From so many slots after a commit on the crank has the challenge recorded, which the device's own keeper does after 64: after 512 nobody
/// can, and a device that is offline for two minutes need not fail for it.
const FORGOTTEN_SLOTS: u64 = 200;

/// Proofs that somebody left open. One of the running hour whose openings are all there is ended by its own keeper, with the check-in.
fn attestations(snapshot: &Snapshot) -> impl Iterator<Item = Due> + '_ {
    snapshot.devices.iter().filter_map(|(address, view)| {
        let attestation = view.attestation.as_ref()?;
        let ending =
            attestation.revealed == rules::ALL_OPENINGS && attestation.epoch == snapshot.epoch();
        let over = rules::can_finalize(attestation, snapshot.time.slot) && !ending;
        let (device, epoch) = (*address, attestation.epoch);
        let forgotten_from = attestation.commit_slot.saturating_add(FORGOTTEN_SLOTS);
        let reach = forgotten_from..=rules::record_until(attestation);
        if attestation.state == rules::state::PROOF_COMMITTED && reach.contains(&snapshot.time.slot)
        {
            return Some((i64::MIN, Action::RecordChallenge { device, epoch }));
        }
        over.then_some((i64::MIN, Action::Finalize { device, epoch }))
    })
}

fn rewards(snapshot: &Snapshot, policy: &Policy) -> Vec<Due> {
    let mut due = Vec::new();
    // Claims wait while all that is minted has been paid out.
    let claims = policy.crank.claim && earn::is_minted(snapshot);
    for (address, view) in &snapshot.devices {
        let Some(rewards) = &view.rewards else {
            continue;
        };
        if let Some(settle) = earn::settle(address, rewards, snapshot.emission.next_hour) {
            let start = rules::hour_start(snapshot.genesis_ts, snapshot.hour);
            due.push((start, settle));
        } else if claims && rewards.owner_booked_units > 0 {
            let claim = Action::Claim {
                device: *address,
                claimed_units: rewards.claimed_units,
            };
            due.push((i64::MIN, claim));
        } else if claims && rewards.co_booked_units > 0 {
            let co_staker = &rewards.co_staker;
            due.push((i64::MIN, earn::claim_co(address, rewards, co_staker)));
        } else if claims && rewards.former_booked_units > 0 {
            let former = &rewards.former_co_staker;
            due.push((i64::MIN, earn::claim_co(address, rewards, former)));
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

/// Once in an hour of unix time the programs are shown the price: how much IOSD may be made follows from what they have seen, and what a
/// dollar of IOSD is worth to suppliers.
fn sights(snapshot: &Snapshot) -> Vec<Due> {
    let (now, price) = (snapshot.time.now, snapshot.market.price);
    let Some(credit) = &snapshot.market.credit else {
        return Vec::new();
    };
    let hour = rules::hour_of(now);
    let mut due = Vec::new();
    let unseen = !rules::has_seen(&credit.net_emission, now);
    if let Some(price) = rules::readable(price, rules::ORDER_AGE_SECS, now).filter(|_| unseen) {
        due.push((i64::MIN, Action::ObservePrice { hour, price }));
    }
    let old = rules::hour_of(credit.line.cover_ts) < hour;
    if let Some(price) = rules::readable(price, rules::EXCHANGE_AGE_SECS, now).filter(|_| old) {
        due.push((i64::MIN, Action::UpdateCover { hour, price }));
    }
    due
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
