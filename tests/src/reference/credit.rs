//! How suppliers of IOSD orders come to IO.

use iog_client::market::MarketError as E;

use super::{Model, Step, CREDIT};

/// 10^-8 dollars for an IO of 10^8 units, in millionths of a dollar.
const SCALE: u128 = 10_000_000_000;
/// IO that was burned streams back within 30 days.
const STREAM_SECS: u128 = 2_592_000;

impl Model {
    /// A thousandth is uncertain, and counts twice against whoever pays.
    pub fn io_for_usd6(&self, usd6: u64) -> u64 {
        let low = self.usd8 - 2 * (self.usd8 / 1_000);
        u64::try_from((u128::from(usd6) * SCALE).div_ceil(u128::from(low))).unwrap()
    }

    /// The same against whoever is paid.
    pub fn io_for_credit(&self, usd6: u64) -> u64 {
        let high = self.usd8 + 2 * (self.usd8 / 1_000);
        u64::try_from(u128::from(usd6) * SCALE / u128::from(high)).unwrap()
    }

    pub fn settle_credit(&mut self) -> Step {
        let due = std::mem::take(&mut self.books[CREDIT].fees_due);
        if due == 0 {
            return Err(E::NothingDue.into());
        }
        self.outstanding -= due;
        Ok(())
    }

    pub fn claim(&mut self, owner: usize, greedy: bool) -> Step {
        let usd6 = self.owners[owner].due[CREDIT];
        let io = self.io_for_credit(usd6);
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
        self.line.claimed += io;
        Ok(())
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
