#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use crate::{
    constants::*,
    events::ClassSet,
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
    class.id = args.id;
    class.version = 1;
    class.bump = ctx.bumps.class;
    class.set(&args)?;
    emit!(ClassSet {
        class: address,
        id: args.id,
        multiplier_x100: args.multiplier_x100,
        base_price_usd6: args.base_price_usd6,
        enabled: args.enabled,
    });
    Ok(())
}
