use crate::{
    events::KeptReleased,
    state::{Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct ReleaseKept {
    #[account(address = config.market_authority @ TreasuryError::NotMarket)]
    pub market_authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"fees", config.io_mint.as_ref()], bump = fees.bump)]
    pub fees: Account<FeeVault>,
}

/// The market knows whether a supplier waits for what is kept; while none does it is burned like all other fees.
pub fn release_kept(ctx: &mut Context<ReleaseKept>) -> Result<()> {
    let fees = &mut ctx.accounts.fees;
    let (booked_before, kept_before) = (fees.booked_units, fees.kept_units);
    let amount = fees.release_kept()?;
    emit!(KeptReleased {
        mint: fees.mint,
        amount,
        booked_before,
        booked_after: fees.booked_units,
        kept_before,
        kept_after: fees.kept_units,
    });
    Ok(())
}
