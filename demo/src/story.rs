//! The story, told in a few lines.

use crate::{
    actors::{io_account, Actors},
    emission::{self, Entry},
    job, laws, market,
    summary::{DeviceSummary, HourSummary, JobSummary, OrderSummary, Program, Summary},
};
use anyhow::{bail, ensure, Context, Result};
use iog_client::{emission as chain, market as orders, pda, registry, treasury};
use iog_math::units::Io;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

/// Passes after which something that must happen has failed to.
const PATIENCE: usize = 400;
const HOUR: i64 = 3_600;
const BEAT: i64 = 600;

pub struct Options {
    /// Folder of the built programs.
    pub programs: PathBuf,
    /// Tell the story on standard output.
    pub narrate: bool,
}

struct Story {
    actors: Actors,
    narrate: bool,
    signatures: BTreeMap<String, String>,
    checked_in: BTreeMap<u32, Vec<Entry>>,
    /// The first supplier's device, once it is hired.
    hired: bool,
}

/// Runs the loop and returns what it found; the caller looks at [`Summary::holds`].
///
/// # Errors
/// When a step cannot be done at all.
pub async fn run(options: Options) -> Result<Summary> {
    let dir = tempfile::tempdir()?;
    let narrate = options.narrate;
    let tell = move |line: &str| {
        if narrate && !line.starts_with("migration") {
            println!("  {line}");
        }
    };
    if narrate {
        println!("A fresh network");
    }
    let actors = Actors::start(dir.path(), options.programs.clone(), tell).await?;
    let mut story = Story {
        actors,
        narrate,
        signatures: BTreeMap::new(),
        checked_in: BTreeMap::new(),
        hired: false,
    };
    let before = laws::balances(&story.actors)?;
    story.suppliers_join().await?;
    story.wait_for_age()?;
    story.hour().await?;
    let hash = job::publish(&story.actors.jobs_dir())?;
    let (order, start) = story.hire(hash).await?;
    let output = story.run_job(&order).await?;
    story.serve(start.end_ts).await?;
    let order = story.settled(order, &start)?;
    let claimed = story.claim().await?;
    let burned = story.burn_fees().await?;
    story.finish(
        &options.programs,
        before,
        order,
        hash,
        output,
        claimed,
        burned,
    )
}

impl Story {
    fn tell(&self, heading: &str, line: &str) {
        if self.narrate {
            println!("{heading:<12} {line}");
        }
    }

    fn sign(&mut self, step: &str, signature: impl ToString) -> String {
        let signature = signature.to_string();
        let short = format!("tx {}..", signature.get(..8).unwrap_or(&signature));
        self.signatures.insert(step.into(), signature);
        short
    }

    async fn suppliers_join(&mut self) -> Result<()> {
        for index in 0..2 {
            let [registered, attested, staked] = self.actors.join(index).await?;
            let (name, class, stake) = {
                let supplier = &self.actors.suppliers[index];
                (supplier.name, supplier.class_name, supplier.stake)
            };
            self.sign(&format!("register device {name}"), registered.signature);
            self.sign(&format!("attest device {name}"), attested.signature);
            let tx = self.sign(&format!("stake device {name}"), staked.signature);
            self.tell(
                "supply",
                &format!(
                    "supplier {name} stakes {} IO on a {class} device  {tx}",
                    Io(stake)
                ),
            );
        }
        Ok(())
    }

    /// A device earns 12 hours after its registration.
    fn wait_for_age(&self) -> Result<()> {
        let roles: registry::accounts::Config = self.actors.read(&pda::registry::config())?;
        let books: chain::accounts::Config = self.actors.read(&pda::emission::config())?;
        let ready = self.actors.now()? + books.min_age_secs - roles.genesis_ts;
        let next_hour = roles.genesis_ts + (ready / HOUR + 1) * HOUR;
        self.actors.net.net.warp_to_timestamp(next_hour + 30)?;
        self.tell(
            "time",
            &format!(
                "{} hours pass until the devices are old enough to earn",
                (ready / HOUR) + 1
            ),
        );
        Ok(())
    }

    fn current_hour(&self) -> Result<u32> {
        let books: chain::accounts::Config = self.actors.read(&pda::emission::config())?;
        iog_math::emission::hour_at(books.genesis_ts, self.actors.now()?)
            .map_err(|error| anyhow::anyhow!("hour: {error:?}"))
    }

    /// The hour's proofs and check-ins: passes until every device is in the ledger.
    async fn hour(&mut self) -> Result<()> {
        let hour = self.current_hour()?;
        for _ in 0..PATIENCE {
            let done = self.actors.tick().await?;
            for item in done
                .iter()
                .filter(|item| matches!(item.action, "commit" | "check_in"))
            {
                if let Some(signature) = item.signature {
                    self.signatures
                        .insert(item.key.clone(), signature.to_string());
                }
            }
            let mut entries = Vec::new();
            for (index, supplier) in self.actors.suppliers.iter().enumerate() {
                let rewards: chain::accounts::DeviceRewards = self
                    .actors
                    .read(&pda::emission::rewards(&supplier.device))?;
                let class: registry::accounts::HardwareClass =
                    self.actors.read(&pda::registry::class(supplier.class_id))?;
                if rewards.last_hour == hour {
                    let hired = self.hired && index == 0;
                    entries.push(Entry {
                        device: index,
                        enterprise: class.pool == 0,
                        score: emission::score(class.multiplier_x100, hired)?,
                    });
                }
            }
            if entries.len() == self.actors.suppliers.len() {
                let proved = if self.hired {
                    "B proves its memory, A is hired and exempt"
                } else {
                    "both devices prove their memory"
                };
                self.tell(&format!("hour {hour}"), &format!("{proved}; both check in"));
                self.checked_in.insert(hour, entries);
                return Ok(());
            }
            self.next_block().await;
        }
        bail!("the devices did not check in for hour {hour}")
    }

    /// What is waited for needs a block at least.
    async fn next_block(&self) {
        tokio::time::sleep(Duration::from_millis(25)).await;
    }

    async fn hire(&mut self, hash: [u8; 32]) -> Result<(Pubkey, orders::accounts::Order)> {
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
    async fn run_job(&mut self, order: &Pubkey) -> Result<Vec<u8>> {
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
    async fn serve(&mut self, end_ts: i64) -> Result<()> {
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

    fn settled(&self, address: Pubkey, start: &orders::accounts::Order) -> Result<OrderSummary> {
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

    /// Waits until the last hour is closed and booked, and pays both devices out.
    async fn claim(&mut self) -> Result<Vec<u64>> {
        let last = *self.checked_in.keys().next_back().context("no check-ins")?;
        let roles: registry::accounts::Config = self.actors.read(&pda::registry::config())?;
        self.actors
            .net
            .net
            .warp_to_timestamp(roles.genesis_ts + i64::from(last) * HOUR + 30)?;
        for _ in 0..PATIENCE {
            self.actors.tick().await?;
            let books: chain::accounts::Config = self.actors.read(&pda::emission::config())?;
            let mut booked = books.next_hour == last + 1;
            for supplier in &self.actors.suppliers {
                let rewards: chain::accounts::DeviceRewards = self
                    .actors
                    .read(&pda::emission::rewards(&supplier.device))?;
                let pending = rewards
                    .pending
                    .iter()
                    .take(usize::from(rewards.pending_count));
                booked &= pending.into_iter().all(|pending| pending.hour > last);
            }
            if booked {
                return self.pay_out(last).await;
            }
            self.next_block().await;
        }
        bail!("hour {last} was not closed and booked")
    }

    async fn pay_out(&mut self, last: u32) -> Result<Vec<u64>> {
        let mut claimed = Vec::new();
        for index in 0..self.actors.suppliers.len() {
            let (name, wallet, device) = {
                let supplier = &self.actors.suppliers[index];
                (supplier.name, supplier.wallet, supplier.device)
            };
            let owner = self.actors.wallet(wallet).pubkey();
            let before = laws::supplier_io(&self.actors, index)?;
            let claim = chain::instructions::Claim {
                rewards: pda::emission::rewards(&device),
                owner_token: io_account(&owner),
                io_mint: pda::token::io_mint(),
            };
            let confirmed = self
                .actors
                .send(&[claim.instruction()], wallet, &[])
                .await?;
            let amount = laws::supplier_io(&self.actors, index)? - before;
            let tx = self.sign(&format!("claim {name}"), confirmed.signature);
            self.tell(
                "emission",
                &format!(
                    "supplier {name} claims {} IO for the hours up to {last}  {tx}",
                    Io(amount)
                ),
            );
            claimed.push(amount);
        }
        Ok(claimed)
    }

    async fn burn_fees(&mut self) -> Result<u64> {
        let mint = pda::token::io_mint();
        let burn = treasury::instructions::BurnIoFees {
            fees: pda::treasury::fees(&mint),
            vault: pda::treasury::vault(&mint),
            io_mint: mint,
            token_config: pda::token::config(),
        };
        let confirmed = self
            .actors
            .send(&[burn.instruction()], "renter", &[])
            .await?;
        let fees: treasury::accounts::FeeVault = self.actors.read(&burn.fees)?;
        let tx = self.sign("burn fees", confirmed.signature);
        self.tell(
            "burn",
            &format!("{} IO of fees are burned  {tx}", Io(fees.burned_units)),
        );
        Ok(fees.burned_units)
    }

    #[allow(clippy::too_many_arguments, reason = "the chapters of one story")]
    fn finish(
        self,
        programs: &std::path::Path,
        before: BTreeMap<String, u64>,
        order: OrderSummary,
        hash: [u8; 32],
        output: Vec<u8>,
        claimed: Vec<u64>,
        burned: u64,
    ) -> Result<Summary> {
        let last = *self.checked_in.keys().next_back().context("no check-ins")?;
        let (hours, expected) =
            emission::expected(last, self.actors.suppliers.len(), &self.checked_in)?;
        let mut laws = laws::check(&self.actors, &expected, &claimed)?;
        let output = String::from_utf8(output)?;
        laws.push(crate::summary::Law {
            law: "the job's output is what the data gives".into(),
            holds: output == job::expected()?,
            detail: output.trim_end().into(),
        });
        let devices = self.devices(&expected, &claimed)?;
        let holding = laws.iter().filter(|law| law.holds).count();
        self.tell("laws", &format!("{holding} of {} hold", laws.len()));
        let programs = iog_client::PROGRAMS
            .iter()
            .map(|(name, id)| {
                let path = programs.join(format!("iog_{name}.so"));
                Ok(Program {
                    name: format!("iog_{name}"),
                    id: id.to_string(),
                    bytes: fs::metadata(path)?.len(),
                })
            })
            .collect::<Result<_>>()?;
        ensure!(!laws.is_empty(), "no law was checked");
        Ok(Summary {
            programs,
            devices,
            order,
            job: JobSummary {
                command_hash: hex::encode(hash),
                output_sha256: hex::encode(Sha256::digest(&output)),
                output,
            },
            emission_per_hour: hours
                .iter()
                .map(|hour| HourSummary {
                    hour: hour.hour,
                    emitted: hour.emitted.to_string(),
                    enterprise: hour.enterprise.to_string(),
                    community: hour.community.to_string(),
                })
                .collect(),
            fees_burned: burned.to_string(),
            balances_before: laws::printed(&before),
            balances_after: laws::printed(&laws::balances(&self.actors)?),
            laws,
            signatures: self.signatures,
        })
    }

    fn devices(&self, expected: &[u64], claimed: &[u64]) -> Result<Vec<DeviceSummary>> {
        let mut devices = Vec::new();
        for (index, supplier) in self.actors.suppliers.iter().enumerate() {
            let hours = self.checked_in.iter().flat_map(|(hour, entries)| {
                let mine = entries.iter().filter(|entry| entry.device == index);
                mine.map(|entry| (*hour, entry.score))
            });
            devices.push(DeviceSummary {
                device: supplier.device.to_string(),
                owner: self.actors.wallet(supplier.wallet).pubkey().to_string(),
                class: supplier.class_name.into(),
                stake: supplier.stake.to_string(),
                hours: hours.collect(),
                expected_reward: expected[index].to_string(),
                claimed: claimed[index].to_string(),
            });
        }
        Ok(devices)
    }
}
