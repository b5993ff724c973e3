//! Chapters of the order: booking, the job, service and settlement.

use crate::{
    job, market,
    story::{Story, PATIENCE},
    summary::OrderSummary,
};
use anyhow::{bail, Result};
use iog_client::{market as orders, pda};
use iog_math::units::Io;
use solana_pubkey::Pubkey;
use std::fs;

/// Seconds of a heartbeat's interval.
const BEAT: i64 = 600;

impl Story {
    pub(crate) async fn hire(
        &mut self,
        hash: [u8; 32],
    ) -> Result<(Pubkey, orders::accounts::Order)> {
        let (address, created) = market::create_order(&self.actors, hash).await?;
        let tx = self.sign("create order", created.signature);
        let order: orders::accounts::Order = self.actors.read(&address)?;
        self.tell(
            "order",
            &format!(
                "the renter escrows {} IO for {} GPU x {} hours at {} IO an hour  {tx}",
                Io(order.deposited_units),
                order.gpus,
                order.hours,
                Io(order.price_per_gpu_hour_units)
            ),
        );
        for _ in 0..PATIENCE {
            for done in self.actors.tick().await? {
                if let (Some(signature), "match" | "accept") = (done.signature, done.action) {
                    let tx = self.sign(done.action, signature);
                    let line = if done.action == "match" {
                        "the scheduler gives it device A"
                    } else {
                        "device A accepts"
                    };
                    self.tell("order", &format!("{line}  {tx}"));
                }
            }
            let order: orders::accounts::Order = self.actors.read(&address)?;
            if order.started_ts > 0 {
                self.hired = true;
                return Ok((address, order));
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

    /// Ten minutes at a time, so that the node's heartbeats prove its service, until the order is over and settled.
    pub(crate) async fn serve(&mut self, end_ts: i64) -> Result<()> {
        while self.actors.now()? < end_ts {
            let next = (self.actors.now()? / BEAT + 1) * BEAT + 5;
            self.actors.net.net.warp_to_timestamp(next)?;
            if self.checked_in.contains_key(&self.current_hour()?) {
                self.actors.tick().await?;
            } else {
                self.hour().await?;
            }
        }
        let escrow = pda::market::escrow(&pda::token::io_mint());
        for _ in 0..PATIENCE {
            self.actors.tick().await?;
            let books: orders::accounts::Escrow = self.actors.read(&escrow)?;
            if books.escrowed_units == 0 {
                return Ok(());
            }
            self.next_block().await;
        }
        bail!("the order was not settled")
    }

    pub(crate) fn settled(
        &self,
        address: Pubkey,
        start: &orders::accounts::Order,
    ) -> Result<OrderSummary> {
        // The only order: the vault's books are its own, also after its account is closed.
        let books: orders::accounts::Escrow =
            self.actors.read(&pda::market::escrow(&start.mint))?;
        self.tell(
            "settlement",
            &format!(
                "{} IO to supplier A, {} IO fees, {} IO back to the renter",
                Io(books.paid_units),
                Io(books.fee_units),
                Io(books.refunded_units)
            ),
        );
        Ok(OrderSummary {
            order: address.to_string(),
            gpus: start.gpus,
            hours: start.hours,
            price_per_gpu_hour: start.price_per_gpu_hour_units.to_string(),
            deposited: books.deposited_units.to_string(),
            paid: books.paid_units.to_string(),
            refunded: books.refunded_units.to_string(),
            fees: books.fee_units.to_string(),
        })
    }
}
