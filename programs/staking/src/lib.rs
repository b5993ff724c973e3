//! The stake behind each device. Amounts are booked in `DeviceStake`, never read from the vault's balance, so that a
//! donation changes nothing.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::StakingError;
pub use instructions::GovernanceError;
use instructions::*;
pub use state::*;

declare_id!("Gx5Hj5xqZgaVpXGRzksTm8gxprBRAHCkpsMBz7jtG9xE");

// Anchor 2.0.0-rc.2 exports every dispatcher that has no entrypoint under one unmangled name, so two programs that a third
// one calls could not be linked into it. Callers need the interface only.
#[cfg_attr(feature = "cpi", program(interface, program_id = ID))]
#[cfg_attr(not(feature = "cpi"), program)]
pub mod iog_staking {
    use super::*;

    /// Creates the config and the vault. Only the program's upgrade authority may.
    pub fn initialize(ctx: &mut Context<Initialize>) -> Result<()> {
        instructions::initialize(ctx)
    }

    /// Opens a device's stake with at least the minimum of its class and quantity. The device's owner only.
    pub fn stake(ctx: &mut Context<Stake>, amount: u64) -> Result<()> {
        instructions::stake(ctx, amount)
    }

    /// Adds to a stake. Anything above the minimum earns nothing more.
    pub fn increase_stake(ctx: &mut Context<IncreaseStake>, amount: u64) -> Result<()> {
        instructions::increase_stake(ctx, amount)
    }

    /// Starts the cool-down of the whole stake; it cannot be taken back. Refused while the device is hired.
    pub fn request_unstake(ctx: &mut Context<RequestUnstake>) -> Result<()> {
        instructions::request_unstake(ctx)
    }

    /// Pays the stake out after the cool-down and closes its account.
    pub fn withdraw(ctx: &mut Context<Withdraw>) -> Result<()> {
        instructions::withdraw(ctx)
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
}
