//! What the reference remembers.

use crate::stage::COOL_DOWN;

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
    pub opened: i64,
    /// Since when there is a co-staker.
    pub co_since: i64,
    /// Of a case and of 30 days, as they were at the opening and at the co-staker's acceptance.
    pub caps: Caps,
    pub co_caps: Caps,
    /// When each case was proposed, for how much, and how much of it the owner's.
    pub proposed: Vec<(i64, u64, u64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Open,
    Appealed(i64),
    Upheld(i64),
    Rejected(i64),
    Withdrawn,
}

#[derive(Clone, Debug)]
pub struct Case {
    pub device: usize,
    pub own: u64,
    pub co: u64,
    pub co_staker: Option<usize>,
    pub proposed: i64,
    /// When the offence was; 0 where it pays a renter.
    pub offence: i64,
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

/// Of one case, and of 30 days, in basis points.
pub type Caps = (u64, u64);

pub(super) fn lower(one: Caps, two: Caps) -> Caps {
    (one.0.min(two.0), one.1.min(two.1))
}

/// An owner's offer: its terms, who alone may accept, and when the stake was opened that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    pub amount: u64,
    pub share: u16,
    pub to: Option<usize>,
    pub opened: i64,
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
