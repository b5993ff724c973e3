//! The market's record of a dispute that its resolver decided against the supplier, read by offset. The market links staking,
//! so staking cannot link the market; the market asserts these constants against its own struct.

use crate::occupancy::MARKET;
use anchor_lang::prelude::*;
use core::ops::Range;

pub const SEED: &[u8] = b"verdict";
/// First eight bytes of sha256("account:Verdict").
pub const DISCRIMINATOR: [u8; 8] = [0xa9, 0x01, 0xab, 0x45, 0x18, 0x6a, 0x42, 0xc1];
/// Length of the account, the discriminator included.
pub const LEN: usize = 264;
/// Where the fields stand, counted from the start of the account.
pub const LEASE: Range<usize> = 8..40;
pub const ORDER: Range<usize> = 40..72;
pub const DEVICE: Range<usize> = 72..104;
pub const OWNER: Range<usize> = 104..136;
pub const RENTER: Range<usize> = 136..168;
pub const RESOLVER: Range<usize> = 168..200;
pub const PAID_USD6: Range<usize> = 200..208;
pub const DECIDED_TS: Range<usize> = 208..216;

/// How long after the decision restitution may be proposed: 180 days, in which six months' caps can follow each other. Only
/// then may what remembers earlier claims be closed.
pub const CLAIM_SECS: i64 = 15_552_000;

/// What the market recorded.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict {
    pub lease: Address,
    pub order: Address,
    pub device: Address,
    /// Of the device, when it was decided.
    pub owner: Address,
    pub renter: Address,
    pub resolver: Address,
    /// Rent that the lease was paid in its life: the most that can be restituted.
    pub paid_usd6: u64,
    pub decided_ts: i64,
}

impl Verdict {
    /// `None` where the deadline lies beyond the range of the clock.
    pub fn claim_until_ts(&self) -> Option<i64> {
        self.decided_ts.checked_add(CLAIM_SECS)
    }
}

/// `None` for any account but a verdict. Only the market can write one, so its seeds need not be derived again.
pub fn read(account: &AccountView) -> Option<Verdict> {
    if !account.owned_by(&MARKET) {
        return None;
    }
    parse(&account.try_borrow().ok()?)
}

/// The checks on the bytes alone.
pub fn parse(data: &[u8]) -> Option<Verdict> {
    if data.len() != LEN || data.get(..8) != Some(&DISCRIMINATOR[..]) {
        return None;
    }
    let address = |at: Range<usize>| -> Option<Address> {
        let bytes = data.get(at)?.first_chunk::<32>()?;
        Some(Address::new_from_array(*bytes))
    };
    let number = |at: Range<usize>| data.get(at)?.first_chunk::<8>().copied();
    Some(Verdict {
        lease: address(LEASE)?,
        order: address(ORDER)?,
        device: address(DEVICE)?,
        owner: address(OWNER)?,
        renter: address(RENTER)?,
        resolver: address(RESOLVER)?,
        paid_usd6: u64::from_le_bytes(number(PAID_USD6)?),
        decided_ts: i64::from_le_bytes(number(DECIDED_TS)?),
    })
}

#[cfg(test)]
mod tests {
    extern crate alloc;
    use super::*;
    use alloc::vec::Vec;

    /// Laid out by hand from the order of the fields, not by this module's own constants.
    fn fixture() -> Vec<u8> {
        let mut bytes = alloc::vec![0xa9, 0x01, 0xab, 0x45, 0x18, 0x6a, 0x42, 0xc1];
        for byte in 1..=6 {
            bytes.extend_from_slice(&[byte; 32]);
        }
        bytes.extend_from_slice(&1_520_000u64.to_le_bytes());
        bytes.extend_from_slice(&1_700_000_000i64.to_le_bytes());
        bytes.extend_from_slice(&[1, 255]);
        bytes.extend_from_slice(&[0; 46]);
        bytes
    }

    #[test]
    fn reads_a_verdict() {
        let read = parse(&fixture()).expect("a verdict");
        let addresses = [
            read.lease,
            read.order,
            read.device,
            read.owner,
            read.renter,
            read.resolver,
        ];
        for (byte, address) in (1..).zip(addresses) {
            assert_eq!(address, Address::new_from_array([byte; 32]));
        }
        assert_eq!(
            (read.paid_usd6, read.decided_ts),
            (1_520_000, 1_700_000_000)
        );
        assert_eq!(read.claim_until_ts(), Some(1_715_552_000));
    }

    #[test]
    fn takes_no_other_kind_and_no_other_length() {
        let good = fixture();
        for len in 0..good.len() {
            assert_eq!(parse(&good[..len]), None, "{len} bytes");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert_eq!(parse(&longer), None);
        for at in 0..8 {
            let mut other = good.clone();
            other[at] ^= 1;
            assert_eq!(parse(&other), None, "byte {at}");
        }
    }
}
