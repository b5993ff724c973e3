//! IO, the network's token: 500 M minted once at genesis and released by vesting schedules, 300 M emitted hour by hour by
//! registered minters, burned by anyone. `genesis + emitted + re-minted - burned` is the mint's supply, always.
//!
//! IOSD, its credit: worth one US dollar of GPU hours, made by burning IO at a conservative price, not transferable. What was
//! burned for it may be minted again, to pay suppliers, over 720 hours.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::{PriceError, TokenError};
pub use instructions::GovernanceError;
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
    pub fn initialize(
        ctx: &mut Context<Initialize>,
        genesis_ts: i64,
        limits: LimitArgs,
    ) -> Result<()> {
        instructions::initialize(ctx, genesis_ts, limits)
    }

    /// As `initialize`, with a mint that exists: 8 decimals, at most 500 M IO, no freeze authority. Takes its mint authority
    /// over and mints what is missing to 500 M into the vesting vault.
    pub fn initialize_existing(
        ctx: &mut Context<InitializeExisting>,
        genesis_ts: i64,
        limits: LimitArgs,
    ) -> Result<()> {
        instructions::initialize_existing(ctx, genesis_ts, limits)
    }

    /// Creates the IOSD mint (Token-2022, not transferable), the books of net emission and the source of prices.
    pub fn create_iosd(ctx: &mut Context<CreateIosd>, source: PriceSourceArgs) -> Result<()> {
        instructions::create_iosd(ctx, source)
    }

    /// Schedules another source of prices, to be applied 24 hours later. The present one again drops a change that waits.
    pub fn set_price_source(
        ctx: &mut Context<SetPriceSource>,
        source: PriceSourceArgs,
    ) -> Result<()> {
        instructions::set_price_source(ctx, source)
    }

    /// Applies the scheduled source of prices. Anyone.
    pub fn apply_price_source(ctx: &mut Context<ApplyPriceSource>) -> Result<()> {
        instructions::apply_price_source(ctx)
    }

    /// Creates the price that reporters sign, `quorum` of whom must be fresh.
    pub fn create_price_feed(ctx: &mut Context<CreatePriceFeed>, quorum: u64) -> Result<()> {
        instructions::create_price_feed(ctx, quorum)
    }

    /// Names the reporter of a place, 24 hours ahead but on the day of the initialisation; zeros remove one at once.
    pub fn set_reporter(ctx: &mut Context<SetReporter>, index: u8, key: Address) -> Result<()> {
        instructions::set_reporter(ctx, index, key)
    }

    /// Gives a place to the reporter who was named for it. Anyone.
    pub fn apply_reporter(ctx: &mut Context<ApplyReporter>, index: u8) -> Result<()> {
        instructions::apply_reporter(ctx, index)
    }

    /// Forgets who was named for a place. The guardian or the authority may.
    pub fn drop_reporter(ctx: &mut Context<DropReporter>, index: u8) -> Result<()> {
        instructions::drop_reporter(ctx, index)
    }

    /// Schedules how many fresh reports make a price.
    pub fn set_price_quorum(ctx: &mut Context<SetReporter>, quorum: u64) -> Result<()> {
        instructions::set_price_quorum(ctx, quorum)
    }

    /// Applies the scheduled quorum. Anyone.
    pub fn apply_price_quorum(ctx: &mut Context<ApplyReporter>) -> Result<()> {
        instructions::apply_price_quorum(ctx)
    }

    /// Drops the quorum that waits. The guardian or the authority may.
    pub fn drop_price_quorum(ctx: &mut Context<DropReporter>) -> Result<()> {
        instructions::drop_price_quorum(ctx)
    }

    /// Takes the signed reports of the Ed25519 instruction right before. Anyone.
    pub fn report_price(ctx: &mut Context<ReportPrice>) -> Result<()> {
        instructions::report_price(ctx)
    }

    /// Drops the source of prices that waits. The guardian or the authority may.
    pub fn drop_price_source(ctx: &mut Context<DropPriceSource>) -> Result<()> {
        instructions::drop_price_source(ctx)
    }

    /// Remembers the price: IOSD is made at no more than 1.2 times the lowest of 24 hours. Anyone.
    pub fn observe_price(ctx: &mut Context<ObservePrice>) -> Result<()> {
        instructions::observe_price(ctx)
    }

    /// Allocates part of the genesis supply to a beneficiary under a schedule.
    pub fn create_vesting(ctx: &mut Context<CreateVesting>, args: VestingArgs) -> Result<()> {
        instructions::create_vesting(ctx, args)
    }

    /// Pays what is due to the beneficiary, to the second. Anyone may call it, any number of times.
    pub fn release_vested(ctx: &mut Context<ReleaseVested>) -> Result<()> {
        instructions::release_vested(ctx)
    }

    /// Lets a program's PDA mint or handle IOSD: rights 1 emission up to `cap_per_hour`, 2 net emission, 4 IOSD. It may act 24
    /// hours later, or at once on the day of the initialisation.
    pub fn register_minter(
        ctx: &mut Context<RegisterMinter>,
        rights: u8,
        cap_per_hour: u64,
    ) -> Result<()> {
        instructions::register_minter(ctx, rights, cap_per_hour)
    }

    /// Sets a minter's cap of emission; a rise can be applied 24 hours later.
    pub fn set_minter_cap(ctx: &mut Context<SetMinterCap>, cap_per_hour: u64) -> Result<()> {
        instructions::set_minter_cap(ctx, cap_per_hour)
    }

    /// Applies a minter's higher cap. Anyone.
    pub fn apply_minter_cap(ctx: &mut Context<ApplyMinterCap>) -> Result<()> {
        instructions::apply_minter_cap(ctx)
    }

    /// Gives a removed minter rights again, 24 hours later.
    pub fn restore_minter(
        ctx: &mut Context<SetMinterCap>,
        rights: u8,
        cap_per_hour: u64,
    ) -> Result<()> {
        instructions::restore_minter(ctx, rights, cap_per_hour)
    }

    /// Drops what waits of a minter: its rights, else its higher cap. The guardian or the authority may.
    pub fn drop_minter(ctx: &mut Context<DropMinter>) -> Result<()> {
        instructions::drop_minter(ctx)
    }

    /// Ends a minter's rights at once; what was spent through it can still be settled and refunded.
    pub fn remove_minter(ctx: &mut Context<RemoveMinter>) -> Result<()> {
        instructions::remove_minter(ctx)
    }

    /// Mints emission; by CPI from a registered minter, which signs with its PDA.
    pub fn mint_emission(ctx: &mut Context<MintEmission>, amount: u64) -> Result<()> {
        instructions::mint_emission(ctx, amount)
    }

    /// Mints again what was burned for IOSD, as far as the allowance goes; by CPI from a registered minter.
    pub fn mint_net_emission(ctx: &mut Context<MintNetEmission>, amount: u64) -> Result<()> {
        instructions::mint_net_emission(ctx, amount)
    }

    /// Burns the signer's IO and books it.
    pub fn burn_io(ctx: &mut Context<BurnIo>, amount: u64) -> Result<()> {
        instructions::burn_io(ctx, amount)
    }

    /// Burns at most `amount` of the signer's IO for at least `min_out` IOSD, at the lower of spot and average price less twice
    /// the confidence.
    pub fn burn_io_for_iosd(
        ctx: &mut Context<BurnIoForIosd>,
        amount: u64,
        min_out: u64,
    ) -> Result<()> {
        instructions::burn_io_for_iosd(ctx, amount, min_out)
    }

    /// Burns IOSD that its owner spends; by CPI from a registered minter.
    pub fn burn_iosd(ctx: &mut Context<BurnIosd>, amount: u64) -> Result<()> {
        instructions::burn_iosd(ctx, amount)
    }

    /// Says that IOSD that was spent is earned, and can no longer be refunded; by CPI from a registered minter.
    pub fn settle_iosd(ctx: &mut Context<SettleIosd>, amount: u64) -> Result<()> {
        instructions::settle_iosd(ctx, amount)
    }

    /// Gives back IOSD that was spent and is not earned; by CPI from a registered minter.
    pub fn refund_iosd(ctx: &mut Context<RefundIosd>, amount: u64) -> Result<()> {
        instructions::refund_iosd(ctx, amount)
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
    /// Drops a scheduled parameter. The guardian or the authority may.
    pub fn drop_parameter(ctx: &mut Context<GovernAs>, id: ParameterId) -> Result<()> {
        instructions::drop_parameter(ctx, id)
    }
}
