use crate::{
    constants::*,
    events::OfferAccepted,
    state::{Config, DeviceStake, Offer, OwnerBook},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;
use iog_registry::{constants::DEVICE_SEED, Device};

#[derive(Accounts)]
pub struct AcceptOffer {
    pub co_staker: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"stake", stake.device.as_ref()], bump = stake.bump)]
    pub stake: Account<DeviceStake>,
    /// Taken, and closed; its owner gets the rent.
    #[account(
        mut,
        seeds = [OFFER_SEED, offer.device.as_ref()],
        bump = offer.bump,
        constraint = offer.device == stake.device @ StakingError::WrongDevice
    )]
    pub offer: Account<Offer>,
    #[account(mut, seeds = [OWNER_SEED, stake.owner.as_ref()], bump = owner_book.bump)]
    pub owner_book: Account<OwnerBook>,
    /// CHECK: gets the offer's rent; `dup`, so that an owner as co-staker is refused by name.
    #[account(mut, unsafe(dup), address = stake.owner @ StakingError::NotOwner)]
    pub owner: UncheckedAccount,
    /// CHECK: where a device would be whose key is the co-staker's; the seeds fix the address, `is_own` reads it.
    #[account(seeds = [DEVICE_SEED, co_staker.address().as_ref()], bump, seeds::program = iog_registry::ID)]
    pub device_of_co_staker: UncheckedAccount,
    #[account(mut)]
    pub co_staker_token: Account<TokenAccount>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    #[account(address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

/// Whether the co-staker is the owner, by the wallet or by the key of one of the owner's devices.
fn is_own(accounts: &AcceptOffer) -> Result<bool> {
    if *accounts.co_staker.address() == accounts.stake.owner {
        return Ok(true);
    }
    let device = accounts.device_of_co_staker.account();
    if !device.owned_by(&iog_registry::ID) {
        return Ok(false);
    }
    // Safe to load: the registry derives only devices from these seeds.
    let device = Account::<Device>::load(*device)?;
    Ok(device.owner == accounts.stake.owner)
}

pub fn accept_offer(ctx: &mut Context<AcceptOffer>, amount: u64, co_share_bps: u16) -> Result<()> {
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::STAKING)?;
    require!(!is_own(accounts)?, StakingError::SelfCoStake);
    // An offer can be retracted and made again between the look at it and the acceptance.
    require!(
        accounts.offer.amount_units == amount && accounts.offer.co_share_bps == co_share_bps,
        StakingError::TermsChanged
    );
    let co_staker = *accounts.co_staker.address();
    let (caps, now) = (accounts.config.caps(), Clock::get()?.unix_timestamp);
    accounts
        .stake
        .accept(&accounts.offer, co_staker, caps, now)?;
    accounts.owner_book.accept()?;
    let staked_before = accounts.config.staked_units;
    accounts.config.add(amount)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.co_staker,
        seeds: &[],
        amount,
        decimals: IO_DECIMALS,
    }
    .transfer(
        &mut accounts.co_staker_token,
        &accounts.io_mint,
        &mut accounts.vault,
    );
    let owner = *accounts.owner.account();
    accounts.offer.close(owner)?;
    emit!(OfferAccepted {
        device: accounts.stake.device,
        owner: accounts.stake.owner,
        co_staker,
        amount,
        co_share_bps,
        staked_before,
        staked_after: accounts.config.staked_units,
    });
    Ok(())
}
