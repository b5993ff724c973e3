//! Answers to disputes of this machine's own leases: what the renter has acknowledged is taken out of them, with its part of the deposit.
//! redteam 13

use crate::{
    action::Action,
    rules::{self, state},
    snapshot::{Local, Snapshot},
};
use iog_client::market::{Lease, Order};
use iog_job::{Key, Receipt};
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// An answer for each receipt that would take something out beyond those before it: all of a pass are on their way at once, and one that comes
/// too late costs its fee.
pub(super) fn answers(snapshot: &Snapshot, local: &Local) -> Vec<Action> {
    let disputed = snapshot.leases.iter().filter(|(_, lease)| {
        lease.state == state::LEASE_DISPUTED && local.own.contains(&lease.device)
    });
    let answers = disputed.filter_map(|(address, lease)| {
        let order = snapshot.orders.get(&lease.order)?;
        // Slots that are not over yet are settled first.
        rules::is_judged(lease, order).then(|| of_lease(snapshot, local, address, lease, order))
    });
    answers.flatten().collect()
}

fn of_lease(
    snapshot: &Snapshot,
    local: &Local,
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
) -> Vec<Action> {
    let Some(view) = snapshot.devices.get(&lease.device) else {
        return Vec::new();
    };
    let key = Key(order.receipt_key.to_bytes());
    let kept = local.receipts.get(&(*address, lease.matched_ts));
    let mut said: BTreeSet<u32> = BTreeSet::new();
    let useful = kept.into_iter().flatten().filter(|signed| {
        let Ok(receipt) = Receipt::open(signed, &key) else {
            return false;
        };
        let new = |slot: i64| {
            u32::try_from(slot)
                .is_ok_and(|slot| receipt.acknowledges(slot) && !said.contains(&slot))
        };
        let useful = rules::would_answer(lease, order, &view.device, new);
        said.extend(receipt.acknowledged().filter(|_| useful));
        useful
    });
    let answers = useful.map(|signed| Action::AnswerDispute {
        lease: *address,
        opened_ts: lease.disputed_ts,
        receipt: signed.clone(),
    });
    answers.collect()
}
