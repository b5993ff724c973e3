//! The SlotHashes sysvar read by offset: 512 entries of 40 bytes, newest first, never deserialised whole.
//! Layout (bincode): u64 count, then per entry u64 slot and 32-byte hash. Slots that were skipped have no entry.

use anchor_lang::prelude::*;

pub const ID: Address = anchor_lang::address!("SysvarS1otHashes111111111111111111111111111");
const ENTRY: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SlotHash {
    pub slot: u64,
    pub hash: [u8; 32],
}

/// Why the first hash after a slot is not to be had.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Missing {
    /// No later slot has been recorded yet: try again in a slot.
    NotYet,
    /// The sysvar no longer reaches back that far: it can never be told which hash came first.
    Forgotten,
    /// Not the sysvar, or shorter than it says.
    Malformed,
}

/// The newest recorded slot.
pub fn latest(data: &[u8]) -> core::result::Result<SlotHash, Missing> {
    entry(data, 0)
}

/// The first recorded slot after `slot`.
pub fn first_after(data: &[u8], slot: u64) -> core::result::Result<SlotHash, Missing> {
    let count = count(data)?;
    let last = count.checked_sub(1).ok_or(Missing::NotYet)?;
    if entry_slot(data, 0)? <= slot {
        return Err(Missing::NotYet);
    }
    // Were the oldest entry later than `slot`, an earlier successor could have been dropped already.
    if entry_slot(data, last)? > slot {
        return Err(Missing::Forgotten);
    }
    // Newest first: entries [0, low] are after `slot`, entries [high, ..] are not.
    let (mut low, mut high) = (0usize, last);
    while high.saturating_sub(low) > 1 {
        let middle = low.midpoint(high);
        if entry_slot(data, middle)? > slot {
            low = middle;
        } else {
            high = middle;
        }
    }
    entry(data, low)
}

fn count(data: &[u8]) -> core::result::Result<usize, Missing> {
    let bytes = data.first_chunk::<8>().ok_or(Missing::Malformed)?;
    usize::try_from(u64::from_le_bytes(*bytes)).map_err(|_| Missing::Malformed)
}

fn entry_bytes(data: &[u8], index: usize) -> core::result::Result<&[u8; ENTRY], Missing> {
    let start = index
        .checked_mul(ENTRY)
        .and_then(|n| n.checked_add(8))
        .ok_or(Missing::Malformed)?;
    data.get(start..)
        .and_then(|rest| rest.first_chunk::<ENTRY>())
        .ok_or(Missing::Malformed)
}

fn entry_slot(data: &[u8], index: usize) -> core::result::Result<u64, Missing> {
    let bytes = entry_bytes(data, index)?;
    let slot = bytes.first_chunk::<8>().ok_or(Missing::Malformed)?;
    Ok(u64::from_le_bytes(*slot))
}

fn entry(data: &[u8], index: usize) -> core::result::Result<SlotHash, Missing> {
    if index >= count(data)? {
        return Err(Missing::NotYet);
    }
    let bytes = entry_bytes(data, index)?;
    let hash = bytes.last_chunk::<32>().ok_or(Missing::Malformed)?;
    Ok(SlotHash {
        slot: entry_slot(data, index)?,
        hash: *hash,
    })
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::vec::Vec;

    fn sysvar(slots: &[u64]) -> Vec<u8> {
        let mut data = (slots.len() as u64).to_le_bytes().to_vec();
        for slot in slots {
            data.extend_from_slice(&slot.to_le_bytes());
            data.extend_from_slice(&[*slot as u8; 32]);
        }
        data
    }

    #[test]
    fn finds_the_first_successor_over_skipped_slots() {
        let data = sysvar(&[90, 88, 87, 80, 79, 70]);
        for (slot, expected) in [
            (70, 79),
            (78, 79),
            (79, 80),
            (80, 87),
            (86, 87),
            (87, 88),
            (88, 90),
            (89, 90),
        ] {
            assert_eq!(
                first_after(&data, slot).map(|e| e.slot),
                Ok(expected),
                "after {slot}"
            );
        }
        assert_eq!(first_after(&data, 90), Err(Missing::NotYet));
        assert_eq!(first_after(&data, 69), Err(Missing::Forgotten));
        assert_eq!(latest(&data).map(|e| e.hash), Ok([90u8; 32]));
    }

    #[test]
    fn refuses_truncated_and_empty_sysvars() {
        let data = sysvar(&[5, 4]);
        assert_eq!(first_after(&data[..50], 4), Err(Missing::Malformed));
        assert_eq!(first_after(&sysvar(&[]), 4), Err(Missing::NotYet));
        assert_eq!(latest(&[1, 2]), Err(Missing::Malformed));
    }
}
