use crate::{
    constants::{pause, CASE_SEED},
    events::SlashProposed,
    state::{Config, DeviceStake, SlashCase},
    StakingError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct ProposeSlash {
    #[account(mut, address = config.slasher.key @ StakingError::NotSlasher)]
    pub slasher: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    #[account(init, payer = slasher, seeds = [CASE_SEED, &config.cases.to_le_bytes()], bump)]
    pub case: Account<SlashCase>,
    pub system_program: Program<System>,
}

pub fn propose_slash(
    ctx: &mut Context<ProposeSlash>,
    amount: u64,
    reason: u8,
    evidence_hash: [u8; 32],
    offence_ts: i64,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::PROPOSING)?;
    let caps = accounts.config.caps();
    let (owner_units, co_units) = accounts.stake.hold(amount, caps, offence_ts, now)?;
    let address = *accounts.case.account().address();
    let case = &mut accounts.case;
    case.device = accounts.stake.device;
    case.proposer = *accounts.slasher.address();
    case.co_staker = accounts.stake.co_staker;
    case.evidence_hash = evidence_hash;
    case.number = accounts.config.next_case()?;
    case.owner_units = owner_units;
    case.co_units = co_units;
    case.proposed_ts = now;
    case.offence_ts = offence_ts;
    case.reason = reason;
    case.version = 1;
    case.bump = ctx.bumps.case;
    emit!(SlashProposed {
        case: address,
        device: case.device,
        owner_amount: owner_units,
        co_amount: co_units,
        offence_ts,
        reason,
        evidence_hash,
        appeal_until_ts: case.appeal_until_ts()?,
    });
    Ok(())
}
