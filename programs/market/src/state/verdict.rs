use crate::constants::VERDICT_SECS;
use anchor_lang::prelude::*;

/// What the resolver decided about a lease, kept when the lease is gone: a slash case may name it, and give the renter back what the lease was
/// paid. Other programs read it by offset (`iog_common::verdict`).
#[account]
pub struct Verdict {
    pub lease: Address,
    pub order: Address,
    pub device: Address,
    pub owner: Address,
    pub renter: Address,
    pub resolver: Address,
    /// Rent that the lease was paid in its life, without what receipts answered, US dollars with 6 decimals: the most that can be given
    /// back. 0 where the supplier got all that its slots prove.
    pub paid_usd6: u64,
    pub decided_ts: i64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 46],
}

impl Verdict {
    /// No case needs it any more.
    pub fn is_closable(&self, now: i64) -> bool {
        self.paid_usd6 == 0 || now >= self.decided_ts.saturating_add(VERDICT_SECS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_common::verdict;

    #[test]
    fn the_layout_that_other_programs_read_is_this_one() {
        assert_eq!(Verdict::DISCRIMINATOR, verdict::DISCRIMINATOR);
        assert_eq!(
            verdict::LEN.checked_sub(core::mem::size_of::<Verdict>()),
            Some(8)
        );
        for (range, offset) in [
            (verdict::LEASE, core::mem::offset_of!(Verdict, lease)),
            (verdict::ORDER, core::mem::offset_of!(Verdict, order)),
            (verdict::DEVICE, core::mem::offset_of!(Verdict, device)),
            (verdict::OWNER, core::mem::offset_of!(Verdict, owner)),
            (verdict::RENTER, core::mem::offset_of!(Verdict, renter)),
            (verdict::RESOLVER, core::mem::offset_of!(Verdict, resolver)),
            (
                verdict::PAID_USD6,
                core::mem::offset_of!(Verdict, paid_usd6),
            ),
            (
                verdict::DECIDED_TS,
                core::mem::offset_of!(Verdict, decided_ts),
            ),
        ] {
            assert_eq!(range.start.checked_sub(offset), Some(8));
        }
    }
}
