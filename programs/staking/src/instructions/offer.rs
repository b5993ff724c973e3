//! An offer to co-stake, made and taken back by the owner.

use crate::{
    constants::{pause, OFFER_SEED, OWNER_SEED},
    events::{OfferMade, OfferRetracted},
    state::{Config, DeviceStake, Offer, OwnerBook},
    StakingError,
};
use anchor_lang::prelude::*;
use iog_math::units::BPS;

#[derive(Accounts)]
pub struct MakeOffer {
    #[account(mut, address = stake.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    #[account(init, payer = owner, seeds = [OFFER_SEED, stake.device.as_ref()], bump)]
    pub offer: Account<Offer>,
    /// Created with the owner's first offer and kept.
    #[account(init_if_needed, payer = owner, seeds = [OWNER_SEED, owner.address().as_ref()], bump)]
    pub owner_book: Account<OwnerBook>,
    pub system_program: Program<System>,
}

#[derive(Accounts)]
pub struct Retract {
    #[account(mut, address = offer.owner @ StakingError::NotOwner)]
    pub owner: Signer,
    #[account(mut, close = owner, seeds = [OFFER_SEED, offer.device.as_ref()], bump = offer.bump)]
    pub offer: Account<Offer>,
}

pub fn make_offer(
    ctx: &mut Context<MakeOffer>,
    amount: u64,
    co_share_bps: u16,
    co_staker: Address,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::STAKING)?;
    require!(amount > 0, StakingError::ZeroAmount);
    require!(u64::from(co_share_bps) <= BPS, StakingError::InvalidShare);
    let stake = &accounts.stake;
    require!(!stake.is_cooling_down(), StakingError::CoolingDown);
    require!(!stake.has_co_staker(), StakingError::HasCoStaker);
    require!(amount <= stake.amount_units, StakingError::OfferTooLarge);

    let book = &mut accounts.owner_book;
    if book.version == 0 {
        book.owner = stake.owner;
        book.version = 1;
        book.bump = ctx.bumps.owner_book;
    }
    require!(book.owner == stake.owner, StakingError::NotOwner);
    let offer = &mut accounts.offer;
    offer.device = stake.device;
    offer.owner = stake.owner;
    offer.co_staker = co_staker;
    offer.amount_units = amount;
    offer.stake_opened_ts = stake.opened_ts;
    offer.co_share_bps = co_share_bps;
    offer.version = 1;
    offer.bump = ctx.bumps.offer;
    emit!(OfferMade {
        device: stake.device,
        owner: stake.owner,
        co_staker,
        amount,
        co_share_bps,
    });
    Ok(())
}

pub fn retract(ctx: &mut Context<Retract>) -> Result<()> {
    emit!(OfferRetracted {
        device: ctx.accounts.offer.device,
        owner: ctx.accounts.offer.owner,
    });
    Ok(())
}
