use crate::{
    constants::*,
    errors::PriceError,
    events::IosdMinted,
    state::{Config, NetEmission, PriceSource},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
    token_2022::{mint_to_checked, MintToChecked},
    token_interface,
};
use iog_common::pyth;

#[derive(Accounts)]
pub struct BurnIoForIosd {
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"net_emission"], bump)]
    pub net_emission: Account<NetEmission>,
    #[account(seeds = [b"price_source"], bump)]
    pub price_source: Account<PriceSource>,
    /// CHECK: `pyth::read` checks owner, address, feed, verification, age and ranges.
    pub price: UncheckedAccount,
    #[account(mut, address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut, constraint = *from.mint() == config.io_mint @ TokenError::WrongMint)]
    pub from: Account<TokenAccount>,
    /// CHECK: Token-2022 mints from it; the address is in the books.
    #[account(mut, address = config.iosd_mint @ TokenError::WrongIosdMint)]
    pub iosd_mint: UncheckedAccount,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"iosd_authority"], bump)]
    pub iosd_authority: UncheckedAccount,
    /// The owner's, since IOSD cannot be passed on.
    #[account(
        mut,
        constraint = to.owner() == owner.address() @ TokenError::NotOwner,
        constraint = *to.mint() == config.iosd_mint @ TokenError::WrongIosdMint
    )]
    pub to: InterfaceAccount<token_interface::TokenAccount>,
    pub token_program: Program<Token>,
    pub token_2022_program: Program<Token2022>,
}

pub fn burn_io_for_iosd(ctx: &mut Context<BurnIoForIosd>, amount: u64, min_out: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::IOSD)?;
    let source = accounts.price_source.source();
    let price = pyth::read(accounts.price.account(), &source, now).map_err(PriceError::from)?;
    let burn = price.burn_for_iosd(amount).map_err(TokenError::from)?;
    require!(burn.iosd > 0, TokenError::AmountTooSmall);
    require!(burn.iosd >= min_out, TokenError::OutputBelowLimit);

    let burned_before = accounts.config.burned_units;
    let iosd_minted_before = accounts.config.iosd_minted_units;
    accounts.config.burn_units(burn.io)?;
    accounts.net_emission.burn(burn.io, now)?;
    accounts.config.mint_iosd(burn.iosd, now)?;
    exchange(accounts, burn.io, burn.iosd, ctx.bumps.iosd_authority)?;
    emit!(IosdMinted {
        owner: *accounts.owner.address(),
        io_burned: burn.io,
        iosd: burn.iosd,
        price: price.low().map_err(TokenError::from)?,
        exponent: price.exponent,
        burned_before,
        burned_after: accounts.config.burned_units,
        iosd_minted_before,
        iosd_minted_after: accounts.config.iosd_minted_units,
    });
    Ok(())
}

fn exchange(accounts: &mut BurnIoForIosd, io: u64, iosd: u64, bump: u8) -> Result<()> {
    accounts.token_program.burn_checked(
        &mut accounts.from,
        &mut accounts.io_mint,
        &accounts.owner,
        &[],
        io,
        IO_DECIMALS,
    )?;
    let cpi = MintToChecked {
        mint: accounts.iosd_mint.cpi_handle_mut(),
        to: accounts.to.cpi_handle_mut(),
        authority: accounts.iosd_authority.cpi_handle(),
    };
    mint_to_checked(
        CpiContext::new_with_signer(
            accounts.token_2022_program.address(),
            cpi,
            &[&[IOSD_AUTHORITY_SEED, &[bump]]],
        ),
        iosd,
        IOSD_DECIMALS,
    )?;
    Ok(())
}
