use anchor_lang::prelude::*;
use iog_math::units::USD6;

/// What a renter has rented. One per renter; it can be closed while none of its orders is open.
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
    /// Orders whose account exists: their settlements are counted here.
    pub open_orders: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 62],
}

impl RenterStats {
    /// Counts rent that was earned. These are statistics, not money: at the end of a number they stop, and settling goes on.
    pub fn spend(&mut self, usd6: u64, points_per_usd: u64) {
        self.spent_usd6 = self.spent_usd6.saturating_add(usd6);
        // A millionth of a dollar is as many millionths of a point.
        let points = usd6.saturating_mul(points_per_usd);
        self.points_e6 = self.points_e6.saturating_add(points);
    }

    pub fn count(&mut self, gpu_minutes: u64) {
        self.gpu_minutes = self.gpu_minutes.saturating_add(gpu_minutes);
    }
}

const _: () = assert!(USD6 == 1_000_000);
