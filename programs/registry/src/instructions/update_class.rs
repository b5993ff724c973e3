use crate::{
    constants::*,
    events::ClassSet,
    state::{ClassArgs, Config, HardwareClass},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct UpdateClass {
    #[account(address = config.authority @ RegistryError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [CLASS_SEED, &class.id.to_le_bytes()], bump = class.bump)]
    pub class: Account<HardwareClass>,
}

pub fn update_class(ctx: &mut Context<UpdateClass>, args: ClassArgs) -> Result<()> {
    let address = *ctx.accounts.class.account().address();
    let class = &mut ctx.accounts.class;
    require!(class.id == args.id, RegistryError::WrongClass);
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
