//! Chapters of the supply: joining, waiting, proving.

use crate::{
    emission::{self, Entry},
    story::{Story, PATIENCE},
};
use anyhow::{bail, Result};
use iog_client::{emission as chain, pda, registry};
use iog_math::units::{Io, HOUR};

impl Story {
    pub(crate) async fn suppliers_join(&mut self) -> Result<()> {
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

    /// A device earns 12 hours after its registration, and after 5 hours with a sign of life in each.
    pub(crate) async fn wait_for_age(&mut self) -> Result<()> {
        let roles: registry::accounts::Config = self.actors.read(&pda::registry::config())?;
        let books: chain::accounts::Config = self.actors.read(&pda::emission::config())?;
        let ready =
            self.actors.now()? + i64::try_from(books.min_age_secs.value)? - roles.genesis_ts;
        let next_hour = roles.genesis_ts + (ready / HOUR + 1) * HOUR;
        let start = next_hour + 30;
        let up = i64::try_from(books.min_uptime_hours.value)?;
        for before in (1..=up).rev() {
            self.actors
                .net
                .net
                .warp_to_timestamp(start - before * HOUR)?;
            self.beat().await?;
        }
        self.actors.net.net.warp_to_timestamp(start)?;
        self.tell(
            "time",
            &format!(
                "{} hours pass until the devices are old enough to earn, a heartbeat of each in the last {up}",
                (ready / HOUR) + 1
            ),
        );
        Ok(())
    }

    /// A heartbeat of every device.
    async fn beat(&self) -> Result<()> {
        let beats = self.actors.suppliers.iter().map(|supplier| {
            let beat = registry::instructions::Heartbeat {
                device_key: supplier.device_key,
                device: supplier.device,
            };
            beat.instruction()
        });
        let beats: Vec<_> = beats.collect();
        self.actors
            .send(&beats, "keeper", &["device-a", "device-b"])
            .await?;
        Ok(())
    }

    /// The hour's proofs and check-ins: passes until every device is in the ledger.
    pub(crate) async fn hour(&mut self) -> Result<()> {
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
}
