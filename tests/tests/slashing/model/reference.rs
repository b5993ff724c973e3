//! Stakes and cases in plain integers, written from the rules and not from the program.

use crate::stage::{COOL_DOWN, MONTH, WAIT, WALLET};

pub const DEVICES: usize = 2;
pub const WALLETS: usize = 3;
const MINIMUM: u64 = 20_000_000_000;

/// A device's owner is the wallet of the same number; the third wallet owns none.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    Stake(usize, u64),
    Increase(usize, u64),
    Overflow(usize, u64),
    Offer(usize, u64, u16),
    Retract(usize),
    /// Device, wallet, amount, share.
    Accept(usize, usize, u64, u16),
    Leave(usize, usize),
    WithdrawCo(usize),
    Request(usize),
    Withdraw(usize),
    Propose(usize, u64),
    /// Case and wallet.
    Appeal(usize, usize),
    Resolve(usize, bool),
    Finalize(usize),
    /// A dispute about a device is decided against it, of which the lease had been paid so many millionths of a dollar.
    Decide(usize, u64),
    /// Device, whose verdict, amount.
    ProposePay(usize, usize, u64),
    FinalizePay(usize),
    /// Of the verdict about a device.
    Fetch(usize),
    CloseRecord(usize),
    Warp(i64),
}

/// Nothing, or the name of the refusal.
pub type Step = Result<(), &'static str>;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub units: u64,
    pub held: u64,
}

impl Part {
    pub fn free(&self) -> u64 {
        self.units - self.held
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stake {
    pub own: Part,
    pub co: Part,
    pub co_staker: Option<usize>,
    pub share: u16,
    pub unlock: Option<i64>,
    pub leave: Option<i64>,
    pub open: u8,
    /// When each case was proposed, for how much, and how much of it the owner's.
    pub proposed: Vec<(i64, u64, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Appealed(i64),
    Upheld,
    Rejected,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub device: usize,
    pub own: u64,
    pub co: u64,
    pub co_staker: Option<usize>,
    pub proposed: i64,
    pub state: State,
    /// Whose verdict it pays the renter of, and what it claims.
    pub pays: Option<(usize, u64)>,
}

/// The newest decision about a device, and what the lease was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    pub decided: i64,
    pub paid: u64,
}

/// What the cases of one decision claim, owe and have paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub decided: i64,
    pub claimed: u64,
    pub due: u64,
    pub paid: u64,
    pub open: u16,
}

#[derive(Clone)]
pub struct Model {
    pub now: i64,
    pub wallets: [u64; WALLETS],
    /// What was burned of each wallet's stakes, and what was taken of it for renters.
    pub burned: [u64; WALLETS],
    pub restituted: [u64; WALLETS],
    /// What renters fetched.
    pub fetched: u64,
    pub verdicts: [Verdict; DEVICES],
    pub records: [Option<Record>; DEVICES],
    pub stakes: [Option<Stake>; DEVICES],
    pub offers: [Option<(u64, u16)>; DEVICES],
    /// `None` once a case is closed.
    pub cases: Vec<Option<Case>>,
    /// Of one case, and of 30 days, in basis points.
    pub caps: (u64, u64),
}

pub(super) fn ensure(holds: bool, refusal: &'static str) -> Step {
    holds.then_some(()).ok_or(refusal)
}

impl Stake {
    pub(super) fn counted(&self, now: i64) -> u64 {
        match self.leave {
            Some(leave) if now >= leave => self.own.units,
            _ => self.own.units + self.co.units,
        }
    }

    pub(super) fn co_unlock(&self) -> Option<i64> {
        let own = self.leave.map(|leave| leave + COOL_DOWN);
        own.into_iter().chain(self.unlock).min()
    }

    pub(super) fn staked(&self) -> Step {
        ensure(self.unlock.is_none(), "CoolingDown")
    }

    pub(super) fn is_over(&self) -> bool {
        self.unlock.is_some() && self.own.units == 0 && self.co_staker.is_none() && self.open == 0
    }
}

impl Model {
    pub fn new(now: i64, caps: (u64, u64), verdicts: [Verdict; DEVICES]) -> Self {
        Self {
            now,
            wallets: [WALLET; WALLETS],
            burned: [0; WALLETS],
            restituted: [0; WALLETS],
            fetched: 0,
            verdicts,
            records: Default::default(),
            stakes: Default::default(),
            offers: Default::default(),
            cases: Vec::new(),
            caps,
        }
    }

    /// What the action changes, or why it is refused; a refusal may leave the model half changed.
    pub fn apply(&mut self, action: Action) -> Step {
        let now = self.now;
        match action {
            Action::Warp(secs) => self.now += secs,
            Action::Stake(device, amount) => {
                ensure(self.stakes[device].is_none(), "taken")?;
                ensure(amount >= MINIMUM / 2, "BelowMinimum")?;
                self.wallets[device] -= amount;
                let mut stake = Stake::default();
                stake.own.units = amount;
                self.stakes[device] = Some(stake);
            }
            Action::Increase(device, amount) => {
                let stake = self.stake(device)?;
                ensure(amount > 0, "ZeroAmount")?;
                stake.staked()?;
                stake.own.units += amount;
                self.wallets[device] -= amount;
            }
            Action::Overflow(device, amount) => {
                let stake = self.stake(device)?;
                ensure(amount > 0, "ZeroAmount")?;
                stake.staked()?;
                let left = stake.own.units.checked_sub(amount).ok_or("NotOverflow")?;
                let enough = stake.counted(now) - amount >= MINIMUM;
                let half = left >= stake.co.units;
                ensure(enough && half && left >= stake.own.held, "NotOverflow")?;
                stake.own.units = left;
                self.wallets[device] += amount;
            }
            Action::Offer(device, amount, share) => {
                let offered = self.offers[device].is_some();
                let stake = self.stake(device)?;
                ensure(!offered, "taken")?;
                ensure(amount > 0, "ZeroAmount")?;
                ensure(share <= 10_000, "InvalidShare")?;
                stake.staked()?;
                ensure(stake.co_staker.is_none(), "HasCoStaker")?;
                ensure(amount <= stake.own.units, "OfferTooLarge")?;
                self.offers[device] = Some((amount, share));
            }
            Action::Retract(device) => {
                self.offers[device].take().ok_or("missing")?;
            }
            Action::Accept(device, wallet, amount, share) => {
                self.accept(device, wallet, (amount, share))?;
            }
            Action::Leave(device, wallet) => {
                let stake = self.stake(device)?;
                ensure(stake.co_staker == Some(wallet), "NotCoStaker")?;
                stake.staked()?;
                ensure(stake.leave.is_none(), "AlreadyLeaving")?;
                stake.leave = Some(now + WAIT);
            }
            Action::Request(device) => {
                let stake = self.stake(device)?;
                stake.staked()?;
                stake.unlock = Some(now + COOL_DOWN);
            }
            Action::Withdraw(device) => self.withdraw(device)?,
            Action::WithdrawCo(device) => self.withdraw_co(device)?,
            Action::Propose(device, amount) => self.propose(device, amount)?,
            Action::Appeal(case, wallet) => {
                let case = self.case(case)?;
                let party =
                    wallet == case.device || (case.co > 0 && case.co_staker == Some(wallet));
                ensure(party, "NotAppellant")?;
                let in_time = case.state == State::Open && now < case.proposed + MONTH;
                ensure(in_time, "WrongCaseState")?;
                case.state = State::Appealed(now);
            }
            Action::Resolve(case, upheld) => {
                let case = self.case(case)?;
                let State::Appealed(at) = case.state else {
                    return Err("WrongCaseState");
                };
                ensure(now < at + MONTH, "WrongCaseState")?;
                case.state = if upheld {
                    State::Upheld
                } else {
                    State::Rejected
                };
            }
            Action::Finalize(case) => {
                ensure(self.case(case)?.pays.is_none(), "PaysRenter")?;
                self.finalize(case)?;
            }
            Action::Decide(device, paid) => self.verdicts[device] = Verdict { decided: now, paid },
            Action::ProposePay(device, of, amount) => self.propose_pay(device, of, amount)?,
            Action::FinalizePay(case) => {
                ensure(self.case(case)?.pays.is_some(), "PaysNoRenter")?;
                self.finalize(case)?;
            }
            Action::Fetch(device) => self.fetch(device)?,
            Action::CloseRecord(device) => self.close_record(device)?,
        }
        Ok(())
    }
}
