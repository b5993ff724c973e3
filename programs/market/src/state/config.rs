use crate::{constants::MAX_FEE_BPS, MarketError};
use anchor_lang::prelude::*;

/// The market's roles and fees. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// Pyth feed of IO/USD.
    pub io_feed: [u8; 32],
    /// From the renter, on top of the rent.
    pub reservation_fee_bps: u16,
    /// From the supplier, on payout.
    pub supplier_fee_bps: u16,
    /// From the renter, for burning.
    pub network_fee_bps: u16,
    pub version: u8,
    pub bump: u8,
    pub escrow_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 62],
}

#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ConfigArgs {
    pub io_feed: [u8; 32],
    pub reservation_fee_bps: u16,
    pub supplier_fee_bps: u16,
    pub network_fee_bps: u16,
}

impl Config {
    pub fn set(&mut self, args: &ConfigArgs) -> Result<()> {
        let fees = [
            args.reservation_fee_bps,
            args.supplier_fee_bps,
            args.network_fee_bps,
        ];
        require!(
            fees.iter().all(|fee| *fee <= MAX_FEE_BPS),
            MarketError::FeeTooHigh
        );
        self.io_feed = args.io_feed;
        self.reservation_fee_bps = args.reservation_fee_bps;
        self.supplier_fee_bps = args.supplier_fee_bps;
        self.network_fee_bps = args.network_fee_bps;
        Ok(())
    }
}
