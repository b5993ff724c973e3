//! What an order's receipt key signs: slots of a lease in which the renter was served.
//!
//! `0xff "iog:receipt" 1`, the chain's genesis hash, program, order, lease, `matched_ts` (i64), `first_hour` (u32), 24 masks, a byte each,
//! and the hash of the renter's check log: 209 bytes, numbers little-endian. No transaction begins with 0xff. The masks are of the lease's
//! hours from number `first_hour` on, counted from 0 as they are judged; bit `i` is the hour's slot `i`.

use crate::MarketError;
use anchor_lang::prelude::*;

const PREFIX: [u8; 13] = *b"\xffiog:receipt\x01";
/// Hours that one receipt speaks of: as many as are held.
const HOURS: usize = 24;
/// All of it: 13 bytes, four addresses, time, number, masks, and a hash that the chain does not look into.
pub const RECEIPT_LEN: usize = 209;

/// One match of one lease of one network.
pub struct Subject {
    pub genesis_hash: [u8; 32],
    pub order: Address,
    pub lease: Address,
    pub matched_ts: i64,
}

pub struct Receipt {
    first_hour: u32,
    masks: [u8; HOURS],
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
        let (first_hour, rest) = rest.split_first_chunk::<4>()?;
        Some(Self {
            first_hour: u32::from_le_bytes(*first_hour),
            masks: *rest.first_chunk::<HOURS>()?,
        })
    }

    /// The slots that it acknowledges of the lease's hour of this number.
    pub fn mask(&self, number: u32) -> u8 {
        let behind = number.checked_sub(self.first_hour);
        let at = behind.and_then(|behind| usize::try_from(behind).ok());
        at.and_then(|at| self.masks.get(at)).copied().unwrap_or(0)
    }
}
