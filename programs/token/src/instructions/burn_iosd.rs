use crate::{
    constants::*,
    events::IosdSpent,
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::token_interface;
use iog_common::token::Call;

#[derive(Accounts)]
pub struct BurnIosd {
    #[account(address = minter.authority @ TokenError::NotMinter)]
    pub minter_authority: Signer,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
    /// Who spends; signs the transaction that the minter's program calls from.
    pub owner: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// CHECK: Token-2022 burns from it; the address is in the books.
    #[account(mut, address = config.iosd_mint @ TokenError::WrongIosdMint)]
    pub iosd_mint: UncheckedAccount,
    /// The owner's own: a delegate of another holder would be passing IOSD on, and a refund would reach it. Token-2022 checks
    /// its program and mint.
    #[account(mut, constraint = from.owner() == owner.address() @ TokenError::NotOwner)]
    pub from: InterfaceAccount<token_interface::TokenAccount>,
    pub token_2022_program: Program<Token2022>,
}

pub fn burn_iosd(ctx: &mut Context<BurnIosd>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts
        .minter
        .require_right(right::IOSD, &accounts.config, now)?;
    let spent_before = accounts.config.iosd_spent_units;
    accounts.minter.spend_iosd(amount)?;
    accounts.config.spend_iosd(amount, now)?;
    Call {
        program: &accounts.token_2022_program,
        authority: &accounts.owner,
        seeds: &[],
        amount,
        decimals: IOSD_DECIMALS,
    }
    .burn(&mut accounts.from, &mut accounts.iosd_mint);
    emit!(IosdSpent {
        minter: accounts.minter.authority,
        owner: *accounts.owner.address(),
        amount,
        spent_before,
        spent_after: accounts.config.iosd_spent_units,
    });
    Ok(())
}
