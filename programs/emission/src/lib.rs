//! The hour's emission. Devices check in once an hour with their score; when the hour is over anyone closes it, which books what
//! the schedule gives it and fixes a reward per score for each pool. A device's hours turn into booked amounts whenever it
//! next checks in or settles, however late. Minting what is shared out into the vault is an act of its own, also open to all,
//! so that no pause or cap of the token keeps an hour open; claims are paid as far as it is minted.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::EmissionError;
pub use instructions::GovernanceError;
use instructions::*;
pub use state::*;

declare_id!("3EA5Uz34M2puUJfTHp2qvjCx2PYtjj7kruJxm5F5Vark");

// Anchor 2.0.0-rc.2 exports every dispatcher that has no entrypoint under one unmangled name, so two programs that a third
// one calls could not be linked into it. Callers need the interface only.
#[cfg_attr(feature = "cpi", program(interface, program_id = ID))]
#[cfg_attr(not(feature = "cpi"), program)]
pub mod iog_emission {
    use super::*;

    /// Creates the config and the reward vault. Only the program's upgrade authority may.
    pub fn initialize(ctx: &mut Context<Initialize>, args: ConfigArgs) -> Result<()> {
        instructions::initialize(ctx, &args)
    }

    /// Opens the ledger page of 128 hours. Anyone, at most one page ahead of time.
    pub fn open_page(ctx: &mut Context<OpenPage>, index: u32) -> Result<()> {
        instructions::open_page(ctx, index)
    }

    /// Opens a device's rewards account.
    pub fn open_rewards(ctx: &mut Context<OpenRewards>) -> Result<()> {
        instructions::open_rewards(ctx)
    }

    /// Adds an eligible device's score to the running hour. Anyone, once an hour and device.
    pub fn check_in(ctx: &mut Context<CheckIn>) -> Result<()> {
        instructions::check_in(ctx)
    }

    /// Closes up to `max_hours` hours that are over, in order, within one page. Mints nothing, so that nothing can stop it. Anyone.
    pub fn close_hour(ctx: &mut Context<CloseHour>, max_hours: u8) -> Result<()> {
        instructions::close_hour(ctx, max_hours)
    }

    /// Mints what closed hours have shared out, as far as the minter's cap and the breaker let it pass now. Anyone.
    pub fn mint_due(ctx: &mut Context<MintDue>) -> Result<()> {
        instructions::mint_due(ctx)
    }

    /// Books a device's closed hours as owed to its owner and co-staker. Anyone.
    pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
        instructions::settle(ctx)
    }

    /// Pays the owner what is booked, as far as it is minted. Anyone, into the owner's associated token account; the owner into any
    /// of its own.
    pub fn claim(ctx: &mut Context<Claim>) -> Result<()> {
        instructions::claim(ctx)
    }

    /// Pays what is booked for the device's co-staker or the one before, whose token account it is, as far as it is minted. Anyone,
    /// into the associated one; the recipient into any of its own.
    pub fn claim_co(ctx: &mut Context<ClaimCo>) -> Result<()> {
        instructions::claim_co(ctx)
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

    /// Pauses actions, by their bits. The guardian or the authority may. Hours that a pause of check-ins touches share nothing:
    /// their emission is carried to the next.
    pub fn pause(ctx: &mut Context<GovernAs>, actions: u8) -> Result<()> {
        instructions::pause(ctx, actions)?;
        let now = Clock::get()?.unix_timestamp;
        ctx.accounts.config.void_from(now);
        Ok(())
    }

    /// Resumes actions, by their bits.
    pub fn resume(ctx: &mut Context<Govern>, actions: u8) -> Result<()> {
        instructions::resume(ctx, actions)?;
        let now = Clock::get()?.unix_timestamp;
        ctx.accounts.config.void_until(now);
        Ok(())
    }

    /// Sets a parameter within its bounds, or schedules it where the change must wait.
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
