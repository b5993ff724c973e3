use crate::{GovernanceError, TokenError};
use anchor_lang::prelude::*;
use iog_common::{
    governance::{Bounds, RoleChange, NOBODY},
    quorum::{Feed, Reporter, REPORT_AGE_SECS},
};
use iog_math::quorum::{MAX_PRICE, MAX_SKEW_SECS};

/// The price of IO that a quorum of reporters signs. One per program; consumers read it through `iog_common::price`.
#[account]
pub struct PriceFeed {
    pub feed: Feed,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 62],
}

/// At least three, so that one reporter alone moves nothing; more than half of those named, see [`PriceFeed::require_quorum`].
pub const QUORUM: Bounds = Bounds::both(3, 9);

/// A report as its reporter signed it.
#[derive(Clone, Copy)]
pub struct SignedReport {
    pub key: Address,
    pub price: u64,
    pub ts: i64,
}

impl PriceFeed {
    pub fn start(&mut self, quorum: u64) -> Result<()> {
        self.feed
            .quorum
            .start(quorum, &QUORUM)
            .map_err(GovernanceError::from)?;
        Ok(())
    }

    fn place(&mut self, index: u8) -> Result<&mut Reporter> {
        let place = self.feed.reporters.get_mut(usize::from(index));
        place.ok_or_else(|| TokenError::NoSuchReporter.into())
    }

    /// Names a reporter 24 hours ahead, at once while the network is set up; zeros remove one at once, and its report with it.
    pub fn name(
        &mut self,
        index: u8,
        key: Address,
        setup_until_ts: i64,
        since: i64,
        now: i64,
    ) -> Result<()> {
        let mut others = (0u8..).zip(&self.feed.reporters);
        let twice = others.any(|(other, known)| other != index && known.role.involves(&key));
        require!(!twice, TokenError::ReporterTwice);
        let at_once = now < setup_until_ts && key != NOBODY;
        let reporter = self.place(index)?;
        if at_once {
            reporter.role.start(key);
            reporter.forget();
        } else {
            let change = reporter.role.set(key, now, since);
            if let RoleChange::Removed { .. } = change.map_err(GovernanceError::from)? {
                reporter.forget();
            }
        }
        self.require_quorum()
    }

    /// Gives a place to who was named for it; the former's report goes. Returns who reported before.
    pub fn apply_name(&mut self, index: u8, since: i64, now: i64) -> Result<Address> {
        let reporter = self.place(index)?;
        let applied = reporter.role.apply(now, since);
        let before = applied.map_err(GovernanceError::from)?;
        reporter.forget();
        self.require_quorum()?;
        Ok(before)
    }

    /// Forgets who was named for a place; returns whom.
    pub fn drop_name(&mut self, index: u8) -> Result<Address> {
        let dropped = self.place(index)?.role.drop_pending();
        Ok(dropped.map_err(GovernanceError::from)?)
    }

    /// More than half of those named must be asked for, or two halves could tell two prices. Of nine that is five.
    pub fn require_quorum(&self) -> Result<()> {
        let named = u64::try_from(self.feed.named()).map_err(|_| TokenError::MathOverflow)?;
        let least = named.checked_shr(1).and_then(|half| half.checked_add(1));
        let least = least.ok_or(TokenError::MathOverflow)?;
        require!(self.feed.quorum.value >= least, TokenError::QuorumTooSmall);
        Ok(())
    }

    /// Takes a report if it is newer than its reporter's last; returns whether it was.
    pub fn take(
        &mut self,
        report: &SignedReport,
        now: i64,
    ) -> core::result::Result<bool, TokenError> {
        let mut reporters = self.feed.reporters.iter_mut();
        let reporter = reporters.find(|known| known.role.key == report.key);
        let reporter = reporter
            .filter(|_| report.key != NOBODY)
            .ok_or(TokenError::NotReporter)?;
        if !(1..=MAX_PRICE).contains(&report.price) {
            return Err(TokenError::ReportOutOfRange);
        }
        if report.ts > now.saturating_add(MAX_SKEW_SECS) {
            return Err(TokenError::ReportFromTheFuture);
        }
        if now.saturating_sub(report.ts) > REPORT_AGE_SECS {
            return Err(TokenError::ReportStale);
        }
        if report.ts <= reporter.ts {
            return Ok(false);
        }
        reporter.price = report.price;
        reporter.ts = report.ts;
        Ok(true)
    }

    /// Moves the average and the feed's time after reports were taken.
    pub fn record(&mut self, now: i64) -> Result<()> {
        Ok(self.feed.record(now).map_err(TokenError::from)?)
    }
}
