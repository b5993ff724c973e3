use crate::{
    constants::*,
    events::ConnectivitySet,
    state::{Config, Device},
    RegistryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct SetConnectivity {
    #[account(address = config.attestor @ RegistryError::NotAttestor)]
    pub attestor: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
}

pub fn set_connectivity(ctx: &mut Context<SetConnectivity>, tier: u8) -> Result<()> {
    require!(
        tier <= iog_math::score::MAX_TIER,
        RegistryError::InvalidTier
    );
    let address = *ctx.accounts.device.account().address();
    let device = &mut ctx.accounts.device;
    let tier_before = device.tier;
    device.tier = tier;
    emit!(ConnectivitySet {
        device: address,
        tier_before,
        tier_after: tier,
    });
    Ok(())
}
