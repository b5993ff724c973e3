//! The renter's receipts: one for each ten minutes in which a device served as it should. redteam 13

use super::{
    check::spoils,
    folder::{Folder, RECEIPT},
    leased::Leased,
    state::{lock, Agent},
    wire::Stage,
};
use ed25519_dalek::SigningKey;
use iog_job::{
    frame,
    wire::{Done, Verb},
    Phase, Receipt, Signed, RECEIPT_SLOTS,
};
use iog_math::slots::SLOT_SECS;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// From look to look at what the device does.
const SAMPLE: Duration = Duration::from_secs(1);
/// Of the chain's 600 seconds of a slot, those between two good looks that make it a served one.
const SATISFIED_SECS: i64 = 540;
/// More of the chain's time than this between two looks is time that nobody saw.
const MOST_BETWEEN_SECS: i64 = 120;
const SEND: Duration = Duration::from_secs(20);
const MAX_ANSWER_BYTES: usize = 4 << 10;

/// What was seen of a slot that runs, on the chain's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    slot: i64,
    /// Seconds of it between two good looks.
    good_secs: i64,
    /// The newest look, and whether it was good.
    looked_ts: i64,
    good: bool,
}

impl Seen {
    fn at(now: i64, good: bool) -> Self {
        Self {
            slot: now.div_euclid(SLOT_SECS),
            good_secs: 0,
            looked_ts: now,
            good,
        }
    }

    /// Another look. Returns the slot that it finds over.
    fn look(&mut self, now: i64, good: bool) -> Option<Self> {
        if now < self.looked_ts {
            self.good &= good;
            return None;
        }
        let since = now.saturating_sub(self.looked_ts);
        let seen = self.good && good && since <= MOST_BETWEEN_SECS;
        let slot = now.div_euclid(SLOT_SECS);
        let over = (slot != self.slot).then(|| {
            let mut over = *self;
            let ends = self.slot.saturating_add(1).saturating_mul(SLOT_SECS);
            if seen {
                let rest = ends.saturating_sub(self.looked_ts).max(0);
                over.good_secs = over.good_secs.saturating_add(rest);
            }
            *self = Self {
                looked_ts: slot.saturating_mul(SLOT_SECS),
                ..Self::at(now, good)
            };
            over
        });
        if seen {
            let passed = now.saturating_sub(self.looked_ts).max(0);
            self.good_secs = self.good_secs.saturating_add(passed);
        }
        (self.looked_ts, self.good) = (now, good);
        over
    }

    fn is_satisfied(&self) -> bool {
        self.good_secs >= SATISFIED_SECS
    }
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
            let good = serves(&leased);
            let entry = seen
                .entry((leased.binding.lease, leased.binding.matched_ts))
                .or_insert(Seen::at(now, good));
            let over = entry.look(now, good).filter(Seen::is_satisfied);
            if let Some(Seen { slot, .. }) = over {
                if spoils(&agent.folder, &leased.binding, slot) {
                    continue;
                }
                if let Some(signed) = sign(&agent, &leased, &key, slot) {
                    // Beside the looks: a device that takes its time would cost all others their next slot.
                    let (agent, leased) = (Arc::clone(&agent), Arc::clone(&leased));
                    tokio::spawn(async move { deliver(&agent, &leased, &signed).await });
                }
            }
        }
    }
}

/// The device answers, and its job runs or ended well.
fn serves(leased: &Leased) -> bool {
    let answers = lock(&leased.state).answers;
    let book = lock(&leased.book);
    let phase = book.last.as_ref().map(|status| &status.phase);
    leased.stage() == Stage::Running && answers && phase.is_some_and(is_good)
}

fn is_good(phase: &Phase) -> bool {
    matches!(
        phase,
        Phase::Running { .. } | Phase::Exited { code: 0 } | Phase::Stopped
    )
}

/// The day's receipt, with this slot. It is kept here, too.
fn sign(agent: &Agent, leased: &Leased, key: &SigningKey, slot: i64) -> Option<Signed> {
    let slot = u32::try_from(slot).ok()?;
    let day = Receipt::day_of(slot);
    let mut receipt = next(of_day(agent, leased, key, day), leased, slot);
    receipt.check_hash = super::check::hash(&agent.folder, &leased.binding);
    let signed = receipt.sign(key);
    let written = serde_json::to_vec(&signed).map_err(|error| error.to_string());
    if let Err(reason) = written.and_then(|bytes| {
        agent
            .folder
            .write(&name(leased, day), &bytes)
            .map_err(|error| error.line())
    }) {
        agent.log(leased, &reason);
    }
    let before = of_day(agent, leased, key, day.saturating_sub(RECEIPT_SLOTS));
    let slots = [Some(receipt), before].into_iter().flatten();
    let slots: usize = slots.map(|receipt| receipt.acknowledged().count()).sum();
    leased.change(agent, |state| {
        state.receipts = u32::try_from(slots).unwrap_or(u32::MAX);
    });
    Some(signed)
}

/// One that does not arrive is part of the next.
async fn deliver(agent: &Agent, leased: &Leased, signed: &Signed) {
    match timeout(SEND, send(agent, leased, signed)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => agent.log(leased, &format!("the receipt did not arrive: {error}")),
        Err(_) => agent.log(leased, "the receipt did not arrive in time"),
    }
}

/// The file of a day's receipt.
fn name(leased: &Leased, day: u32) -> String {
    let lease = Folder::lease_name(&leased.binding);
    format!("{lease}/receipt-{day}.json")
}

fn of_day(agent: &Agent, leased: &Leased, key: &SigningKey, day: u32) -> Option<Receipt> {
    let public = iog_job::Key(key.verifying_key().to_bytes());
    let signed: Signed = agent.folder.read(&name(leased, day)).ok().flatten()?;
    Receipt::open(&signed, &public).ok()
}

/// The day's receipt with one slot more. Days are those of UTC; those before stay as they are, each in a file of its own.
fn next(before: Option<Receipt>, leased: &Leased, slot: u32) -> Receipt {
    let day = Receipt::day_of(slot);
    let same = before.filter(|receipt| receipt.is_of(&leased.binding) && receipt.first_slot == day);
    let mut receipt = same.unwrap_or_else(|| Receipt::new(&leased.binding, day));
    receipt.acknowledge(slot);
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
    use iog_job::{Hash, Status};

    const SLOT: i64 = 1_000;

    /// Looks every `every` seconds of the chain from the slot's beginning on, each good as `good` says; whether the slot is signed for.
    fn signed(every: i64, good: impl Fn(i64) -> bool) -> bool {
        let begins = SLOT * SLOT_SECS;
        let mut seen = Seen::at(begins - every, true);
        let looks = (0..).map(|look| look * every);
        for at in looks {
            if let Some(over) = seen.look(begins + at, good(at)) {
                if over.slot == SLOT {
                    return over.is_satisfied();
                }
            }
        }
        false
    }

    /// 540 seconds of the chain's 600 between good looks, however fast its clock runs beside this machine's.
    #[test]
    fn a_slot_is_signed_for_when_nearly_all_of_it_was_served() {
        for every in [1, 5, 60, 119] {
            assert!(signed(every, |_| true), "looks every {every} s");
        }
        assert!(!signed(121, |_| true), "looked away for too long");
        // Of a failed look the stretches before and behind it do not count.
        assert!(signed(5, |at| !(100..=150).contains(&at)));
        assert!(!signed(5, |at| !(100..=155).contains(&at)));
        assert!(!signed(5, |_| false));
    }

    /// A machine that slept saw nothing, however good both ends were.
    #[test]
    fn what_nobody_looked_at_is_not_signed_for() {
        let mut seen = Seen::at(SLOT * SLOT_SECS, true);
        let over = seen.look((SLOT + 3) * SLOT_SECS, true).unwrap();
        assert_eq!((over.slot, over.good_secs), (SLOT, 0));
        assert_eq!((seen.slot, seen.good_secs), (SLOT + 3, 0));
        // A clock that steps back counts nothing, and nothing twice.
        assert!(seen.look((SLOT + 3) * SLOT_SECS + 60, true).is_none());
        assert!(seen.look((SLOT + 2) * SLOT_SECS + 590, true).is_none());
        assert!(seen.look((SLOT + 3) * SLOT_SECS + 70, true).is_none());
        assert_eq!(seen.good_secs, 70);
    }

    /// A device that says that the job is done, and then is gone, has no time signed for: its renter may want to begin another.
    #[test]
    fn a_device_serves_while_it_answers() {
        let home = tempfile::tempdir().unwrap();
        let stage = Stage::Running;
        let leased = Leased::new(
            &folder(home.path()),
            binding(1),
            iog_job::Key([9; 32]),
            (0, 1),
            stage,
        );
        let looks = |phase: Option<Phase>, answers: bool| {
            lock(&leased.book).last = phase.map(|phase| Status {
                run: binding(1).run(0),
                number: 1,
                previous: Hash::default(),
                ts: 5,
                phase,
                events: Vec::new(),
            });
            lock(&leased.state).answers = answers;
            serves(&leased)
        };
        assert!(!looks(None, true));
        for phase in [
            Phase::Running { ready: true },
            Phase::Exited { code: 0 },
            Phase::Stopped,
        ] {
            assert!(looks(Some(phase.clone()), true), "{phase:?}");
            assert!(!looks(Some(phase.clone()), false), "{phase:?}");
        }
        assert!(!looks(Some(Phase::Exited { code: 1 }), true));
        leased.stage.send_replace(Stage::Kept);
        assert!(!looks(Some(Phase::Stopped), true));
    }

    /// redteam dispute 3c: slots are those of the clock, a receipt for each day of them.
    #[test]
    fn a_receipt_is_a_day_of_slots() {
        let home = tempfile::tempdir().unwrap();
        let key = iog_job::Key([9; 32]);
        let leased = Leased::new(
            &folder(home.path()),
            binding(1),
            key,
            (0, 1),
            Stage::Running,
        );
        let day = 144 * 20_000;
        let first = next(None, &leased, day + 7);
        assert_eq!((first.first_slot, first.slots[0]), (day, 0b1000_0000));
        let same = next(Some(first), &leased, day + 143);
        assert!(same.covers(&first) && same.acknowledges(day + 143));
        let later = next(Some(same), &leased, day + 144);
        let named: Vec<u32> = later.acknowledged().collect();
        assert_eq!((later.first_slot, named), (day + 144, vec![day + 144]));
    }
}
