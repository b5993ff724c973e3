//! The market's rules (docs/market.md) in plain integers, for tests that compare: who has what, and what each instruction books or refuses.
//! Prices have their rules in `prices`, orders in `bookings`, `waiting` and `ends`, matches in `matching`, leases in `hours`, `leases`,
//! `disputes` and `receipts`, devices in `devices`, IOSD in `credit`. After a refusal a model is to be thrown away.

mod bookings;
mod credit;
mod devices;
mod disputes;
mod ends;
mod hours;
mod leases;
mod matching;
mod money;
pub mod orders;
mod prices;
mod receipts;
mod waiting;

use std::collections::BTreeMap;

pub use devices::Device;
pub use disputes::{Resolver, Verdict};
pub use matching::Match;
pub use prices::Class;

use crate::Code;
use orders::Order;

pub type Step = Result<(), Code>;

pub const IO: usize = 0;
pub const USD: usize = 1;
pub const CREDIT: usize = 2;

/// GPUs of one class, so many on each machine or any number; with none a class that will do for the part before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    pub class: Option<usize>,
    pub per_machine: u32,
    pub gpus: u32,
}

#[derive(Clone, Copy, Debug)]
pub struct NewOrder {
    pub renter: usize,
    pub currency: usize,
    pub parts: [Wish; 4],
    pub hours: u32,
    /// What the limit is above the total.
    pub spare: u64,
    /// Whether the limit is one unit short.
    pub short: bool,
    pub min_tier: u8,
    pub min_reputation: u64,
    pub secure: bool,
    /// Only devices of this owner.
    pub owner: Option<usize>,
    pub country: Option<[u8; 2]>,
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

/// What the line of suppliers of IOSD orders has come to.
#[derive(Clone, Copy, Default)]
pub struct Line {
    pub claimed: u64,
    pub funded: u64,
    pub paid: u64,
    pub incentive: u64,
    /// IO burned for IOSD, and from when on it streams into the allowance.
    pub burned: (u64, i64),
    /// IOSD that was made of it, and what of that claims were earned in.
    pub made: u64,
    pub earned: u64,
    /// What a dollar is worth to suppliers in basis points, and since when that is known; 0 for never.
    pub cover: (u64, i64),
    /// Time of the newest price that was used.
    pub newest: i64,
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

/// Who signs a match or leaves a lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    Renter,
    #[default]
    Keeper,
    Owner,
    Device,
}

#[derive(Clone, Default)]
pub struct Model {
    pub now: i64,
    pub slot: u64,
    /// Start of hour 1, the base of proofs.
    pub genesis: i64,
    pub usd8: u64,
    pub classes: Vec<Class>,
    pub fee: Fees,
    pub window: i64,
    pub resolver: Resolver,
    pub next_id: u64,
    pub books: [Books; 3],
    /// To the vaults of IO and dollars, and to that of the line.
    pub donated: [u64; 3],
    pub renters: Vec<Renter>,
    pub owners: Vec<Owner>,
    pub devices: Vec<Device>,
    pub orders: BTreeMap<u64, Order>,
    pub verdicts: Vec<Verdict>,
    pub line: Line,
    pub treasury: Treasury,
    /// IOSD that orders spent, and that is neither refunded nor reported as earned.
    pub outstanding: u64,
    /// Lamports that matching brought and cost: each renter, and the keeper.
    pub lamports: Vec<i64>,
}

/// What leaves an escrow: rent for a supplier, all fees, what goes back, and the rent in dollars.
#[derive(Clone, Copy, Default)]
pub struct Moved {
    pub paid: u64,
    pub refunded: u64,
    pub fee: u64,
    pub usd6: u64,
}

impl Moved {
    pub fn add(&mut self, other: &Self) {
        self.paid += other.paid;
        self.refunded += other.refunded;
        self.fee += other.fee;
        self.usd6 += other.usd6;
    }
}

fn narrow(wide: u128) -> u64 {
    u64::try_from(wide).unwrap()
}

pub fn ceil_bps(amount: u64, bps: u64) -> u64 {
    narrow((u128::from(amount) * u128::from(bps)).div_ceil(10_000))
}

pub fn floor_bps(amount: u64, bps: u64) -> u64 {
    part_of(amount, bps, 10_000)
}

/// `amount * part / whole`, rounded down.
pub fn part_of(amount: u64, part: u64, whole: u64) -> u64 {
    narrow(u128::from(amount) * u128::from(part) / u128::from(whole))
}

/// What the whole minutes of a time cost at an hourly rate.
pub fn rent_of(hourly: u64, secs: i64) -> u64 {
    part_of(hourly, u64::try_from(secs / 60).unwrap(), 60)
}
