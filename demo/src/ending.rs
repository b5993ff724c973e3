//! Chapters of the end: claims, burned fees, and the summary.

use crate::{
    actors::io_account,
    emission, job, laws,
    market::Pay,
    story::{Story, PATIENCE},
    summary::{
        CreditSummary, DeviceSummary, HourSummary, JobSummary, Law, OrderSummary, Program, Summary,
    },
};
use anyhow::{bail, ensure, Context, Result};
use iog_client::{emission as chain, market as orders, pda, registry, treasury};
use iog_math::units::{Io, HOUR};
use sha2::{Digest, Sha256};
use solana_signer::Signer as _;
use std::{collections::BTreeMap, fs};

impl Story {
    /// Waits until the last hour is closed and booked and what the hours shared out is minted, and pays both devices out.
    pub(crate) async fn claim(&mut self) -> Result<Vec<u64>> {
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
                self.mint_due().await?;
                return self.pay_out(last).await;
            }
            self.next_block().await;
        }
        bail!("hour {last} was not closed and booked")
    }

    /// Closing hours mints nothing: anyone has what they shared out minted, if a keeper has not.
    async fn mint_due(&mut self) -> Result<()> {
        let address = pda::emission::config();
        let books: chain::accounts::Config = self.actors.read(&address)?;
        if books.shared_units > books.minted_units {
            let mint = chain::instructions::MintDue {
                minter: pda::token::minter(&pda::emission::minter_authority()),
                token_config: pda::token::config(),
                io_mint: pda::token::io_mint(),
                mint_authority: pda::token::mint_authority(),
            };
            let confirmed = self
                .actors
                .send(&[mint.instruction()], "renter", &[])
                .await?;
            self.sign("mint due", confirmed.signature);
        }
        let books: chain::accounts::Config = self.actors.read(&address)?;
        self.tell(
            "emission",
            &format!(
                "of {} IO that {} hours scheduled the devices' scores take {} IO, and that is minted",
                Io(books.scheduled_units),
                books.next_hour - 1,
                Io(books.minted_units)
            ),
        );
        Ok(())
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
            let owner_token = io_account(&owner);
            let claim = chain::instructions::Claim {
                signer: owner,
                rewards: pda::emission::rewards(&device),
                owner_token,
                associated: owner_token,
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

    /// Nothing of the leases stays with the nodes, and then the nodes end: the books are read while nobody writes in them.
    pub(crate) async fn close_down(&mut self) -> Result<()> {
        for node in &mut self.actors.nodes {
            self.actors.processes.told(node.is_empty().await)?;
            node.stop().await?;
        }
        Ok(())
    }

    /// The market's fees go to the treasury, and those in IO are burned there; those in USDC wait for an auction.
    pub(crate) async fn burn_fees(&mut self) -> Result<u64> {
        let mint = pda::token::io_mint();
        let collect = |mint| {
            let collect = orders::instructions::CollectFees {
                escrow: pda::market::escrow(&mint),
                vault: pda::market::vault(&mint),
                mint,
                treasury_config: pda::treasury::config(),
                fees: pda::treasury::fees(&mint),
                fee_vault: pda::treasury::vault(&mint),
            };
            collect.instruction()
        };
        let burn = treasury::instructions::BurnIoFees {
            fees: pda::treasury::fees(&mint),
            vault: pda::treasury::vault(&mint),
            io_mint: mint,
            token_config: pda::token::config(),
        };
        let instructions = [
            collect(mint),
            collect(Pay::Usdc.mint(&self.actors)),
            burn.instruction(),
        ];
        let confirmed = self.actors.send(&instructions, "renter", &[]).await?;
        let fees: treasury::accounts::FeeVault = self.actors.read(&burn.fees)?;
        let tx = self.sign("burn fees", confirmed.signature);
        self.tell(
            "burn",
            &format!("{} IO of fees are burned  {tx}", Io(fees.burned_units)),
        );
        Ok(fees.burned_units)
    }

    #[allow(clippy::too_many_arguments, reason = "the chapters of one story")]
    pub(crate) fn finish(
        mut self,
        programs: &std::path::Path,
        before: BTreeMap<String, u64>,
        [order, order_in_iosd, order_in_usdc]: [OrderSummary; 3],
        hash: [u8; 32],
        output: Vec<u8>,
        claimed: Vec<u64>,
        burned: u64,
        credit: CreditSummary,
    ) -> Result<Summary> {
        let last = *self.checked_in.keys().next_back().context("no check-ins")?;
        let (hours, expected) =
            emission::expected(last, self.actors.suppliers.len(), &self.checked_in)?;
        let mut laws = std::mem::take(&mut self.laws);
        laws.extend(laws::check(&self.actors, &expected, &claimed)?);
        let output = String::from_utf8(output)?;
        laws.push(Law {
            law: "the job's output is what the data gives".into(),
            holds: output == job::expected()?,
            detail: output.trim_end().into(),
        });
        let devices = self.devices(&expected, &claimed)?;
        let holding = laws.iter().filter(|law| law.holds).count();
        for law in &laws {
            let verdict = if law.holds { "law" } else { "BROKEN" };
            self.tell(verdict, &format!("{}: {}", law.law, law.detail));
        }
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
            order_in_iosd,
            order_in_usdc,
            job: JobSummary {
                command_hash: hex::encode(hash),
                output_sha256: hex::encode(Sha256::digest(&output)),
                output,
            },
            emission_per_hour: hours
                .iter()
                .map(|hour| HourSummary {
                    hour: hour.hour,
                    scheduled: hour.scheduled.to_string(),
                    enterprise: hour.enterprise.to_string(),
                    community: hour.community.to_string(),
                    carried: hour.carried.to_string(),
                })
                .collect(),
            fees_burned: burned.to_string(),
            credit,
            balances_before: laws::printed(&before),
            balances_after: laws::printed(&laws::balances(&self.actors)?),
            laws,
            signatures: self.signatures,
        })
    }

    pub(crate) fn devices(&self, expected: &[u64], claimed: &[u64]) -> Result<Vec<DeviceSummary>> {
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
