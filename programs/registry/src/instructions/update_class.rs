use crate::{
    constants::*,
    events::{ClassTermsChanged, ClassTermsDropped, ClassTermsScheduled, ClassUpdated},
    state::{ClassRates, ClassTerms, Config, HardwareClass, Windows},
    RegistryError,
};
use anchor_lang::prelude::*;

/// For the catalogue's authority, and the config's.
#[derive(Accounts)]
pub struct UpdateClass {
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [CLASS_SEED, &class.id.to_le_bytes()], bump = class.bump)]
    pub class: Account<HardwareClass>,
}

/// Anyone may apply a change whose time has come, before the hour's window opens: devices that walk already walk by the old terms.
#[derive(Accounts)]
pub struct ApplyClass {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(seeds = [b"windows"], bump)]
    pub windows: Account<Windows>,
    #[account(mut, seeds = [CLASS_SEED, &class.id.to_le_bytes()], bump = class.bump)]
    pub class: Account<HardwareClass>,
}

/// For the guardian, and the authority.
#[derive(Accounts)]
pub struct DropClassTerms {
    pub signer: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [CLASS_SEED, &class.id.to_le_bytes()], bump = class.bump)]
    pub class: Account<HardwareClass>,
}

pub fn update_class(ctx: &mut Context<UpdateClass>, rates: ClassRates) -> Result<()> {
    let by = *ctx.accounts.authority.address();
    let config = &ctx.accounts.config;
    config.require_catalog(&by)?;
    let is_authority = by == config.authority;
    let address = *ctx.accounts.class.account().address();
    let class = &mut ctx.accounts.class;
    let (base_price_usd6_before, enabled_before) = (class.base_price_usd6, class.enabled == 1);
    class.set_rates(&rates, is_authority, Clock::get()?.unix_timestamp)?;
    emit!(ClassUpdated {
        class: address,
        by,
        base_price_usd6_before,
        base_price_usd6_after: class.base_price_usd6,
        enabled_before,
        enabled_after: rates.enabled,
    });
    Ok(())
}

pub fn schedule_class(ctx: &mut Context<UpdateClass>, terms: ClassTerms) -> Result<()> {
    let by = *ctx.accounts.authority.address();
    let config = &ctx.accounts.config;
    config.require_catalog(&by)?;
    let (is_authority, since) = (by == config.authority, config.authority_since_ts);
    let address = *ctx.accounts.class.account().address();
    let class = &mut ctx.accounts.class;
    class.schedule(&terms, is_authority, since, Clock::get()?.unix_timestamp)?;
    emit!(ClassTermsScheduled {
        class: address,
        by,
        terms: class.terms(),
        pending: class.pending,
        stake_multiplier_x100: class.stake_multiplier_x100(),
        effective_ts: class.pending_ts,
    });
    Ok(())
}

pub fn apply_class(ctx: &mut Context<ApplyClass>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let since = ctx.accounts.config.authority_since_ts;
    let epoch = ctx.accounts.config.epoch(now)?;
    require!(
        ctx.accounts.windows.get(epoch).is_err(),
        RegistryError::WindowAlreadyOpen
    );
    let address = *ctx.accounts.class.account().address();
    let class = &mut ctx.accounts.class;
    let before = class.apply(since, now)?;
    emit!(ClassTermsChanged {
        class: address,
        before,
        after: class.terms(),
    });
    Ok(())
}

pub fn drop_class_terms(ctx: &mut Context<DropClassTerms>) -> Result<()> {
    let by = *ctx.accounts.signer.address();
    ctx.accounts.config.require_guard(&by)?;
    let address = *ctx.accounts.class.account().address();
    let class = &mut ctx.accounts.class;
    let dropped = class.drop_pending()?;
    emit!(ClassTermsDropped {
        class: address,
        by,
        dropped,
        stake_multiplier_x100: class.stake_multiplier_x100(),
    });
    Ok(())
}
