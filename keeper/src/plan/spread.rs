//! When a device sends its openings. Sent as soon as they are there, those of all devices would fall into the same minutes and not fit the chain:
//! every device has a place of its own in the rest of the hour.

use crate::{rules, snapshot::Snapshot};
use iog_client::registry::Attestation;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;

/// Kept free before openings are due, and before the hour ends: three minutes for what does not land at once, the end and the check-in.
const MARGIN_SLOTS: u64 = 500;
const SLOTS_PER_MINUTE: i64 = 150;
const MINUTE: i64 = 60;

/// The first slot in which the device's openings are sent, for a challenge that is recorded. The hour's end is reckoned anew each time, by slots
/// of 400 ms: where they take longer, the place moves forward with it.
pub(super) fn openings_from(
    snapshot: &Snapshot,
    device: &Pubkey,
    attestation: &Attestation,
) -> u64 {
    let from = attestation.challenge_slot;
    if attestation.epoch < snapshot.epoch() {
        return from;
    }
    let next = snapshot.hour.saturating_add(1);
    let secs = rules::hour_start(snapshot.genesis_ts, next).saturating_sub(snapshot.time.now);
    let slots = secs.saturating_mul(SLOTS_PER_MINUTE).div_euclid(MINUTE);
    let hour_ends = snapshot
        .time
        .slot
        .saturating_add(u64::try_from(slots).unwrap_or(0));
    let last = rules::reveal_deadline(attestation).min(hour_ends);
    let span = last.saturating_sub(from).saturating_sub(MARGIN_SLOTS);
    from.saturating_add(share(span, device, attestation.epoch))
}

/// A part of `span`, drawn for this device and hour.
fn share(span: u64, device: &Pubkey, epoch: u64) -> u64 {
    let hash = Sha256::new()
        .chain_update(device)
        .chain_update(epoch.to_le_bytes())
        .finalize();
    let draw = hash
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes));
    // Scaled, not a remainder: as the span shrinks, the place moves a little and does not jump.
    let scaled = u128::from(draw).saturating_mul(span.into()) >> 64;
    u64::try_from(scaled).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures::*;

    /// With 50 minutes of the hour left.
    fn at(reveal_slots: u32) -> (Snapshot, Attestation) {
        let mut snapshot = snapshot();
        snapshot.time.now = GENESIS + 9 * 3_600 + 600;
        let challenged = Attestation {
            challenge_slot: SLOT,
            reveal_slots,
            ..attestation(2)
        };
        (snapshot, challenged)
    }

    fn place(snapshot: &Snapshot, attestation: &Attestation, n: u8) -> u64 {
        openings_from(snapshot, &key(n), attestation) - SLOT
    }

    /// audit: proof M-7
    #[test]
    fn devices_are_spread_over_what_is_left_of_the_hour() {
        let (snapshot, challenged) = at(9_000);
        let mut tenths = [0; 10];
        for n in 0..=255 {
            // 3,000 s are 7,500 slots, of which 500 are kept free.
            let place = place(&snapshot, &challenged, n);
            assert!(place < 7_000, "{place}");
            tenths[usize::try_from(place / 700).unwrap()] += 1;
        }
        assert!(
            tenths.iter().all(|count| (12..=40).contains(count)),
            "{tenths:?}"
        );
    }

    #[test]
    fn the_class_may_give_less_than_the_hour() {
        let (snapshot, challenged) = at(1_500);
        let last = (0..=255).map(|n| place(&snapshot, &challenged, n)).max();
        assert!((900..1_000).contains(&last.unwrap()), "{last:?}");
    }

    #[test]
    fn where_there_is_no_time_they_are_sent_at_once() {
        for reveal_slots in [1, 499, 500] {
            let (snapshot, challenged) = at(reveal_slots);
            assert_eq!(place(&snapshot, &challenged, 1), 0);
        }
        let (mut snapshot, challenged) = at(9_000);
        snapshot.time.now = GENESIS + 10 * 3_600 - 200;
        assert_eq!(place(&snapshot, &challenged, 1), 0);
        // The hour is over, and the snapshot knows no more when that was.
        snapshot.hour = 11;
        assert_eq!(place(&snapshot, &challenged, 1), 0);
    }

    #[test]
    fn a_device_has_another_place_every_hour() {
        let (mut snapshot, mut challenged) = at(9_000);
        let mut places = std::collections::BTreeSet::new();
        for hour in 10..30_u32 {
            snapshot.hour = hour;
            snapshot.time.now = GENESIS + i64::from(hour - 1) * 3_600 + 600;
            challenged.epoch = hour.into();
            places.insert(place(&snapshot, &challenged, 1));
        }
        assert_eq!(places.len(), 20);
    }

    /// Slots of half a second: reckoned at 400 ms the place would lie behind the hour's end. It comes closer as time passes.
    #[test]
    fn slow_slots_bring_the_place_forward() {
        let (mut snapshot, challenged) = at(9_000);
        let late = (0..=255).max_by_key(|n| place(&snapshot, &challenged, *n));
        let late = late.unwrap();
        let mut sent_secs_left = None;
        for slots in 0..6_000_u32 {
            snapshot.time.slot = SLOT + u64::from(slots);
            snapshot.time.now = GENESIS + 9 * 3_600 + 600 + i64::from(slots / 2);
            if snapshot.time.slot >= openings_from(&snapshot, &key(late), &challenged) {
                sent_secs_left = Some(3_000 - slots / 2);
                break;
            }
        }
        let left = sent_secs_left.unwrap();
        assert!((150..=260).contains(&left), "{left} s before the end");
    }
}
