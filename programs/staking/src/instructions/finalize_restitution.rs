use crate::{
    constants::pause,
    events::RestitutionFinalized,
    state::{Config, DeviceStake, Outcome, Restitution, SlashCase},
    StakingError,
};
use anchor_lang::prelude::*;

/// No price, no vault and no account of the renter: nothing outside of this program keeps a case from its end.
#[derive(Accounts)]
pub struct FinalizeRestitution {
    /// CHECK: paid the case's rent and gets it back.
    // Twice in the list when the slasher takes from an own device: `dup` is safe, lamports are only added.
    #[account(mut, unsafe(dup), address = case.proposer @ StakingError::WrongCase)]
    pub proposer: UncheckedAccount,
    /// CHECK: gets the stake account's rent when nothing is left in it.
    #[account(mut, unsafe(dup), address = stake.owner @ StakingError::NotOwner)]
    pub owner: UncheckedAccount,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, constraint = stake.device == case.device @ StakingError::WrongCase)]
    pub stake: Account<DeviceStake>,
    #[account(mut, close = proposer, constraint = case.pays_renter() @ StakingError::PaysNoRenter)]
    pub case: Account<SlashCase>,
    #[account(mut, constraint = restitution.verdict == case.verdict @ StakingError::WrongRestitution)]
    pub restitution: Account<Restitution>,
}

pub fn finalize_restitution(ctx: &mut Context<FinalizeRestitution>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let outcome = accounts.case.outcome(Clock::get()?.unix_timestamp)?;
    let take = outcome == Outcome::Take;
    let amount = accounts.case.owner_units;
    let staked_before = accounts.config.staked_units;
    let due_before = accounts.config.restitution_due_units;
    accounts.stake.end(&accounts.case, outcome)?;
    if take {
        accounts.config.require_running(pause::TAKING)?;
        accounts.config.owe(amount)?;
        accounts.restitution.credit(amount)?;
    } else {
        accounts.restitution.give_back(accounts.case.claim_usd6)?;
    }
    emit!(RestitutionFinalized {
        case: *accounts.case.account().address(),
        verdict: accounts.case.verdict,
        device: accounts.stake.device,
        renter: accounts.restitution.renter,
        credited: if take { amount } else { 0 },
        claimed_usd6: accounts.restitution.claimed_usd6,
        staked_before,
        staked_after: accounts.config.staked_units,
        due_before,
        due_after: accounts.config.restitution_due_units,
    });
    if accounts.stake.is_empty() {
        let owner = *accounts.owner.account();
        accounts.stake.close(owner)?;
    }
    Ok(())
}
