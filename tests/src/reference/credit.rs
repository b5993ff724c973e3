//! How suppliers of IOSD orders come to IO.

use iog_client::market::MarketError as E;
use iog_client::treasury::TreasuryError;

use super::{Model, Step, CREDIT};

/// 10^-8 dollars for an IO of 10^8 units, in millionths of a dollar.
const SCALE: u128 = 10_000_000_000;
/// IO that was burned streams back within 30 days.
const STREAM_SECS: u128 = 2_592_000;
/// A price may be so much older than the newest that was used.
const BACK_SECS: i64 = 10;
/// A cover is believed for six hours.
const COVER_SECS: i64 = 21_600;

impl Model {
    /// A thousandth is uncertain, and counts twice against whoever pays.
    pub fn io_for_usd6(&self, usd6: u64) -> u64 {
        let low = self.usd8 - 2 * (self.usd8 / 1_000);
        u64::try_from((u128::from(usd6) * SCALE).div_ceil(u128::from(low))).unwrap()
    }

    /// The same against whoever is paid.
    pub fn io_for_credit(&self, usd6: u64) -> u64 {
        let high = self.usd8 + 2 * (self.usd8 / 1_000);
        u64::try_from(u128::from(usd6) * SCALE / u128::from(high)).unwrap_or(u64::MAX)
    }

    pub fn settle_credit(&mut self) -> Step {
        let due = std::mem::take(&mut self.books[CREDIT].fees_due);
        if due == 0 {
            return Err(E::NothingDue.into());
        }
        self.outstanding -= due;
        Ok(())
    }

    /// IO that nobody has claimed, and the IOSD that can claim it: fees that are earned cannot.
    fn pool(&self) -> (u128, u128) {
        let units = self.line.burned.0 + self.line.incentive - self.line.claimed;
        let usd6 = self.line.made - self.line.earned - self.books[CREDIT].fees;
        (units.into(), usd6.into())
    }

    /// What a supplier gets: the IO of its dollars at the price, or its share of what is there.
    pub fn claimable(&self, usd6: u64) -> u64 {
        let (units, all) = self.pool();
        let share = u128::from(usd6) * units / all.max(1);
        u64::try_from(share.min(self.io_for_credit(usd6).into())).unwrap()
    }

    /// The part of a dollar that is there, were everybody to claim now.
    fn see_cover(&mut self) {
        let (units, all) = self.pool();
        let high = self.usd8 + 2 * (self.usd8 / 1_000);
        let wanted = (all * SCALE).div_ceil(u128::from(high));
        let cover = (units * 10_000).checked_div(wanted).unwrap_or(10_000);
        self.line.cover = (u64::try_from(cover.min(10_000)).unwrap(), self.now);
    }

    /// Takes the price of now, unless one was used that is much newer.
    fn take_price(&mut self) -> Step {
        if self.line.newest - self.now > BACK_SECS {
            return Err(E::PriceOlder.into());
        }
        self.line.newest = self.line.newest.max(self.now);
        Ok(())
    }

    pub fn update_cover(&mut self) -> Step {
        self.take_price()?;
        self.see_cover();
        Ok(())
    }

    /// What dollars of an order in IOSD are to a supplier who asks for a price.
    pub fn covered(&self, usd6: u64) -> Result<u64, E> {
        let (bps, seen) = self.line.cover;
        if seen == 0 || self.now - seen > COVER_SECS {
            return Err(E::CoverStale);
        }
        Ok(super::floor_bps(usd6, bps))
    }

    pub fn claim(&mut self, owner: usize, greedy: bool) -> Step {
        self.take_price()?;
        let usd6 = self.owners[owner].due[CREDIT];
        let io = self.claimable(usd6);
        if io == 0 {
            return Err(E::NothingDue.into());
        }
        if greedy {
            return Err(E::BelowMinimum.into());
        }
        let owner = &mut self.owners[owner];
        let (_, claim, paid) = owner.claim;
        if paid < claim {
            return Err(E::ClaimWaits.into());
        }
        owner.due[CREDIT] = 0;
        owner.withdrawn[CREDIT] += usd6;
        owner.claim = (self.line.claimed, io, 0);
        self.see_cover();
        self.line.claimed += io;
        self.line.earned += usd6;
        Ok(())
    }

    /// A claim at another price than that of the day.
    pub fn claim_at(&mut self, owner: usize, usd8: u64) -> Step {
        let day = std::mem::replace(&mut self.usd8, usd8);
        let step = self.claim(owner, false);
        self.usd8 = day;
        step
    }

    /// What may be minted: the fraction of the burned IO that has streamed, less what was minted.
    fn allowance(&self) -> u64 {
        let (burned, from) = self.line.burned;
        let secs = (self.now.max(self.line.minted_at) - from).max(0);
        let secs = u128::try_from(secs).unwrap().min(STREAM_SECS);
        u64::try_from(u128::from(burned) * secs / STREAM_SECS).unwrap() - self.line.reminted
    }

    pub fn fund(&mut self, most: u64) -> Step {
        let amount = most
            .min(self.allowance())
            .min(self.line.claimed - self.line.funded);
        if amount == 0 {
            return Err(E::NothingDue.into());
        }
        self.line.funded += amount;
        self.line.reminted += amount;
        self.line.minted_at = self.line.minted_at.max(self.now);
        Ok(())
    }

    pub fn fund_from_treasury(&mut self, most: u64) -> Step {
        let amount = most
            .min(self.treasury.kept)
            .min(self.line.claimed - self.line.funded);
        if amount == 0 {
            return Err(E::NothingDue.into());
        }
        self.treasury.kept -= amount;
        self.line.funded += amount;
        self.line.incentive += amount;
        Ok(())
    }

    /// What is kept goes to be burned while nobody waits for it.
    pub fn release_kept(&mut self) -> Step {
        if self.line.claimed > self.line.funded {
            return Err(E::ClaimsWait.into());
        }
        if std::mem::take(&mut self.treasury.kept) == 0 {
            return Err(TreasuryError::NothingKept.into());
        }
        Ok(())
    }

    pub fn pay_credit(&mut self, owner: usize) -> Step {
        let owner = &mut self.owners[owner];
        let (start, claim, paid) = &mut owner.claim;
        let amount = self.line.funded.saturating_sub(*start).min(*claim) - *paid;
        if amount == 0 {
            return Err(E::NothingDue.into());
        }
        *paid += amount;
        owner.tokens[0] += amount;
        self.line.paid += amount;
        Ok(())
    }
}
