//! What orders and extensions cost, and how IO for a dollar is taken anew, in plain integers.

use iog_client::market::MarketError as E;

use super::orders::{Order, Part, Rate, ACTIVE, HOUR};
use super::prices::Booking;
use super::{ceil_bps, rent_of, Model, NewOrder, Step, IO, USD};

/// Hours that a price in IO holds, and how much longer it does where nobody takes it anew.
const WEEK: u32 = 168;
const GRACE: i64 = 24 * HOUR;
/// Prices of an order, and hours of one in IO.
const RATES: usize = 4;
const IO_HOURS: u32 = 672;
/// For each GPU, for whoever matches it.
const LAMPORTS: u64 = 20_000;
const EXPIRY_SECS: i64 = 1_200;

/// What a renter pays at most for what costs `total`.
fn limit(total: u64, spare: u64, short: bool) -> u64 {
    if short {
        return total.saturating_sub(1);
    }
    total + spare
}

impl Order {
    /// In IO a price reaches 168 hours from `from`, and a day more.
    pub fn reach(&mut self, from: i64) {
        let step = from + i64::from(WEEK) * HOUR;
        (self.end, self.step) = (self.funded, 0);
        if self.currency == IO && step < self.funded {
            (self.end, self.step) = (self.funded.min(step + GRACE), step);
        }
    }

    /// Each week of a booking in IO has a price of its own, four in all.
    fn fits_io(&self) -> bool {
        let last = self.rates[self.rates.len() - 1].hours;
        let further = usize::try_from((last - 1) / WEEK).unwrap();
        self.currency != IO || (self.hours <= IO_HOURS && self.rates.len() + further <= RATES)
    }

    /// The same dollars, and no discount that a shorter stay would have to give back: no price of its own.
    fn continues(&self, rate: &Rate) -> bool {
        let last = &self.rates[self.rates.len() - 1];
        let same = last.units == rate.units && last.usd6 == rate.usd6;
        self.currency != IO && same && last.hours < 24 && rate.hours < 24
    }

    fn cost(&self, rate: &Rate) -> u64 {
        let rent = rate.hourly(self.gpus()) * u64::from(rate.hours);
        rent + ceil_bps(rent, self.fee_bps[0]) + ceil_bps(rent, self.fee_bps[1])
    }
}

impl Model {
    /// The price of a class in an order, in its currency.
    fn rate(&self, order: &Order, hours: u32, is_new: bool) -> Result<Rate, crate::Code> {
        let booking = Booking {
            hours,
            min_tier: order.min_tier,
            country: order.country,
            at: self.now,
        };
        let mut rate = Rate {
            hours,
            ..Rate::default()
        };
        for (index, part) in order.parts.iter().enumerate() {
            let Some(class) = part.class.filter(|_| part.gpus > 0) else {
                continue;
            };
            let class = &self.classes[class];
            if is_new && !class.enabled {
                return Err(E::ClassNotOffered.into());
            }
            if is_new && class.proof_hours > 0 && part.per_machine > class.max_cards {
                return Err(E::MachineNotProved.into());
            }
            rate.usd6[index] = class.quote(&booking, self.now);
            rate.units[index] = self.units_in(order.currency, rate.usd6[index]);
            rate.discounts[index] = class.commitments;
        }
        Ok(rate)
    }

    /// An order of these wishes at the fees of now, without any price.
    fn wished(&self, new: &NewOrder) -> Order {
        let extra = if new.currency == USD {
            self.fee.usd_extra
        } else {
            0
        };
        Order {
            renter: new.renter,
            currency: new.currency,
            parts: new.parts.map(|wish| Part {
                class: wish.class,
                per_machine: wish.per_machine,
                gpus: wish.gpus,
                ..Part::default()
            }),
            hours: new.hours,
            fee_bps: [
                self.fee.reservation + extra,
                self.fee.network,
                self.fee.supplier + extra,
            ],
            window: self.window,
            min_tier: new.min_tier,
            min_reputation: new.min_reputation,
            secure: new.secure,
            owner: new.owner,
            country: new.country,
            created: self.now,
            expires: self.now + EXPIRY_SECS,
            ..Order::default()
        }
    }

    /// What the renter's limit of a new order is.
    pub fn limit_of(&self, new: &NewOrder) -> u64 {
        let order = self.wished(new);
        let rate = self.rate(&order, new.hours, true);
        limit(
            rate.map_or(0, |rate| order.cost(&rate)),
            new.spare,
            new.short,
        )
    }

    /// What the renter's limit of an extension is.
    pub fn limit_of_further(&self, id: u64, hours: u32, spare: u64, short: bool) -> u64 {
        let order = &self.orders[&id];
        let rate = self.rate(order, hours, false);
        limit(rate.map_or(0, |rate| order.cost(&rate)), spare, short)
    }

    pub fn create(&mut self, id: u64, new: NewOrder) -> Step {
        let mut order = self.wished(&new);
        let rate = self.rate(&order, new.hours, true)?;
        order.rates.push(rate);
        if !order.fits_io() {
            return Err(E::TooLongInIo.into());
        }
        if new.short {
            return Err(E::TotalAboveLimit.into());
        }
        // Only a deposit can pay a higher price later.
        if order.currency == IO && new.hours > WEEK {
            order.spare = new.spare;
        }
        let total = order.cost(&rate) + order.spare;
        order.take_in(total);
        order.lamports = LAMPORTS * order.gpus().iter().map(|n| u64::from(*n)).sum::<u64>();
        self.deposit(new.renter, new.currency, total);
        self.renters[new.renter].orders += 1;
        self.orders.insert(id, order);
        Ok(())
    }

    pub fn extend(&mut self, id: u64, hours: u32, spare: u64, short: bool) -> Step {
        let mut order = self.orders[&id].clone();
        let rate = self.rate(&order, hours, false)?;
        if short {
            return Err(E::TotalAboveLimit.into());
        }
        let spare = if order.currency == IO && hours > WEEK {
            spare
        } else {
            0
        };
        let total = order.cost(&rate) + spare;
        if order.state != ACTIVE || self.now >= order.end {
            return Err(E::OrderNotActive.into());
        }
        // Hours that are not priced yet must be, before others are booked behind them.
        if order.step != 0 {
            return Err(E::StepWaits.into());
        }
        let from = order.funded;
        if !order.continues(&rate) {
            if order.rates.len() == RATES {
                return Err(E::TooManyRates.into());
            }
            let booking = order.rates.len();
            order.rates.push(Rate {
                from,
                booking,
                ..rate
            });
        }
        order.hours += hours;
        if !order.fits_io() {
            return Err(E::TooLongInIo.into());
        }
        order.spare += spare;
        order.funded += i64::from(hours) * HOUR;
        order.reach(from);
        order.take_in(total);
        self.deposit(order.renter, order.currency, total);
        self.orders.insert(id, order);
        Ok(())
    }

    /// Takes IO for the booked dollars anew, for the whole minutes that are left. Where the spare money does not suffice the order ends with
    /// the old price, and what lies behind comes back.
    pub fn price_anew(&mut self, id: u64) -> Step {
        let now = self.now;
        let order = &self.orders[&id];
        if order.currency != IO {
            return Err(E::WrongCurrency.into());
        }
        let due = order.state == ACTIVE && order.step > 0 && now >= order.step;
        let secs = (order.funded - now) / 60 * 60;
        if !due || now >= order.end || secs == 0 {
            return Err(E::NoStepDue.into());
        }
        let (old, _) = order.rate_at(now);
        let mut new = old;
        new.from = order.funded - secs;
        new.units = old.usd6.map(|usd6| match usd6 {
            0 => 0,
            usd6 => self.units_in(IO, usd6),
        });
        let before = rent_of(old.hourly(order.gpus()), secs);
        // A unit more, so that no rounding is missing later.
        let after = rent_of(new.hourly(order.gpus()), secs) + 1;
        let taken = order.fees_up(after.saturating_sub(before));
        let order = self.orders.get_mut(&id).unwrap();
        if taken > order.spare {
            let beyond = rent_of(old.hourly(order.gpus()), order.funded - order.end);
            let back = std::mem::take(&mut order.spare) + order.fees_down(beyond);
            order.funded = order.end;
            order.step = 0;
            self.share_out(id, back);
            return Ok(());
        }
        order.rates.push(new);
        order.reach(new.from);
        order.spare = order.spare - taken + order.fees_down(before.saturating_sub(after));
        Ok(())
    }
}
