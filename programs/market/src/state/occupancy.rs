use crate::MarketError;
use anchor_lang::prelude::*;

/// Which lease a device is in, and what it has done: one per device, kept for good. Other programs read `lease` by
/// offset (`iog_common::occupancy`), so the first two fields never move.
#[account]
pub struct Occupancy {
    pub device: Address,
    /// All zero while the device is idle.
    pub lease: Address,
    pub hours_served: u64,
    pub hours_missed: u64,
    pub leases: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 38],
}

const LEASE_OFFSET: usize = core::mem::offset_of!(Occupancy, lease);
const _: () = assert!(iog_common::occupancy::LEASE.start == 8 + LEASE_OFFSET);

impl Occupancy {
    pub fn is_hired(&self) -> bool {
        self.lease != Address::default()
    }

    /// Takes the device into `lease`; a device is never in two.
    pub fn hire(&mut self, lease: Address) -> Result<()> {
        require!(!self.is_hired(), MarketError::DeviceHired);
        self.lease = lease;
        self.leases = self.leases.saturating_add(1);
        Ok(())
    }

    /// Frees the device from `lease`; another lease is left alone.
    pub fn release(&mut self, lease: &Address) {
        if self.lease == *lease {
            self.lease = Address::default();
        }
    }

    pub fn count(&mut self, served: u32, missed: u32) {
        self.hours_served = self.hours_served.saturating_add(u64::from(served));
        self.hours_missed = self.hours_missed.saturating_add(u64::from(missed));
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
