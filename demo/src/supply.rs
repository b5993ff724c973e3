//! Chapters of the supply: joining, waiting, proving.

use crate::{
    actors::Supplier,
    emission::{self, Entry},
    laws,
    story::Story,
};
use anyhow::Result;
use iog_client::{emission as chain, market, pda, registry};
use iog_math::units::{Io, HOUR};
use solana_signer::Signer as _;
use std::collections::BTreeMap;

impl Story {
    pub(crate) async fn suppliers_join(&mut self) -> Result<()> {
        for index in 0..2 {
            let [registered, staked] = self.actors.join(index).await?;
            self.actors.switch_on(index)?;
            let (name, cards, class, stake) = {
                let supplier = &self.actors.suppliers[index];
                (
                    supplier.name,
                    supplier.cards,
                    supplier.class_name,
                    supplier.stake,
                )
            };
            self.sign(&format!("register device {name}"), registered.signature);
            let tx = self.sign(&format!("stake device {name}"), staked.signature);
            self.tell(
                "supply",
                &format!(
                    "supplier {name} registers a device of {cards} {class} GPU and stakes {} IO on it  {tx}",
                    Io(stake)
                ),
            );
        }
        let opened = crate::market::open_renter(&self.actors).await?;
        self.sign("open renter", opened.signature);
        Ok(())
    }

    /// Offers both devices, which have proved themselves.
    pub(crate) async fn suppliers_list(&mut self) -> Result<()> {
        for index in 0..2 {
            let listed = self.actors.list(index).await?;
            let name = self.actors.suppliers[index].name;
            let tx = self.sign(&format!("list device {name}"), listed.signature);
            let line =
                format!("supplier {name} lists it at the market's price, for any currency  {tx}");
            self.tell("supply", &line);
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
            // An idle device shows in the second half of an hour that it is up.
            let half = start - before * HOUR + HOUR / 2 + 60;
            self.actors.net.net.warp_to_timestamp(half)?;
            self.actors.beats(&[0, 1]).await?;
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

    /// An hour in which nobody is hired: what each device's keeper pays for it, and that all of the device's cards proved themselves.
    pub(crate) async fn idle_hour(&mut self) -> Result<()> {
        let lamports = |story: &Self| -> Result<Vec<u64>> {
            let suppliers = story.actors.suppliers.iter();
            let wallets = suppliers.map(|supplier| supplier.wallet);
            wallets
                .map(|wallet| story.actors.lamports(&story.actors.wallet(wallet).pubkey()))
                .collect()
        };
        let before = lamports(self)?;
        self.hour().await?;
        let spent = before.into_iter().zip(lamports(self)?);
        let spent: Vec<u64> = spent.map(|(before, after)| before - after).collect();
        for (supplier, spent) in self.actors.suppliers.iter().zip(spent) {
            let law = laws::of_an_idle_hour(&self.actors, supplier, spent)?;
            self.laws.extend(law);
        }
        Ok(())
    }

    /// The hour's proofs and check-ins, by the nodes themselves: until every device is in the ledger. The crank opens window and page for them,
    /// and then leaves them alone, or it would record the challenges of a node that is slow on a busy machine.
    pub(crate) async fn hour(&mut self) -> Result<()> {
        let hour = self.current_hour()?;
        self.actors.tick().await?;
        let mut entries = BTreeMap::new();
        let all = self.actors.suppliers.len();
        let what = format!("the devices' check-ins for hour {hour}");
        let all = self.actors.sees(&what, || {
            self.note_check_ins(hour, &mut entries)?;
            Ok((entries.len() == all).then_some(()))
        });
        all.await?;
        for supplier in &self.actors.suppliers {
            let rewards = pda::emission::rewards(&supplier.device);
            let sent = self.actors.transactions(&rewards).await?;
            if let Some(signature) = sent.into_iter().next_back() {
                let step = format!("check-in of device {} in hour {hour}", supplier.name);
                self.signatures.insert(step, signature);
            }
        }
        let line = self.who_proved(&entries);
        self.tell(&format!("hour {hour}"), &line);
        let entries = entries.into_values().collect();
        self.checked_in.insert(hour, entries);
        Ok(())
    }

    /// Devices that are new in the hour's ledger, with the score that they must have.
    fn note_check_ins(&self, hour: u32, entries: &mut BTreeMap<usize, Entry>) -> Result<()> {
        for (index, supplier) in self.actors.suppliers.iter().enumerate() {
            let rewards: chain::accounts::DeviceRewards = self
                .actors
                .read(&pda::emission::rewards(&supplier.device))?;
            if rewards.last_hour != hour || entries.contains_key(&index) {
                continue;
            }
            let class: registry::accounts::HardwareClass =
                self.actors.read(&pda::registry::class(supplier.class_id))?;
            let hired = self.is_hired(supplier)?;
            let entry = Entry {
                device: index,
                enterprise: class.pool == 0,
                hired,
                score: emission::score(class.multiplier_x100, supplier.cards, hired)?,
            };
            entries.insert(index, entry);
        }
        Ok(())
    }

    /// Before its first listing a device has no place in the market.
    fn is_hired(&self, supplier: &Supplier) -> Result<bool> {
        let place = pda::market::occupancy(&supplier.device);
        if !self.actors.exists(&place)? {
            return Ok(false);
        }
        let place: market::accounts::Occupancy = self.actors.read(&place)?;
        Ok(place.hired_gpus > 0)
    }

    fn who_proved(&self, entries: &BTreeMap<usize, Entry>) -> String {
        let names = |hired: bool| {
            let entries = entries.values().filter(|entry| entry.hired == hired);
            let names = entries.map(|entry| self.actors.suppliers[entry.device].name);
            names.collect::<Vec<_>>()
        };
        match (names(true).as_slice(), names(false).as_slice()) {
            ([], _) => "both devices prove their memory and check in".into(),
            (_, []) => "both devices are hired and exempt from proofs; both check in".into(),
            (hired, idle) => format!(
                "{} proves its memory, {} is hired and exempt; both check in",
                idle.join(", "),
                hired.join(", ")
            ),
        }
    }
}
