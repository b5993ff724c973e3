use crate::{
    constants::*,
    events::TierSet,
    state::{Config, Device, Measurements, SpeedTest},
};
use anchor_lang::prelude::*;

/// Opens the account of a device's measurements. Anyone pays for it; like the device's own account it stays for good, so that
/// no measurement is lost by closing it.
#[derive(Accounts)]
pub struct OpenMeasurements {
    #[account(mut)]
    pub payer: Signer,
    #[account(seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
    #[account(init, payer = payer, seeds = [MEASUREMENTS_SEED, device.account().address().as_ref()], bump)]
    pub measurements: Account<Measurements>,
    pub system_program: Program<System>,
}

/// Every measurer posts itself, so that no device chooses whose tests count.
#[derive(Accounts)]
pub struct Measure {
    /// Checked by its place in the config.
    pub measurer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
    #[account(mut, seeds = [MEASUREMENTS_SEED, device.account().address().as_ref()], bump = measurements.bump)]
    pub measurements: Account<Measurements>,
}

/// Anyone may take in that a measurer was removed or that measurements have grown old.
#[derive(Accounts)]
pub struct RefreshTier {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [DEVICE_SEED, device.device_key.as_ref()], bump = device.bump)]
    pub device: Account<Device>,
    #[account(seeds = [MEASUREMENTS_SEED, device.account().address().as_ref()], bump = measurements.bump)]
    pub measurements: Account<Measurements>,
}

pub fn open_measurements(ctx: &mut Context<OpenMeasurements>) -> Result<()> {
    let device = *ctx.accounts.device.account().address();
    let measurements = &mut ctx.accounts.measurements;
    measurements.device = device;
    measurements.version = 1;
    measurements.bump = ctx.bumps.measurements;
    Ok(())
}

pub fn measure(ctx: &mut Context<Measure>, test: SpeedTest) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let measurer = *accounts.measurer.address();
    let index = accounts.config.measurer_index(&measurer, now)?;
    accounts.measurements.take(index, &test, now)?;
    let device = *accounts.device.account().address();
    let tier_before = accounts.device.tier_at(now);
    let fresh = accounts
        .measurements
        .give_tier(&mut accounts.device, &accounts.config, now)?;
    emit!(TierSet {
        device,
        measurer,
        download_mbps: test.download_mbps,
        upload_mbps: test.upload_mbps,
        measured_ts: test.measured_ts,
        report_hash: test.report_hash,
        fresh,
        tier_before,
        tier_after: accounts.device.tier_at(now),
    });
    Ok(())
}

pub fn refresh_tier(ctx: &mut Context<RefreshTier>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let device = *accounts.device.account().address();
    let tier_before = accounts.device.tier_at(now);
    let fresh = accounts
        .measurements
        .give_tier(&mut accounts.device, &accounts.config, now)?;
    emit!(TierSet {
        device,
        measurer: Address::new_from_array([0; 32]),
        download_mbps: 0,
        upload_mbps: 0,
        measured_ts: 0,
        report_hash: [0; 32],
        fresh,
        tier_before,
        tier_after: accounts.device.tier_at(now),
    });
    Ok(())
}
