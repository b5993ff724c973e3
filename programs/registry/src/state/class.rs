use crate::{constants::*, GovernanceError, RegistryError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_common::governance::{DELAY_SECS, LAPSE_SECS};
use iog_pow::Shape;

/// A kind of hardware: what it earns, what it costs, and how large its proof is.
#[account]
pub struct HardwareClass {
    /// Short name, UTF-8, zero-padded.
    pub name: [u8; 32],
    /// Base price of one GPU-hour in USD, 6 decimals; 0 until the authority sets one.
    pub base_price_usd6: u64,
    /// When multiplier or price was last set: unix seconds.
    pub rates_ts: i64,
    /// When the waiting change of the proof may be applied: unix seconds; 0 when none waits.
    pub pending_ts: i64,
    /// GPUs of all active devices of the class.
    pub gpus_active: u64,
    /// Weight in the hour's emission, 100 = 1; 0 earns nothing.
    pub multiplier_x100: u32,
    /// Rows of the proof's table, 512 bytes each.
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    /// Slots from the window's slot in which the commit must land.
    pub commit_slots: u32,
    /// Slots from the challenge's slot in which all openings must land.
    pub reveal_slots: u32,
    /// One proof in this many is opened; 1 opens every one.
    pub audit_modulus: u32,
    pub pending: ProofTerms,
    /// Devices that are not terminated.
    pub devices: u32,
    pub id: u16,
    pub vram_gb: u16,
    /// 0 Enterprise, 1 Community.
    pub pool: u8,
    /// Whether the class takes new devices.
    pub enabled: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 48],
}

/// Size and deadlines of a class's proof.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Pod, Zeroable, AnchorSerialize, AnchorDeserialize, IdlType,
)]
#[repr(C)]
pub struct ProofTerms {
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
    pub multiplier_x100: u32,
    pub base_price_usd6: u64,
    pub vram_gb: u16,
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    pub commit_slots: u32,
    pub reveal_slots: u32,
    pub audit_modulus: u32,
    pub enabled: bool,
}

/// What may change at once.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ClassRates {
    pub multiplier_x100: u32,
    pub base_price_usd6: u64,
    pub enabled: bool,
}

impl ProofTerms {
    fn check(&self) -> Result<()> {
        Shape::new(self.rows, self.lanes, self.waves).map_err(|_| RegistryError::InvalidClass)?;
        let deadlines = 1..=MAX_DEADLINE_SLOTS;
        let bounded = self.lanes <= MAX_LANES
            && deadlines.contains(&self.commit_slots)
            && deadlines.contains(&self.reveal_slots)
            && (1..=MAX_AUDIT_MODULUS).contains(&self.audit_modulus);
        require!(bounded, RegistryError::InvalidClass);
        Ok(())
    }
}

impl ClassArgs {
    fn proof(&self) -> ProofTerms {
        ProofTerms {
            rows: self.rows,
            lanes: self.lanes,
            waves: self.waves,
            commit_slots: self.commit_slots,
            reveal_slots: self.reveal_slots,
            audit_modulus: self.audit_modulus,
        }
    }
}

impl HardwareClass {
    /// Takes over everything, after checking bounds, when the class is created.
    pub fn start(&mut self, args: &ClassArgs, now: i64) -> Result<()> {
        require!(args.pool <= 1, RegistryError::InvalidClass);
        check_rates(args.multiplier_x100, args.base_price_usd6)?;
        args.proof().check()?;
        self.set_proof(&args.proof());
        self.id = args.id;
        self.name = args.name;
        self.pool = args.pool;
        self.vram_gb = args.vram_gb;
        self.enabled = u8::from(args.enabled);
        self.multiplier_x100 = args.multiplier_x100;
        self.base_price_usd6 = args.base_price_usd6;
        self.rates_ts = now;
        Ok(())
    }

    /// Moves multiplier and price once in 24 hours, each by at most a fifth. What is not set yet, only the `authority` sets;
    /// nobody sets it back to 0.
    pub fn set_rates(&mut self, rates: &ClassRates, authority: bool, now: i64) -> Result<()> {
        check_rates(rates.multiplier_x100, rates.base_price_usd6)?;
        let (multiplier, price) = (self.multiplier_x100, self.base_price_usd6);
        let changes = rates.multiplier_x100 != multiplier || rates.base_price_usd6 != price;
        if changes {
            require!(
                now.saturating_sub(self.rates_ts) >= RATE_PERIOD_SECS,
                RegistryError::RateMovesTooSoon
            );
            check_move(multiplier.into(), rates.multiplier_x100.into(), authority)?;
            check_move(price, rates.base_price_usd6, authority)?;
            self.multiplier_x100 = rates.multiplier_x100;
            self.base_price_usd6 = rates.base_price_usd6;
            self.rates_ts = now;
        }
        self.enabled = u8::from(rates.enabled);
        Ok(())
    }

    pub fn proof(&self) -> ProofTerms {
        ProofTerms {
            rows: self.rows,
            lanes: self.lanes,
            waves: self.waves,
            commit_slots: self.commit_slots,
            reveal_slots: self.reveal_slots,
            audit_modulus: self.audit_modulus,
        }
    }

    fn set_proof(&mut self, proof: &ProofTerms) {
        self.rows = proof.rows;
        self.lanes = proof.lanes;
        self.waves = proof.waves;
        self.commit_slots = proof.commit_slots;
        self.reveal_slots = proof.reveal_slots;
        self.audit_modulus = proof.audit_modulus;
    }

    /// Announces new terms of the proof, so that suppliers can prepare for 24 hours; the present ones drop what waits.
    pub fn schedule_proof(&mut self, proof: &ProofTerms, now: i64) -> Result<()> {
        proof.check()?;
        if *proof == self.proof() {
            self.pending_ts = 0;
        } else {
            self.pending_ts = now
                .checked_add(DELAY_SECS)
                .ok_or(RegistryError::MathOverflow)?;
        }
        self.pending = *proof;
        Ok(())
    }

    /// Applies the terms that wait; returns those before. As with parameters, what nobody applied for 7 days has lapsed.
    pub fn apply_proof(&mut self, now: i64) -> Result<ProofTerms> {
        require!(self.pending_ts != 0, GovernanceError::NothingScheduled);
        require!(now >= self.pending_ts, GovernanceError::TooEarly);
        require!(
            now.saturating_sub(self.pending_ts) <= LAPSE_SECS,
            GovernanceError::Lapsed
        );
        let (before, pending) = (self.proof(), self.pending);
        // An upgrade may have narrowed the bounds since.
        pending.check()?;
        self.set_proof(&pending);
        self.pending_ts = 0;
        Ok(before)
    }

    /// Counts a device's GPUs in when it becomes active, and out when it stops being so.
    pub fn count_gpus(&mut self, quantity: u32, before: bool, after: bool) -> Result<()> {
        let gpus = u64::from(quantity);
        let counted = match (before, after) {
            (false, true) => self.gpus_active.checked_add(gpus),
            (true, false) => self.gpus_active.checked_sub(gpus),
            _ => Some(self.gpus_active),
        };
        self.gpus_active = counted.ok_or(RegistryError::MathOverflow)?;
        Ok(())
    }
}

fn check_move(before: u64, after: u64, authority: bool) -> Result<()> {
    if before == 0 {
        require!(authority || after == 0, RegistryError::RateNotSet);
        return Ok(());
    }
    // floor: the smaller step
    let step = before
        .checked_div(RATE_STEPS)
        .ok_or(RegistryError::MathOverflow)?;
    require!(
        after.abs_diff(before) <= step,
        RegistryError::RateMovesTooFar
    );
    Ok(())
}

fn check_rates(multiplier_x100: u32, base_price_usd6: u64) -> Result<()> {
    let multipliers = MIN_MULTIPLIER_X100..=MAX_MULTIPLIER_X100;
    let prices = MIN_BASE_PRICE_USD6..=MAX_BASE_PRICE_USD6;
    let bounded = (multiplier_x100 == 0 || multipliers.contains(&multiplier_x100))
        && (base_price_usd6 == 0 || prices.contains(&base_price_usd6));
    require!(bounded, RegistryError::RateOutOfBounds);
    Ok(())
}
