//! The market's rules in plain integers, for tests that compare: who has what, and what each instruction books or refuses.
//! Orders have their rules in `bookings`, `orders` and `ends`, leases in `leases`, IOSD in `credit`. After a refusal a model is to be thrown away.

mod bookings;
mod credit;
mod ends;
mod leases;
pub mod orders;

use std::collections::{BTreeMap, BTreeSet};

use iog_client::market::MarketError as E;

use crate::Code;
use orders::Order;

pub type Step = Result<(), Code>;

pub const IO: usize = 0;
pub const USD: usize = 1;
pub const CREDIT: usize = 2;

#[derive(Clone, Copy, Debug)]
pub struct NewOrder {
    pub renter: usize,
    pub currency: usize,
    pub class: usize,
    /// Whether the other class will do too.
    pub either: bool,
    pub gpus: u32,
    pub hours: u32,
    /// Whether the limit is one unit short.
    pub short: bool,
}

/// Fees in basis points, and points for a dollar.
#[derive(Clone, Copy, Default)]
pub struct Fees {
    pub reservation: u64,
    pub supplier: u64,
    pub network: u64,
    pub usd_extra: u64,
    pub points: u64,
}

/// The books of one currency.
#[derive(Clone, Copy, Default)]
pub struct Books {
    pub deposited: u64,
    pub escrowed: u64,
    pub paid: u64,
    pub refunded: u64,
    pub fees: u64,
    pub earnings_due: u64,
    pub refunds_due: u64,
    pub fees_due: u64,
}

#[derive(Clone, Default)]
pub struct Renter {
    /// Of each currency.
    pub tokens: [u64; 3],
    pub orders: u64,
    pub gpu_minutes: u64,
    pub spent_usd6: u64,
    pub points_e6: u64,
    pub disputes: u64,
}

/// What a supplier has, and is owed.
#[derive(Clone, Default)]
pub struct Owner {
    /// IO and dollars.
    pub tokens: [u64; 2],
    pub due: [u64; 3],
    pub withdrawn: [u64; 3],
    /// Where its claim on IO begins in the line, how much it is, and what of it is paid.
    pub claim: (u64, u64, u64),
}

#[derive(Clone, Default)]
pub struct Device {
    pub owner: usize,
    pub class: usize,
    pub gpus: u32,
    pub active: bool,
    /// Whether its stake covers the minimum.
    pub staked: bool,
    pub listed: bool,
    pub floor: u64,
    /// The order that it is in.
    pub order: Option<u64>,
    /// Whether it has accepted.
    pub hired: bool,
    /// Until then it is not matched, after it let a match pass.
    pub resting: i64,
    pub idle_since: i64,
    pub served: u64,
    pub missed: u64,
    pub leases: u64,
    pub skipped: u64,
    pub timeouts: u64,
    pub lost: u64,
    /// Ten-minute slots with a heartbeat.
    pub beats: BTreeSet<i64>,
}

impl Device {
    /// Lets a match pass, and is left alone for an hour.
    pub fn skip(&mut self, now: i64) {
        self.skipped += 1;
        self.resting = now + 3_600;
    }
}

/// What the line of suppliers of IOSD orders has come to.
#[derive(Clone, Copy, Default)]
pub struct Line {
    pub claimed: u64,
    pub funded: u64,
    pub paid: u64,
    pub incentive: u64,
    /// IO burned for IOSD, and from when on it streams into the allowance.
    pub burned: (u64, i64),
    pub reminted: u64,
    /// When the allowance was last brought up to date.
    pub minted_at: i64,
}

/// What the treasury took in of IO and dollars, and what of the IO it keeps for suppliers.
#[derive(Clone, Copy, Default)]
pub struct Treasury {
    pub collected: [u64; 2],
    pub kept: u64,
    pub kept_bps: u64,
}

#[derive(Clone, Default)]
pub struct Model {
    pub now: i64,
    pub usd8: u64,
    pub base: [u64; 2],
    pub fee: Fees,
    pub window: i64,
    pub resolver: bool,
    pub next_id: u64,
    pub books: [Books; 3],
    /// To the vaults of IO and dollars, and to that of the line.
    pub donated: [u64; 3],
    pub renters: Vec<Renter>,
    pub owners: Vec<Owner>,
    pub devices: Vec<Device>,
    pub orders: BTreeMap<u64, Order>,
    pub line: Line,
    pub treasury: Treasury,
    /// IOSD that orders spent, and that is neither refunded nor reported as earned.
    pub outstanding: u64,
}

/// What leaves an escrow.
#[derive(Clone, Copy, Default)]
pub struct Moved {
    pub paid: u64,
    pub refunded: u64,
    pub fee: u64,
    pub usd6: u64,
}

pub fn ceil_bps(amount: u64, bps: u64) -> u64 {
    u64::try_from((u128::from(amount) * u128::from(bps)).div_ceil(10_000)).unwrap()
}

/// Whole minutes of an hourly rate.
pub fn minutes_of(rate: u64, minutes: i64) -> u64 {
    let minutes = u128::try_from(minutes).unwrap();
    u64::try_from(u128::from(rate) * minutes / 60).unwrap()
}

impl Books {
    pub fn move_out(&mut self, currency: usize, moved: &Moved) {
        self.paid += moved.paid;
        self.refunded += moved.refunded;
        self.fees += moved.fee;
        self.escrowed -= moved.paid + moved.refunded + moved.fee;
        self.refunds_due += moved.refunded;
        self.fees_due += moved.fee;
        if currency == CREDIT {
            self.fees_due += moved.paid;
        } else {
            self.earnings_due += moved.paid;
        }
    }
}

impl Model {
    /// Books what leaves the escrow of an order, in the order and in its currency.
    pub fn book(&mut self, id: u64, moved: &Moved) {
        let order = self.orders.get_mut(&id).unwrap();
        order.paid += moved.paid;
        order.refunded += moved.refunded;
        order.fees += moved.fee;
        order.due += moved.refunded;
        order.escrowed -= moved.paid + moved.refunded + moved.fee;
        self.books[order.currency].move_out(order.currency, moved);
    }

    /// Books what a lease paid out; the renter's own fees go with it.
    pub fn pay_out(&mut self, id: u64, device: usize, mut moved: Moved) {
        let order = self.orders.get_mut(&id).unwrap();
        moved.fee += std::mem::take(&mut order.pending);
        let (currency, renter) = (order.currency, order.renter);
        self.book(id, &moved);
        let owner = self.devices[device].owner;
        self.owners[owner].due[currency] += moved.paid;
        let renter = &mut self.renters[renter];
        renter.spent_usd6 += moved.usd6;
        renter.points_e6 += moved.usd6 * self.fee.points;
    }

    /// The device is in no lease any more, if it is in this one.
    pub fn free(&mut self, id: u64, device: usize) {
        let now = self.now;
        let device = &mut self.devices[device];
        if device.order == Some(id) {
            device.order = None;
            device.hired = false;
            device.idle_since = now;
        }
    }

    pub fn list(&mut self, device: usize, floor: u64) -> Step {
        let device = &mut self.devices[device];
        if !device.active {
            return Err(E::DeviceNotActive.into());
        }
        if !device.staked {
            return Err(E::NotStaked.into());
        }
        device.listed = true;
        device.floor = floor;
        device.resting = 0;
        Ok(())
    }

    pub fn delist(&mut self, device: usize, stranger: bool) -> Step {
        let device = &mut self.devices[device];
        if stranger && device.active && device.staked {
            return Err(E::ListingStands.into());
        }
        if !device.listed {
            return Err(E::NotListed.into());
        }
        device.listed = false;
        Ok(())
    }

    pub fn withdraw(&mut self, owner: usize, currency: usize) -> Step {
        let owner = &mut self.owners[owner];
        let due = std::mem::take(&mut owner.due[currency]);
        if due == 0 {
            return Err(E::NothingDue.into());
        }
        owner.withdrawn[currency] += due;
        owner.tokens[currency] += due;
        self.books[currency].earnings_due -= due;
        Ok(())
    }

    pub fn collect(&mut self, currency: usize) -> Step {
        let due = std::mem::take(&mut self.books[currency].fees_due);
        if due == 0 {
            return Err(E::NothingDue.into());
        }
        self.treasury.collected[currency] += due;
        if currency == IO {
            let kept = u128::from(due) * u128::from(self.treasury.kept_bps) / 10_000;
            self.treasury.kept += u64::try_from(kept).unwrap();
        }
        Ok(())
    }

    /// IOSD that orders spent and that nobody has earned or got back.
    pub fn iosd_outstanding(&self) -> u64 {
        let books = &self.books[CREDIT];
        books.escrowed + books.refunds_due + books.fees_due
    }
}
