//! Orders and leases as the rules see them, in plain integers.

use std::collections::{BTreeMap, VecDeque};

use super::{ceil_bps, floor_bps, By, Moved};

pub const OPEN: u8 = 0;
pub const MATCHED: u8 = 1;
pub const ACTIVE: u8 = 2;
pub const COMPLETED: u8 = 3;
pub const ENDED: u8 = 4;
pub const EXPIRED: u8 = 5;

pub const HOUR: i64 = 3_600;
/// A device accepts within this time after it was asked.
pub const ACCEPT_SECS: i64 = 90;
/// Devices that an order remembers not to take again.
const BARS: usize = 16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub class: Option<usize>,
    pub per_machine: u32,
    pub gpus: u32,
    pub matched: u32,
    pub accepted: u32,
}

/// Prices of each part from a moment on, with the discounts that they were reckoned with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    pub from: i64,
    pub units: [u64; 4],
    pub usd6: [u64; 4],
    pub discounts: [[u64; 3]; 4],
    /// Hours of its booking, and the rate that this booking began with.
    pub hours: u32,
    pub booking: usize,
}

impl Rate {
    /// What GPUs of the parts cost an hour.
    pub fn hourly(&self, gpus: [u32; 4]) -> u64 {
        let parts = self.units.iter().zip(gpus);
        parts.map(|(price, gpus)| price * u64::from(gpus)).sum()
    }
}

/// An hour that is judged and not released: what it is worth, and slots paid.
#[derive(Clone, Copy, Debug, Default)]
pub struct Held {
    pub until: i64,
    pub units: u64,
    pub usd6: u64,
    pub slots: u8,
    /// All of it: units, dollars, parts that its rent is divided by, and slots that are looked at.
    pub full: (u64, u64),
    pub parts: u64,
    pub first: i64,
    pub looked_at: u32,
    /// Slots that receipts have answered, a bit each.
    pub answered: u8,
}

pub const ASKED: u8 = 0;
pub const ACCEPTED: u8 = 1;
pub const SETTLED: u8 = 2;
pub const DISPUTED: u8 = 3;

#[derive(Clone, Default)]
pub struct Lease {
    pub state: u8,
    pub part: usize,
    pub gpus: u32,
    /// Of each `full` dollars of the part's price it is paid `pay`, `cap` dollars at most.
    pub pay: u64,
    pub full: u64,
    pub cap: u64,
    pub by: By,
    pub matched: i64,
    pub accepted: i64,
    pub accepted_slot: u64,
    /// Second and slot in which its last hours were judged, and the rent of all that were.
    pub judged_at: (i64, u64),
    pub rent: u64,
    /// Of a device that replaced another.
    pub started: i64,
    pub agreed: i64,
    /// Where it ends before its order, and from when on no heartbeat is asked for.
    pub ends: i64,
    pub stopped: i64,
    /// Until when it is judged and released, and how many hours were.
    pub judged: (i64, u32),
    pub released: (i64, u32),
    pub held: VecDeque<Held>,
    /// Slots forgiven, by day of the lease.
    pub forgiven: BTreeMap<i64, u8>,
    pub paid: u64,
    pub paid_usd6: u64,
    pub refunded: u64,
    pub disputed: i64,
    pub deposit: u64,
    pub resolver: u8,
    /// Seconds for which the order had been whole when it accepted.
    pub mark: i64,
    /// The lowest place that no lease of its order had at its match, until it leaves it.
    pub place: Option<u16>,
    /// Counted as hired.
    pub counted: bool,
    /// Hardly served in its last judged hour.
    pub poor: bool,
    /// Has had its share of the discount that an early end did not reach.
    pub shared: bool,
}

#[derive(Clone, Default)]
pub struct Order {
    pub renter: usize,
    pub currency: usize,
    pub parts: [Part; 4],
    pub hours: u32,
    pub state: u8,
    pub rates: Vec<Rate>,
    /// On top of the rent for the treasury and for the network, and off the supplier's pay.
    pub fee_bps: [u64; 3],
    pub window: i64,
    pub min_tier: u8,
    pub min_reputation: u64,
    pub secure: bool,
    pub owner: Option<usize>,
    pub country: Option<[u8; 2]>,
    pub deposited: u64,
    pub escrowed: u64,
    pub paid: u64,
    pub refunded: u64,
    pub fees: u64,
    pub due: u64,
    /// No hour needs it.
    pub spare: u64,
    /// What the leases that ran to an early end share, and how many GPUs do.
    pub rerate: u64,
    pub rerate_gpus: u32,
    pub created: i64,
    pub expires: i64,
    pub started: i64,
    pub end: i64,
    pub booked_end: i64,
    /// The end that is paid for, and when IO for a dollar is taken anew.
    pub funded: i64,
    pub step: i64,
    pub stopped: i64,
    pub vacant: i64,
    pub whole_since: i64,
    /// Seconds whole and kept from starting by a device, and by the renter.
    pub spoiled: i64,
    pub waited: i64,
    /// A device left before an hour of it was judged, in the order's first: no hour is kept.
    pub broken: bool,
    /// Over with devices that had let their time pass.
    pub unanswered: bool,
    pub bars: Vec<usize>,
    /// Lamports that nobody has earned by matching.
    pub lamports: u64,
    pub leases: BTreeMap<usize, Lease>,
}

impl Order {
    pub fn waits(&self) -> bool {
        self.state == OPEN || self.state == MATCHED
    }

    pub fn gpus(&self) -> [u32; 4] {
        self.parts.map(|part| part.gpus)
    }

    pub fn accepted(&self) -> [u32; 4] {
        self.parts.map(|part| part.accepted)
    }

    /// The price at a moment, and when the next begins.
    pub fn rate_at(&self, ts: i64) -> (Rate, i64) {
        let mut from = self.rates.iter().map(|rate| rate.from);
        let next = from.find(|from| *from > ts).unwrap_or(i64::MAX);
        let now = self.rates.iter().rfind(|rate| rate.from <= ts);
        (*now.unwrap_or(&self.rates[0]), next)
    }

    /// Rent with the fees on it, rounded up: what has to be there.
    pub fn fees_up(&self, rent: u64) -> u64 {
        rent + ceil_bps(rent, self.fee_bps[0]) + ceil_bps(rent, self.fee_bps[1])
    }

    /// Rent with the fees on it, rounded down: what may go.
    pub fn fees_down(&self, rent: u64) -> u64 {
        rent + floor_bps(rent, self.fee_bps[0]) + floor_bps(rent, self.fee_bps[1])
    }

    /// Rent that is earned: the supplier's fee is rounded up, those on top down.
    pub fn earned(&self, rent: u64, usd6: u64) -> Moved {
        let off = ceil_bps(rent, self.fee_bps[2]);
        Moved {
            paid: rent - off,
            fee: off + self.fees_down(rent) - rent,
            refunded: 0,
            usd6,
        }
    }

    pub fn book(&mut self, moved: &Moved) {
        self.paid += moved.paid;
        self.refunded += moved.refunded;
        self.fees += moved.fee;
        self.due += moved.refunded;
        self.escrowed -= moved.paid + moved.refunded + moved.fee;
    }

    pub fn take_in(&mut self, amount: u64) {
        self.deposited += amount;
        self.escrowed += amount;
    }

    pub fn bar(&mut self, device: usize) {
        if !self.is_barred(device) {
            self.bars.push(device);
        }
    }

    pub fn is_barred(&self, device: usize) -> bool {
        self.bars.iter().rev().take(BARS).any(|bar| *bar == device)
    }

    /// The place of a device that had accepted is free from `from` on.
    pub fn vacate(&mut self, part: usize, gpus: u32, from: i64) {
        self.parts[part].matched -= gpus;
        self.parts[part].accepted -= gpus;
        self.vacant = self.vacant.max(from);
    }

    pub fn is_over(&self, now: i64) -> bool {
        let ran = self.state == ACTIVE && now >= self.end;
        (ran || self.state > ACTIVE) && self.leases.is_empty()
    }

    pub fn complete(&mut self) {
        if self.state == ACTIVE {
            self.state = COMPLETED;
        }
    }
}
