use crate::TokenError;
use anchor_lang::prelude::*;
use iog_common::{
    governance::{DELAY_SECS, LAPSE_SECS},
    pyth::Source,
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
    pub fn schedule(&mut self, args: &PriceSourceArgs, now: i64) -> Result<i64> {
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
        self.pending_ts = now
            .checked_add(DELAY_SECS)
            .ok_or(TokenError::MathOverflow)?;
        Ok(self.pending_ts)
    }

    pub fn apply(&mut self, now: i64) -> Result<()> {
        require!(self.pending_ts != 0, TokenError::NoPriceSourceScheduled);
        require!(now >= self.pending_ts, TokenError::PriceSourceTooEarly);
        require!(
            now.saturating_sub(self.pending_ts) <= LAPSE_SECS,
            TokenError::PriceSourceLapsed
        );
        self.receiver = self.pending_receiver;
        self.feed = self.pending_feed;
        self.account = self.pending_account;
        self.pending_ts = 0;
        Ok(())
    }
}

impl PriceSourceArgs {
    /// Zeros would be the system program, whose accounts anybody fills.
    fn validate(&self) -> Result<()> {
        require!(
            self.receiver != Address::new_from_array([0; 32]),
            TokenError::InvalidReceiver
        );
        Ok(())
    }
}
