use super::PriceBook;
use crate::{constants::REST_SECS, MarketError};
use anchor_lang::prelude::*;
use iog_math::reputation::{reputation_bps, Record};

/// A device's place in the market: whether it takes orders, which lease it is in, and what it has done. One per device, kept
/// for good. Other programs read `lease` by offset (`iog_common::occupancy`), so the first two fields never move.
#[account]
pub struct Occupancy {
    pub device: Address,
    /// All zero while the device is idle.
    pub lease: Address,
    pub hours_served: u64,
    pub hours_missed: u64,
    pub leases: u64,
    /// Matches that were not accepted in time.
    pub skipped: u64,
    /// Leases in which the device fell silent.
    pub timeouts: u64,
    /// Disputes in which the renter got more than the rule gives.
    pub disputes_lost: u64,
    /// Least that the owner asks for a GPU-hour, US dollars with 6 decimals.
    pub floor_usd6: u64,
    /// Since when it is idle, unix seconds.
    pub idle_since_ts: i64,
    /// Until then it is not matched again after it let a match pass, unless its owner lists it anew; 0 for none.
    pub resting_until_ts: i64,
    /// GPUs counted as online in the price book; 0 while the device is not listed.
    pub listed_gpus: u32,
    /// GPUs of the lease that it has accepted; the price book counts them as hired while the device is listed.
    pub hired_gpus: u32,
    pub class_id: u16,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 52],
}

const LEASE_OFFSET: usize = core::mem::offset_of!(Occupancy, lease);
const _: () = assert!(iog_common::occupancy::LEASE.start == 8 + LEASE_OFFSET);

impl Occupancy {
    pub fn is_hired(&self) -> bool {
        self.lease != Address::default()
    }

    pub fn is_listed(&self) -> bool {
        self.listed_gpus > 0
    }

    /// Takes orders from now on, or with another floor.
    pub fn list(&mut self, book: &mut PriceBook, gpus: u32, floor: u64, now: i64) -> Result<()> {
        self.floor_usd6 = floor;
        self.resting_until_ts = 0;
        if !self.is_listed() {
            book.list(gpus, now)?;
            book.hire(self.hired_gpus, now)?;
            self.listed_gpus = gpus;
        }
        Ok(())
    }

    /// Takes no more orders. A lease that runs goes on, but its GPUs leave both counters: hired ones that are not online would
    /// raise the price.
    pub fn delist(&mut self, book: &mut PriceBook, now: i64) -> Result<()> {
        require!(self.is_listed(), MarketError::NotListed);
        book.release(self.hired_gpus, now)?;
        book.delist(self.listed_gpus, now)?;
        self.listed_gpus = 0;
        Ok(())
    }

    /// Takes the device into `lease`; a device is never in two.
    pub fn take(&mut self, lease: Address) -> Result<()> {
        require!(!self.is_hired(), MarketError::DeviceHired);
        self.lease = lease;
        Ok(())
    }

    /// The device has accepted: from now on it counts as hired.
    pub fn hire(&mut self, book: &mut PriceBook, gpus: u32, now: i64) -> Result<()> {
        self.hired_gpus = gpus;
        if self.is_listed() {
            book.hire(gpus, now)?;
        }
        self.leases = self.leases.saturating_add(1);
        Ok(())
    }

    /// Frees the device from `lease`; another lease is left alone.
    pub fn release(&mut self, lease: &Address, book: &mut PriceBook, now: i64) -> Result<()> {
        if self.lease != *lease {
            return Ok(());
        }
        if self.is_listed() {
            book.release(self.hired_gpus, now)?;
        }
        self.hired_gpus = 0;
        self.lease = Address::default();
        self.idle_since_ts = now;
        Ok(())
    }

    /// Counts a match that the device let pass. A device that does not answer would block one order after the other.
    pub fn skip(&mut self, now: i64) {
        self.skipped = self.skipped.saturating_add(1);
        self.resting_until_ts = now.saturating_add(REST_SECS);
    }

    pub fn count(&mut self, served: u32, missed: u32) {
        self.hours_served = self.hours_served.saturating_add(u64::from(served));
        self.hours_missed = self.hours_missed.saturating_add(u64::from(missed));
    }

    /// What the device's record is worth, 0 to 10,000.
    pub fn reputation_bps(&self) -> u16 {
        reputation_bps(&Record {
            served: self.hours_served,
            missed: self.hours_missed,
            skipped: self.skipped,
            timeouts: self.timeouts,
            disputes_lost: self.disputes_lost,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_that_other_programs_read_is_this_one() {
        assert_eq!(
            Occupancy::DISCRIMINATOR,
            iog_common::occupancy::DISCRIMINATOR
        );
        assert_eq!(iog_common::occupancy::LEASE.len(), 32);
        assert_eq!(iog_common::occupancy::MARKET, crate::ID);
    }
}
