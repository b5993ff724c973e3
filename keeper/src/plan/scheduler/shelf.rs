//! Devices that can be hired, by class: looked through once for all orders.

use crate::{
    rules::{self, state},
    snapshot::{DeviceView, Snapshot},
};
use iog_client::market::Occupancy;
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// A device that meets what every order asks for.
pub(super) struct Stock<'a> {
    pub address: Pubkey,
    pub view: &'a DeviceView,
    pub place: &'a Occupancy,
    /// Another match has it, in an order of so many GPUs, and gives way only to one that makes its own order whole, which is no smaller.
    pub held: Option<u32>,
    taken: bool,
}

impl Stock<'_> {
    pub fn gpus(&self) -> u32 {
        rules::cards(&self.view.device)
    }
}

#[derive(Default)]
pub(super) struct Shelf<'a> {
    classes: BTreeMap<u16, Vec<Stock<'a>>>,
    /// GPUs by class that are not taken.
    gpus: BTreeMap<u16, u64>,
    /// Where a device stands in its class.
    places: BTreeMap<Pubkey, (u16, usize)>,
}

impl<'a> Shelf<'a> {
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let mut shelf = Self::default();
        for (address, view) in &snapshot.devices {
            let Some(stock) = stock(snapshot, address, view) else {
                continue;
            };
            let class_id = view.device.class_id;
            let gpus = shelf.gpus.entry(class_id).or_default();
            *gpus = gpus.saturating_add(stock.gpus().into());
            let class = shelf.classes.entry(class_id).or_default();
            shelf.places.insert(*address, (class_id, class.len()));
            class.push(stock);
        }
        shelf
    }

    /// GPUs of a class that are left: an order that wants more is not worth a closer look.
    pub fn gpus(&self, class_id: u16) -> u64 {
        self.gpus.get(&class_id).copied().unwrap_or(0)
    }

    pub fn class(&self, class_id: u16) -> impl Iterator<Item = &Stock<'a>> {
        let class = self.classes.get(&class_id).into_iter().flatten();
        class.filter(|stock| !stock.taken)
    }

    pub fn take(&mut self, device: &Pubkey) {
        let Some((class_id, place)) = self.places.get(device) else {
            return;
        };
        let class = self.classes.get_mut(class_id);
        let stock = class.and_then(|class| class.get_mut(*place));
        if let Some((stock, gpus)) = stock.zip(self.gpus.get_mut(class_id)) {
            stock.taken = true;
            *gpus = gpus.saturating_sub(stock.gpus().into());
        }
    }
}

/// What `match_device` checks of a device whatever the order.
fn stock<'a>(snapshot: &Snapshot, address: &Pubkey, view: &'a DeviceView) -> Option<Stock<'a>> {
    let place = view.occupancy.as_ref()?;
    let device = &view.device;
    let class = snapshot.class_of(device)?;
    let (epoch, now) = (snapshot.epoch(), snapshot.time.now);
    let held = hold(snapshot, place)?;
    let suits = rules::is_listed(place)
        && !rules::rests(place, now)
        && rules::is_active(device)
        && rules::is_hireable(device, class, place, epoch, now)
        && snapshot.is_staked(view);
    suits.then_some(Stock {
        address: *address,
        view,
        place,
        held,
        taken: false,
    })
}

/// GPUs of the order whose match holds the device against others for the moment: `Some(None)` for an idle device and a match of an order
/// that is not whole and has had its time, `None` for a hired one.
fn hold(snapshot: &Snapshot, place: &Occupancy) -> Option<Option<u32>> {
    if !rules::is_hired(place) {
        return Some(None);
    }
    let (lease, order) = snapshot.lease(&place.lease)?;
    let waits = lease.state == state::LEASE_MATCHED && order.state == state::ORDER_OPEN;
    let age = snapshot.time.now.saturating_sub(lease.matched_ts);
    let young = age < rules::MATCH_HOLD_SECS;
    waits.then(|| young.then(|| rules::gpus(order)))
}
