//! A slash case that pays the renter of a lease whose dispute the market's resolver decided against the supplier.

use crate::{
    constants::{pause, CASE_SEED, RESTITUTION_SEED},
    errors::PriceError,
    events::RestitutionProposed,
    state::{Claim, Config, DeviceStake, Restitution, SlashCase},
    StakingError,
};
use anchor_lang::prelude::*;
use iog_common::{
    price::{self, ORDER_AGE_SECS},
    verdict::{self, Verdict},
};
use iog_token::PriceSource;

#[derive(Accounts)]
pub struct ProposeRestitution {
    #[account(mut, address = config.slasher.key @ StakingError::NotSlasher)]
    pub slasher: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    /// CHECK: the market's record of the decision; `verdict::read` checks owner and kind.
    pub verdict: UncheckedAccount,
    /// Created with the verdict's first case.
    #[account(init_if_needed, payer = slasher, seeds = [RESTITUTION_SEED, verdict.address().as_ref()], bump)]
    pub restitution: Account<Restitution>,
    #[account(init, payer = slasher, seeds = [CASE_SEED, &config.cases.to_le_bytes()], bump)]
    pub case: Account<SlashCase>,
    pub price_source: Account<PriceSource>,
    /// CHECK: `price::read` checks owner, address, feed, verification, age and ranges.
    pub price: UncheckedAccount,
    pub system_program: Program<System>,
}

pub fn propose_restitution(
    ctx: &mut Context<ProposeRestitution>,
    amount: u64,
    evidence_hash: [u8; 32],
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::PROPOSING)?;
    let verdict = checked_verdict(accounts, now)?;
    let usd6 = usd6_of(accounts, amount, now)?;
    let caps = accounts.config.caps();
    accounts.stake.hold_from_owner(amount, caps, now)?;
    let address = *accounts.verdict.address();
    if accounts.restitution.is_new() {
        let payer = *accounts.slasher.address();
        accounts.restitution.open(address, &verdict, payer);
        accounts.restitution.bump = ctx.bumps.restitution;
    }
    accounts.restitution.claim(&verdict, usd6)?;

    let case = &mut accounts.case;
    case.device = accounts.stake.device;
    case.proposer = *accounts.slasher.address();
    case.co_staker = accounts.stake.co_staker;
    case.evidence_hash = evidence_hash;
    case.number = accounts.config.next_case()?;
    case.owner_units = amount;
    case.proposed_ts = now;
    case.version = 1;
    case.bump = ctx.bumps.case;
    let claim = Claim {
        verdict: address,
        resolver: verdict.resolver,
        usd6,
    };
    case.claim(claim, &accounts.config.appeal_authority.key)?;
    report(accounts, &verdict)
}

/// The verdict, when it is about this stake, and not too old.
fn checked_verdict(accounts: &ProposeRestitution, now: i64) -> Result<Verdict> {
    let verdict = verdict::read(accounts.verdict.account()).ok_or(StakingError::NotVerdict)?;
    let stake = &accounts.stake;
    require!(
        verdict.device == stake.device && verdict.owner == stake.owner,
        StakingError::WrongVerdict
    );
    let claim_until_ts = verdict.claim_until_ts().ok_or(StakingError::MathOverflow)?;
    require!(now < claim_until_ts, StakingError::ClaimTooLate);
    Ok(verdict)
}

/// Fixed now and at the high price, so that carrying the case out needs no price and no moment is worth waiting for.
fn usd6_of(accounts: &ProposeRestitution, amount: u64, now: i64) -> Result<u64> {
    let source = accounts.price_source.source();
    let quote = price::read(accounts.price.account(), &source, ORDER_AGE_SECS, now)
        .map_err(PriceError::from)?;
    Ok(quote
        .point
        .usd6_at_high(amount)
        .map_err(StakingError::from)?)
}

fn report(accounts: &ProposeRestitution, verdict: &Verdict) -> Result<()> {
    let case = &accounts.case;
    emit!(RestitutionProposed {
        case: *case.account().address(),
        verdict: case.verdict,
        lease: verdict.lease,
        order: verdict.order,
        device: case.device,
        renter: verdict.renter,
        resolver: case.resolver,
        amount: case.owner_units,
        claim_usd6: case.claim_usd6,
        claimed_usd6: accounts.restitution.claimed_usd6,
        paid_usd6: verdict.paid_usd6,
        evidence_hash: case.evidence_hash,
        appeal_until_ts: case.appeal_until_ts()?,
    });
    Ok(())
}
