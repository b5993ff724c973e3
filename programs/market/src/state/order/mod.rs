mod args;
mod ends;
mod life;
mod part;
mod places;
mod rates;

pub use args::{validate_gpus, validate_hours, OrderArgs, PartArgs, Quote, QuoteArgs};
pub use ends::Ended;
pub use part::Part;
pub use places::Seat;
pub use rates::{Rate, Step};

use super::{
    escrow::{add, sub},
    Terms,
};
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;

/// Where an order stands. Open and Matched may expire; Active runs; the last three are final.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum OrderState {
    /// Takes devices.
    Open = 0,
    /// Whole: has all its devices, waits for their acceptance.
    Matched = 1,
    /// Runs. A device that dropped out may be replaced.
    Active = 2,
    /// Ran to its booked end.
    Completed = 3,
    /// Ended early by the renter; leases are settled up to then.
    Ended = 4,
    /// Did not start in time, or was cancelled before; refunded.
    Expired = 5,
}

/// A renter's booking of GPUs and its escrow: `deposited == paid + refunded + fees + escrowed` after every instruction.
#[account]
pub struct Order {
    pub renter: Address,
    pub mint: Address,
    /// Key that may open tunnels to the devices while the order runs; zeros for none.
    pub engineer_key: Address,
    /// Key that signs receipts for what was served; zeros for none.
    pub receipt_key: Address,
    /// Only devices of this owner are matched; zeros for any. A cluster is as trustworthy as its worst device.
    pub owner: Address,
    /// Hash of the container image, or zero.
    pub image_hash: [u8; 32],
    /// Hash of the job's specification.
    pub command_hash: [u8; 32],
    pub id: u64,
    pub rates: [Rate; MAX_RATES],
    pub deposited_units: u64,
    pub escrowed_units: u64,
    pub paid_units: u64,
    pub refunded_units: u64,
    pub fee_units: u64,
    /// Part of `refunded_units` that is not paid out yet.
    pub refund_due_units: u64,
    /// Part of `escrowed_units` that no hour needs: for later prices in IO and deposits of disputes. Comes back at the end.
    pub spare_units: u64,
    /// Part of `escrowed_units` that the leases which ran to an early end share: the discount that was not reached.
    pub rerate_units: u64,
    /// What the devices that have accepted cost an hour, before the start.
    pub accepted_hourly_units: u64,
    pub created_ts: i64,
    pub expires_ts: i64,
    pub started_ts: i64,
    /// No hour after this is paid. Of an order in IO it lies no further than its price reaches.
    pub end_ts: i64,
    /// The end before any extension: what the first devices agreed to.
    pub booked_end_ts: i64,
    /// The end that is paid for, extensions included.
    pub funded_until_ts: i64,
    /// When IO for a dollar is taken anew; 0 for never.
    pub step_ts: i64,
    /// When the renter ended it: heartbeats after this are not asked for; 0 for never.
    pub stopped_ts: i64,
    /// A device that replaces another begins no earlier.
    pub vacant_from_ts: i64,
    /// Since when every place is matched, before the start; 0 while one is not.
    pub whole_since_ts: i64,
    /// First bytes of the devices that it does not take again, the oldest overwritten.
    pub bars: [[u8; 8]; MAX_BARS],
    /// Places that leases have, a bit each.
    pub places: [u8; PLACE_BYTES],
    pub parts: [Part; MAX_PARTS],
    pub hours: u32,
    /// Leases whose account exists.
    pub leases: u32,
    /// Seconds for which it was whole and a device kept it from starting.
    pub whole_secs: u32,
    /// Seconds for which it was whole, at its end, and nothing but the renter kept it from starting.
    pub renter_secs: u32,
    /// GPUs that share `rerate_units`.
    pub rerate_gpus: u32,
    /// How long a settled hour can be disputed, as it was when the order was made.
    pub dispute_secs: u32,
    /// Allowed countries, zero-padded; none named allows all.
    pub countries: [[u8; 2]; MAX_COUNTRIES],
    /// Fees as they were when the order was made: of what is earned, from the renter, for the network, from the supplier.
    pub renter_fee_bps: u16,
    pub network_fee_bps: u16,
    pub supplier_fee_bps: u16,
    pub min_reputation_bps: u16,
    pub min_tier: u8,
    pub secure_only: u8,
    pub kind: u8,
    /// What its devices run on: 0 any, 1 linux/amd64, 2 linux/arm64.
    pub platform: u8,
    pub currency: u8,
    /// Rates in use.
    pub rate_count: u8,
    /// Where the next bar is written.
    pub next_bar: u8,
    /// It expired while devices had let the time to accept pass.
    pub unanswered: u8,
    /// A device left or fell silent before its first hour was over: the renter need not keep the others for one.
    pub broken: u8,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 12],
}

impl Order {
    pub fn is(&self, state: OrderState) -> bool {
        self.state == state as u8
    }

    /// Open or Matched: has not started and may.
    pub fn waits(&self) -> bool {
        self.is(OrderState::Open) || self.is(OrderState::Matched)
    }

    /// Running or ended: leases may be settled.
    pub fn settles(&self) -> bool {
        self.started_ts > 0
    }

    /// Takes the wishes over; rates and deposit follow.
    pub fn open(&mut self, args: &OrderArgs, terms: &Terms, now: i64) -> Result<()> {
        args.validate()?;
        self.parts = args.parts()?;
        self.id = args.id;
        self.hours = args.hours;
        self.kind = args.kind;
        self.min_tier = args.min_tier;
        self.min_reputation_bps = args.min_reputation_bps;
        self.secure_only = u8::from(args.secure_only);
        self.countries = args.countries;
        self.engineer_key = args.engineer_key;
        self.receipt_key = args.receipt_key;
        self.owner = args.owner;
        self.platform = args.platform;
        self.image_hash = args.image_hash;
        self.command_hash = args.command_hash;
        self.renter_fee_bps = terms.renter_fee_bps;
        self.network_fee_bps = terms.network_fee_bps;
        self.supplier_fee_bps = terms.supplier_fee_bps;
        self.dispute_secs = terms.dispute_secs;
        self.created_ts = now;
        self.expires_ts = now
            .checked_add(EXPIRY_SECS)
            .ok_or(MarketError::MathOverflow)?;
        Ok(())
    }

    /// The engineer key lies on machines that strangers' devices talk to: it must not be the wallet's, nor sign what was served. Zeros are no
    /// key. Those of its devices no instruction sees all of: clients make a new key for each order.
    pub fn require_different_keys(&self) -> Result<()> {
        let none = self.engineer_key == Address::default();
        let different = self.engineer_key != self.renter && self.engineer_key != self.receipt_key;
        require!(none || different, MarketError::KeysEqual);
        Ok(())
    }

    /// Names another engineer key, until the order is over: also behind its end its outputs are fetched with it. Returns the one before.
    pub fn set_engineer_key(&mut self, key: Address, now: i64) -> Result<Address> {
        require!(!self.is_over(now), MarketError::OrderOver);
        let before = core::mem::replace(&mut self.engineer_key, key);
        self.require_different_keys()?;
        Ok(before)
    }

    /// Books a deposit.
    pub fn deposit(&mut self, amount: u64) -> Result<()> {
        add(&mut self.deposited_units, amount)?;
        add(&mut self.escrowed_units, amount)
    }

    /// Books what is earned, refunded and taken as a fee; what is refunded is due to the renter.
    pub fn book(&mut self, paid: u64, refunded: u64, fees: u64) -> Result<()> {
        add(&mut self.paid_units, paid)?;
        add(&mut self.refunded_units, refunded)?;
        add(&mut self.fee_units, fees)?;
        add(&mut self.refund_due_units, refunded)?;
        for amount in [paid, refunded, fees] {
            sub(&mut self.escrowed_units, amount)?;
        }
        Ok(())
    }

    pub fn allows(&self, country: [u8; 2]) -> bool {
        let mut named = self
            .countries
            .iter()
            .filter(|entry| **entry != [0; 2])
            .peekable();
        named.peek().is_none() || named.any(|entry| *entry == country)
    }

    pub fn takes_owner(&self, owner: &Address) -> bool {
        self.owner == Address::default() || self.owner == *owner
    }

    /// Does not take `device` again: it declined, did not answer, left, or is disputed.
    pub fn bar(&mut self, device: &Address) {
        if self.is_barred(device) {
            return;
        }
        let next = usize::from(self.next_bar);
        if let Some(entry) = self.bars.get_mut(next) {
            *entry = bar_of(device);
        }
        let following = next.saturating_add(1);
        let wrapped = if following < MAX_BARS { following } else { 0 };
        self.next_bar = u8::try_from(wrapped).unwrap_or(0);
    }

    pub fn is_barred(&self, device: &Address) -> bool {
        self.bars.contains(&bar_of(device))
    }
}

/// Eight bytes tell devices apart well enough: who wants to look like another device must find a key for it, and is only barred.
fn bar_of(device: &Address) -> [u8; 8] {
    device
        .as_ref()
        .first_chunk::<8>()
        .copied()
        .unwrap_or_default()
}
