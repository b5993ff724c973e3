use crate::{
    constants::*,
    events::{OperatorRegistered, OperatorUpdated},
    state::{Config, Operator},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct RegisterOperator {
    #[account(mut)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [OPERATOR_SEED, authority.address().as_ref()], bump)]
    pub operator: Account<Operator>,
    pub system_program: Program<System>,
}

#[derive(Accounts)]
pub struct UpdateOperator {
    #[account(address = operator.authority @ RegistryError::NotOwner)]
    pub authority: Signer,
    #[account(mut, seeds = [OPERATOR_SEED, operator.authority.as_ref()], bump = operator.bump)]
    pub operator: Account<Operator>,
}

pub fn register_operator(ctx: &mut Context<RegisterOperator>, name: [u8; 32]) -> Result<()> {
    let authority = *ctx.accounts.authority.address();
    let address = *ctx.accounts.operator.account().address();
    let config = &mut ctx.accounts.config;
    config.require_running(pause::REGISTRATION)?;
    config.operators = config
        .operators
        .checked_add(1)
        .ok_or(RegistryError::MathOverflow)?;
    let operator = &mut ctx.accounts.operator;
    operator.authority = authority;
    operator.name = name;
    operator.registered_ts = Clock::get()?.unix_timestamp;
    operator.version = 1;
    operator.bump = ctx.bumps.operator;
    emit!(OperatorRegistered {
        operator: address,
        authority,
    });
    Ok(())
}

pub fn update_operator(ctx: &mut Context<UpdateOperator>, name: [u8; 32]) -> Result<()> {
    let address = *ctx.accounts.operator.account().address();
    let operator = &mut ctx.accounts.operator;
    emit!(OperatorUpdated {
        operator: address,
        name_before: operator.name,
        name_after: name,
    });
    operator.name = name;
    Ok(())
}
