use super::escrow::add;
use crate::MarketError;
use anchor_lang::prelude::*;
use iog_math::units::USD6;

/// What a renter has rented. One per renter, kept for good.
#[account]
pub struct RenterStats {
    pub renter: Address,
    pub orders: u64,
    /// Minutes of GPUs that were served.
    pub gpu_minutes: u64,
    /// Rent that suppliers earned, US dollars with 6 decimals at the prices of the bookings.
    pub spent_usd6: u64,
    /// Loyalty points, in millionths.
    pub points_e6: u64,
    pub disputes: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 62],
}

impl RenterStats {
    /// Books rent that was earned.
    pub fn spend(&mut self, usd6: u64, points_per_usd: u64) -> Result<()> {
        add(&mut self.spent_usd6, usd6)?;
        // A millionth of a dollar is as many millionths of a point.
        let points = usd6
            .checked_mul(points_per_usd)
            .ok_or(MarketError::MathOverflow)?;
        // Points are no money: at the end of the number they stop, and settling goes on.
        self.points_e6 = self.points_e6.saturating_add(points);
        Ok(())
    }

    pub fn count(&mut self, gpu_minutes: u64) {
        self.gpu_minutes = self.gpu_minutes.saturating_add(gpu_minutes);
    }
}

const _: () = assert!(USD6 == 1_000_000);
