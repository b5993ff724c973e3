//! The token program's rules in plain integers: what each instruction must do, log and refuse.

use std::collections::BTreeMap;

use iog_client::token::TokenError;
use iog_tests::world::{TOKEN_2022, TOKEN_PROGRAM};
use iog_tests::Code;

use crate::setup::{DAY, HOUR};

pub const HOLDERS: usize = 3;
/// The first holdings of each, base units of IO.
pub const HOLDING: u64 = 100_000 * 100_000_000;
pub const GENESIS: u64 = 50_000_000_000_000_000;
pub const EMISSION_PER_HOUR: u64 = 20_000 * 100_000_000;
pub const NET_EMISSION_PER_HOUR: u64 = 300 * 100_000_000;

/// Limit, share in basis points and floor: emission, net emission, IOSD, refunds.
pub const LIMITS: [[u64; 3]; 4] = [
    [1_500_000_000_000, 10_000, 0],
    [40_000_000_000, 10_000, 0],
    [u64::MAX, 2_000, 1_500_000_000],
    [500_000_000, 1_000, 100_000_000],
];

/// The window of refunds among them.
const REFUNDS: usize = 3;

/// Why a step is refused, and by what event if the breaker does it: window, amount, level and capacity.
pub struct Refused {
    pub code: Code,
    pub breaker: Option<(u8, u64, u64, u64)>,
}

impl<T: Into<Code>> From<T> for Refused {
    fn from(code: T) -> Self {
        Self {
            code: code.into(),
            breaker: None,
        }
    }
}

pub type Step<T> = Result<T, Refused>;

/// A price in 10^-8 USD, and when it was published.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    pub spot: u64,
    pub conf: u64,
    pub ema: u64,
    pub ema_conf: u64,
    pub at: i64,
}

impl Price {
    fn check(&self, age: i64, now: i64) -> Result<u64, TokenError> {
        if now - self.at > age {
            return Err(TokenError::PriceStale);
        }
        if self.conf * 50 > self.spot || self.ema_conf * 50 > self.ema {
            return Err(TokenError::PriceUncertain);
        }
        if self.spot.abs_diff(self.ema) * 5 > self.ema {
            return Err(TokenError::PriceDeviates);
        }
        Ok(self.spot.min(self.ema) - 2 * self.conf.max(self.ema_conf))
    }
}

#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Bucket {
    pub level: u64,
    pub at: i64,
}

impl Bucket {
    /// Sinks to `now` at a capacity in a day; seconds in which no whole unit went are kept.
    fn drained(self, capacity: u64, now: i64) -> Self {
        if now <= self.at {
            return self;
        }
        let secs = u128::from((now - self.at).unsigned_abs());
        let leaked = u128::from(capacity) * secs / 86_400;
        if leaked >= u128::from(self.level) {
            return Self { level: 0, at: now };
        }
        if leaked == 0 {
            return self;
        }
        let took = (leaked * 86_400).div_ceil(u128::from(capacity));
        Self {
            level: self.level - u64::try_from(leaked).unwrap(),
            at: self.at + i64::try_from(took).unwrap(),
        }
    }
}

/// What was minted in which hour of unix time.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Hour {
    pub hour: i64,
    pub sum: u64,
}

impl Hour {
    fn with(self, amount: u64, now: i64) -> Self {
        let hour = now / HOUR;
        let before = if hour == self.hour { self.sum } else { 0 };
        Self {
            hour,
            sum: before + amount,
        }
    }
}

#[derive(Clone, Default)]
pub struct Model {
    pub now: i64,
    pub price: Option<Price>,
    pub io: [u64; HOLDERS],
    pub iosd: [u64; HOLDERS],
    pub emitted: u64,
    pub reminted: u64,
    pub burned: u64,
    pub burned_directly: u64,
    pub iosd_minted: u64,
    pub iosd_spent: u64,
    pub iosd_refunded: u64,
    pub iosd_settled: u64,
    pub iosd_burned_directly: u64,
    /// Of each burn for IOSD, the second from which it streams, and how much.
    pub burns: Vec<(i64, u64)>,
    pub windows: [Bucket; 4],
    /// What passes the window of refunds without counting.
    pub credit: Bucket,
    pub minter_hour: Hour,
    pub net_hour: Hour,
    pub paused: u8,
    /// By hour of unix time: when a price was first seen in it, and the lowest average, 10^-12 USD.
    pub sights: BTreeMap<i64, (i64, u64)>,
    /// Publish time of the newest price that IOSD was made at.
    pub newest: i64,
}

impl Model {
    pub fn supply(&self) -> u64 {
        GENESIS + self.emitted + self.reminted - self.burned
    }

    pub fn iosd_supply(&self) -> u64 {
        self.iosd_minted + self.iosd_refunded - self.iosd_spent
    }

    /// Spent, and neither earned nor refunded.
    pub fn outstanding(&self) -> u64 {
        self.iosd_spent - self.iosd_refunded - self.iosd_settled
    }

    pub fn burned_for_iosd(&self) -> u64 {
        self.burns.iter().map(|(_, amount)| amount).sum()
    }

    /// What may be minted again: the exact sum of the fractions that have streamed out, less what was minted.
    pub fn available(&self) -> u64 {
        let parts: u128 = self
            .burns
            .iter()
            .map(|(from, amount)| {
                let secs = (self.now - from).clamp(0, 30 * DAY).unsigned_abs();
                u128::from(*amount) * u128::from(secs)
            })
            .sum();
        u64::try_from(parts / 2_592_000).unwrap() - self.reminted
    }

    fn admit(&mut self, window: usize, amount: u64, supply: u64) -> Step<()> {
        let capacity = capacity(window, supply);
        let bucket = self.windows[window].drained(capacity, self.now);
        if bucket.level + amount > capacity {
            return Err(tripped(window, amount, bucket, capacity));
        }
        self.windows[window] = Bucket {
            level: bucket.level + amount,
            ..bucket
        };
        Ok(())
    }

    /// A refund: what was spent lately does not count.
    fn admit_refund(&mut self, amount: u64) -> Step<()> {
        let capacity = capacity(REFUNDS, self.outstanding());
        let credit = self.credit.drained(capacity, self.now);
        let bucket = self.windows[REFUNDS].drained(capacity, self.now);
        let counts = amount.saturating_sub(credit.level);
        if counts > 0 {
            if bucket.level + counts > capacity {
                return Err(tripped(REFUNDS, amount, bucket, capacity));
            }
            self.windows[REFUNDS] = Bucket {
                level: bucket.level + counts,
                ..bucket
            };
        }
        self.credit = Bucket {
            level: credit.level.saturating_sub(amount),
            ..credit
        };
        Ok(())
    }

    fn running(&self, action: u8) -> Step<()> {
        if self.paused & action != 0 {
            return Err(TokenError::Paused.into());
        }
        Ok(())
    }

    pub fn burn(&mut self, holder: usize, amount: u64) -> Step<()> {
        positive(amount)?;
        take(&mut self.io[holder], amount, TOKEN_PROGRAM)?;
        self.burned += amount;
        Ok(())
    }

    /// The IOSD made, the IO burned for it and the price.
    pub fn exchange(&mut self, holder: usize, amount: u64, min_out: u64) -> Step<(u64, u64, u64)> {
        positive(amount)?;
        self.running(4)?;
        let price = self.price.ok_or(TokenError::PriceNotPyth)?;
        let low = price.check(20, self.now)?;
        if self.newest - price.at > 10 {
            return Err(TokenError::PriceOlder.into());
        }
        self.newest = self.newest.max(price.at);
        self.see(price.ema);
        let seen = self.recent().any(|(first, _)| self.now - first >= HOUR);
        if !seen {
            return Err(TokenError::PriceNotSeen.into());
        }
        // 1.2 times, in 10^-8 USD again
        let low = low.min(self.lowest() * 6 / 5 / 10_000);
        // 10^-8 USD for an IO of 10^8 units, in millionths of a dollar
        let scale = 10_000_000_000u128;
        let iosd = u64::try_from(u128::from(amount) * u128::from(low) / scale).unwrap();
        let io = u64::try_from((u128::from(iosd) * scale).div_ceil(u128::from(low))).unwrap();
        if iosd == 0 {
            return Err(TokenError::AmountTooSmall.into());
        }
        if iosd < min_out {
            return Err(TokenError::OutputBelowLimit.into());
        }
        self.admit(2, iosd, self.iosd_supply())?;
        take(&mut self.io[holder], io, TOKEN_PROGRAM)?;
        self.burned += io;
        self.burns.push(((self.now / DAY + 1) * DAY, io));
        self.iosd_minted += iosd;
        self.iosd[holder] += iosd;
        Ok((iosd, io, low))
    }

    /// What the program saw in the last 24 hours.
    fn recent(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        let sights = self.sights.values().copied();
        sights.filter(|(first, _)| self.now - first <= DAY)
    }

    fn lowest(&self) -> u64 {
        self.recent().map(|(_, lowest)| lowest).min().unwrap()
    }

    fn see(&mut self, ema: u64) {
        let now = self.now;
        let sight = self.sights.entry(now / HOUR).or_insert((now, u64::MAX));
        sight.1 = sight.1.min(ema * 10_000);
    }

    /// The average that was seen, and the lowest of the day.
    pub fn observe(&mut self) -> Step<(u64, u64)> {
        let price = self.price.ok_or(TokenError::PriceNotPyth)?;
        price.check(60, self.now)?;
        self.see(price.ema);
        Ok((price.ema * 10_000, self.lowest()))
    }

    pub fn spend(&mut self, holder: usize, amount: u64) -> Step<()> {
        positive(amount)?;
        take(&mut self.iosd[holder], amount, TOKEN_2022)?;
        self.iosd_spent += amount;
        let capacity = capacity(REFUNDS, self.outstanding());
        self.credit = self.credit.drained(capacity, self.now);
        self.credit.level += amount;
        Ok(())
    }

    pub fn settle(&mut self, amount: u64) -> Step<()> {
        positive(amount)?;
        if amount > self.outstanding() {
            return Err(TokenError::RefundExceedsSpent.into());
        }
        self.iosd_settled += amount;
        Ok(())
    }

    pub fn refund(&mut self, holder: usize, amount: u64) -> Step<()> {
        positive(amount)?;
        if amount > self.outstanding() {
            return Err(TokenError::RefundExceedsSpent.into());
        }
        self.admit_refund(amount)?;
        self.iosd_refunded += amount;
        self.iosd[holder] += amount;
        Ok(())
    }

    pub fn emit(&mut self, holder: usize, amount: u64) -> Step<()> {
        positive(amount)?;
        self.running(1)?;
        let hour = self.minter_hour.with(amount, self.now);
        if hour.sum > EMISSION_PER_HOUR {
            return Err(TokenError::MinterCapReached.into());
        }
        self.admit(0, amount, self.supply())?;
        self.minter_hour = hour;
        self.emitted += amount;
        self.io[holder] += amount;
        Ok(())
    }

    /// What may be minted after it.
    pub fn remint(&mut self, holder: usize, amount: u64) -> Step<u64> {
        positive(amount)?;
        let hour = self.net_hour.with(amount, self.now);
        if hour.sum > NET_EMISSION_PER_HOUR {
            return Err(TokenError::NetEmissionCapReached.into());
        }
        if amount > self.available() {
            return Err(TokenError::AllowanceExhausted.into());
        }
        self.admit(1, amount, self.supply())?;
        self.net_hour = hour;
        self.reminted += amount;
        self.io[holder] += amount;
        Ok(self.available())
    }

    /// A burn past the program.
    pub fn burn_directly(&mut self, holder: usize, amount: u64) -> Step<()> {
        take(&mut self.io[holder], amount, TOKEN_PROGRAM)?;
        self.burned_directly += amount;
        Ok(())
    }

    pub fn burn_iosd_directly(&mut self, holder: usize, amount: u64) -> Step<()> {
        take(&mut self.iosd[holder], amount, TOKEN_2022)?;
        self.iosd_burned_directly += amount;
        Ok(())
    }
}

fn capacity(window: usize, supply: u64) -> u64 {
    let [limit, share, floor] = LIMITS[window];
    let share = u64::try_from(u128::from(supply) * u128::from(share) / 10_000).unwrap();
    share.max(floor).min(limit)
}

/// The breaker's refusal, with the event that says so.
fn tripped(window: usize, amount: u64, bucket: Bucket, capacity: u64) -> Refused {
    let id = u8::try_from(window).unwrap();
    Refused {
        code: TokenError::BreakerTripped.into(),
        breaker: Some((id, amount, bucket.level, capacity)),
    }
}

fn positive(amount: u64) -> Step<()> {
    if amount == 0 {
        return Err(TokenError::ZeroAmount.into());
    }
    Ok(())
}

/// Both token programs refuse with their first error, InsufficientFunds.
fn take(balance: &mut u64, amount: u64, program: solana_pubkey::Pubkey) -> Step<()> {
    *balance = balance
        .checked_sub(amount)
        .ok_or(Code::anchor(program, 1))?;
    Ok(())
}
