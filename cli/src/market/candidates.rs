//! The devices that an order might get: read from the chain, and ranked.

mod read;

pub use read::read;

use super::{
    order::{self, ACTIVE},
    rules::{cards, pay, reputation, unfit, Moment, View},
};
use crate::{error::Result, nouns::device::life};
use iog_client::{
    market::accounts::{Occupancy, Order, PriceBook},
    registry::accounts::{Device, HardwareClass},
    staking::accounts::DeviceStake,
};
use iog_math::matching::{choose, rank, Candidate, Kind, Wanted};
use solana_pubkey::Pubkey;
use std::collections::{BTreeMap, BTreeSet};

/// Devices that are ranked for one part, best first: bounds the work.
const MAX_CANDIDATES: usize = 8_192;

/// A match that holds nobody any more, and may be displaced.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    pub lease: Pubkey,
    pub order: Pubkey,
    pub payer: Pubkey,
}

/// A listed device of one of the order's classes.
pub struct Listed {
    pub address: Pubkey,
    pub device: Device,
    place: Occupancy,
    stake: Option<DeviceStake>,
    earns: bool,
    /// In a lease, and not to be had.
    hired: bool,
    pub held: Option<Held>,
}

/// What the order might get.
pub struct Stock {
    listed: Vec<Listed>,
    classes: BTreeMap<u16, (HardwareClass, PriceBook)>,
    /// What a dollar of the order's currency is worth to suppliers; `None` where nobody has said lately.
    cover_bps: Option<u64>,
    at: Moment,
}

/// What was found for the parts of an order.
pub struct Choice<'a> {
    /// Parts and their devices.
    pub chosen: Vec<(u8, &'a Listed)>,
    /// GPUs that nobody was found for.
    pub missing: u32,
    /// What those that were found are paid an hour, in millionths of a dollar.
    pub hourly_usd6: u64,
    /// Why devices do not fit, and how many.
    pub unfit: BTreeMap<&'static str, u32>,
}

impl Stock {
    /// The best devices that make up what the order lacks. One that waits is matched as a whole or not at all, for too few would stand
    /// idle; in a running one every device is better than none.
    pub fn choose(&self, order: &Order, without: &BTreeSet<Pubkey>) -> Result<Choice<'_>> {
        let mut choice = Choice {
            chosen: Vec::new(),
            missing: 0,
            hourly_usd6: 0,
            unfit: BTreeMap::new(),
        };
        for (number, part) in order::entries(order) {
            let vacant = part.gpus.saturating_sub(part.matched);
            if vacant > 0 {
                let filled = self.choose_part(order, number, vacant, without, &mut choice)?;
                let missing = vacant.saturating_sub(filled);
                choice.missing = choice.missing.saturating_add(missing);
            }
        }
        if choice.missing > 0 && order.state != ACTIVE {
            choice.chosen.clear();
        }
        Ok(choice)
    }

    /// What each owner has by itself.
    pub fn by_owner(self) -> BTreeMap<Pubkey, Self> {
        let mut owners: BTreeMap<Pubkey, Self> = BTreeMap::new();
        for device in self.listed {
            let owner = owners.entry(device.device.owner).or_insert_with(|| Self {
                listed: Vec::new(),
                classes: self.classes.clone(),
                cover_bps: self.cover_bps,
                at: self.at,
            });
            owner.listed.push(device);
        }
        owners
    }

    fn choose_part<'a>(
        &'a self,
        order: &Order,
        number: u8,
        vacant: u32,
        without: &BTreeSet<Pubkey>,
        choice: &mut Choice<'a>,
    ) -> Result<u32> {
        let wanted = wanted(order, number, vacant);
        let mut ranked = Vec::new();
        for device in &self.listed {
            match self.candidate(order, number, device) {
                Ok(Some(candidate)) if !without.contains(&device.address) => ranked.push(candidate),
                Ok(_) => {}
                Err(why) => {
                    let count = choice.unfit.entry(why).or_default();
                    *count = count.saturating_add(1);
                }
            }
        }
        let eligible = rank(&wanted, &mut ranked);
        ranked.truncate(eligible.min(MAX_CANDIDATES));
        let size = usize::try_from(vacant).unwrap_or(0).saturating_add(1);
        let mut places = Vec::new();
        let filled = choose(&ranked, vacant, &mut vec![0; size], |place| {
            places.push(place);
        })?;
        for place in places {
            let found = ranked.get(place);
            let paid = found.map(|found| found.price_usd6.saturating_mul(found.gpus.into()));
            choice.hourly_usd6 = choice.hourly_usd6.saturating_add(paid.unwrap_or(0));
            let address = found.map(|found| found.device);
            let device = self
                .listed
                .iter()
                .find(|device| Some(device.address.to_bytes()) == address);
            choice.chosen.extend(device.map(|device| (number, device)));
        }
        Ok(filled)
    }

    /// The device for a part; `None` where it is of another part's class, or why it does not fit.
    fn candidate(
        &self,
        order: &Order,
        number: u8,
        listed: &Listed,
    ) -> std::result::Result<Option<Candidate>, &'static str> {
        let device = &listed.device;
        let known = self.classes.get(&device.class_id);
        let takes = order::classes_of(order, number).contains(&device.class_id);
        let Some((class, book)) = known.filter(|_| takes) else {
            return Ok(None);
        };
        if listed.hired {
            return Err("in a lease");
        }
        let view = View {
            address: &listed.address,
            device,
            place: &listed.place,
            class,
            book,
            stake: listed.stake.as_ref(),
            earns: listed.earns,
        };
        if let Some(why) = unfit(order, &view, self.at) {
            return Err(why);
        }
        let part = order.parts.get(usize::from(number));
        let machine = part.map_or(0, |part| u32::from(part.per_machine));
        let gpus = cards(device);
        if machine > 0 && machine != gpus {
            return Err("of another size");
        }
        let price_usd6 = pay(order, number, &view, self.cover_bps, self.at.now).ok_or("dearer")?;
        let idle = self.at.now.saturating_sub(listed.place.idle_since_ts);
        Ok(Some(Candidate {
            device: listed.address.to_bytes(),
            gpus,
            price_usd6,
            tier: life::tier_at(device, self.at.now),
            country: device.country,
            reputation_bps: reputation(&listed.place),
            idle_secs: u64::try_from(idle).unwrap_or(0),
        }))
    }
}

fn wanted(order: &Order, number: u8, vacant: u32) -> Wanted {
    let [booked, ..] = order.rates;
    let price = booked.price_usd6.get(usize::from(number));
    let mut countries = order.countries.iter().filter(|entry| **entry != [0; 2]);
    let part = order.parts.get(usize::from(number));
    Wanted {
        gpus: vacant,
        per_machine: part.map_or(0, |part| part.per_machine.into()),
        max_price_usd6: price.copied().unwrap_or(0),
        min_tier: order.min_tier,
        min_reputation_bps: order.min_reputation_bps,
        // Who names several countries names the best first.
        preferred_country: countries.next().copied(),
        kind: Kind::try_from(order.kind).unwrap_or_default(),
    }
}

#[cfg(test)]
pub(super) mod tests;
