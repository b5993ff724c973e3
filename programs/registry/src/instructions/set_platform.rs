use super::OwnDevice;
use crate::events::PlatformSet;
use anchor_lang::prelude::*;

/// The owner's word: no lease copies it, and an order that asked for a platform asked when it was matched.
pub fn set_platform(ctx: &mut Context<OwnDevice>, platform: u8) -> Result<()> {
    let address = *ctx.accounts.device.account().address();
    let device = &mut ctx.accounts.device;
    let before = device.platform;
    device.set_platform(platform)?;
    emit!(PlatformSet {
        device: address,
        before,
        after: platform,
    });
    Ok(())
}
