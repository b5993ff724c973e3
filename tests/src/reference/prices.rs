//! What a GPU-hour costs, in plain integers.

use super::orders::Order;
use super::{narrow, part_of, rent_of, Model};

const HOUR: i64 = 3_600;
/// Seconds in which the utilisation moves by a basis point.
const MOVE_SECS: i64 = 10;
/// Bookings of so many hours have a discount.
const COMMITTED: [u32; 3] = [24, 168, 720];

/// A class, its price factors in basis points and the counters that its utilisation follows.
#[derive(Clone, Debug, Default)]
pub struct Class {
    pub base: u64,
    /// Takes new orders.
    pub enabled: bool,
    /// For so many hours a proof counts; 0 where nothing is proved.
    pub proof_hours: u64,
    /// Cards that a device of a class that is proved may have.
    pub max_cards: u32,
    pub kink: u64,
    pub slopes: [u64; 2],
    pub tiers: [u64; 5],
    pub peak: u64,
    /// Bit h: hour h of the day is a peak hour.
    pub peak_hours: u32,
    pub commitments: [u64; 3],
    /// A country with a factor of its own.
    pub location: ([u8; 2], u64),
    pub online: u64,
    pub hired: u64,
    pub utilisation: u64,
    pub moved: i64,
}

/// The factor of a booking's length.
pub fn commitment(factors: [u64; 3], hours: u32) -> u64 {
    let reached = COMMITTED.iter().filter(|least| hours >= **least).count();
    if reached == 0 {
        return 10_000;
    }
    factors[reached - 1]
}

/// What the price depends on beside the class.
#[derive(Clone, Copy)]
pub struct Booking {
    pub hours: u32,
    pub min_tier: u8,
    pub country: Option<[u8; 2]>,
    /// When it was made.
    pub at: i64,
}

impl Class {
    /// Utilisation, and since when it is that, after following the counters until now.
    fn followed(&self, now: i64) -> (u64, i64) {
        if now <= self.moved {
            return (self.utilisation, self.moved);
        }
        let target = match self.online {
            0 => 0,
            online => self.hired.min(online) * 10_000 / online,
        };
        let steps = u64::try_from((now - self.moved) / MOVE_SECS).unwrap();
        if self.utilisation.abs_diff(target) <= steps {
            return (target, now);
        }
        let moved = self.moved + i64::try_from(steps).unwrap() * MOVE_SECS;
        if target > self.utilisation {
            (self.utilisation + steps, moved)
        } else {
            (self.utilisation - steps, moved)
        }
    }

    /// Counts a device anew, online and hired: the utilisation follows what held until now first.
    pub fn recount(&mut self, before: (u64, u64), after: (u64, u64), now: i64) {
        if before == after {
            return;
        }
        (self.utilisation, self.moved) = self.followed(now);
        self.online = self.online + after.0 - before.0;
        self.hired = self.hired + after.1 - before.1;
    }

    /// `base * (1 + slope1 * min(u, kink) + slope2 * max(0, u - kink)) * tier * location * peak * commitment`, rounded up once.
    pub fn quote(&self, booking: &Booking, now: i64) -> u64 {
        let (u, _) = self.followed(now);
        let below = self.slopes[0] * u.min(self.kink);
        let above = self.slopes[1] * u.saturating_sub(self.kink);
        let mut price = u128::from(self.base) * u128::from(100_000_000 + below + above);
        let mut whole = 100_000_000u128;
        let location = match booking.country {
            Some(country) if country == self.location.0 => self.location.1,
            _ => 10_000,
        };
        let hour = booking.at.div_euclid(HOUR).rem_euclid(24);
        let is_peak = self.peak_hours >> hour & 1 == 1;
        for factor in [
            self.tiers[usize::from(booking.min_tier)],
            location,
            if is_peak { self.peak } else { 10_000 },
            commitment(self.commitments, booking.hours),
        ] {
            price *= u128::from(factor);
            whole *= 10_000;
        }
        narrow(price.div_ceil(whole))
    }
}

impl Model {
    /// The network's hour, by which proofs are counted.
    pub fn epoch(&self) -> u64 {
        u64::try_from((self.now - self.genesis) / HOUR + 1).unwrap()
    }

    /// A price in the units of a currency; IO at the price least favourable to whoever pays.
    pub fn units_in(&self, currency: usize, usd6: u64) -> u64 {
        if currency == super::IO {
            self.io_for_usd6(usd6)
        } else {
            usd6
        }
    }
}

impl Order {
    /// What GPUs would have cost more, from a moment to another, at the discounts of the lengths that were reached by then.
    pub fn unreached(&self, gpus: [u32; 4], since: i64, until: i64) -> u64 {
        let mut sum = 0;
        for (index, rate) in self.rates.iter().enumerate() {
            let booked_from = self.rates[rate.booking].from;
            let reached = (until - booked_from).max(0) / HOUR;
            let reached = u32::try_from(reached).unwrap();
            if reached >= rate.hours {
                continue;
            }
            let next = self.rates.get(index + 1).map_or(until, |next| next.from);
            let secs = next.min(until) - rate.from.max(since);
            let mut hourly = 0;
            for (part, gpus) in gpus.into_iter().enumerate() {
                let factors = rate.discounts[part];
                let given = commitment(factors, rate.hours);
                let earned = commitment(factors, reached);
                let missed = earned.saturating_sub(given);
                hourly += part_of(rate.units[part], missed, given.max(1)) * u64::from(gpus);
            }
            sum += rent_of(hourly, secs.max(0));
        }
        sum
    }
}
