use super::Config;
use crate::{
    constants::{right, MIN_EMISSION_PER_HOUR},
    GovernanceError, TokenError,
};
use anchor_lang::prelude::*;
use iog_common::governance::{scheduled_at, Bounds, Parameter, DELAY_SECS};
use iog_math::units::{whole_periods, EMISSION_IO, HOUR};

/// A cap that was mistyped must not stop the emission for the 24 hours that its correction waits.
const EMISSION_CAP: Bounds = Bounds::rises(MIN_EMISSION_PER_HOUR, EMISSION_IO);
/// Without the right to emit the cap binds nothing.
const UNUSED_CAP: Bounds = Bounds::rises(0, EMISSION_IO);

/// What a program's PDA may do, named by the address that signs for it.
#[account]
pub struct Minter {
    pub authority: Address,
    /// Emission within one hour; a rise waits 24 hours.
    pub cap_per_hour_units: Parameter,
    /// From when on it may act, unix seconds.
    pub active_ts: i64,
    /// When it was registered, or got its rights back.
    pub registered_ts: i64,
    /// Hour of unix time that `minted_this_hour_units` counts.
    pub hour: u64,
    pub minted_this_hour_units: u64,
    /// Emission and net emission together.
    pub minted_units: u64,
    /// IOSD that was spent through this minter and is neither earned nor refunded yet.
    pub outstanding_iosd_units: u64,
    /// Bits: 1 emission, 2 net emission, 4 IOSD, 8 only what was spent before.
    pub rights: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 29],
}

impl Minter {
    /// A new minter is a rise of what can be minted: it waits like one, except while the network is set up.
    pub fn register(&mut self, rights: u8, cap: u64, config: &Config, now: i64) -> Result<()> {
        require!(
            rights != 0 && rights & !right::ALL == 0,
            TokenError::InvalidRights
        );
        self.rights = rights;
        self.cap_per_hour_units
            .start(cap, &self.cap_bounds())
            .map_err(GovernanceError::from)?;
        let setting_up = now < config.setup_until_ts;
        let delay = if setting_up { 0 } else { DELAY_SECS };
        self.registered_ts = scheduled_at(now, config.authority_since_ts);
        self.active_ts = self
            .registered_ts
            .checked_add(delay)
            .ok_or(TokenError::MathOverflow)?;
        Ok(())
    }

    /// Gives a removed minter rights again, or one that a former authority registered and that never came to act. It waits like a new one;
    /// what was spent through it can be settled and refunded all the while.
    pub fn restore(&mut self, rights: u8, cap: u64, config: &Config, now: i64) -> Result<()> {
        let removed = self.rights == right::REFUND;
        require!(
            removed || self.is_inherited(config.authority_since_ts),
            TokenError::MinterHasRights
        );
        self.register(rights, cap, config, now)
    }

    /// Takes the rights of a minter that still waits, or its higher cap that does.
    pub fn drop_pending(&mut self, since: i64, now: i64) -> Result<()> {
        if self.rights != right::REFUND && (now < self.active_ts || self.is_inherited(since)) {
            self.rights = right::REFUND;
            return Ok(());
        }
        let dropped = self.cap_per_hour_units.drop_pending();
        dropped.map_err(GovernanceError::from)?;
        Ok(())
    }

    pub fn set_cap(&mut self, cap: u64, since: i64, now: i64) -> Result<()> {
        self.cap_per_hour_units
            .set(cap, &self.cap_bounds(), now, since)
            .map_err(GovernanceError::from)?;
        Ok(())
    }

    pub fn apply_cap(&mut self, since: i64, now: i64) -> Result<()> {
        self.cap_per_hour_units
            .apply(&self.cap_bounds(), now, since)
            .map_err(GovernanceError::from)?;
        Ok(())
    }

    /// Still waited when the authority changed: the successor starts with nothing that its predecessor scheduled.
    fn is_inherited(&self, authority_since_ts: i64) -> bool {
        self.registered_ts <= authority_since_ts && self.active_ts > authority_since_ts
    }

    fn cap_bounds(&self) -> Bounds {
        if self.rights & right::EMISSION == 0 {
            UNUSED_CAP
        } else {
            EMISSION_CAP
        }
    }

    /// What is left of this hour's cap at `now`; the emission program reads it before it asks.
    pub fn cap_rest_at(&self, now: i64) -> Result<u64> {
        let mut hour = self.hour;
        let minted = within_hour(&mut hour, self.minted_this_hour_units, 0, now)?;
        Ok(self.cap_per_hour_units.value.saturating_sub(minted))
    }

    /// Refuses what the minter has no right to, or not yet.
    pub fn require_right(&self, right: u8, config: &Config, now: i64) -> Result<()> {
        require!(self.rights & right != 0, TokenError::MissingRight);
        let inherited = self.is_inherited(config.authority_since_ts);
        require!(
            now >= self.active_ts && !inherited,
            TokenError::MinterNotActive
        );
        Ok(())
    }

    /// What was spent through a minter can be settled and refunded whatever became of its rights: only what is outstanding bounds it.
    pub fn require_exit(&self) -> Result<()> {
        require!(
            self.rights & (right::IOSD | right::REFUND) != 0 || self.outstanding_iosd_units > 0,
            TokenError::MissingRight
        );
        Ok(())
    }

    /// Ends the minter's rights. True when nothing is left to refund, and the account can go.
    pub fn remove(&mut self) -> bool {
        self.rights = right::REFUND;
        self.outstanding_iosd_units == 0
    }

    pub fn spend_iosd(&mut self, amount: u64) -> Result<()> {
        self.outstanding_iosd_units = self
            .outstanding_iosd_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        Ok(())
    }

    /// Books `amount` of what was spent as earned or refunded.
    pub fn close_out_iosd(&mut self, amount: u64) -> Result<()> {
        self.outstanding_iosd_units = self
            .outstanding_iosd_units
            .checked_sub(amount)
            .ok_or(TokenError::RefundExceedsSpent)?;
        Ok(())
    }

    /// Books `amount` of emission against this hour's cap.
    pub fn mint(&mut self, amount: u64, now: i64) -> Result<()> {
        self.minted_this_hour_units =
            within_hour(&mut self.hour, self.minted_this_hour_units, amount, now)?;
        require!(
            self.minted_this_hour_units <= self.cap_per_hour_units.value,
            TokenError::MinterCapReached
        );
        self.book(amount)
    }

    pub fn book(&mut self, amount: u64) -> Result<()> {
        self.minted_units = self
            .minted_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        Ok(())
    }
}

/// The sum of this hour with `amount`, when `so_far` was that of `hour`. The clock may step back a little: that begins no new hour.
pub fn within_hour(hour: &mut u64, so_far: u64, amount: u64, now: i64) -> Result<u64> {
    let this = whole_periods(now, HOUR)
        .map_err(TokenError::from)?
        .max(*hour);
    let before = if this == *hour { so_far } else { 0 };
    *hour = this;
    before
        .checked_add(amount)
        .ok_or_else(|| TokenError::MathOverflow.into())
}
