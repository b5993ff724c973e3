//! The renter's receipts: one for each ten minutes in which a device served as it should. redteam 13

use super::{
    folder::{Folder, RECEIPT},
    leased::Leased,
    state::{lock, Agent},
    wire::Stage,
};
use ed25519_dalek::SigningKey;
use iog_job::{
    frame,
    wire::{Done, Verb},
    Phase, Receipt, Signed, RECEIPT_HOURS,
};
use iog_math::slots::{Slots, SLOT_SECS};
use std::{
    collections::BTreeMap,
    sync::{atomic::Ordering::SeqCst, Arc},
    time::Duration,
};
use tokio::time::{sleep, timeout};

const HOUR_SECS: i64 = 3_600;
/// From look to look at what the device does.
const SAMPLE: Duration = Duration::from_secs(5);
/// Of the looks that a slot has room for, those that must have found the device serving, in per cent.
const SATISFIED: u64 = 90;
const SEND: Duration = Duration::from_secs(20);
const NAME: &str = "receipt.json";
const MAX_ANSWER_BYTES: usize = 4 << 10;

/// What was seen of a slot that runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    slot: i64,
    good: u64,
}

/// Signs until the agent ends. Without the receipt key, as on a machine with a ticket, there is nothing to sign with.
pub async fn run(agent: Arc<Agent>) {
    let key = match agent.folder.key(RECEIPT) {
        Ok(Some(key)) => key,
        Ok(None) => return std::future::pending().await,
        Err(error) => {
            agent.note(&format!("no receipts are signed: {}", error.line()));
            return std::future::pending().await;
        }
    };
    let mut seen: BTreeMap<(iog_job::Key, i64), Seen> = BTreeMap::new();
    loop {
        sleep(SAMPLE).await;
        let Some(now) = agent.now() else { continue };
        for leased in agent.leases() {
            let slot = now.div_euclid(SLOT_SECS);
            let entry = seen
                .entry((leased.binding.lease, leased.binding.matched_ts))
                .or_insert(Seen { slot, good: 0 });
            if entry.slot != slot {
                let over = std::mem::replace(entry, Seen { slot, good: 0 });
                if satisfied(over.good) {
                    sign(&agent, &leased, &key, over.slot).await;
                }
            }
            entry.good = entry.good.saturating_add(u64::from(serves(&leased)));
        }
    }
}

fn satisfied(good: u64) -> bool {
    let room = SLOT_SECS.unsigned_abs() / SAMPLE.as_secs();
    good.saturating_mul(100) >= room.saturating_mul(SATISFIED)
}

/// The device answers, and its job runs or ended well.
fn serves(leased: &Leased) -> bool {
    let answers = lock(&leased.state).answers;
    let book = lock(&leased.book);
    let phase = book.last.as_ref().map(|status| &status.phase);
    let over = matches!(phase, Some(Phase::Exited { code: 0 } | Phase::Stopped));
    let runs = matches!(phase, Some(Phase::Running { .. })) && answers;
    leased.stage() == Stage::Running && (runs || over)
}

/// The lease's hour that a slot is judged in, and its number there; as long as no hour was cut short.
fn place(started_ts: i64, slot: i64) -> Option<(u32, u8)> {
    let begins = slot.checked_mul(SLOT_SECS)?;
    let hour = begins.checked_sub(started_ts)?.div_euclid(HOUR_SECS);
    let from = started_ts.checked_add(hour.checked_mul(HOUR_SECS)?)?;
    let first = Slots::of(from, from.checked_add(HOUR_SECS)?).ok()?.first;
    Some((
        u32::try_from(hour).ok()?,
        u8::try_from(slot.checked_sub(first)?).ok()?,
    ))
}

async fn sign(agent: &Agent, leased: &Leased, key: &SigningKey, slot: i64) {
    let started_ts = leased.started_ts.load(SeqCst);
    let Some((hour, bit)) = place(started_ts, slot).filter(|_| started_ts > 0) else {
        return;
    };
    let name = format!("{}/{NAME}", Folder::lease_name(&leased.binding));
    let public = iog_job::Key(key.verifying_key().to_bytes());
    let before: Option<Signed> = agent.folder.read(&name).ok().flatten();
    let before = before.and_then(|signed| Receipt::open(&signed, &public).ok());
    let receipt = next(before, leased, hour, bit);
    let signed = receipt.sign(key);
    let written = serde_json::to_vec(&signed).map_err(|error| error.to_string());
    if let Err(reason) = written.and_then(|bytes| {
        agent
            .folder
            .write(&name, &bytes)
            .map_err(|error| error.line())
    }) {
        agent.log(leased, &reason);
    }
    leased.change(agent, |state| {
        state.receipts = receipt.masks.iter().map(|mask| mask.count_ones()).sum()
    });
    // One that does not arrive is part of the next.
    match timeout(SEND, send(agent, leased, &signed)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => agent.log(leased, &format!("the receipt did not arrive: {error}")),
        Err(_) => agent.log(leased, "the receipt did not arrive in time"),
    }
}

/// The receipt of before with one slot more; it holds a day, and lets the oldest hours go.
fn next(before: Option<Receipt>, leased: &Leased, hour: u32, bit: u8) -> Receipt {
    let mut receipt = before
        .filter(|receipt| receipt.is_of(&leased.binding) && receipt.first_hour <= hour)
        .unwrap_or_else(|| Receipt::new(&leased.binding, hour));
    let hours = u32::try_from(RECEIPT_HOURS).unwrap_or(u32::MAX);
    let first = hour.saturating_add(1).saturating_sub(hours);
    if first > receipt.first_hour {
        let gone = usize::try_from(first.saturating_sub(receipt.first_hour))
            .unwrap_or(usize::MAX)
            .min(RECEIPT_HOURS);
        receipt.masks.rotate_left(gone % RECEIPT_HOURS);
        receipt
            .masks
            .iter_mut()
            .rev()
            .take(gone)
            .for_each(|mask| *mask = 0);
        receipt.first_hour = first;
    }
    receipt.acknowledge(hour, bit);
    receipt
}

async fn send(agent: &Agent, leased: &Leased, signed: &Signed) -> Result<(), super::work::Failed> {
    let (mut stream, _) = agent.open(leased, Verb::Receipt).await?;
    frame::write(&mut stream, signed).await?;
    frame::expect::<Done, _>(&mut stream, MAX_ANSWER_BYTES).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::testing::{binding, folder};

    #[test]
    fn slots_are_numbered_as_they_are_judged() {
        // A lease that began 100 s into a slot: its first hour has the six slots that begin after that.
        let started = 1_000 * SLOT_SECS + 100;
        assert_eq!(place(started, 1_001), Some((0, 0)));
        assert_eq!(place(started, 1_006), Some((0, 5)));
        assert_eq!(place(started, 1_007), Some((1, 0)));
        assert_eq!(place(started, 1_000), None);
        assert_eq!(place(1_000 * SLOT_SECS, 1_000), Some((0, 0)));
        assert_eq!(place(1_000 * SLOT_SECS, 1_006), Some((1, 0)));
    }

    /// 120 looks in ten minutes, of which 108 must be good.
    #[test]
    fn a_slot_is_signed_for_when_nearly_all_of_it_was_served() {
        assert!(!satisfied(107));
        assert!(satisfied(108));
    }

    #[test]
    fn a_receipt_keeps_the_last_day() {
        let home = tempfile::tempdir().unwrap();
        let key = iog_job::Key([9; 32]);
        let leased = Leased::new(
            &folder(home.path()),
            binding(1),
            key,
            (0, 1),
            Stage::Running,
        );
        let first = next(None, &leased, 3, 2);
        assert_eq!((first.first_hour, first.masks[0]), (3, 0b100));
        let same = next(Some(first), &leased, 26, 0);
        assert_eq!(
            (same.first_hour, same.masks[0], same.masks[23]),
            (3, 0b100, 1)
        );
        let later = next(Some(same), &leased, 27, 5);
        assert_eq!((later.first_hour, later.masks[0]), (4, 0));
        assert_eq!((later.masks[22], later.masks[23]), (1, 0b10_0000));
        let much_later = next(Some(later), &leased, 100, 0);
        assert_eq!(
            (
                much_later.first_hour,
                much_later.masks.iter().filter(|mask| **mask != 0).count()
            ),
            (77, 1)
        );
    }
}
