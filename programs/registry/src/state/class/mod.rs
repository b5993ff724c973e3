use crate::{
    constants::{RATE_PERIOD_SECS, RATE_STEPS},
    GovernanceError, RegistryError,
};
use anchor_lang::prelude::*;
use iog_common::governance::{require_due, scheduled_at, WEEK_SECS};

mod terms;

use terms::check_price;
pub use terms::{ClassArgs, ClassRates, ClassTerms};

/// A kind of hardware: what it earns, what it costs, and how large its proof is.
#[account]
pub struct HardwareClass {
    /// Short name, UTF-8, zero-padded.
    pub name: [u8; 32],
    /// Base price of one GPU-hour in USD, 6 decimals; 0 until the authority sets one.
    pub base_price_usd6: u64,
    /// When the price was last set: unix seconds.
    pub price_ts: i64,
    /// When the waiting terms may be applied: unix seconds; 0 when none wait.
    pub pending_ts: i64,
    /// GPUs of all active devices of the class.
    pub gpus_active: u64,
    /// Weight in the hour's emission, 100 = 1; 0 earns nothing.
    pub multiplier_x100: u32,
    /// The multiplier that minimum stakes follow: the lowest that was announced since terms were last applied.
    pub stake_multiplier_x100: u32,
    /// For how many hours a pass lets a device be hired, and keeps its streak; 0 where the class is never proved.
    pub proof_valid_hours: u32,
    /// Rows of the proof's table, 512 bytes each.
    pub rows: u32,
    /// Tiles of one card in each of the walk's `waves`.
    pub tiles: u32,
    pub waves: u32,
    /// Slots from the window's slot in which the commit must land.
    pub commit_slots: u32,
    /// Slots from the challenge's slot in which all openings must land.
    pub reveal_slots: u32,
    /// Cards that one device may prove together.
    pub max_cards: u32,
    pub pending: ClassTerms,
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

impl HardwareClass {
    /// Takes over everything, after checking bounds, when the class is created. While the network is set up the multiplier
    /// holds at once; later a new class dilutes those who earn already, and its multiplier waits like any other change.
    pub fn start(
        &mut self,
        args: &ClassArgs,
        setup_until_ts: i64,
        since: i64,
        now: i64,
    ) -> Result<()> {
        require!(args.pool <= 1, RegistryError::InvalidClass);
        check_price(args.base_price_usd6)?;
        let terms = args.terms();
        terms.check()?;
        self.id = args.id;
        self.name = args.name;
        self.pool = args.pool;
        self.vram_gb = args.vram_gb;
        self.enabled = u8::from(args.enabled);
        self.base_price_usd6 = args.base_price_usd6;
        self.price_ts = now;
        if now < setup_until_ts {
            self.set_terms(&terms);
            return Ok(());
        }
        self.set_terms(&ClassTerms {
            multiplier_x100: 0,
            ..terms
        });
        self.schedule(&terms, true, since, now)
    }

    /// Moves the price once in 24 hours, by at most a fifth. The first one only the `authority` sets; nobody sets it back to 0.
    pub fn set_rates(&mut self, rates: &ClassRates, authority: bool, now: i64) -> Result<()> {
        check_price(rates.base_price_usd6)?;
        if rates.base_price_usd6 != self.base_price_usd6 {
            require!(
                now.saturating_sub(self.price_ts) >= RATE_PERIOD_SECS,
                RegistryError::RateMovesTooSoon
            );
            check_move(self.base_price_usd6, rates.base_price_usd6, authority)?;
            self.base_price_usd6 = rates.base_price_usd6;
            self.price_ts = now;
        }
        self.enabled = u8::from(rates.enabled);
        Ok(())
    }

    /// Whether devices of the class prove their work. It never changes.
    pub fn is_proved(&self) -> bool {
        self.proof_valid_hours > 0
    }

    /// The multiplier that minimum stakes follow. It falls with the announcement of a lower one and rises only when terms are
    /// applied: whoever holds the minimum learns of a higher one a week ahead, and of a fall that was taken back too.
    pub fn stake_multiplier_x100(&self) -> u32 {
        self.stake_multiplier_x100
    }

    pub fn terms(&self) -> ClassTerms {
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

    fn set_terms(&mut self, terms: &ClassTerms) {
        self.multiplier_x100 = terms.multiplier_x100;
        self.stake_multiplier_x100 = terms.multiplier_x100;
        self.proof_valid_hours = terms.proof_valid_hours;
        self.rows = terms.rows;
        self.tiles = terms.tiles;
        self.waves = terms.waves;
        self.commit_slots = terms.commit_slots;
        self.reveal_slots = terms.reveal_slots;
        self.max_cards = terms.max_cards;
    }

    /// Announces new terms, so that suppliers and their rivals know the date; only the minimum stake falls at once. What waited
    /// is replaced; the present terms drop it, and wait themselves where the minimum stake has to rise again. `since` is when the
    /// config's present authority began.
    pub fn schedule(
        &mut self,
        terms: &ClassTerms,
        authority: bool,
        since: i64,
        now: i64,
    ) -> Result<()> {
        terms.check()?;
        require!(
            terms.is_proved() == self.is_proved(),
            RegistryError::InvalidClass
        );
        check_move(
            self.multiplier_x100.into(),
            terms.multiplier_x100.into(),
            authority,
        )?;
        let drops = *terms == self.terms() && self.stake_multiplier_x100 == self.multiplier_x100;
        self.pending_ts = if drops {
            0
        } else {
            scheduled_at(now, since)
                .checked_add(WEEK_SECS)
                .ok_or(RegistryError::MathOverflow)?
        };
        self.pending = *terms;
        self.stake_multiplier_x100 = self.stake_multiplier_x100.min(terms.multiplier_x100);
        Ok(())
    }

    /// Applies the terms that wait; returns those before. As with parameters, what nobody applied for 7 days has lapsed.
    pub fn apply(&mut self, since: i64, now: i64) -> Result<ClassTerms> {
        require_due(self.pending_ts, WEEK_SECS, since, now).map_err(GovernanceError::from)?;
        let (before, pending) = (self.terms(), self.pending);
        // An upgrade may have narrowed the bounds since.
        pending.check()?;
        self.set_terms(&pending);
        self.pending_ts = 0;
        Ok(before)
    }

    /// Forgets the terms that wait; returns them. A minimum stake that fell with their announcement stays down, until the present terms
    /// are announced and applied: whoever withdrew down to it has a week.
    pub fn drop_pending(&mut self) -> Result<ClassTerms> {
        require!(self.pending_ts != 0, GovernanceError::NothingScheduled);
        self.pending_ts = 0;
        Ok(self.pending)
    }

    /// Counts a device's GPUs in when it becomes active, and out when it stops being so.
    pub fn count_gpus(&mut self, cards: u32, before: bool, after: bool) -> Result<()> {
        let gpus = u64::from(cards);
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

#[cfg(test)]
mod tests;
