//! Orders, escrow and leases. A renter's total is held in one vault for each currency and booked order by order; each hour
//! that a device proved is paid, each that it did not is refunded:
//! `deposited == paid to suppliers + refunded + fees + still escrowed`, per order and per vault, always.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::{MarketError, PriceError};
pub use instructions::GovernanceError;
use instructions::*;
pub use state::*;

declare_id!("DZK1oGuU3DJzN3AK4jivLjwKfZTTjZHFR5fzbh5kS25L");

// Anchor 2.0.0-rc.2 exports every dispatcher that has no entrypoint under one unmangled name, so two programs that a third
// one calls could not be linked into it. Callers need the interface only.
#[cfg_attr(feature = "cpi", program(interface, program_id = ID))]
#[cfg_attr(not(feature = "cpi"), program)]
pub mod iog_market {
    use super::*;

    /// Creates the config. Only the program's upgrade authority may.
    pub fn initialize(ctx: &mut Context<Initialize>, args: ConfigArgs) -> Result<()> {
        instructions::initialize(ctx, args)
    }

    /// Opens the escrow vault of a currency.
    pub fn add_escrow(ctx: &mut Context<AddEscrow>) -> Result<()> {
        instructions::add_escrow(ctx)
    }

    /// Books GPU-hours of a class and escrows their total in IO, at the oracle's price now.
    pub fn create_order(ctx: &mut Context<CreateOrder>, args: OrderArgs) -> Result<()> {
        instructions::create_order(ctx, args)
    }

    /// Gives an idle, staked device that meets the order's constraints to the order. Anyone.
    pub fn match_device(ctx: &mut Context<MatchDevice>) -> Result<()> {
        instructions::match_device(ctx)
    }

    /// The matched device takes the order. With the last acceptance the order starts.
    pub fn accept(ctx: &mut Context<Accept>) -> Result<()> {
        instructions::accept(ctx)
    }

    /// Pays proved hours to the supplier and refunds unproved ones, up to 24 a call. Anyone.
    pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
        instructions::settle(ctx)
    }

    /// Ends a running order early and refunds whole unused minutes; the first hour and fees are kept.
    pub fn end_early(ctx: &mut Context<EndEarly>) -> Result<()> {
        instructions::end_early(ctx)
    }

    /// Refunds everything of an order that did not start in time. Anyone.
    pub fn expire_order(ctx: &mut Context<ExpireOrder>) -> Result<()> {
        instructions::expire_order(ctx)
    }

    /// Closes a lease that is settled or never started; rent goes back to who paid it. Anyone.
    pub fn close_lease(ctx: &mut Context<CloseLease>) -> Result<()> {
        instructions::close_lease(ctx)
    }

    /// Closes an order without leases; what rounding left goes to the renter. Anyone.
    pub fn close_order(ctx: &mut Context<CloseOrder>) -> Result<()> {
        instructions::close_order(ctx)
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

    /// Names the guardian, who may pause and nothing else; zeros for nobody.
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
}
