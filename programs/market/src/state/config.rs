use crate::{constants::MAX_FEE_BPS, GovernanceError};
use anchor_lang::prelude::*;
use iog_common::governance::{Bounds, Parameter};

/// The market's roles and fees. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// From the renter, on top of the rent.
    pub reservation_fee_bps: Parameter,
    /// From the supplier, on payout.
    pub supplier_fee_bps: Parameter,
    /// From the renter, for burning.
    pub network_fee_bps: Parameter,
    pub version: u8,
    pub bump: u8,
    pub escrow_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 60],
}

/// The parameters of the market. Rises wait 24 hours, and an order keeps the fees it was made with.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub enum ParameterId {
    ReservationFeeBps,
    SupplierFeeBps,
    NetworkFeeBps,
}

/// The first values of the parameters.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ConfigArgs {
    pub reservation_fee_bps: u16,
    pub supplier_fee_bps: u16,
    pub network_fee_bps: u16,
}

impl Config {
    pub fn parameter(&mut self, id: ParameterId) -> (&mut Parameter, Bounds) {
        let parameter = match id {
            ParameterId::ReservationFeeBps => &mut self.reservation_fee_bps,
            ParameterId::SupplierFeeBps => &mut self.supplier_fee_bps,
            ParameterId::NetworkFeeBps => &mut self.network_fee_bps,
        };
        (parameter, Bounds::rises(0, MAX_FEE_BPS))
    }

    /// Sets all parameters, when the config is created.
    pub fn start(&mut self, args: &ConfigArgs) -> Result<()> {
        for (id, value) in [
            (ParameterId::ReservationFeeBps, args.reservation_fee_bps),
            (ParameterId::SupplierFeeBps, args.supplier_fee_bps),
            (ParameterId::NetworkFeeBps, args.network_fee_bps),
        ] {
            let (parameter, bounds) = self.parameter(id);
            parameter
                .start(u64::from(value), &bounds)
                .map_err(GovernanceError::from)?;
        }
        Ok(())
    }
}
