//! Chapters of settlement: an hour is judged by its slots, held for the dispute window, and then paid.

use crate::{
    laws,
    lease::Booking,
    story::{Story, PATIENCE},
    summary::{Law, OrderSummary},
};
use anyhow::{bail, Context, Result};
use iog_client::{market as chain, pda};
use iog_math::{
    slots::{slot_rent, Slots, SLOT_SECS},
    units::HOUR,
};

/// `LeaseState::Settled`: every hour is judged.
const SETTLED: u8 = 2;

/// An order whose hours are judged, and whose pay is held.
pub(crate) struct Judged {
    pub booking: Booking,
    pub slots: u32,
    pub paid_slots: u32,
    /// Rent of the paid slots.
    pub held: u64,
    /// What holds while it is held.
    pub laws: Vec<Law>,
}

impl Story {
    /// On until every hour of an order is judged: ten minutes behind its end at the latest.
    pub(crate) async fn judge(&mut self, booking: Booking) -> Result<Judged> {
        self.serve(booking.start.end_ts + SLOT_SECS).await?;
        let device = self.actors.suppliers[booking.supplier].device;
        let address = pda::market::lease(&booking.address, &device);
        for _ in 0..PATIENCE {
            let lease: chain::accounts::Lease = self.actors.read(&address)?;
            if lease.state == SETTLED {
                return self.judged(booking, &lease);
            }
            self.actors.tick().await?;
            self.next_block().await;
        }
        bail!("the hours of the order {} were not judged", booking.address)
    }

    fn judged(&self, booking: Booking, lease: &chain::accounts::Lease) -> Result<Judged> {
        let (pay, start) = (booking.pay, &booking.start);
        let [rate, ..] = start.rates;
        let [price, ..] = rate.price_per_gpu_hour_units;
        let rent = price * u64::from(lease.gpus);
        let (mut slots, mut paid_slots, mut held) = (0, 0, 0);
        for (number, paid) in (0..start.hours).zip(lease.paid_slots) {
            let from = start.started_ts + i64::from(number) * HOUR;
            let hour = Slots::of(from, from + HOUR)
                .ok()
                .context("an hour before 1970")?;
            let worth = slot_rent(rent, paid.into(), hour.parts());
            held += worth.ok().context("an hour without slots")?;
            slots += hour.parts();
            paid_slots += u32::from(paid);
        }
        let order: chain::accounts::Order = self.actors.read(&booking.address)?;
        self.tell(
            "settlement",
            &format!(
                "device {} is paid {paid_slots} of {slots} slots: {} held for {} h, {} back at once",
                self.actors.suppliers[booking.supplier].name,
                pay.amount(held),
                i64::from(start.dispute_secs) / HOUR,
                pay.amount(order.refunded_units),
            ),
        );
        let laws = laws::while_held(pay, &order, held)?;
        Ok(Judged {
            booking,
            slots,
            paid_slots,
            held,
            laws,
        })
    }

    /// On until the dispute window of every hour is over and all is paid out and closed.
    pub(crate) async fn release(&mut self, judged: &[Judged]) -> Result<[OrderSummary; 3]> {
        let free = judged.iter().map(|order| {
            let start = &order.booking.start;
            start.end_ts + i64::from(start.dispute_secs)
        });
        let free = free.max().context("no orders")?;
        self.tell(
            "time",
            "the renter may dispute what is held, and does not: each hour is paid when its window is over",
        );
        self.actors.net.net.warp_to_timestamp(free + 1)?;
        for _ in 0..PATIENCE {
            let mut open = false;
            for order in judged {
                open |= self.actors.exists(&order.booking.address)?;
            }
            if !open {
                let summaries = judged.iter().map(|order| self.settled(order));
                let summaries: Vec<_> = summaries.collect::<Result<_>>()?;
                let orders = summaries.try_into();
                return orders.map_err(|_| anyhow::anyhow!("an order is missing"));
            }
            self.actors.tick().await?;
            self.next_block().await;
        }
        bail!("an order was not paid out and closed")
    }

    /// The only order in its currency: the escrow's books are its own, also after its account is closed.
    fn settled(&self, order: &Judged) -> Result<OrderSummary> {
        let Booking {
            address,
            pay,
            supplier,
            start,
        } = &order.booking;
        let books: chain::accounts::Escrow = self.actors.read(&pda::market::escrow(&start.mint))?;
        self.tell(
            "settlement",
            &format!(
                "{} to supplier {}, {} fees, {} back to the renter",
                pay.amount(books.paid_units),
                self.actors.suppliers[*supplier].name,
                pay.amount(books.fee_units),
                pay.amount(books.refunded_units)
            ),
        );
        let [rate, ..] = start.rates;
        let [price, ..] = rate.price_per_gpu_hour_units;
        let [part, ..] = start.parts;
        Ok(OrderSummary {
            order: address.to_string(),
            currency: pay.name().into(),
            gpus: part.gpus,
            hours: start.hours,
            price_per_gpu_hour: price.to_string(),
            deposited: books.deposited_units.to_string(),
            slots: order.slots,
            slots_paid: order.paid_slots,
            held: order.held.to_string(),
            paid: books.paid_units.to_string(),
            refunded: books.refunded_units.to_string(),
            fees: books.fee_units.to_string(),
        })
    }
}
