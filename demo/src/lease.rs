//! Chapters of the orders: booking, the job, service.

use crate::{
    job,
    market::{self, Pay, Wish},
    story::{Story, PATIENCE},
};
use anyhow::{bail, Context, Result};
use iog_client::{market as orders, pda};
use iog_math::{slots::SLOT_SECS, units::Io};
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
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
        self.ready().await?;
        let (address, created) = market::create_order(&self.actors, wish).await?;
        self.hired(wish, address, created.signature.to_string())
            .await
    }

    /// The renter's own program books it: with keys of its own for the link, and the job's salted hash.
    pub(crate) async fn hire_for_job(&mut self, wish: &Wish) -> Result<Booking> {
        self.ready().await?;
        self.actors.net.refresh_price()?;
        let network = self.actors.processes.network().display().to_string();
        let job = job::file().display().to_string();
        let class = self.actors.suppliers[wish.supplier].class_id.to_string();
        let price = self.actors.wallet("io-price").pubkey().to_string();
        let (id, gpus) = (wish.id.to_string(), wish.gpus.to_string());
        let (hours, most) = (wish.hours.to_string(), Io(wish.max_total).to_string());
        let args = [
            "-o",
            "json",
            "order",
            "create",
            "--class",
            &class,
            "--gpus",
            &gpus,
            "--hours",
            &hours,
            "--pay",
            "io",
            "--max-total",
            &most,
            "--price-account",
            &price,
            "--id",
            &id,
            "--country",
            "DE,FR",
            "--network",
            &network,
            "--job",
            &job,
        ];
        let answer = self.actors.processes.iog(&args).await?;
        let answer: serde_json::Value = serde_json::from_str(&answer)?;
        let signature = answer["signature"].as_str().unwrap_or_default();
        let renter = self.actors.wallet("renter").pubkey();
        let address = pda::market::order(&renter, wish.id);
        self.hired(wish, address, signature.to_string()).await
    }

    /// A pass of scheduler and crank, and what the nodes make of it.
    async fn ready(&mut self) -> Result<()> {
        self.actors.tick().await?;
        self.actors.nodes_are_ready().await
    }

    async fn hired(&mut self, wish: &Wish, address: Pubkey, created: String) -> Result<Booking> {
        let pay = wish.pay;
        let tx = self.sign(&format!("create order in {}", pay.name()), created);
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
        self.is_matched(wish, &address).await?;
        let start = self.is_accepted(wish, &address).await?;
        let supplier = wish.supplier;
        self.serving.push((supplier, start.end_ts));
        Ok(Booking {
            address,
            pay,
            supplier,
            start,
        })
    }

    async fn is_matched(&mut self, wish: &Wish, order: &Pubkey) -> Result<()> {
        let lease = self.lease_of(wish, order);
        for _ in 0..PATIENCE {
            let done = self.actors.tick().await?;
            let matched = done.iter().find(|done| done.action == "match");
            if let Some(signature) = matched.and_then(|done| done.signature) {
                let tx = self.sign(&format!("match {}", wish.pay.name()), signature);
                let name = self.actors.suppliers[wish.supplier].name;
                let line = format!("the scheduler matches device {name}, and the order is whole");
                self.tell("order", &format!("{line}  {tx}"));
            }
            if self.actors.exists(&lease)? {
                return Ok(());
            }
            self.next_block().await;
        }
        bail!("the order {order} was not matched")
    }

    /// Nobody tells the node: it sees the match on chain.
    async fn is_accepted(
        &mut self,
        wish: &Wish,
        order: &Pubkey,
    ) -> Result<orders::accounts::Order> {
        let name = self.actors.suppliers[wish.supplier].name;
        let what = format!("the acceptance by device {name}");
        let start = self.actors.sees(&what, || {
            let order: orders::accounts::Order = self.actors.read(order)?;
            Ok((order.started_ts > 0).then_some(order))
        });
        let start = start.await?;
        let lease = self.lease_of(wish, order);
        let sent = self.actors.transactions(&lease).await?;
        let accepted = sent.into_iter().nth(1);
        let accepted = accepted.context("the acceptance is in no transaction of the lease")?;
        let tx = self.sign(&format!("accept {}", wish.pay.name()), accepted);
        let line = format!("device {name} accepts, and the order runs  {tx}");
        self.tell("order", &line);
        Ok(start)
    }

    fn lease_of(&self, wish: &Wish, order: &Pubkey) -> Pubkey {
        pda::market::lease(order, &self.actors.suppliers[wish.supplier].device)
    }

    /// The renter's program follows the job's log to its end, and fetches what the job left; returns its bytes.
    pub(crate) async fn run_job(&mut self, order: &Pubkey) -> Result<Vec<u8>> {
        let folder = self.actors.dir.join("download");
        let to = folder.display().to_string();
        let order = order.to_string();
        let log = self
            .actors
            .processes
            .iog(&["order", "logs", "-f", &order])
            .await?;
        self.tell(
            "job",
            &format!("its log came by the link: {}", log.trim_end()),
        );
        let fetch = ["order", "download", &order, "--dir", &to];
        self.actors.processes.iog(&fetch).await?;
        let path = job::downloaded(&folder)?;
        let Some(path) = path else {
            let status = self
                .actors
                .processes
                .iog(&["order", "status", &order])
                .await?;
            bail!(
                "the job left no summary.json: {status}\n{}",
                self.actors.processes.tails()
            );
        };
        let output = fs::read(path)?;
        let text = String::from_utf8_lossy(&output);
        let line = format!("ran on device A, output {}", text.trim_end());
        self.tell("job", &line);
        Ok(output)
    }

    /// From slot to slot and hour to hour, so that the nodes' heartbeats prove their service, until `until_ts`.
    pub(crate) async fn serve(&mut self, until_ts: i64) -> Result<()> {
        while self.actors.now()? < until_ts {
            self.next_slot(None).await?;
        }
        Ok(())
    }

    fn to_next_slot(&self) -> Result<()> {
        let next = (self.actors.now()? / SLOT_SECS + 1) * SLOT_SECS + 5;
        self.actors.net.net.warp_to_timestamp(next)?;
        Ok(())
    }

    /// The next ten-minute slot, with a heartbeat of every device that serves, but for one whose node is off.
    async fn next_slot(&mut self, dark: Option<usize>) -> Result<()> {
        self.to_next_slot()?;
        self.slot(dark).await
    }

    async fn slot(&mut self, dark: Option<usize>) -> Result<()> {
        let now = self.actors.now()?;
        let on = self.serving.iter().filter(|(_, end_ts)| now < *end_ts);
        let on = on.map(|(supplier, _)| *supplier);
        let on: Vec<usize> = on.filter(|supplier| Some(*supplier) != dark).collect();
        self.actors.beats(&on).await?;
        if self.checked_in.contains_key(&self.current_hour()?) {
            self.actors.tick().await?;
            Ok(())
        } else {
            self.hour().await
        }
    }

    /// The device of an order proves its first slot, and then its node is off for `slots` of them.
    pub(crate) async fn go_dark(&mut self, booking: &Booking, slots: u32) -> Result<()> {
        self.next_slot(None).await?;
        let supplier = booking.supplier;
        self.actors.nodes[supplier].stop().await?;
        for _ in 0..slots {
            self.next_slot(Some(supplier)).await?;
        }
        self.to_next_slot()?;
        self.actors.switch_on(supplier)?;
        self.slot(None).await?;
        let name = self.actors.suppliers[booking.supplier].name;
        let minutes = i64::from(slots) * SLOT_SECS / 60;
        self.tell(
            "service",
            &format!("device {name} is dark for {minutes} minutes"),
        );
        Ok(())
    }
}
