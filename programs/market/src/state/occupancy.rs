use super::PriceBook;
use crate::{
    constants::{FREE_DECLINES, REST_SECS},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_math::reputation::{reputation_bps, Record};

/// A device's place in the market: whether it takes orders, which lease it is in, and what it has done. One per device; it can be closed when
/// the device is terminated. Other programs read `lease` by offset (`iog_common::occupancy`), so the first two fields never move.
#[account]
pub struct Occupancy {
    pub device: Address,
    /// All zero while the device is idle.
    pub lease: Address,
    /// Ten-minute slots of its leases with a heartbeat, and without.
    pub slots_served: u64,
    pub slots_missed: u64,
    pub leases: u64,
    /// Matches that it let pass without a sign of life.
    pub skipped: u64,
    /// Matches that it declined: shown, and weighs nothing.
    pub declined: u64,
    /// Leases in which the device fell silent.
    pub timeouts: u64,
    /// Disputes that the resolver decided against it.
    pub disputes_lost: u64,
    /// Least that the owner asks for a GPU-hour, US dollars with 6 decimals.
    pub floor_usd6: u64,
    /// Most that a lease may pay it until `cap_until_ts`, US dollars with 6 decimals: what it left before the end it had agreed to.
    pub cap_usd6: u64,
    pub cap_until_ts: i64,
    /// Since when it is idle, unix seconds.
    pub idle_since_ts: i64,
    /// End of the last lease that it served; 0 for none.
    pub served_until_ts: i64,
    /// Until then it is not matched again after it did not answer; 0 for none.
    pub resting_until_ts: i64,
    /// GPUs that are listed; 0 while the device is not.
    pub listed_gpus: u32,
    /// GPUs that the price book counts as online, and as hired.
    pub online_gpus: u32,
    pub hired_gpus: u32,
    /// Leases that have accepted and are not closed: they are counted here.
    pub open_leases: u32,
    /// Hour of unix time that `declines` counts.
    pub decline_hour: u32,
    pub class_id: u16,
    /// Bit c: takes orders in currency c.
    pub currencies: u8,
    /// Its floor was at most the base price when it was listed: it can be hired, and counts as online while it is idle, too.
    pub hireable: u8,
    /// Whole orders that it declined in that hour.
    pub declines: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 45],
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

    pub fn takes(&self, currency: u8) -> bool {
        let bit = 1u8.checked_shl(u32::from(currency)).unwrap_or(0);
        self.currencies & bit != 0
    }

    /// Takes orders from now on, or on other terms. A rest goes on.
    pub fn list(
        &mut self,
        book: &mut PriceBook,
        gpus: u32,
        base_usd6: u64,
        now: i64,
    ) -> Result<()> {
        self.listed_gpus = gpus;
        self.hireable = u8::from(self.floor_usd6 <= base_usd6);
        self.recount(book, self.hired_gpus, now)
    }

    /// Takes no more orders. A lease that runs goes on, but its GPUs leave both counters: hired ones that are not online would
    /// raise the price.
    pub fn delist(&mut self, book: &mut PriceBook, now: i64) -> Result<()> {
        require!(self.is_listed(), MarketError::NotListed);
        self.listed_gpus = 0;
        self.recount(book, self.hired_gpus, now)
    }

    /// Takes the device into `lease`; a device is never in two.
    pub fn take(&mut self, lease: Address) -> Result<()> {
        require!(!self.is_hired(), MarketError::DeviceHired);
        self.lease = lease;
        Ok(())
    }

    /// The device has accepted.
    pub fn accept(&mut self) -> Result<()> {
        self.leases = self.leases.saturating_add(1);
        self.open_leases = self
            .open_leases
            .checked_add(1)
            .ok_or(MarketError::MathOverflow)?;
        Ok(())
    }

    /// Its lease has begun: from now on it counts as hired.
    pub fn hire(&mut self, book: &mut PriceBook, gpus: u32, now: i64) -> Result<()> {
        self.recount(book, gpus, now)
    }

    /// Frees the device from `lease`; another lease is left alone.
    pub fn release(&mut self, lease: &Address, book: &mut PriceBook, now: i64) -> Result<()> {
        if self.lease != *lease {
            return Ok(());
        }
        self.lease = Address::default();
        self.idle_since_ts = now;
        self.recount(book, 0, now)
    }

    /// A lease that it had accepted is closed.
    pub fn forget_lease(&mut self) -> Result<()> {
        self.open_leases = self
            .open_leases
            .checked_sub(1)
            .ok_or(MarketError::MathOverflow)?;
        Ok(())
    }

    /// Moves the counters of the price book to what the device is now: serving with `hired` GPUs, 0 for idle. Online is what can be hired
    /// at the base price; a device that asks for more counts, in both, only while it serves.
    fn recount(&mut self, book: &mut PriceBook, hired: u32, now: i64) -> Result<()> {
        let counted_hired = if self.is_listed() { hired } else { 0 };
        let online = if self.hireable == 1 {
            self.listed_gpus
        } else {
            counted_hired
        };
        let before = (self.online_gpus, self.counted_hired());
        book.recount(before, (online, counted_hired), now)?;
        self.online_gpus = online;
        self.hired_gpus = hired;
        Ok(())
    }

    /// What the price book counts as hired of it: nothing while it is not listed.
    fn counted_hired(&self) -> u32 {
        if self.online_gpus > 0 {
            self.hired_gpus
        } else {
            0
        }
    }

    /// It gave no answer. The record is charged where there was no sign of life either; both rest an hour, for a device that does not
    /// answer would block one order after the other.
    pub fn rest(&mut self, silent: bool, now: i64) {
        if silent {
            self.skipped = self.skipped.saturating_add(1);
        }
        self.resting_until_ts = now.saturating_add(REST_SECS);
    }

    /// Counts a decline of a whole order; whether it is one of the two that are free in an hour.
    pub fn may_decline(&mut self, now: i64) -> bool {
        let hour = iog_math::units::whole_periods(now, iog_math::units::HOUR).unwrap_or(0);
        let hour = u32::try_from(hour).unwrap_or(u32::MAX);
        if hour != self.decline_hour {
            (self.decline_hour, self.declines) = (hour, 0);
        }
        self.declines = self.declines.saturating_add(1);
        self.declines <= FREE_DECLINES
    }

    /// It left before the end that it had agreed to: until then no lease pays it more.
    pub fn cap(&mut self, pay_usd6: u64, until_ts: i64, now: i64) {
        if until_ts <= now {
            return;
        }
        let capped = now < self.cap_until_ts;
        self.cap_usd6 = if capped {
            self.cap_usd6.min(pay_usd6)
        } else {
            pay_usd6
        };
        self.cap_until_ts = if capped {
            self.cap_until_ts.max(until_ts)
        } else {
            until_ts
        };
    }

    /// The most that a lease pays it at `now`.
    pub fn pay_cap(&self, now: i64) -> u64 {
        if now < self.cap_until_ts {
            self.cap_usd6
        } else {
            u64::MAX
        }
    }

    pub fn count(&mut self, served: u32, missed: u32) {
        self.slots_served = self.slots_served.saturating_add(u64::from(served));
        self.slots_missed = self.slots_missed.saturating_add(u64::from(missed));
    }

    /// What the device's record is worth, 0 to 10,000.
    pub fn reputation_bps(&self) -> u16 {
        reputation_bps(&Record {
            slots_served: self.slots_served,
            slots_missed: self.slots_missed,
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
