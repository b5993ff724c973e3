use crate::{
    constants::*,
    events::LeaseSettled,
    state::{Config, Due, Escrow, Lease, LeaseState, Occupancy, Order},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};
use iog_registry::Device;
use iog_treasury::IogTreasury;

#[derive(Accounts)]
pub struct Settle {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder, constraint = order.settles() @ MarketError::OrderNotActive)]
    pub order: Account<Order>,
    #[account(mut, constraint = lease.is(LeaseState::Accepted) @ MarketError::NothingToSettle)]
    pub lease: Account<Lease>,
    #[account(address = lease.device @ MarketError::WrongDevice)]
    pub device: Account<Device>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, seeds = [ESCROW_SEED, order.mint.as_ref()], bump = escrow.bump)]
    pub escrow: Account<Escrow>,
    #[account(mut, seeds = [VAULT_SEED, order.mint.as_ref()], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(address = order.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    #[account(mut, constraint = *supplier_token.owner() == lease.owner @ MarketError::WrongRecipient)]
    pub supplier_token: Account<TokenAccount>,
    #[account(mut, constraint = *renter_token.owner() == order.renter @ MarketError::WrongRecipient)]
    pub renter_token: Account<TokenAccount>,
    pub treasury_config: Account<iog_treasury::Config>,
    #[account(mut)]
    pub fees: Account<iog_treasury::FeeVault>,
    #[account(mut)]
    pub fee_vault: Account<TokenAccount>,
    pub treasury_program: Program<IogTreasury>,
    pub token_program: Program<Token>,
}

/// Pays supplier and renter, and hands `fee` to the treasury; every one only when there is something to pay.
fn pay(accounts: &mut Settle, due: &Due, fee: u64) -> Result<()> {
    let bump = [accounts.config.escrow_authority_bump];
    let seeds: &[&[&[u8]]] = &[&[ESCROW_AUTHORITY_SEED, &bump]];
    let decimals = accounts.escrow.decimals;
    if due.to_supplier > 0 {
        accounts.token_program.transfer_checked(
            &mut accounts.vault,
            &accounts.mint,
            &mut accounts.supplier_token,
            &accounts.escrow_authority,
            seeds,
            due.to_supplier,
            decimals,
        )?;
    }
    if due.refund > 0 {
        accounts.token_program.transfer_checked(
            &mut accounts.vault,
            &accounts.mint,
            &mut accounts.renter_token,
            &accounts.escrow_authority,
            seeds,
            due.refund,
            decimals,
        )?;
    }
    if fee > 0 {
        let cpi = iog_treasury::cpi::accounts::Collect {
            market_authority: accounts.escrow_authority.cpi_handle(),
            config: accounts.treasury_config.cpi_handle(),
            fees: accounts.fees.cpi_handle_mut(),
            source: accounts.vault.cpi_handle_mut(),
            vault: accounts.fee_vault.cpi_handle_mut(),
            mint: accounts.mint.cpi_handle(),
            token_program: accounts.token_program.cpi_handle(),
        };
        let program = accounts.treasury_program.address();
        iog_treasury::cpi::collect(CpiContext::new_with_signer(program, cpi, seeds), fee)?;
    }
    Ok(())
}

pub fn settle(ctx: &mut Context<Settle>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let due = accounts
        .lease
        .settle(&accounts.order, &accounts.device, now)?;
    // The renter's fees were earned with the start; they leave the escrow with the first settlement.
    let fee = due
        .supplier_fee
        .checked_add(accounts.order.pending_fee_units)
        .ok_or(MarketError::MathOverflow)?;
    accounts.order.pending_fee_units = 0;
    let escrowed_before = accounts.escrow.escrowed_units;
    accounts.order.pay_out(due.to_supplier, due.refund, fee)?;
    accounts.escrow.pay_out(due.to_supplier, due.refund, fee)?;
    accounts.occupancy.count(due.served, due.missed);
    let lease_address = *accounts.lease.account().address();
    if accounts.lease.is(LeaseState::Settled) {
        accounts.order.lease_settled()?;
        accounts.occupancy.release(&lease_address);
    }
    pay(accounts, &due, fee)?;
    emit!(LeaseSettled {
        order: accounts.lease.order,
        lease: lease_address,
        settled_until_ts: accounts.lease.settled_until_ts,
        paid: due.to_supplier,
        refunded: due.refund,
        fee,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}
