//! What an order's receipt key signs: slots of ten minutes in which the renter was served.
//!
//! `0xff "iog:receipt" 1`, the chain's genesis hash, program, order, lease, `matched_ts` (i64), `first_slot` (u32), 18 bytes of slots, and the
//! hash of the renter's check log: 203 bytes, numbers little-endian. No transaction begins with 0xff. A slot's number is unix time divided
//! by 600; slot `first_slot + i` is bit `i % 8` of byte `i / 8`. They are those of the clock, not of the lease: where an hour begins
//! changes with prices, extensions and ends, and what was signed must not change with it.

use crate::MarketError;
use anchor_lang::prelude::*;

const PREFIX: [u8; 13] = *b"\xffiog:receipt\x01";
/// Slots that one receipt speaks of, eight a byte: a day of 144.
const SLOT_BYTES: usize = 18;
/// All of it: 13 bytes, four addresses, time, number, slots, and a hash that the chain does not look into.
pub const RECEIPT_LEN: usize = 203;

/// One match of one lease of one network.
pub struct Subject {
    pub genesis_hash: [u8; 32],
    pub order: Address,
    pub lease: Address,
    pub matched_ts: i64,
}

pub struct Receipt {
    first_slot: u32,
    slots: [u8; SLOT_BYTES],
}

impl Receipt {
    /// Reads a receipt for `of`; one of another network, program, order, lease or match is none.
    pub fn read(message: &[u8; RECEIPT_LEN], of: &Subject) -> Result<Self> {
        Self::parse(message, of).ok_or_else(|| MarketError::WrongReceipt.into())
    }

    fn parse(message: &[u8; RECEIPT_LEN], of: &Subject) -> Option<Self> {
        let matched_ts = of.matched_ts.to_le_bytes();
        let mut rest = message.as_slice();
        for expected in [
            PREFIX.as_slice(),
            &of.genesis_hash,
            crate::ID.as_ref(),
            of.order.as_ref(),
            of.lease.as_ref(),
            &matched_ts,
        ] {
            rest = rest.strip_prefix(expected)?;
        }
        let (first_slot, rest) = rest.split_first_chunk::<4>()?;
        Some(Self {
            first_slot: u32::from_le_bytes(*first_slot),
            slots: *rest.first_chunk::<SLOT_BYTES>()?,
        })
    }

    /// Whether it acknowledges the slot of this number.
    pub fn acknowledges(&self, slot: i64) -> bool {
        let at = slot.checked_sub(i64::from(self.first_slot));
        let Some(at) = at.and_then(|at| usize::try_from(at).ok()) else {
            return false;
        };
        // Eight slots a byte
        let byte = self.slots.get(at >> 3).copied().unwrap_or(0);
        byte.checked_shr(u32::try_from(at & 7).unwrap_or(8))
            .is_some_and(|byte| byte & 1 == 1)
    }
}
