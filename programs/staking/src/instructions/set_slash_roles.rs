use crate::{events::SlashRolesChanged, state::Config, StakingError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetSlashRoles {
    #[account(address = config.authority @ StakingError::NotAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
}

pub fn set_slash_roles(
    ctx: &mut Context<SetSlashRoles>,
    slasher: Address,
    appeal_authority: Address,
) -> Result<()> {
    // Zeros name nobody, so both may be.
    let nobody = Address::new_from_array([0; 32]);
    require!(
        slasher != appeal_authority || slasher == nobody,
        StakingError::RolesEqual
    );
    let config = &mut ctx.accounts.config;
    emit!(SlashRolesChanged {
        slasher_before: config.slasher,
        slasher_after: slasher,
        appeal_authority_before: config.appeal_authority,
        appeal_authority_after: appeal_authority,
    });
    config.slasher = slasher;
    config.appeal_authority = appeal_authority;
    Ok(())
}
