//! Stakes and cases in plain integers, written from the rules and not from the program.

use super::state::{ensure, Caps, Case, Offer, Record, Stake, State, Step, Verdict};
use crate::stage::{COOL_DOWN, MONTH, UPHOLD_AFTER, WAIT, WALLET};

pub const DEVICES: usize = 2;
pub const WALLETS: usize = 3;
const MINIMUM: u64 = 20_000_000_000;

/// A device's owner is the wallet of the same number; the third wallet owns none.
#[derive(Clone, Copy, Debug)]
pub enum Action {
    Stake(usize, u64),
    Increase(usize, u64),
    Overflow(usize, u64),
    /// Device, amount, share, and who alone may accept.
    Offer(usize, u64, u16, Option<usize>),
    Retract(usize),
    /// Device, wallet, amount, share.
    Accept(usize, usize, u64, u16),
    Leave(usize, usize),
    WithdrawCo(usize),
    Request(usize),
    Withdraw(usize),
    /// Device, amount, and how many seconds ago the offence was.
    Propose(usize, u64, i64),
    /// Case and wallet.
    Appeal(usize, usize),
    Resolve(usize, bool),
    /// Case, and who takes it back.
    WithdrawCase(usize, By),
    Finalize(usize),
    /// A dispute about a device is decided against it, of which the lease had been paid so many millionths of a dollar.
    Decide(usize, u64),
    /// Device, whose verdict, amount.
    ProposePay(usize, usize, u64),
    FinalizePay(usize),
    /// Of the verdict about a device.
    Fetch(usize),
    CloseRecord(usize),
    /// Governance sets caps for those who come, and lowers them for all.
    SetCaps(u64, u64),
    /// These bits are paused, and no others.
    Pause(u8),
    Warp(i64),
}

/// Who might take a case back; a wallet by its number.
#[derive(Clone, Copy, Debug)]
pub enum By {
    Slasher,
    Judge,
    Authority,
    Wallet(usize),
}

/// The bits of proposing and of carrying out.
pub const PROPOSING: u8 = 2;
pub const TAKING: u8 = 4;

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
    pub offers: [Option<Offer>; DEVICES],
    /// `None` once a case is closed.
    pub cases: Vec<Option<Case>>,
    /// Those of now.
    pub caps: Caps,
    pub paused: u8,
}

impl Model {
    pub fn new(now: i64, caps: Caps, verdicts: [Verdict; DEVICES]) -> Self {
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
            paused: 0,
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
                let mut stake = Stake {
                    opened: now,
                    caps: self.caps,
                    ..Stake::default()
                };
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
                // A co-staker's part lets the owner's out no sooner than the cool-down would.
                let young = now < stake.co_since + COOL_DOWN;
                let counted = match young {
                    true => stake.counted(now).min(stake.own.units),
                    false => stake.counted(now),
                };
                let enough = counted >= MINIMUM + amount;
                let half = left >= stake.co.units;
                ensure(enough && half && left >= stake.own.held, "NotOverflow")?;
                stake.own.units = left;
                self.wallets[device] += amount;
            }
            Action::Offer(device, amount, share, to) => {
                let offered = self.offers[device].is_some();
                let stake = self.stake(device)?;
                ensure(!offered, "taken")?;
                ensure(amount > 0, "ZeroAmount")?;
                ensure(share <= 10_000, "InvalidShare")?;
                stake.staked()?;
                ensure(stake.co_staker.is_none(), "HasCoStaker")?;
                ensure(amount <= stake.own.units, "OfferTooLarge")?;
                let opened = stake.opened;
                self.offers[device] = Some(Offer {
                    amount,
                    share,
                    to,
                    opened,
                });
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
            Action::Propose(device, amount, ago) => self.propose(device, amount, now - ago)?,
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
                ensure(!upheld || now >= at + UPHOLD_AFTER, "UpheldTooEarly")?;
                case.state = if upheld {
                    State::Upheld(now)
                } else {
                    State::Rejected(now)
                };
            }
            Action::WithdrawCase(case, by) => {
                let case = self.case(case)?;
                let may = match by {
                    By::Judge => true,
                    By::Slasher | By::Authority => case.pays.is_none(),
                    By::Wallet(_) => false,
                };
                ensure(may, "MayNotWithdraw")?;
                let undecided = matches!(case.state, State::Open | State::Appealed(_));
                ensure(undecided, "WrongCaseState")?;
                case.state = State::Withdrawn;
            }
            Action::SetCaps(case, month) => self.caps = (case, month),
            Action::Pause(bits) => self.paused = bits,
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
