//! What a keeper remembers from pass to pass. A restart forgets it, but for the leases that the board has, or a receipt.

use crate::snapshot::{Doubt, Snapshot};
use solana_pubkey::Pubkey;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

#[derive(Default)]
struct Known {
    leases: BTreeSet<Pubkey>,
    doubts: BTreeMap<Pubkey, Doubt>,
}

#[derive(Default)]
pub struct Memory(Mutex<Known>);

impl Memory {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Knows leases that a process before this one did.
    pub fn with(leases: BTreeSet<Pubkey>) -> Self {
        Self(Mutex::new(Known {
            leases,
            ..Known::default()
        }))
    }

    /// Leases of this machine's devices that are not closed: the device no longer says which it was in.
    pub fn leases(&self) -> BTreeSet<Pubkey> {
        self.known().leases.clone()
    }

    pub fn saw(&self, snapshot: &Snapshot, own: &BTreeSet<Pubkey>) {
        let leases = snapshot.leases.iter();
        let own = leases.filter(|(_, lease)| own.contains(&lease.device));
        self.known().leases = own.map(|(address, _)| *address).collect();
    }

    pub fn doubts(&self) -> BTreeMap<Pubkey, Doubt> {
        self.known().doubts.clone()
    }

    /// Declining costs as much as matching, so that nobody fills this faster than it pays for.
    pub fn never_whole(&self, renter: Pubkey, now: i64) {
        let mut known = self.known();
        let doubt = known.doubts.entry(renter).or_default();
        doubt.orders = doubt.orders.saturating_add(1);
        doubt.last_ts = now;
    }

    pub fn whole(&self, renter: &Pubkey) {
        self.known().doubts.remove(renter);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam 1g
    #[test]
    fn renters_are_counted_until_an_order_of_theirs_is_whole() {
        let memory = Memory::default();
        let (one, other) = (Pubkey::new_unique(), Pubkey::new_unique());
        memory.never_whole(one, 100);
        memory.never_whole(one, 200);
        memory.never_whole(other, 300);
        let doubt = Doubt {
            orders: 2,
            last_ts: 200,
        };
        assert_eq!(memory.doubts()[&one], doubt);
        memory.whole(&one);
        assert_eq!(memory.doubts().into_keys().collect::<Vec<_>>(), [other]);
    }
}
