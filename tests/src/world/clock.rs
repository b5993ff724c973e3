//! Time and slots, as a cluster keeps them: SlotHashes holds the newest 512 slots before the running one.

use sha2::{Digest, Sha256};
use solana_clock::Clock;
use solana_hash::Hash;
use solana_slot_hashes::{SlotHashes, MAX_ENTRIES};

use super::World;

/// Slot in which a world begins.
const FIRST_SLOT: u64 = 400_000_000;
/// Slots of 400 ms.
const SLOTS_PER_2_SECS: u64 = 5;

impl World {
    pub(super) fn start_clock(&mut self, unix_ts: i64) {
        self.set_clock(FIRST_SLOT, unix_ts);
        let before = u64::try_from(MAX_ENTRIES).unwrap();
        self.record(FIRST_SLOT - before, before);
    }

    pub fn clock(&self) -> Clock {
        self.svm.get_sysvar::<Clock>()
    }

    /// Unix time, seconds.
    pub fn now(&self) -> i64 {
        self.clock().unix_timestamp
    }

    pub fn slot(&self) -> u64 {
        self.clock().slot
    }

    /// The network's running hour, 1 for the first.
    pub fn hour(&self) -> u32 {
        let secs = self.now() - super::GENESIS_TS;
        u32::try_from(secs.div_euclid(3_600) + 1).expect("the network has started")
    }

    /// Moves to a later time; 5 slots for every 2 seconds go by, each with a hash.
    pub fn warp_to(&mut self, unix_ts: i64) {
        let secs = u64::try_from(unix_ts - self.now()).expect("time runs forwards");
        self.pass(secs * SLOTS_PER_2_SECS / 2, unix_ts);
    }

    /// Moves ahead by seconds.
    pub fn advance(&mut self, secs: i64) {
        self.warp_to(self.now() + secs);
    }

    /// Moves to the first second of the hour after the running one.
    pub fn next_hour(&mut self) {
        let start = super::GENESIS_TS + i64::from(self.hour()) * 3_600;
        self.warp_to(start);
    }

    /// Moves ahead by slots that all have a hash; the time stands still.
    pub fn advance_slots(&mut self, slots: u64) {
        self.pass(slots, self.now());
    }

    /// Moves ahead by slots of which none was produced; the time stands still.
    pub fn skip_slots(&mut self, slots: u64) {
        self.set_clock(self.slot() + slots, self.now());
    }

    /// Sets the time without any slot going by; it may step back, as a cluster's clock may.
    pub fn set_time(&mut self, unix_ts: i64) {
        self.set_clock(self.slot(), unix_ts);
    }

    /// Hash of a slot that is still remembered.
    pub fn slot_hash(&self, slot: u64) -> Option<[u8; 32]> {
        let entry = self.hashes.iter().find(|(recorded, _)| *recorded == slot);
        entry.map(|(_, hash)| *hash)
    }

    fn pass(&mut self, slots: u64, unix_ts: i64) {
        let slot = self.slot();
        self.set_clock(slot + slots, unix_ts);
        self.record(slot, slots);
    }

    /// Records hashes for `count` slots from `first` on.
    fn record(&mut self, first: u64, count: u64) {
        let kept = u64::try_from(MAX_ENTRIES).unwrap();
        let from = first + count.saturating_sub(kept);
        let older = core::mem::take(&mut self.hashes);
        let newer = (from..first + count).rev();
        self.hashes = newer.map(|slot| (slot, slot_hash(slot))).collect();
        self.hashes.extend(older);
        self.hashes.truncate(MAX_ENTRIES);
        let entries: Vec<_> = self
            .hashes
            .iter()
            .map(|(slot, hash)| (*slot, Hash::new_from_array(*hash)))
            .collect();
        self.svm.set_sysvar(&SlotHashes::new(&entries));
    }

    fn set_clock(&mut self, slot: u64, unix_timestamp: i64) {
        let mut clock = self.svm.get_sysvar::<Clock>();
        clock.slot = slot;
        clock.unix_timestamp = unix_timestamp;
        self.svm.set_sysvar(&clock);
    }
}

fn slot_hash(slot: u64) -> [u8; 32] {
    Sha256::new()
        .chain_update("slot hash")
        .chain_update(slot.to_le_bytes())
        .finalize()
        .into()
}
