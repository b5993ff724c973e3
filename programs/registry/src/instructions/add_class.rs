#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use crate::{
    constants::*,
    events::ClassAdded,
    state::{ClassArgs, Config, HardwareClass},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
#[instruction(args: ClassArgs)]
pub struct AddClass {
    #[account(mut, address = config.authority @ RegistryError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [CLASS_SEED, &args.id.to_le_bytes()], bump)]
    pub class: Account<HardwareClass>,
    pub system_program: Program<System>,
}

pub fn add_class(ctx: &mut Context<AddClass>, args: ClassArgs) -> Result<()> {
    let address = *ctx.accounts.class.account().address();
    let class = &mut ctx.accounts.class;
    let config = &ctx.accounts.config;
    class.start(
        &args,
        config.setup_until_ts,
        config.authority_since_ts,
        Clock::get()?.unix_timestamp,
    )?;
    class.version = 1;
    class.bump = ctx.bumps.class;
    emit!(ClassAdded {
        class: address,
        id: class.id,
        pool: class.pool,
        vram_gb: class.vram_gb,
        base_price_usd6: class.base_price_usd6,
        enabled: args.enabled,
        terms: class.terms(),
        pending: class.pending,
        effective_ts: class.pending_ts,
    });
    Ok(())
}
