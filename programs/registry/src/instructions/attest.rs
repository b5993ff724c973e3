use crate::{
    constants::*,
    events::SecuritySet,
    state::{Config, Device},
    RegistryError,
};
use anchor_lang::prelude::*;

/// The attestor's statement about a device. Its signature over the transaction covers what it states.
#[derive(Accounts)]
pub struct Attest {
    #[account(address = config.attestor.key @ RegistryError::NotAttestor)]
    pub attestor: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
}

pub fn set_security(
    ctx: &mut Context<Attest>,
    secure: bool,
    evidence_hash: [u8; 32],
) -> Result<()> {
    let attestor = *ctx.accounts.attestor.address();
    let address = *ctx.accounts.device.account().address();
    let device = &mut ctx.accounts.device;
    let secure_before = device.secure == 1;
    device.secure = u8::from(secure);
    device.security_hash = evidence_hash;
    emit!(SecuritySet {
        device: address,
        attestor,
        evidence_hash,
        secure_before,
        secure_after: secure,
    });
    Ok(())
}
