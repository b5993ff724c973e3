use crate::{
    constants::*,
    events::{ConnectivitySet, SecuritySet},
    state::{Config, Device, SpeedTest},
    RegistryError,
};
use anchor_lang::prelude::*;

/// The attestor's statement about a device. Its signature over the transaction covers what it states.
#[derive(Accounts)]
pub struct Attest {
    #[account(address = config.attestor @ RegistryError::NotAttestor)]
    pub attestor: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
}

pub fn set_connectivity(ctx: &mut Context<Attest>, test: SpeedTest) -> Result<()> {
    let attestor = *ctx.accounts.attestor.address();
    let address = *ctx.accounts.device.account().address();
    let device = &mut ctx.accounts.device;
    let tier_before = device.tier;
    device.take_speed_test(&test, Clock::get()?.unix_timestamp)?;
    emit!(ConnectivitySet {
        device: address,
        attestor,
        download_mbps: test.download_mbps,
        upload_mbps: test.upload_mbps,
        measured_ts: test.measured_ts,
        report_hash: test.report_hash,
        tier_before,
        tier_after: device.tier,
    });
    Ok(())
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
