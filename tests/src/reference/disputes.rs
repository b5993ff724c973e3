//! Disputes and who decides them, in plain integers.

use iog_client::market::MarketError as E;

use super::orders::{ACCEPTED, DISPUTED, HOUR, SETTLED};
use super::{ceil_bps, part_of, Model, Step};

/// Answers come first: 20 minutes until all is judged, and 6 hours.
const ANSWERS_SECS: i64 = 1_200 + 6 * HOUR;
/// How long the resolver may decide, how long before one is named, and how long who was named can be given the role.
const RESOLVE_SECS: i64 = 72 * HOUR;
const NAMED_SECS: i64 = 24 * HOUR;
const LAPSE_SECS: i64 = 7 * 24 * HOUR;
/// How long a verdict against a supplier is kept.
const VERDICT_SECS: i64 = 180 * 24 * HOUR;
/// Deposit of a dispute, of what is disputed.
const DEPOSIT_BPS: u64 = 500;

/// Who decides, 0 for nobody, and who can be given the role from when on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resolver {
    pub who: u8,
    pub next: Option<(u8, i64)>,
    /// Until then the network is set up, and a resolver named at once.
    pub setup_until: i64,
}

/// What the resolver decided about a lease.
#[derive(Clone, Copy, Debug)]
pub struct Verdict {
    pub order: u64,
    pub renter: usize,
    pub device: usize,
    pub resolver: u8,
    /// Dollars that the lease was paid; 0 where it was not decided against its supplier.
    pub paid_usd6: u64,
    pub decided: i64,
}

impl Model {
    /// Names a resolver: ahead, but removed at once. The one there is, named again, ends another's naming.
    pub fn name_resolver(&mut self, who: u8) -> Step {
        let waits = who != 0 && who != self.resolver.who && self.now >= self.resolver.setup_until;
        self.resolver.next = waits.then_some((who, self.now + NAMED_SECS));
        if !waits {
            self.resolver.who = who;
        }
        Ok(())
    }

    /// Gives the role to who was named.
    pub fn apply_resolver(&mut self) -> Step {
        let (next, from) = self.resolver.next.ok_or(E::NothingScheduled)?;
        if self.now < from {
            return Err(E::TooEarly.into());
        }
        if self.now - from > LAPSE_SECS {
            return Err(E::Lapsed.into());
        }
        (self.resolver.who, self.resolver.next) = (next, None);
        Ok(())
    }

    /// Disputes what is held and the hour that is not judged; a lease that runs ends.
    pub fn dispute(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let resolver = self.resolver.who;
        if resolver == 0 {
            return Err(E::NoResolver.into());
        }
        let order = &self.orders[&id];
        let mut lease = order.leases[&device].clone();
        let ended = lease.state == ACCEPTED && order.started > 0 && now >= lease.end(order);
        let over = lease.state == SETTLED || ended;
        if !over && !lease.runs(order, now) {
            return Err(E::LeaseNotRunning.into());
        }
        if lease.is_due(order, now) {
            return Err(E::SettleFirst.into());
        }
        if over && lease.held.is_empty() && lease.is_judged(order) {
            return Err(E::DisputeTooLate.into());
        }
        let mut unreached = 0;
        if !over {
            // The first hour is kept by an early end, so all of it is disputed; and the discount, which it would bill, comes on top.
            lease.ends = now.max((order.started + HOUR).min(order.end));
            lease.stopped = now;
            lease.place = None;
            let mut gpus = [0; 4];
            gpus[lease.part] = lease.gpus;
            unreached = order.unreached(gpus, lease.start(order), lease.ends);
        }
        let next = lease.hour(order, lease.judged_until(order));
        let disputed = lease.held_units() + next.units;
        // At least of an hour: somebody has to look.
        let hourly = lease.hourly(&order.rate_at(now).0).0;
        lease.deposit = ceil_bps(disputed.max(hourly), DEPOSIT_BPS) + unreached;
        (lease.disputed, lease.resolver, lease.state) = (now, resolver, DISPUTED);
        let (deposit, renter) = (lease.deposit, order.renter);
        let order = self.orders.get_mut(&id).unwrap();
        if !over {
            order.vacate(lease.part, lease.gpus, lease.ends);
        }
        order.bar(device);
        order.leases.insert(device, lease);
        self.free(id, device);
        self.take_deposit(id, deposit)?;
        self.renters[renter].disputes += 1;
        Ok(())
    }

    /// Out of spare money first, then of refunds that are due.
    fn take_deposit(&mut self, id: u64, deposit: u64) -> Step {
        let order = self.orders.get_mut(&id).unwrap();
        let spare = order.spare.min(deposit);
        let rest = deposit - spare;
        if rest > order.due {
            return Err(E::DepositMissing.into());
        }
        order.spare -= spare;
        order.due -= rest;
        order.refunded -= rest;
        order.escrowed += rest;
        let books = &mut self.books[order.currency];
        books.refunds_due -= rest;
        books.refunded -= rest;
        books.escrowed += rest;
        Ok(())
    }

    /// What the deposit of a dispute opened now lacks, where one can be opened.
    pub fn missing_deposit(&self, id: u64, device: usize) -> Option<u64> {
        let mut tried = self.clone();
        let plenty = u64::MAX / 4;
        tried.orders.get_mut(&id)?.spare += plenty;
        tried.dispute(id, device).ok()?;
        let deposit = tried.orders[&id].leases[&device].deposit;
        let order = &self.orders[&id];
        Some(deposit.saturating_sub(order.spare + order.due))
    }

    /// The resolver gives the supplier so much of what it saw in dispute.
    pub fn resolve(
        &mut self,
        id: u64,
        device: usize,
        to_supplier: u64,
        disputed: u64,
        who: u8,
    ) -> Step {
        let order = &self.orders[&id];
        let lease = &self.orders[&id].leases[&device];
        if lease.state != DISPUTED {
            return Err(E::NotDisputed.into());
        }
        if who != lease.resolver || who != self.resolver.who {
            return Err(E::NotResolver.into());
        }
        if self.now >= lease.disputed + RESOLVE_SECS {
            return Err(E::DecidedTooLate.into());
        }
        if self.now < lease.disputed + ANSWERS_SECS {
            return Err(E::AnswersFirst.into());
        }
        if lease.is_judged(order) && disputed != lease.disputed_units() {
            return Err(E::DisputeChanged.into());
        }
        let against = to_supplier < lease.disputed_units() || to_supplier == 0;
        // What the renter acknowledged itself is given back by nobody.
        let acknowledged = lease.answered().1;
        self.end_dispute(id, device, Some(to_supplier))?;
        let order = &self.orders[&id];
        let lease = &order.leases[&device];
        let paid = lease.paid_usd6 - acknowledged;
        if against {
            // Who stops serving for a better price gains nothing by waiting for the dispute.
            let pay = lease.pay_at(&order.rate_at(self.now).0);
            let one = &mut self.devices[device];
            one.lost += 1;
            one.limit_pay(pay, lease.agreed_until(order), self.now);
        }
        self.verdicts.push(Verdict {
            order: id,
            renter: order.renter,
            device,
            resolver: who,
            paid_usd6: if against { paid } else { 0 },
            decided: self.now,
        });
        Ok(())
    }

    pub fn rule(&mut self, id: u64, device: usize) -> Step {
        let lease = &self.orders[&id].leases[&device];
        if lease.state != DISPUTED {
            return Err(E::NotDisputed.into());
        }
        if self.now < lease.disputed + RESOLVE_SECS {
            return Err(E::ResolverMayDecide.into());
        }
        self.end_dispute(id, device, None)
    }

    /// Gives the supplier a part of what is held, or all that its slots prove.
    fn end_dispute(&mut self, id: u64, device: usize, to_supplier: Option<u64>) -> Step {
        let order = &self.orders[&id];
        let mut lease = order.leases[&device].clone();
        if !lease.is_judged(order) {
            return Err(E::SettleFirst.into());
        }
        let held = lease.disputed_units();
        let usd6 = lease.held_usd6() - lease.answered().1;
        let earned = to_supplier.unwrap_or(held);
        if earned > held {
            return Err(E::BeyondDispute.into());
        }
        // What a receipt answered is something, too; but nothing given by the resolver is against the supplier.
        let something = held > 0 || (to_supplier.is_none() && lease.answered().0 > 0);
        let won = earned == held && something;
        let dollars = if earned == held {
            usd6
        } else {
            part_of(usd6, earned, held)
        };
        let mut moved = order.earned(earned, dollars);
        moved.refunded = held - earned;
        if won {
            moved.add(&lease.share(order, 0));
            moved.paid += lease.deposit;
        } else {
            moved.refunded += lease.deposit;
        }
        lease.deposit = 0;
        lease.end_dispute(order);
        lease.count(&moved);
        let order = self.orders.get_mut(&id).unwrap();
        order.leases.insert(device, lease);
        self.pay_out(id, device, &moved);
        Ok(())
    }

    /// A verdict is kept while a slash case may name it.
    pub fn close_verdict(&mut self, index: usize) -> Step {
        let Verdict {
            paid_usd6, decided, ..
        } = self.verdicts[index];
        if paid_usd6 > 0 && self.now < decided + VERDICT_SECS {
            return Err(E::StillNeeded.into());
        }
        self.verdicts.remove(index);
        Ok(())
    }
}
