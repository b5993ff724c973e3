//! What leaves escrows, and how it reaches people, in plain integers.

use iog_client::market::MarketError as E;

use super::{Books, Model, Moved, Owner, Renter, Step, CREDIT, IO};

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
        order.book(moved);
        self.books[order.currency].move_out(order.currency, moved);
    }

    /// Books what a lease paid out.
    pub fn pay_out(&mut self, id: u64, device: usize, moved: &Moved) {
        let order = &self.orders[&id];
        let (currency, renter) = (order.currency, order.renter);
        self.book(id, moved);
        let owner = self.devices[device].owner;
        self.owners[owner].due[currency] += moved.paid;
        let renter = &mut self.renters[renter];
        renter.spent_usd6 += moved.usd6;
        renter.points_e6 += moved.usd6 * self.fee.points;
    }

    /// A renter's money on its way into an order.
    pub fn deposit(&mut self, renter: usize, currency: usize, total: u64) {
        self.renters[renter].tokens[currency] -= total;
        self.books[currency].deposited += total;
        self.books[currency].escrowed += total;
        if currency == CREDIT {
            self.outstanding += total;
        }
    }

    /// What an order that is over leaves is the renter's.
    fn finish(&mut self, id: u64) {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        if !order.is_over(now) {
            return;
        }
        order.complete();
        order.spare = 0;
        let moved = Moved {
            refunded: order.escrowed,
            ..Moved::default()
        };
        self.book(id, &moved);
    }

    pub fn refund(&mut self, id: u64) -> Step {
        self.finish(id);
        let order = self.orders.get_mut(&id).unwrap();
        let due = std::mem::take(&mut order.due);
        if due == 0 {
            return Err(E::NothingDue.into());
        }
        let (renter, currency) = (order.renter, order.currency);
        self.renters[renter].tokens[currency] += due;
        self.books[currency].refunds_due -= due;
        if currency == CREDIT {
            self.outstanding -= due;
        }
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
            self.treasury.kept += super::floor_bps(due, self.treasury.kept_bps);
        }
        Ok(())
    }

    /// Money for later prices in IO, or for the deposit of a dispute.
    pub fn add_funds(&mut self, id: u64, amount: u64) -> Step {
        if amount == 0 {
            return Err(E::NothingDue.into());
        }
        let order = self.orders.get_mut(&id).unwrap();
        if order.started == 0 {
            return Err(E::OrderNotActive.into());
        }
        order.take_in(amount);
        order.spare += amount;
        let (renter, currency) = (order.renter, order.currency);
        self.deposit(renter, currency, amount);
        Ok(())
    }

    /// IOSD that orders spent and that nobody has earned or got back.
    pub fn iosd_outstanding(&self) -> u64 {
        let books = &self.books[CREDIT];
        books.escrowed + books.refunds_due + books.fees_due
    }

    /// Orders of a renter whose account exists.
    pub fn open_orders(&self, renter: usize) -> usize {
        let orders = self.orders.values();
        orders.filter(|order| order.renter == renter).count()
    }

    /// Leases that an owner has accepted in a currency and that are not closed.
    pub fn paying_leases(&self, owner: usize, currency: usize) -> usize {
        self.accepted_leases(|order, device| {
            self.orders[&order].currency == currency && self.devices[device].owner == owner
        })
    }

    /// Accepted leases that are not closed, as far as order and device suit.
    pub fn accepted_leases(&self, suits: impl Fn(u64, usize) -> bool) -> usize {
        let orders = self.orders.iter();
        let leases = orders.flat_map(|(id, order)| {
            let accepted = order.leases.iter().filter(|(_, lease)| lease.accepted > 0);
            accepted.map(|(device, _)| (*id, *device))
        });
        leases.filter(|(id, device)| suits(*id, *device)).count()
    }

    /// Closes a renter's statistics; the next begin from nothing.
    pub fn close_renter(&mut self, renter: usize) -> Step {
        if self.open_orders(renter) > 0 {
            return Err(E::StillNeeded.into());
        }
        let tokens = self.renters[renter].tokens;
        self.renters[renter] = Renter {
            tokens,
            ..Renter::default()
        };
        Ok(())
    }

    /// Closes what counts an owner's earnings in a currency; the next begins from nothing.
    pub fn close_earnings(&mut self, owner: usize, currency: usize) -> Step {
        let leases = self.paying_leases(owner, currency);
        let Owner {
            due,
            withdrawn,
            claim,
            ..
        } = &mut self.owners[owner];
        let claimed = currency == CREDIT && claim.1 > claim.2;
        if due[currency] > 0 || leases > 0 || claimed {
            return Err(E::StillNeeded.into());
        }
        withdrawn[currency] = 0;
        if currency == CREDIT {
            *claim = (0, 0, 0);
        }
        Ok(())
    }
}
