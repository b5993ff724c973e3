use crate::{constants::PRICE_FEED_SEED, TokenError};
use anchor_lang::{find_program_address, prelude::*};
use iog_common::{
    governance::{require_due, scheduled_at, Refusal, DELAY_SECS, NOBODY},
    price::{Source, TOKEN},
};

/// Where the price of IO comes from, for every program of the suite. One per program. Changing it could make any price, so
/// a change waits 24 hours.
#[account]
pub struct PriceSource {
    /// The program that owns the price updates.
    pub receiver: Address,
    /// Pyth's id of IO/USD.
    pub feed: [u8; 32],
    /// The only price account that is read; zeros for any of the receiver's.
    pub account: Address,
    pub pending_receiver: Address,
    pub pending_feed: [u8; 32],
    pub pending_account: Address,
    /// Unix seconds from which on the change can be applied; 0 when none waits.
    pub pending_ts: i64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 30],
}

#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct PriceSourceArgs {
    pub receiver: Address,
    pub feed: [u8; 32],
    /// Zeros for any account of the receiver.
    pub account: Address,
}

impl PriceSource {
    pub fn source(&self) -> Source {
        Source {
            receiver: self.receiver,
            feed: self.feed,
            account: self.account,
        }
    }

    /// Sets the first source, when the account is created.
    pub fn start(&mut self, args: &PriceSourceArgs) -> Result<()> {
        args.validate()?;
        self.receiver = args.receiver;
        self.feed = args.feed;
        self.account = args.account;
        Ok(())
    }

    /// Schedules a change; a later one replaces it, and the present source drops it. Returns when it can be applied, 0 for a
    /// change that was dropped.
    pub fn schedule(&mut self, args: &PriceSourceArgs, since: i64, now: i64) -> Result<i64> {
        args.validate()?;
        let present = Source {
            receiver: args.receiver,
            feed: args.feed,
            account: args.account,
        };
        if present == self.source() {
            self.pending_ts = 0;
            return Ok(0);
        }
        self.pending_receiver = args.receiver;
        self.pending_feed = args.feed;
        self.pending_account = args.account;
        self.pending_ts = scheduled_at(now, since)
            .checked_add(DELAY_SECS)
            .ok_or(TokenError::MathOverflow)?;
        Ok(self.pending_ts)
    }

    pub fn apply(&mut self, since: i64, now: i64) -> Result<()> {
        require_due(self.pending_ts, DELAY_SECS, since, now).map_err(|refusal| match refusal {
            Refusal::TooEarly => TokenError::PriceSourceTooEarly,
            Refusal::Lapsed => TokenError::PriceSourceLapsed,
            _ => TokenError::NoPriceSourceScheduled,
        })?;
        self.receiver = self.pending_receiver;
        self.feed = self.pending_feed;
        self.account = self.pending_account;
        self.pending_ts = 0;
        Ok(())
    }

    /// Forgets the change that waits.
    pub fn drop_pending(&mut self) -> Result<()> {
        require!(self.pending_ts != 0, TokenError::NoPriceSourceScheduled);
        self.pending_ts = 0;
        Ok(())
    }
}

impl PriceSourceArgs {
    /// Zeros would be the system program, whose accounts anybody fills. The quorum has one feed, and no other account is read.
    fn validate(&self) -> Result<()> {
        require!(self.receiver != NOBODY, TokenError::InvalidReceiver);
        if self.receiver == TOKEN {
            let (feed, _) = find_program_address(&[PRICE_FEED_SEED], &TOKEN);
            require!(self.account == feed, TokenError::InvalidReceiver);
        }
        Ok(())
    }
}
