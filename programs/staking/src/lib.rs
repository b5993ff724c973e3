//! The stake behind each device, its owner's and at most one co-staker's, and the cases that slash it. Amounts are booked in
//! `DeviceStake`, never read from the vault's balance, so that a donation changes nothing.

use anchor_lang::prelude::*;
use iog_sbf_abi as _;

pub mod constants;
pub mod errors;
pub mod events;
pub mod instructions;
pub mod state;

pub use errors::{PriceError, StakingError};
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
    pub fn initialize(
        ctx: &mut Context<Initialize>,
        case_cap_bps: u16,
        month_cap_bps: u16,
    ) -> Result<()> {
        instructions::initialize(ctx, case_cap_bps, month_cap_bps)
    }

    /// Opens a device's stake with at least half of the minimum of its class and quantity: the device earns when owner and
    /// co-staker reach it together. The device's owner only.
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

    /// Pays out at once what the owner has above the minimum, above the co-staker's part and above what cases hold.
    pub fn withdraw_overflow(ctx: &mut Context<WithdrawOverflow>, amount: u64) -> Result<()> {
        instructions::withdraw_overflow(ctx, amount)
    }

    /// Offers to co-stake the device: `amount`, at most the owner's own, for a share of its rewards; to `co_staker` alone or, with zeros,
    /// to anyone.
    pub fn make_offer(
        ctx: &mut Context<MakeOffer>,
        amount: u64,
        co_share_bps: u16,
        co_staker: Address,
    ) -> Result<()> {
        instructions::make_offer(ctx, amount, co_share_bps, co_staker)
    }

    /// Takes an offer back.
    pub fn retract(ctx: &mut Context<Retract>) -> Result<()> {
        instructions::retract(ctx)
    }

    /// Accepts an offer at exactly these terms, which then stay as the caps of now do, and pays the amount in.
    pub fn accept_offer(
        ctx: &mut Context<AcceptOffer>,
        amount: u64,
        co_share_bps: u16,
    ) -> Result<()> {
        instructions::accept_offer(ctx, amount, co_share_bps)
    }

    /// Begins the co-staker's leave: the part counts for 7 days more but earns its owner nothing, then cools down for 14.
    pub fn leave(ctx: &mut Context<Leave>) -> Result<()> {
        instructions::leave(ctx)
    }

    /// Pays the co-staker's part out when its time has come. Anyone, into the co-staker's associated token account; the co-staker into any
    /// of its own.
    pub fn withdraw_co(ctx: &mut Context<WithdrawCo>) -> Result<()> {
        instructions::withdraw_co(ctx)
    }

    /// Names who proposes slashes, 24 hours ahead; zeros remove at once, the present holder drops who was named.
    pub fn set_slasher(ctx: &mut Context<Govern>, key: Address) -> Result<()> {
        instructions::set_slasher(ctx, key)
    }

    /// Names who decides appeals, 24 hours ahead; zeros remove at once, the present holder drops who was named.
    pub fn set_appeal_authority(ctx: &mut Context<Govern>, key: Address) -> Result<()> {
        instructions::set_appeal_authority(ctx, key)
    }

    /// Gives a role of slashing to who was named for it. Anyone.
    pub fn apply_slash_role(ctx: &mut Context<ApplyParameter>, role: SlashRole) -> Result<()> {
        instructions::apply_slash_role(ctx, role)
    }

    /// Drops who was named for a role of slashing. The guardian or the authority may.
    pub fn drop_slash_role(ctx: &mut Context<GovernAs>, role: SlashRole) -> Result<()> {
        instructions::drop_slash_role(ctx, role)
    }

    /// Proposes to slash a stake for an offence of `offence_ts` and holds the amount, pro rata over the owner and a co-staker who was
    /// there by then.
    pub fn propose_slash(
        ctx: &mut Context<ProposeSlash>,
        amount: u64,
        reason: u8,
        evidence_hash: [u8; 32],
        offence_ts: i64,
    ) -> Result<()> {
        instructions::propose_slash(ctx, amount, reason, evidence_hash, offence_ts)
    }

    /// Proposes to pay the renter of a lease whose dispute the market's resolver decided against the supplier, and holds the
    /// amount of the owner's part alone. At the high price of now, all cases of a verdict are worth at most what the lease was
    /// paid. Within 180 days of the decision, by the slasher.
    pub fn propose_restitution(
        ctx: &mut Context<ProposeRestitution>,
        amount: u64,
        evidence_hash: [u8; 32],
    ) -> Result<()> {
        instructions::propose_restitution(ctx, amount, evidence_hash)
    }

    /// Appeals against a case within 30 days. The owner or, where the case holds of it, the co-staker.
    pub fn appeal(ctx: &mut Context<Appeal>) -> Result<()> {
        instructions::appeal(ctx)
    }

    /// Decides an appeal within 30 days; otherwise the case lapses. Upholding takes three days, rejecting none; who proposed the case does
    /// not decide it.
    pub fn resolve(ctx: &mut Context<Resolve>, upheld: bool) -> Result<()> {
        instructions::resolve(ctx, upheld)
    }

    /// Takes a case back that is not decided: what it holds is released when it is finalised. Slasher, appeal authority or authority; one
    /// that pays a renter only the appeal authority.
    pub fn withdraw_case(ctx: &mut Context<WithdrawCase>) -> Result<()> {
        instructions::withdraw_case(ctx)
    }

    /// Burns what a case holds, or releases it when the case was rejected or withdrawn, or has lapsed. Anyone.
    pub fn finalize_slash(ctx: &mut Context<FinalizeSlash>) -> Result<()> {
        instructions::finalize_slash(ctx)
    }

    /// Books what a case holds as owed to the renter, or releases it when the case was rejected or withdrawn, or has lapsed. Anyone.
    pub fn finalize_restitution(ctx: &mut Context<FinalizeRestitution>) -> Result<()> {
        instructions::finalize_restitution(ctx)
    }

    /// Pays what is owed to a renter. Anyone, into the renter's associated token account; the renter into any of its own.
    pub fn fetch_restitution(ctx: &mut Context<FetchRestitution>) -> Result<()> {
        instructions::fetch_restitution(ctx)
    }

    /// Gives a restitution's rent back: when nothing is owed, no case is open, and nothing was claimed or 180 days have passed
    /// since the decision. Anyone.
    pub fn close_restitution(ctx: &mut Context<CloseRestitution>) -> Result<()> {
        instructions::close_restitution(ctx)
    }

    /// Pays the owner's part out after the cool-down, and closes the account when nothing is left in it.
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
