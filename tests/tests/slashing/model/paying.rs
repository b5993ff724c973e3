//! The rules of restitution.

use super::reference::{Model, PROPOSING};
use super::rules::{month, share};
use super::state::{ensure, lower, Case, Record, State, Step};

/// How long a decision can be named: 180 days.
pub const CLAIM: i64 = 15_552_000;

/// Millionths of a dollar of so much IO at 0.2505 USD, rounded up.
fn usd6(amount: u64) -> u64 {
    let product = u128::from(amount) * 2_505;
    u64::try_from(product.div_ceil(1_000_000)).expect("an amount of the tests")
}

impl Model {
    /// The owner alone is liable, within caps of its part alone; all cases of a decision claim at most what the lease was paid.
    pub(super) fn propose_pay(&mut self, device: usize, of: usize, amount: u64) -> Step {
        let (now, caps, verdict) = (self.now, self.caps, self.verdicts[of]);
        let (record, paused) = (self.records[of], self.paused);
        let stake = self.stake(device)?;
        ensure(paused & PROPOSING == 0, "Paused")?;
        let caps = lower(caps, stake.caps);
        ensure(of == device, "WrongVerdict")?;
        ensure(now < verdict.decided + CLAIM, "ClaimTooLate")?;
        ensure(amount > 0, "ZeroAmount")?;
        let own = stake.own;
        let month = month(stake, now);
        let sum: u64 = month.iter().map(|(_, _, own)| own).sum();
        let capped = amount <= share(own.units, caps.0) && sum + amount <= share(own.units, caps.1);
        ensure(capped && amount <= own.free(), "SlashAboveCap")?;
        ensure(month.len() < 4, "TooManyCases")?;
        let mut record = record.unwrap_or(Record {
            decided: verdict.decided,
            claimed: 0,
            due: 0,
            paid: 0,
            open: 0,
        });
        ensure(record.decided == verdict.decided, "WrongRestitution")?;
        record.claimed += usd6(amount);
        record.open += 1;
        ensure(record.claimed <= verdict.paid, "AboveRentPaid")?;
        stake.own.held += amount;
        stake.open += 1;
        stake.proposed.push((now, amount, amount));
        let co_staker = stake.co_staker;
        self.records[of] = Some(record);
        self.cases.push(Some(Case {
            device,
            own: amount,
            co: 0,
            co_staker,
            proposed: now,
            offence: 0,
            state: State::Open,
            pays: Some((of, usd6(amount))),
        }));
        Ok(())
    }

    /// What is taken is owed; what is not is claimed no more.
    pub(super) fn end_pay(&mut self, of: usize, usd6: u64, device: usize, taken: Option<u64>) {
        let record = self.records[of]
            .as_mut()
            .expect("kept while a case is open");
        record.open -= 1;
        match taken {
            Some(units) => {
                record.due += units;
                self.restituted[device] += units;
            }
            None => record.claimed -= usd6,
        }
    }

    pub(super) fn fetch(&mut self, device: usize) -> Step {
        let record = self.records[device].as_mut().ok_or("missing")?;
        ensure(record.due > 0, "NothingDue")?;
        self.fetched += record.due;
        record.paid += record.due;
        record.due = 0;
        Ok(())
    }

    pub(super) fn close_record(&mut self, device: usize) -> Step {
        let record = self.records[device].ok_or("missing")?;
        let forgotten = record.claimed == 0 || self.now >= record.decided + CLAIM;
        let over = record.due == 0 && record.open == 0 && forgotten;
        ensure(over, "RestitutionNeeded")?;
        self.records[device] = None;
        Ok(())
    }
}
