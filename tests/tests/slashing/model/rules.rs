//! The rules that take more than a few lines.

use super::reference::{Model, PROPOSING, TAKING};
use super::state::{ensure, lower, Case, Part, Stake, State, Step};
use crate::stage::MONTH;

/// The cases of a stake in the 30 days up to now.
pub(super) fn month(stake: &Stake, now: i64) -> Vec<(i64, u64, u64)> {
    let recent = stake.proposed.iter();
    recent
        .filter(|(at, ..)| now - at < MONTH)
        .copied()
        .collect()
}

/// A share of a part, in basis points, rounded down.
pub(super) fn share(part: u64, bps: u64) -> u64 {
    u64::try_from(u128::from(part) * u128::from(bps) / 10_000).expect("less than the part")
}

impl Model {
    pub(super) fn stake(&mut self, device: usize) -> Result<&mut Stake, &'static str> {
        self.stakes[device].as_mut().ok_or("missing")
    }

    pub(super) fn case(&mut self, case: usize) -> Result<&mut Case, &'static str> {
        let found = self.cases.get_mut(case).and_then(Option::as_mut);
        found.ok_or("missing")
    }

    pub(super) fn accept(&mut self, device: usize, wallet: usize, terms: (u64, u16)) -> Step {
        let (offer, now, caps) = (self.offers[device], self.now, self.caps);
        let stake = self.stake(device)?;
        let offer = offer.ok_or("missing")?;
        ensure(wallet != device, "SelfCoStake")?;
        ensure((offer.amount, offer.share) == terms, "TermsChanged")?;
        ensure(offer.opened == stake.opened, "OfferOutlived")?;
        ensure(offer.to.is_none_or(|to| to == wallet), "NotInvited")?;
        stake.staked()?;
        ensure(terms.0 <= stake.own.units, "OfferTooLarge")?;
        stake.co_staker = Some(wallet);
        stake.co.units = terms.0;
        stake.share = terms.1;
        (stake.co_since, stake.co_caps) = (now, caps);
        self.wallets[wallet] -= terms.0;
        self.offers[device] = None;
        Ok(())
    }

    pub(super) fn withdraw(&mut self, device: usize) -> Step {
        let now = self.now;
        let stake = self.stake(device)?;
        let unlock = stake.unlock.ok_or("NotRequested")?;
        ensure(now >= unlock, "CoolDownNotOver")?;
        let amount = stake.own.free();
        ensure(amount > 0 || stake.own.held == 0, "HeldByCase")?;
        ensure(amount > 0 || stake.is_over(), "ZeroAmount")?;
        stake.own.units -= amount;
        self.wallets[device] += amount;
        self.close_if_over(device);
        Ok(())
    }

    pub(super) fn withdraw_co(&mut self, device: usize) -> Step {
        let now = self.now;
        let stake = self.stake(device)?;
        let wallet = stake.co_staker.expect("asked only where there is one");
        let unlocked = stake.co_unlock().is_some_and(|unlock| now >= unlock);
        ensure(unlocked || stake.co.units == 0, "CoStakeLocked")?;
        let amount = stake.co.free();
        ensure(amount > 0 || stake.co.held == 0, "HeldByCase")?;
        stake.co.units -= amount;
        if stake.co.units == 0 {
            (stake.co_staker, stake.leave, stake.share) = (None, None, 0);
            (stake.co_since, stake.co_caps) = (0, (0, 0));
        }
        self.wallets[wallet] += amount;
        self.close_if_over(device);
        Ok(())
    }

    /// Liable are the owner, and a co-staker who was there at the offence: caps, what cases took and what is free are reckoned on their
    /// parts, under the lowest caps that any of them agreed to.
    pub(super) fn propose(&mut self, device: usize, amount: u64, offence: i64) -> Step {
        let (now, caps, paused) = (self.now, self.caps, self.paused);
        let stake = self.stake(device)?;
        ensure(paused & PROPOSING == 0, "Paused")?;
        ensure(offence <= now, "OffenceInFuture")?;
        ensure(amount > 0, "ZeroAmount")?;
        let both = stake.co.units > 0 && stake.co_since <= offence;
        let co = if both { stake.co } else { Part::default() };
        let caps = match both {
            true => lower(lower(caps, stake.caps), stake.co_caps),
            false => lower(caps, stake.caps),
        };
        let total = stake.own.units + co.units;
        let month = month(stake, now);
        let taken = month
            .iter()
            .map(|(_, all, own)| if both { all } else { own });
        let sum: u64 = taken.sum();
        let free = stake.own.free() + co.free();
        let capped = amount <= share(total, caps.0) && sum + amount <= share(total, caps.1);
        let fits = capped && amount <= free;
        ensure(fits, "SlashAboveCap")?;
        ensure(month.len() < 4, "TooManyCases")?;
        let co = u128::from(amount) * u128::from(co.free()) / u128::from(free);
        let co = u64::try_from(co).unwrap();
        stake.co.held += co;
        stake.own.held += amount - co;
        stake.open += 1;
        stake.proposed.push((now, amount, amount - co));
        let case = Case {
            device,
            own: amount - co,
            co,
            co_staker: stake.co_staker,
            proposed: now,
            offence,
            state: State::Open,
            pays: None,
        };
        self.cases.push(Some(case));
        Ok(())
    }

    pub(super) fn finalize(&mut self, number: usize) -> Step {
        let now = self.now;
        let case = self.case(number)?.clone();
        let takes = match case.state {
            State::Upheld(at) => now < at + MONTH,
            State::Rejected(_) | State::Withdrawn => false,
            State::Appealed(at) => {
                ensure(now >= at + MONTH, "CaseRuns")?;
                false
            }
            State::Open => {
                ensure(now >= case.proposed + MONTH, "CaseRuns")?;
                now < case.proposed + 2 * MONTH
            }
        };
        ensure(!takes || self.paused & TAKING == 0, "Paused")?;
        let stake = self.stake(case.device)?;
        stake.own.held -= case.own;
        stake.co.held -= case.co;
        stake.open -= 1;
        if case.state == State::Withdrawn {
            // As if it had never been proposed.
            let mark = (case.proposed, case.own + case.co, case.own);
            let at = stake.proposed.iter().position(|other| *other == mark);
            stake.proposed.remove(at.expect("remembered"));
        }
        if takes {
            stake.own.units -= case.own;
            stake.co.units -= case.co;
        }
        match case.pays {
            Some((of, usd6)) => self.end_pay(of, usd6, case.device, takes.then_some(case.own)),
            None if takes => {
                self.burned[case.device] += case.own;
                if let Some(wallet) = case.co_staker {
                    self.burned[wallet] += case.co;
                }
            }
            None => {}
        }
        self.cases[number] = None;
        self.close_if_over(case.device);
        Ok(())
    }

    fn close_if_over(&mut self, device: usize) {
        if self.stakes[device].as_ref().is_some_and(Stake::is_over) {
            self.stakes[device] = None;
        }
    }
}
