//! Who may be matched to what, and what the lease then pays, in plain integers.

use iog_client::market::MarketError as E;

use super::orders::{Lease, Order, ACTIVE, ASKED, HOUR, MATCHED, OPEN};
use super::prices::Booking;
use super::{part_of, By, Model, Step, CREDIT};
use crate::Code;

/// For so long after its creation only the renter matches, and a match of an order that is not whole keeps the device.
const FIRST_SECS: i64 = 30;
const HOLD_SECS: i64 = 30;
/// A supplier agrees to no more than this.
pub const AGREED_SECS: i64 = 720 * HOUR;
/// After a lease that it served a device is matched with an older proof.
const AFTER_LEASE_SECS: i64 = 7_200;

/// A match of a device to a part.
#[derive(Clone, Copy, Debug)]
pub struct Match {
    pub order: u64,
    pub device: usize,
    pub part: usize,
    pub by: By,
    /// Whether it names the match that the device is in.
    pub displaces: bool,
}

impl Order {
    /// Whether a class will do for a part: its own, or one of the alternatives behind it.
    fn takes(&self, part: usize, class: usize) -> bool {
        let behind = self.parts.iter().skip(part + 1);
        let alternatives = behind
            .take_while(|part| part.class.is_some() && part.gpus == 0 && part.per_machine == 0);
        let own = self.parts.iter().skip(part).take(1);
        own.chain(alternatives)
            .any(|part| part.class == Some(class))
    }

    /// The lowest price of a part from a moment to the end, in dollars.
    fn lowest(&self, part: usize, now: i64) -> u64 {
        let past = self.rates.iter().skip(1).filter(|rate| rate.from <= now);
        let left = self.rates.iter().skip(past.count());
        left.map(|rate| rate.usd6[part]).min().unwrap()
    }

    /// Why no device can join now, if none can.
    pub fn taken(&self, now: i64) -> Option<E> {
        match self.state {
            ACTIVE if now < self.vacant => Some(E::NotVacantYet),
            ACTIVE if now > self.end - HOUR => Some(E::OrderNotOpen),
            OPEN | MATCHED if now >= self.expires => Some(E::OrderExpired),
            OPEN | MATCHED | ACTIVE => None,
            _ => Some(E::OrderNotOpen),
        }
    }
}

impl Model {
    /// What the order asks of the device.
    fn suits(&self, wanted: &Match) -> Result<(), E> {
        let (order, now) = (&self.orders[&wanted.order], self.now);
        let one = &self.devices[wanted.device];
        if now - order.created < FIRST_SECS && wanted.by != By::Renter {
            Err(E::RenterMatchesFirst)
        } else if !one.listed {
            Err(E::NotListed)
        } else if now < one.resting {
            Err(E::DeviceRests)
        } else if one.currencies >> order.currency & 1 == 0 {
            Err(E::CurrencyNotTaken)
        } else if !order.takes(wanted.part, one.class) {
            Err(E::WrongClass)
        } else if order.is_barred(wanted.device) {
            Err(E::DeviceBarred)
        } else if one.tier < order.min_tier {
            Err(E::TierTooLow)
        } else if order.country.is_some_and(|country| country != *b"DE") {
            Err(E::CountryNotAllowed)
        } else if order.owner.is_some_and(|owner| owner != one.owner) {
            Err(E::OwnerNotAsked)
        } else if order.secure && !one.secure {
            Err(E::NotSecure)
        } else if one.reputation() < order.min_reputation {
            Err(E::ReputationTooLow)
        } else {
            Ok(())
        }
    }

    /// It is alive, and is what it claims.
    fn is_ready(&self, device: usize) -> Result<(), E> {
        let (one, now, epoch) = (&self.devices[device], self.now, self.epoch());
        let valid = self.classes[one.class].proof_hours;
        if one.sign.0 == 0 || one.sign.0 / HOUR < now / HOUR - 1 {
            return Err(E::NoSignOfLife);
        }
        if valid == 0 {
            return Ok(());
        }
        let served = now - one.served_until < AFTER_LEASE_SECS;
        let proved = one.proved_within(epoch, if served { valid.max(24) } else { valid });
        if !proved {
            return Err(E::NotProved);
        }
        let lately = |failed: &&u64| **failed <= epoch && epoch - **failed < 12;
        if one.failed.iter().filter(lately).count() >= 4 {
            return Err(E::TooManyFailures);
        }
        Ok(())
    }

    /// What the lease will be paid of its part's dollars, and at most: `(pay, full, cap)`.
    fn pay(&self, wanted: &Match) -> Result<(u64, u64, u64), E> {
        let (order, one) = (&self.orders[&wanted.order], &self.devices[wanted.device]);
        let part = &order.parts[wanted.part];
        if part.gpus == 0 {
            return Err(E::WrongClass);
        }
        let full = order.rates[0].usd6[wanted.part];
        let (cap, until) = one.cap;
        let cap = if self.now < until { cap } else { u64::MAX };
        let mut pay = full;
        if part.class != Some(one.class) {
            let class = &self.classes[one.class];
            if !class.enabled {
                return Err(E::ClassNotOffered);
            }
            let booking = Booking {
                hours: order.rates[0].hours,
                min_tier: order.min_tier,
                country: order.country,
                at: order.created,
            };
            pay = class.quote(&booking, self.now);
            if pay > full {
                return Err(E::PriceTooLow);
            }
        }
        let lowest = part_of(order.lowest(wanted.part, self.now), pay, full);
        let mut worth = lowest.min(cap);
        if order.currency == CREDIT && one.floor > 0 {
            worth = self.covered(worth)?;
        }
        if worth < one.floor {
            return Err(E::PriceBelowFloor);
        }
        Ok((pay, full, cap))
    }

    /// Takes the device out of a match that holds nobody.
    fn displace(&mut self, wanted: &Match, whole: bool) -> Result<(), E> {
        let Some(held) = self.devices[wanted.device].order else {
            return Ok(());
        };
        if !wanted.displaces {
            return Err(E::DeviceHired);
        }
        let all = |id: u64| self.orders[&id].gpus().iter().sum::<u32>();
        let completes = whole && all(wanted.order) >= all(held);
        let order = self.orders.get_mut(&held).unwrap();
        let lease = &order.leases[&wanted.device];
        let old = self.now - lease.matched >= HOLD_SECS;
        let waits = lease.state == ASKED && order.state == OPEN;
        if !waits || !(old || completes) {
            return Err(E::MatchHolds);
        }
        order.parts[lease.part].matched -= lease.gpus;
        order.leases.remove(&wanted.device);
        self.devices[wanted.device].order = None;
        Ok(())
    }

    pub fn match_device(&mut self, wanted: Match) -> Step {
        let (now, id, device) = (self.now, wanted.order, wanted.device);
        if self.devices[device].state != 0 {
            return Err(E::DeviceNotActive.into());
        }
        if self.orders[&id].leases.contains_key(&device) {
            return Err(Code::in_use());
        }
        self.suits(&wanted)?;
        self.is_ready(device)?;
        let (pay, full, cap) = self.pay(&wanted)?;
        let gpus = self.devices[device].gpus;
        let order = self.orders.get_mut(&id).unwrap();
        if let Some(error) = order.taken(now) {
            return Err(error.into());
        }
        let part = &mut order.parts[wanted.part];
        if part.per_machine != 0 && part.per_machine != gpus {
            return Err(E::WrongMachine.into());
        }
        if part.matched + gpus > part.gpus {
            return Err(E::TooManyGpus.into());
        }
        part.matched += gpus;
        if order.state == OPEN && order.parts.iter().all(|part| part.matched == part.gpus) {
            order.state = MATCHED;
            order.whole_since = now;
        }
        let whole = order.state == MATCHED;
        let agreed = match order.state {
            ACTIVE => order.funded.min(now + AGREED_SECS),
            _ => 0,
        };
        let taken = |place: &u16| {
            order
                .leases
                .values()
                .any(|lease| lease.place == Some(*place))
        };
        let place = (0..).find(|place| !taken(place));
        let lease = Lease {
            place,
            part: wanted.part,
            gpus,
            pay,
            full,
            cap,
            by: wanted.by,
            matched: now,
            agreed,
            ..Lease::default()
        };
        self.displace(&wanted, whole)?;
        self.devices[device].order = Some(id);
        let order = self.orders.get_mut(&id).unwrap();
        order.leases.insert(device, lease);
        Ok(())
    }
}
