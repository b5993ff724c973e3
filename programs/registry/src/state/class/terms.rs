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
    pub tiles: u32,
    pub waves: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    pub max_cards: u32,
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
    pub tiles: u32,
    pub waves: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    pub max_cards: u32,
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
        let shape = Shape::new(self.rows, self.tiles, self.waves, self.max_cards)
            .map_err(|_| RegistryError::InvalidClass)?;
        let valid = if self.is_proved() {
            (MIN_PROOF_VALID_HOURS..=MAX_PROOF_VALID_HOURS).contains(&self.proof_valid_hours)
                && asks_for_memory(&shape)
        } else {
            // What is never proved earns nothing.
            self.multiplier_x100 == 0
        };
        let deadlines = 1..=MAX_DEADLINE_SLOTS;
        let bounded =
            deadlines.contains(&self.commit_slots) && deadlines.contains(&self.reveal_slots);
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
            tiles: self.tiles,
            waves: self.waves,
            commit_slots: self.commit_slots,
            reveal_slots: self.reveal_slots,
            max_cards: self.max_cards,
        }
    }
}

/// Whether a walk of this shape needs its table: enough tiles that luck moves nothing, and few enough that a wave draws a quarter of
/// the panels at most.
fn asks_for_memory(shape: &Shape) -> bool {
    let enough = shape.tiles() >= MIN_TILES || shape.rows() < SMALL_ROWS;
    let panels_asked = u64::from(shape.tiles()).saturating_mul(PANELS_PER_TILE);
    enough && panels_asked <= u64::from(shape.panels())
}

pub(super) fn check_price(base_price_usd6: u64) -> Result<()> {
    let prices = MIN_BASE_PRICE_USD6..=MAX_BASE_PRICE_USD6;
    require!(
        base_price_usd6 == 0 || prices.contains(&base_price_usd6),
        RegistryError::RateOutOfBounds
    );
    Ok(())
}
