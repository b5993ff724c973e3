mod answer;
mod dispute;
mod drop_out;
mod hours;
mod pay;
mod work;

pub use answer::Answered;
pub use dispute::{Decision, Opened, Resolved};
pub use pay::Payout;
pub use work::Work;

use crate::{constants::*, state::Seat, MarketError, Order, OrderState};
use anchor_lang::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum LeaseState {
    /// Waits for the device's acceptance.
    Matched = 0,
    /// Runs once its order does; after its end until its last slot is judged.
    Accepted = 1,
    /// Over: every hour is judged. The last ones may still be held.
    Settled = 2,
    /// Over, and the renter disputes what is held.
    Disputed = 3,
}

/// One device in one order. Each hour of it is judged by its ten-minute slots, held for the order's dispute window, and then the supplier's.
#[account]
pub struct Lease {
    pub order: Address,
    pub device: Address,
    /// The supplier, who is paid.
    pub owner: Address,
    /// Who matched it and paid this account's rent, and gets it back with the fee for matching.
    pub payer: Address,
    /// Who may decide the dispute; zeros while there is none.
    pub resolver: Address,
    /// Where the device is reached: its tunnel key at the match, and again at its acceptance. Until the lease ends only this one counts,
    /// whatever its owner names later.
    pub tunnel_key: Address,
    pub matched_ts: i64,
    /// When the device accepted; 0 before.
    pub accepted_ts: i64,
    /// When it began, for a device that replaced another; 0 for those that began with their order.
    pub started_ts: i64,
    /// Until then a device that replaced another has agreed to serve; 0 for the first ones.
    pub agreed_until_ts: i64,
    /// Its end, where it ends before its order: nothing after is billed; 0 while it does not.
    pub ends_ts: i64,
    /// Heartbeats after this are not asked for; 0 while it runs.
    pub stopped_ts: i64,
    /// Hours before this are paid out or refunded; 0 before the first.
    pub released_until_ts: i64,
    /// Hours before this are judged; 0 before the first.
    pub settled_until_ts: i64,
    /// When the dispute was opened; 0 for none.
    pub disputed_ts: i64,
    /// Paid to the supplier, its fee taken off.
    pub paid_units: u64,
    /// Rent that the supplier earned before the fee, US dollars with 6 decimals.
    pub paid_usd6: u64,
    pub refunded_units: u64,
    /// The renter's deposit for the dispute.
    pub deposit_units: u64,
    /// It is paid this much of each dollar of its part's price: the lower of the part's and its own class's, of what its device may be paid.
    pub pay_usd6: u64,
    /// The part's price when it was matched.
    pub part_usd6: u64,
    /// Most that it is paid for a GPU-hour, US dollars with 6 decimals: of a device that left another lease before its agreed end.
    pub cap_usd6: u64,
    /// The chain's slot when the device accepted.
    pub accepted_slot: u64,
    /// The chain's slot when its last hour was judged; 0 before the first.
    pub judged_slot: u64,
    /// When that was; 0 before.
    pub judged_ts: i64,
    /// Rent of all hours that are judged, proved or not.
    pub rent_units: u64,
    /// Slots that are paid, of the hours that are judged and not released, by the number of the hour modulo 32.
    pub paid_slots: [u8; HELD_HOURS],
    /// Slots that receipts have answered in a dispute, a bit each, likewise by hour: paid, and no longer disputed.
    pub answered_slots: [u8; HELD_HOURS],
    pub gpus: u32,
    /// Hours of the lease that are released, and judged.
    pub released_count: u32,
    pub settled_count: u32,
    /// The order's counter of seconds for which it was whole, at the acceptance.
    pub held_mark: u32,
    /// Day of the lease that `forgiven` counts.
    pub forgiven_day: u32,
    /// The lowest place of its order that was free at its match, from 0; 65535 where it has none any more, or never had.
    pub place: u16,
    pub part: u8,
    pub state: u8,
    /// Slots forgiven in that day.
    pub forgiven: u8,
    /// Its GPUs are counted as hired.
    pub counted: u8,
    /// The last hour judged had fewer proved slots than a device must have.
    pub poor: u8,
    /// Its share of the discount that an early end did not reach is paid.
    pub shared: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 26],
}

/// What the market knows of a device when it matches it.
#[derive(Clone, Copy)]
pub struct Matched {
    pub order: Address,
    pub device: Address,
    pub owner: Address,
    pub payer: Address,
    pub tunnel_key: Address,
    pub seat: Seat,
    pub pay_usd6: u64,
    pub part_usd6: u64,
    pub cap_usd6: u64,
}

impl Lease {
    pub fn is(&self, state: LeaseState) -> bool {
        self.state == state as u8
    }

    pub fn open(&mut self, matched: &Matched, order: &Order, now: i64) {
        self.order = matched.order;
        self.device = matched.device;
        self.owner = matched.owner;
        self.payer = matched.payer;
        self.tunnel_key = matched.tunnel_key;
        self.part = matched.seat.part;
        self.gpus = matched.seat.gpus;
        self.place = matched.seat.place;
        self.pay_usd6 = matched.pay_usd6;
        self.part_usd6 = matched.part_usd6;
        self.cap_usd6 = matched.cap_usd6;
        self.matched_ts = now;
        if order.is(OrderState::Active) {
            // What it is matched to, not what an extension before its acceptance would make of it.
            self.agreed_until_ts = order
                .funded_until_ts
                .min(now.saturating_add(MAX_AGREED_SECS));
        }
        self.state = LeaseState::Matched as u8;
        self.version = 1;
    }

    /// What it had of its order: it has no place any more.
    pub fn leave_seat(&mut self) -> Seat {
        Seat {
            part: self.part,
            gpus: self.gpus,
            place: core::mem::replace(&mut self.place, NO_PLACE),
        }
    }

    /// The device takes the lease, reached by its tunnel key of now; in a running order it begins now.
    pub fn accept(
        &mut self,
        order: &Order,
        tunnel_key: Address,
        now: i64,
        slot: u64,
    ) -> Result<()> {
        require!(self.is(LeaseState::Matched), MarketError::LeaseNotMatched);
        order.require_asked(self.matched_ts, now)?;
        self.state = LeaseState::Accepted as u8;
        self.tunnel_key = tunnel_key;
        self.accepted_ts = now;
        self.accepted_slot = slot;
        self.held_mark = order.held_mark(now);
        if order.is(OrderState::Active) {
            self.started_ts = now;
        }
        Ok(())
    }

    /// When it began to serve; 0 before that.
    pub fn started(&self, order: &Order) -> i64 {
        self.started_ts.max(order.started_ts)
    }

    /// It was there when its order started: of a place, one lease is.
    pub fn began_with(&self, order: &Order) -> bool {
        let early = self.ends_ts != 0 && self.ends_ts <= order.started_ts;
        order.started_ts > 0 && self.started_ts == 0 && !early
    }

    /// Where it ends.
    pub fn end(&self, order: &Order) -> i64 {
        if self.ends_ts == 0 {
            return order.end_ts;
        }
        self.ends_ts.min(order.end_ts)
    }

    /// Heartbeats after this are not asked for.
    pub(super) fn stop(&self, order: &Order) -> i64 {
        let of = |ts: i64| if ts == 0 { i64::MAX } else { ts };
        of(self.stopped_ts).min(of(order.stopped_ts))
    }

    /// The device serves its order now: accepted, started, and nobody has ended it.
    pub fn serves(&self, order: &Order, now: i64) -> bool {
        self.is(LeaseState::Accepted)
            && order.started_ts > 0
            && now < self.end(order).min(self.stop(order))
    }

    /// Hours before this are judged.
    pub fn settled_until(&self, order: &Order) -> i64 {
        self.settled_until_ts.max(self.started(order))
    }

    pub(super) fn released_until(&self, order: &Order) -> i64 {
        self.released_until_ts.max(self.started(order))
    }

    /// Until when the supplier has agreed to serve: the end at its match, 720 hours at most.
    pub fn agreed_until(&self, order: &Order) -> i64 {
        if self.agreed_until_ts != 0 {
            return self.agreed_until_ts;
        }
        let most = order.started_ts.saturating_add(MAX_AGREED_SECS);
        order.booked_end_ts.min(most)
    }

    /// Hours that are judged and not released.
    pub fn holds(&self) -> bool {
        self.released_count < self.settled_count
    }
}
