//! Chapters of the orders: booking, the job, service and settlement.

use crate::{
    job,
    market::{self, Pay, Wish},
    story::{Story, PATIENCE},
    summary::OrderSummary,
};
use anyhow::{bail, Result};
use iog_client::{market as orders, pda};
use solana_pubkey::Pubkey;
use std::fs;

/// Seconds of a heartbeat's interval.
const BEAT: i64 = 600;
/// Steps after which an order that is over must be closed.
const PATIENCE_STEPS: usize = 4;

/// An order that runs.
pub(crate) struct Booking {
    pub address: Pubkey,
    pub pay: Pay,
    /// Whose device serves it.
    pub supplier: usize,
    /// As it was when it started.
    pub start: orders::accounts::Order,
}

impl Story {
    pub(crate) async fn hire(&mut self, wish: &Wish) -> Result<Booking> {
        let (address, created) = market::create_order(&self.actors, wish).await?;
        let pay = wish.pay;
        let tx = self.sign(
            &format!("create order in {}", pay.name()),
            created.signature,
        );
        let order: orders::accounts::Order = self.actors.read(&address)?;
        let [rate, ..] = order.rates;
        let class = self.actors.suppliers[wish.supplier].class_name;
        self.tell(
            "order",
            &format!(
                "the renter escrows {} for a {class} GPU x {} h at {} an hour  {tx}",
                pay.amount(order.deposited_units),
                order.hours,
                pay.amount(rate.price_per_gpu_hour_units)
            ),
        );
        for _ in 0..PATIENCE {
            for done in self.actors.tick().await? {
                if let (Some(signature), "match" | "accept") = (done.signature, done.action) {
                    let name = self.actors.suppliers[wish.supplier].name;
                    let tx = self.sign(&format!("{} {}", done.action, pay.name()), signature);
                    let line = if done.action == "match" {
                        format!("the scheduler gives it device {name}")
                    } else {
                        format!("device {name} accepts")
                    };
                    self.tell("order", &format!("{line}  {tx}"));
                }
            }
            let start: orders::accounts::Order = self.actors.read(&address)?;
            if start.started_ts > 0 {
                let supplier = wish.supplier;
                return Ok(Booking {
                    address,
                    pay,
                    supplier,
                    start,
                });
            }
            self.next_block().await;
        }
        bail!("the order {address} did not start")
    }

    /// Passes until the node has fetched the job's output; returns its bytes.
    pub(crate) async fn run_job(&mut self, order: &Pubkey) -> Result<Vec<u8>> {
        for _ in 0..PATIENCE {
            self.actors.tick().await?;
            let state = self.actors.nodes[0].config().state_dir.clone();
            if let Some(path) = job::fetched(&state, &order.to_string())? {
                let output = fs::read(path)?;
                let text = String::from_utf8_lossy(&output);
                self.tell(
                    "job",
                    &format!("ran on device A, output {}", text.trim_end()),
                );
                return Ok(output);
            }
            self.next_block().await;
        }
        bail!("the job of order {order} left no output")
    }

    /// Ten minutes at a time, so that the nodes' heartbeats prove their service, until `until_ts`.
    pub(crate) async fn serve(&mut self, until_ts: i64) -> Result<()> {
        while self.actors.now()? < until_ts {
            let next = (self.actors.now()? / BEAT + 1) * BEAT + 5;
            self.actors.net.net.warp_to_timestamp(next)?;
            if self.checked_in.contains_key(&self.current_hour()?) {
                self.actors.tick().await?;
            } else {
                self.hour().await?;
            }
        }
        Ok(())
    }

    /// On until an order is over, what it held in its dispute window is paid, and its account is closed.
    pub(crate) async fn settle(&mut self, booking: &Booking) -> Result<OrderSummary> {
        // The window begins when the last hour is settled, which is up to a step after its end.
        let window = i64::from(booking.start.dispute_secs);
        self.serve(booking.start.end_ts + window).await?;
        for _ in 0..PATIENCE_STEPS {
            if !self.actors.exists(&booking.address)? {
                return self.settled(booking);
            }
            let now = self.actors.now()?;
            self.serve(now + 1).await?;
        }
        bail!("the order {} was not settled", booking.address)
    }

    /// The only order in its currency: the escrow's books are its own, also after its account is closed.
    fn settled(&self, booking: &Booking) -> Result<OrderSummary> {
        let (pay, start) = (booking.pay, &booking.start);
        let books: orders::accounts::Escrow =
            self.actors.read(&pda::market::escrow(&start.mint))?;
        self.tell(
            "settlement",
            &format!(
                "{} to supplier {}, {} fees, {} back to the renter",
                pay.amount(books.paid_units),
                self.actors.suppliers[booking.supplier].name,
                pay.amount(books.fee_units),
                pay.amount(books.refunded_units)
            ),
        );
        let [rate, ..] = start.rates;
        Ok(OrderSummary {
            order: booking.address.to_string(),
            currency: pay.name().into(),
            gpus: start.gpus,
            hours: start.hours,
            price_per_gpu_hour: rate.price_per_gpu_hour_units.to_string(),
            deposited: books.deposited_units.to_string(),
            paid: books.paid_units.to_string(),
            refunded: books.refunded_units.to_string(),
            fees: books.fee_units.to_string(),
        })
    }
}
