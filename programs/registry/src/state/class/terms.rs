//! What a class is made of, and within which bounds.

use crate::{constants::*, RegistryError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_pow::Shape;

/// What a class earns and how it is proved: what changes only with a week's notice.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable, AnchorSerialize, AnchorDeserialize, IdlType,
)]
#[repr(C)]
pub struct ClassTerms {
    pub multiplier_x100: u32,
    pub proof_valid_hours: u32,
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    pub audit_modulus: u32,
}

#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ClassArgs {
    pub id: u16,
    pub name: [u8; 32],
    pub pool: u8,
    pub vram_gb: u16,
    pub base_price_usd6: u64,
    pub enabled: bool,
    pub multiplier_x100: u32,
    pub proof_valid_hours: u32,
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    pub audit_modulus: u32,
}

/// What may change at once.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ClassRates {
    pub base_price_usd6: u64,
    pub enabled: bool,
}

impl ClassTerms {
    pub(super) fn check(&self) -> Result<()> {
        let multipliers = MIN_MULTIPLIER_X100..=MAX_MULTIPLIER_X100;
        require!(
            self.multiplier_x100 == 0 || multipliers.contains(&self.multiplier_x100),
            RegistryError::RateOutOfBounds
        );
        Shape::new(self.rows, self.lanes, self.waves).map_err(|_| RegistryError::InvalidClass)?;
        // What is never proved earns nothing.
        let valid = if self.is_proved() {
            (MIN_PROOF_VALID_HOURS..=MAX_PROOF_VALID_HOURS).contains(&self.proof_valid_hours)
        } else {
            self.multiplier_x100 == 0
        };
        let deadlines = 1..=MAX_DEADLINE_SLOTS;
        let bounded = self.lanes <= MAX_LANES
            && (self.lanes >= MIN_LANES || self.rows < SMALL_ROWS)
            && deadlines.contains(&self.commit_slots)
            && deadlines.contains(&self.reveal_slots)
            && (1..=MAX_AUDIT_MODULUS).contains(&self.audit_modulus);
        require!(valid && bounded, RegistryError::InvalidClass);
        Ok(())
    }

    pub(super) fn is_proved(&self) -> bool {
        self.proof_valid_hours > 0
    }
}

impl ClassArgs {
    pub(super) fn terms(&self) -> ClassTerms {
        ClassTerms {
            multiplier_x100: self.multiplier_x100,
            proof_valid_hours: self.proof_valid_hours,
            rows: self.rows,
            lanes: self.lanes,
            waves: self.waves,
            commit_slots: self.commit_slots,
            reveal_slots: self.reveal_slots,
            audit_modulus: self.audit_modulus,
        }
    }
}

pub(super) fn check_price(base_price_usd6: u64) -> Result<()> {
    let prices = MIN_BASE_PRICE_USD6..=MAX_BASE_PRICE_USD6;
    require!(
        base_price_usd6 == 0 || prices.contains(&base_price_usd6),
        RegistryError::RateOutOfBounds
    );
    Ok(())
}
