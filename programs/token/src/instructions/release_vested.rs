use crate::{
    constants::*,
    events::VestingReleased,
    state::{Config, Vesting},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::{payee::Payee, token::Call};

#[derive(Accounts)]
pub struct ReleaseVested {
    /// The beneficiary, or anyone.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"vesting", &[vesting.id]], bump = vesting.bump)]
    pub vesting: Account<Vesting>,
    #[account(address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut, seeds = [b"vesting_vault"], bump)]
    pub vesting_vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vesting_authority"], bump)]
    pub vesting_authority: UncheckedAccount,
    #[account(
        mut,
        unsafe(dup),
        constraint = *beneficiary_token.owner() == vesting.beneficiary @ TokenError::NotBeneficiary,
        constraint = *beneficiary_token.mint() == config.io_mint @ TokenError::WrongMint
    )]
    pub beneficiary_token: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn release_vested(ctx: &mut Context<ReleaseVested>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let payee = Payee {
        recipient: &accounts.vesting.beneficiary,
        mint: &accounts.config.io_mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.beneficiary_token.account().address(),
        signed: *accounts.signer.address() == accounts.vesting.beneficiary,
    };
    require!(payee.is_allowed(), TokenError::NotAssociated);
    let released_before = accounts.vesting.released_units;
    let amount = accounts.vesting.release(now)?;
    let bump = [ctx.bumps.vesting_authority];
    Call {
        program: &accounts.token_program,
        authority: &accounts.vesting_authority,
        seeds: &[&[VESTING_AUTHORITY_SEED, &bump]],
        amount,
        decimals: IO_DECIMALS,
    }
    .transfer(
        &mut accounts.vesting_vault,
        &accounts.io_mint,
        &mut accounts.beneficiary_token,
    );
    let vesting = &ctx.accounts.vesting;
    emit!(VestingReleased {
        id: vesting.id,
        beneficiary: vesting.beneficiary,
        amount,
        released_before,
        released_after: vesting.released_units,
    });
    Ok(())
}
