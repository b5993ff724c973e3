//! One device's stake in plain integers.

use iog_client::staking::StakingError as E;

const DAY: i64 = 24 * 3_600;
pub const COOL_DOWN: i64 = 14 * DAY;
pub const CO_WAIT: i64 = 7 * DAY;
/// Of an appeal, of a decision, and of the window that cases are counted in.
pub const MONTH: i64 = 30 * DAY;
/// How long after an appeal a case is upheld at the earliest.
pub const UPHOLD_AFTER: i64 = 3 * DAY;
/// Most of a stake that one case takes, and the cases of a month together.
const CASE_BPS: u64 = 1_000;
const MONTH_BPS: u64 = 2_500;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Co {
    pub since: i64,
    /// Whose it is, among the co-stakers.
    pub who: usize,
    pub amount: u64,
    pub held: u64,
    pub bps: u16,
    /// Until when it counts once it leaves; 0 while it stays.
    pub leave: i64,
}

#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Stake {
    pub amount: u64,
    pub held: u64,
    pub unlock: i64,
    pub co: Option<Co>,
    pub open_cases: u8,
    pub opened: i64,
    /// When the newest four cases were proposed, their amounts, and the owner's parts.
    pub marks: Vec<(i64, u64, u64)>,
}

fn bps(amount: u64, share: u64) -> u64 {
    u64::try_from(u128::from(amount) * u128::from(share) / 10_000).unwrap()
}

impl Stake {
    pub fn co_amount(&self) -> u64 {
        self.co.map_or(0, |co| co.amount)
    }

    pub fn counted(&self, now: i64) -> u64 {
        let counts = |co: &Co| co.leave == 0 || now < co.leave;
        let co = self.co.filter(counts).map_or(0, |co| co.amount);
        if self.unlock == 0 {
            self.amount + co
        } else {
            0
        }
    }

    /// What counts of it when the owner takes some out: a co-staker only 14 days after it came.
    pub fn settled(&self, now: i64) -> u64 {
        let young = self.co.is_some_and(|co| now < co.since + 1_209_600);
        let counted = self.counted(now);
        if young {
            counted.min(self.amount)
        } else {
            counted
        }
    }

    pub fn covers(&self, minimum: u64, now: i64) -> bool {
        self.unlock == 0 && self.counted(now) >= minimum
    }

    /// Who earns beside the owner, and how much of it.
    pub fn earns(&self) -> Option<(usize, u16)> {
        let co = self.co?;
        let earns = self.unlock == 0 && co.leave == 0 && co.amount > 0 && co.bps > 0;
        earns.then_some((co.who, co.bps))
    }

    pub fn cools(&self) -> Result<(), E> {
        if self.unlock != 0 {
            return Err(E::CoolingDown);
        }
        Ok(())
    }

    pub fn is_empty(&self) -> bool {
        self.unlock != 0 && self.amount == 0 && self.co.is_none() && self.open_cases == 0
    }

    pub fn co_unlock(&self) -> Option<i64> {
        let own = self.co.filter(|co| co.leave != 0);
        let own = own.map(|co| co.leave + COOL_DOWN);
        let whole = (self.unlock != 0).then_some(self.unlock);
        own.into_iter().chain(whole).min()
    }

    pub fn hold(&mut self, amount: u64, now: i64) -> Result<(u64, u64), E> {
        if amount == 0 {
            return Err(E::ZeroAmount);
        }
        // All cases here are for offences of the moment: a co-staker with a part is liable.
        let total = self.amount + self.co_amount();
        let both = self.co_amount() > 0;
        let recent = self.marks.iter().filter(|mark| mark.0 > now - MONTH);
        let taken = |mark: &(i64, u64, u64)| if both { mark.1 } else { mark.2 };
        let month: u64 = recent.clone().map(taken).sum();
        if amount > bps(total, CASE_BPS) || month + amount > bps(total, MONTH_BPS) {
            return Err(E::SlashAboveCap);
        }
        let co_free = self.co.map_or(0, |co| co.amount - co.held);
        let free = self.amount - self.held + co_free;
        if amount > free {
            return Err(E::SlashAboveCap);
        }
        if recent.count() == 4 {
            return Err(E::TooManyCases);
        }
        // pro rata over what no case holds; the owner bears the odd unit
        let co = u128::from(amount) * u128::from(co_free) / u128::from(free);
        let co = u64::try_from(co).unwrap();
        let owner = amount - co;
        self.marks.push((now, amount, owner));
        self.held += owner;
        if let Some(part) = &mut self.co {
            part.held += co;
        }
        self.open_cases += 1;
        Ok((owner, co))
    }
}
