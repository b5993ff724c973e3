//! Chapters of the orders: booking, the job, service.

use crate::{
    job,
    market::{self, Pay, Wish},
    story::{Story, PATIENCE},
};
use anyhow::{bail, Result};
use iog_client::market as orders;
use iog_math::slots::SLOT_SECS;
use solana_pubkey::Pubkey;
use std::fs;

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
                "the renter escrows {} for {} {class} GPU x {} h at {} an hour each  {tx}",
                pay.amount(order.deposited_units),
                wish.gpus,
                order.hours,
                pay.amount(rate.price_per_gpu_hour_units[0])
            ),
        );
        for _ in 0..PATIENCE {
            for done in self.actors.tick().await? {
                if let (Some(signature), "match" | "accept") = (done.signature, done.action) {
                    let name = self.actors.suppliers[wish.supplier].name;
                    let tx = self.sign(&format!("{} {}", done.action, pay.name()), signature);
                    let line = if done.action == "match" {
                        format!("the scheduler matches device {name}, and the order is whole")
                    } else {
                        format!("device {name} accepts, and the order runs")
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

    /// From slot to slot and hour to hour, so that the nodes' heartbeats prove their service, until `until_ts`.
    pub(crate) async fn serve(&mut self, until_ts: i64) -> Result<()> {
        while self.actors.now()? < until_ts {
            self.next_slot().await?;
        }
        Ok(())
    }

    /// One ten-minute slot of everybody whose node is on.
    async fn next_slot(&mut self) -> Result<()> {
        let next = (self.actors.now()? / SLOT_SECS + 1) * SLOT_SECS + 5;
        self.actors.net.net.warp_to_timestamp(next)?;
        if self.checked_in.contains_key(&self.current_hour()?) {
            self.actors.tick().await?;
            Ok(())
        } else {
            self.hour().await
        }
    }

    /// The device of an order proves its first slot, and then its node is off for `slots` of them.
    pub(crate) async fn go_dark(&mut self, booking: &Booking, slots: u32) -> Result<()> {
        self.next_slot().await?;
        self.actors.dark = Some(booking.supplier);
        for _ in 0..slots {
            self.next_slot().await?;
        }
        self.actors.dark = None;
        let name = self.actors.suppliers[booking.supplier].name;
        let minutes = i64::from(slots) * SLOT_SECS / 60;
        self.tell(
            "service",
            &format!("device {name} is dark for {minutes} minutes"),
        );
        Ok(())
    }
}
