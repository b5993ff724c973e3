//! What orders and extensions cost, in plain integers.

use std::collections::BTreeMap;

use iog_client::market::MarketError as E;

use super::orders::{Order, Rate, ACTIVE, HOUR, OPEN};
use super::{ceil_bps, Model, NewOrder, Step, CREDIT, IO, USD};

impl Model {
    fn extra(&self, currency: usize) -> u64 {
        if currency == USD {
            self.fee.usd_extra
        } else {
            0
        }
    }

    /// The price of a class now.
    pub fn rate(&self, class: usize, currency: usize) -> Rate {
        let usd6 = self.base[class];
        let units = if currency == IO {
            self.io_for_usd6(usd6)
        } else {
            usd6
        };
        Rate {
            from: 0,
            units,
            usd6,
        }
    }

    /// Rent and fees.
    pub fn cost(&self, rate: &Rate, currency: usize, gpus: u32, hours: u32) -> (u64, u64) {
        let rent = rate.units * u64::from(gpus) * u64::from(hours);
        let fees = ceil_bps(rent, self.fee.reservation + self.extra(currency));
        (rent, fees + ceil_bps(rent, self.fee.network))
    }

    fn deposit(&mut self, renter: usize, currency: usize, total: u64) {
        self.renters[renter].tokens[currency] -= total;
        self.books[currency].deposited += total;
        self.books[currency].escrowed += total;
        if currency == CREDIT {
            self.outstanding += total;
        }
    }

    pub fn create(&mut self, id: u64, new: NewOrder) -> Step {
        let rate = self.rate(new.class, new.currency);
        let (rent, fees) = self.cost(&rate, new.currency, new.gpus, new.hours);
        if new.short {
            return Err(E::TotalAboveLimit.into());
        }
        self.deposit(new.renter, new.currency, rent + fees);
        self.renters[new.renter].orders += 1;
        let order = Order {
            renter: new.renter,
            currency: new.currency,
            class: new.class,
            either: new.either,
            gpus: new.gpus,
            hours: new.hours,
            state: OPEN,
            rates: vec![rate],
            fee_bps: self.fee.supplier + self.extra(new.currency),
            window: self.window,
            deposited: rent + fees,
            escrowed: rent + fees,
            paid: 0,
            refunded: 0,
            fees: 0,
            pending: fees,
            due: 0,
            expires: self.now + 1_200,
            started: 0,
            end: 0,
            booked_end: 0,
            vacant: 0,
            matched: 0,
            accepted: 0,
            running: 0,
            leases: BTreeMap::new(),
        };
        self.orders.insert(id, order);
        Ok(())
    }

    pub fn extend(&mut self, id: u64, hours: u32, short: bool) -> Step {
        let order = &self.orders[&id];
        let (renter, currency) = (order.renter, order.currency);
        let rate = self.rate(order.class, currency);
        let (rent, fees) = self.cost(&rate, currency, order.gpus, hours);
        if short {
            return Err(E::TotalAboveLimit.into());
        }
        if order.state != ACTIVE || self.now >= order.end {
            return Err(E::OrderNotActive.into());
        }
        self.deposit(renter, currency, rent + fees);
        let order = self.orders.get_mut(&id).unwrap();
        let last = order.rates[order.rates.len() - 1];
        if (last.units, last.usd6) != (rate.units, rate.usd6) {
            if order.rates.len() == 4 {
                return Err(E::TooManyRates.into());
            }
            order.rates.push(Rate {
                from: order.end,
                ..rate
            });
        }
        order.hours += hours;
        order.end += i64::from(hours) * HOUR;
        order.deposited += rent + fees;
        order.escrowed += rent + fees;
        order.pending += fees;
        Ok(())
    }
}
