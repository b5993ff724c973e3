//! The network's fees: what the market collects is booked here, and IO fees are burned by whoever calls first.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::TreasuryError;
use instructions::*;
pub use state::*;

declare_id!("EB7DbpHwojdnA99W8VVMNHzdtaXdEBEP3gUGhUZjHGwU");

/// Names this program in the account lists of programs that call it.
pub struct IogTreasury;

impl Id for IogTreasury {
    const IDL_ADDRESS: &'static str = "EB7DbpHwojdnA99W8VVMNHzdtaXdEBEP3gUGhUZjHGwU";

    fn id() -> Address {
        ID
    }
}

// Anchor 2.0.0-rc.2 exports every dispatcher that has no entrypoint under one unmangled name, so two programs that a third
// one calls could not be linked into it. Callers need the interface only.
#[cfg_attr(feature = "cpi", program(interface, program_id = ID))]
#[cfg_attr(not(feature = "cpi"), program)]
pub mod iog_treasury {
    use super::*;

    /// Creates the config. Only the program's upgrade authority may.
    pub fn initialize(ctx: &mut Context<Initialize>) -> Result<()> {
        instructions::initialize(ctx)
    }

    /// Opens the fee vault of a currency.
    pub fn add_fee_vault(ctx: &mut Context<AddFeeVault>) -> Result<()> {
        instructions::add_fee_vault(ctx)
    }

    /// Moves a fee into its vault and books it; by CPI from the market, which signs with its escrow authority.
    pub fn collect(ctx: &mut Context<Collect>, amount: u64) -> Result<()> {
        instructions::collect(ctx, amount)
    }

    /// Burns all booked IO fees. Anyone.
    pub fn burn_io_fees(ctx: &mut Context<BurnIoFees>) -> Result<()> {
        instructions::burn_io_fees(ctx)
    }
}
