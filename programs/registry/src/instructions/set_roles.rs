use crate::{events::RolesChanged, state::Config, RegistryError};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetRoles {
    #[account(address = config.authority @ RegistryError::NotAuthority)]
    pub authority: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
}

pub fn set_roles(
    ctx: &mut Context<SetRoles>,
    attestor: Address,
    catalog_authority: Address,
) -> Result<()> {
    let config = &mut ctx.accounts.config;
    emit!(RolesChanged {
        attestor_before: config.attestor,
        attestor_after: attestor,
        catalog_authority_before: config.catalog_authority,
        catalog_authority_after: catalog_authority,
    });
    config.attestor = attestor;
    config.catalog_authority = catalog_authority;
    Ok(())
}
