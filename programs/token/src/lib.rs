//! IO, the network's token: 500 M minted once at genesis and released by vesting schedules, 300 M emitted hour by hour by
//! registered minters, burned by anyone. `genesis + emitted + re-minted - burned` is the mint's supply, always.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::TokenError;
use instructions::*;
pub use state::*;

declare_id!("BzKJcuSJPUbYJfBh2A1MLfaLv5a8drNLL6whSyno8vZe");

/// Names this program in the account lists of programs that call it.
pub struct IogToken;

impl Id for IogToken {
    const IDL_ADDRESS: &'static str = "BzKJcuSJPUbYJfBh2A1MLfaLv5a8drNLL6whSyno8vZe";

    fn id() -> Address {
        ID
    }
}

// Anchor 2.0.0-rc.2 exports every dispatcher that has no entrypoint under one unmangled name, so two programs that a third
// one calls could not be linked into it. Callers need the interface only.
#[cfg_attr(feature = "cpi", program(interface, program_id = ID))]
#[cfg_attr(not(feature = "cpi"), program)]
pub mod iog_token {
    use super::*;

    /// Creates the IO mint and mints the genesis supply into the vesting vault. Only the program's upgrade authority may.
    pub fn initialize(ctx: &mut Context<Initialize>, genesis_ts: i64) -> Result<()> {
        instructions::initialize(ctx, genesis_ts)
    }

    /// Allocates part of the genesis supply to a beneficiary under a schedule.
    pub fn create_vesting(ctx: &mut Context<CreateVesting>, args: VestingArgs) -> Result<()> {
        instructions::create_vesting(ctx, args)
    }

    /// Pays what is due to the beneficiary, to the second. Anyone may call it, any number of times.
    pub fn release_vested(ctx: &mut Context<ReleaseVested>) -> Result<()> {
        instructions::release_vested(ctx)
    }

    /// Lets a program's PDA mint emission, up to a cap per hour.
    pub fn register_minter(ctx: &mut Context<RegisterMinter>, cap_per_hour: u64) -> Result<()> {
        instructions::register_minter(ctx, cap_per_hour)
    }

    /// Mints emission; by CPI from a registered minter, which signs with its PDA.
    pub fn mint_emission(ctx: &mut Context<MintEmission>, amount: u64) -> Result<()> {
        instructions::mint_emission(ctx, amount)
    }

    /// Burns the signer's IO and books it.
    pub fn burn_io(ctx: &mut Context<BurnIo>, amount: u64) -> Result<()> {
        instructions::burn_io(ctx, amount)
    }
}
