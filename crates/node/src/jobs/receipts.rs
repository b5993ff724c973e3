//! Receipts of a lease on the job side's disk: what the renter has acknowledged, for an answer to a dispute. redteam 13

use super::store::Store;
use crate::board::BoardLease;
use iog_job::{Key, Receipt, Signed, RECEIPT_SLOTS};
use std::io;

/// Seconds of a slot.
const SLOT_SECS: i64 = 600;
/// Receipts of one day that stand beside each other: an agent that lost its folder begins the day anew, and what it signed before still counts.
const OF_A_DAY: usize = 4;

fn name(day: u32, place: usize) -> String {
    format!("receipts/{day}-{place}.json")
}

fn read(store: &Store, key: &Key, day: u32, place: usize) -> Option<(Signed, Receipt)> {
    let signed: Signed = store.read(&name(day, place)).ok().flatten()?;
    let receipt = Receipt::open(&signed, key).ok()?;
    Some((signed, receipt))
}

/// Whether it is one of this lease, for a day of UTC of it: days have names, and only those of the lease, so that none can fill the disk.
pub fn is_of(receipt: &Receipt, lease: &BoardLease) -> bool {
    let first_ts = i64::from(receipt.first_slot).saturating_mul(SLOT_SECS);
    let day_secs = i64::from(RECEIPT_SLOTS).saturating_mul(SLOT_SECS);
    let during = first_ts.saturating_add(day_secs) > lease.started_ts && first_ts < lease.ends_ts;
    let begins_a_day = Receipt::day_of(receipt.first_slot) == receipt.first_slot;
    receipt.is_of(&lease.binding) && during && begins_a_day
}

/// Keeps a receipt in the place of one that it covers, or beside those that it does not. False for one that takes back what was acknowledged
/// before and adds nothing: who disputes could else first have the node forget what was signed.
///
/// # Errors
/// If it cannot be written.
pub fn keep(store: &Store, key: &Key, signed: &Signed, receipt: &Receipt) -> io::Result<bool> {
    let day = receipt.first_slot;
    let mut place = None;
    for at in 0..OF_A_DAY {
        match read(store, key, day, at) {
            Some((_, kept)) if receipt.covers(&kept) => {
                place = Some(at);
                break;
            }
            Some((_, kept)) if kept.covers(receipt) => return Ok(false),
            Some(_) => {}
            None => place = place.or(Some(at)),
        }
    }
    match place {
        Some(at) => store.write(&name(day, at), signed).map(|()| true),
        None => Ok(false),
    }
}

/// The receipts of the days that a dispute of a lease which ends at `ends_ts` can reach: a day back, and some hours until it is judged.
pub fn newest(store: &Store, key: &Key, ends_ts: i64) -> Vec<Signed> {
    let Ok(last) = u32::try_from(ends_ts.div_euclid(SLOT_SECS)) else {
        return Vec::new();
    };
    let today = Receipt::day_of(last);
    let days = [2, 1, 0].map(|before| today.saturating_sub(before * RECEIPT_SLOTS));
    let places = days
        .into_iter()
        .flat_map(|day| (0..OF_A_DAY).map(move |at| (day, at)));
    let kept = places.filter_map(|(day, at)| read(store, key, day, at));
    kept.map(|(signed, _)| signed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Stage;
    use ed25519_dalek::SigningKey;
    use iog_job::{Binding, Hash};

    const DAY: u32 = 144 * 20_000;

    fn lease() -> BoardLease {
        let started_ts = i64::from(DAY) * 600 + 300;
        BoardLease {
            binding: Binding {
                genesis: Key([1; 32]),
                program: Key([2; 32]),
                order: Key([3; 32]),
                created_ts: 5,
                lease: Key([4; 32]),
                matched_ts: 6,
                device: Key([5; 32]),
            },
            stage: Stage::Running,
            renter: Key([6; 32]),
            engineer_key: Key([7; 32]),
            receipt_key: public(),
            tunnel_key: Key([8; 32]),
            place: 0,
            rank: 0,
            world_size: 1,
            mesh: None,
            joins: Vec::new(),
            gpus: 1,
            image_hash: Hash::default(),
            command_hash: Hash::default(),
            cards: Vec::new(),
            cards_free: true,
            started_ts,
            ends_ts: started_ts + 86_400,
            keep_until_ts: 0,
            members: Vec::new(),
        }
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[9; 32])
    }

    fn public() -> Key {
        Key(key().verifying_key().to_bytes())
    }

    fn of(day: u32, slots: &[u32]) -> Receipt {
        let mut receipt = Receipt::new(&lease().binding, day);
        for slot in slots {
            assert!(receipt.acknowledge(day + slot));
        }
        receipt
    }

    fn kept(store: &Store, receipt: &Receipt) -> bool {
        keep(store, &public(), &receipt.sign(&key()), receipt).unwrap()
    }

    /// A receipt that shrinks is refused; one that grows takes the place of the one before; one of an agent that began anew stands beside it
    /// until it covers it. redteam dispute 3c
    #[test]
    fn what_was_acknowledged_is_not_forgotten() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path(), &lease().binding).unwrap();
        assert!(kept(&store, &of(DAY, &[1])));
        assert!(kept(&store, &of(DAY, &[1, 2])));
        assert!(!kept(&store, &of(DAY, &[2])) && !kept(&store, &of(DAY, &[])));
        let all = |ends_ts| newest(&store, &public(), ends_ts).len();
        assert_eq!(all(lease().ends_ts), 1);
        assert!(kept(&store, &of(DAY, &[3])) && kept(&store, &of(DAY, &[3, 4])));
        assert_eq!(all(lease().ends_ts), 2);
        // Whatever else is sent, these stay.
        for slot in 10..20 {
            kept(&store, &of(DAY, &[slot]));
        }
        let signed = newest(&store, &public(), lease().ends_ts);
        let named: Vec<u32> = signed
            .iter()
            .flat_map(|signed| {
                let receipt = Receipt::open(signed, &public()).unwrap();
                receipt.acknowledged().collect::<Vec<_>>()
            })
            .collect();
        for slot in 1..=4 {
            assert!(named.contains(&(DAY + slot)), "{slot}");
        }
        assert_eq!(signed.len(), OF_A_DAY);
        assert!(kept(&store, &of(DAY + 144, &[0])));
        assert_eq!(all(lease().ends_ts), OF_A_DAY + 1);
        // Two days and more later no dispute reaches them.
        assert_eq!(all(lease().ends_ts + 2 * 86_400), 1);
    }

    #[test]
    fn days_are_those_of_the_lease() {
        let lease = lease();
        assert!(is_of(&of(DAY, &[]), &lease) && is_of(&of(DAY + 144, &[]), &lease));
        for day in [DAY - 144, DAY + 288, DAY + 1, u32::MAX] {
            assert!(!is_of(&of(day, &[]), &lease), "{day}");
        }
        let mut other = lease.clone();
        other.binding.matched_ts += 1;
        assert!(!is_of(&of(DAY, &[]), &other));
    }
}
