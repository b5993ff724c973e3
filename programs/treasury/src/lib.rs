//! The network's fees: what the market collects is booked here. IO is burned by whoever calls first; US dollars buy IO in a
//! Dutch auction, and what is bought burns in the same instruction. A share of IO may be kept for suppliers who wait for it.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::{PriceError, TreasuryError};
pub use instructions::GovernanceError;
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
    pub fn initialize(ctx: &mut Context<Initialize>, args: ConfigArgs) -> Result<()> {
        instructions::initialize(ctx, args)
    }

    /// Opens the fee vault of a currency.
    pub fn add_fee_vault(ctx: &mut Context<AddFeeVault>) -> Result<()> {
        instructions::add_fee_vault(ctx)
    }

    /// Lets a currency of US dollars with 6 decimals be spent on IO by auctions.
    pub fn add_auction(ctx: &mut Context<AddAuction>) -> Result<()> {
        instructions::add_auction(ctx)
    }

    /// Moves a fee into its vault and books it; by CPI from the market, which signs with its escrow authority.
    pub fn collect(ctx: &mut Context<Collect>, amount: u64) -> Result<()> {
        instructions::collect(ctx, amount)
    }

    /// Burns all booked IO fees. Anyone.
    pub fn burn_io_fees(ctx: &mut Context<BurnIoFees>) -> Result<()> {
        instructions::burn_io_fees(ctx)
    }

    /// Pays a supplier from the share kept for incentives; by CPI from the market, which signs with its escrow authority.
    pub fn pay_incentive(ctx: &mut Context<PayIncentive>, amount: u64) -> Result<()> {
        instructions::pay_incentive(ctx, amount)
    }

    /// Hands all that is kept back to be burned; by CPI from the market, which signs with its escrow authority, while no supplier
    /// waits for it.
    pub fn release_kept(ctx: &mut Context<ReleaseKept>) -> Result<()> {
        instructions::release_kept(ctx)
    }

    /// Begins an auction for the fees that wait, at most once an hour. Anyone.
    pub fn open_auction(ctx: &mut Context<OpenAuction>) -> Result<()> {
        instructions::open_auction(ctx)
    }

    /// Sells at most `amount` of the signer's IO into the auction for at least `min_usdc`; the IO burns. When the lot does not
    /// reach for all of it, the rest stays with the seller.
    pub fn sell_io(ctx: &mut Context<SellIo>, amount: u64, min_usdc: u64) -> Result<()> {
        instructions::sell_io(ctx, amount, min_usdc)
    }

    /// Names a successor of the authority, who must accept.
    pub fn propose_authority(ctx: &mut Context<Govern>, successor: Address) -> Result<()> {
        instructions::propose_authority(ctx, successor)
    }

    /// Takes the proposal of a successor back.
    pub fn cancel_authority(ctx: &mut Context<Govern>) -> Result<()> {
        instructions::cancel_authority(ctx)
    }

    /// Makes the signer, the proposed successor, the authority.
    pub fn accept_authority(ctx: &mut Context<GovernAs>) -> Result<()> {
        instructions::accept_authority(ctx)
    }

    /// Names the guardian, who may pause and drop what waits; zeros for nobody.
    pub fn set_guardian(ctx: &mut Context<Govern>, guardian: Address) -> Result<()> {
        instructions::set_guardian(ctx, guardian)
    }

    /// Pauses actions, by their bits. The guardian or the authority may.
    pub fn pause(ctx: &mut Context<GovernAs>, actions: u8) -> Result<()> {
        instructions::pause(ctx, actions)
    }

    /// Resumes actions, by their bits.
    pub fn resume(ctx: &mut Context<Govern>, actions: u8) -> Result<()> {
        instructions::resume(ctx, actions)
    }

    /// Sets a parameter within its bounds, or schedules it where the change must wait 24 hours.
    pub fn set_parameter(ctx: &mut Context<Govern>, id: ParameterId, value: u64) -> Result<()> {
        instructions::set_parameter(ctx, id, value)
    }

    /// Applies a scheduled parameter. Anyone.
    pub fn apply_parameter(ctx: &mut Context<ApplyParameter>, id: ParameterId) -> Result<()> {
        instructions::apply_parameter(ctx, id)
    }

    /// Drops a parameter's change that waits. The guardian or the authority may.
    pub fn drop_parameter(ctx: &mut Context<GovernAs>, id: ParameterId) -> Result<()> {
        instructions::drop_parameter(ctx, id)
    }
}
