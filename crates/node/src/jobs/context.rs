//! What all leases of the job side share.

use super::{
    cards::{Between, Told},
    mesh::Devices,
    seal::Seal,
    signer::Signer,
    JobsSettings,
};
use crate::view::View;
use iog_engine::{Capacity, Card, Health};
use iog_job::Binding;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::watch;

/// Every lease has a range of user ids of its own. redteam J2
const UIDS: u32 = 65_536;
const FIRST_UID: u32 = 16 * UIDS;
const RANGES: u32 = 4_096;

pub struct Context {
    pub settings: JobsSettings,
    pub capacity: Capacity,
    pub seal: Seal,
    pub signer: Signer,
    pub views: watch::Receiver<Arc<View>>,
    pub healths: watch::Receiver<Health>,
    changed: watch::Sender<u64>,
    uids: Mutex<BTreeSet<u32>>,
    /// Who holds a device or a card. redteam O1
    held: Mutex<BTreeMap<String, Binding>>,
    pub between: Between,
    pub events: Told,
    pub devices: Devices,
}

impl Context {
    pub fn new(
        settings: JobsSettings,
        capacity: Capacity,
        seal: Seal,
        views: watch::Receiver<Arc<View>>,
        healths: watch::Receiver<Health>,
    ) -> Self {
        let events = Told::new(settings.card_keeper.clone());
        Self {
            settings,
            capacity,
            seal,
            signer: Signer::default(),
            views,
            healths,
            changed: watch::Sender::new(0),
            uids: Mutex::default(),
            held: Mutex::default(),
            between: Between::default(),
            events,
            devices: Devices::default(),
        }
    }

    pub fn view(&self) -> Arc<View> {
        Arc::clone(&self.views.borrow())
    }

    pub fn health(&self) -> Health {
        self.healths.borrow().clone()
    }

    pub fn leases(&self) -> PathBuf {
        self.settings.node_dir.join("jobs").join("leases")
    }

    pub fn tell(&self) {
        self.changed
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// A range of user ids that nobody has; none where all are taken.
    pub fn new_uids(&self) -> Option<u32> {
        let mut uids = self.uids.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = (0..RANGES).map(|range| FIRST_UID.saturating_add(range.saturating_mul(UIDS)));
        let free = all.find(|base| !uids.contains(base))?;
        uids.insert(free);
        Some(free)
    }

    pub fn take_uids(&self, base: u32, taken: bool) {
        let mut uids = self.uids.lock().unwrap_or_else(PoisonError::into_inner);
        match taken {
            true => uids.insert(base),
            false => uids.remove(&base),
        };
    }

    /// Takes a lease's device and cards for it; false where another still has one of them.
    pub fn hold(&self, binding: &Binding, cards: &[String]) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let device = binding.device.to_string();
        let names = || std::iter::once(&device).chain(cards);
        if names().any(|name| held.get(name).is_some_and(|holder| holder != binding)) {
            return false;
        }
        held.extend(names().map(|name| (name.clone(), *binding)));
        true
    }

    pub fn release(&self, binding: &Binding) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, holder| holder != binding);
        drop(held);
        self.tell();
    }

    /// The cards of a lease as the engine knows them; none where one is not there.
    pub fn cards(&self, names: &[String]) -> Option<Vec<Card>> {
        let all = &self.settings.cards;
        if all.is_empty() {
            return Some(Vec::new());
        }
        let keeper = self.settings.card_keeper.as_ref();
        let find = |name: &String| {
            let uuid = keeper.and_then(|keeper| keeper.uuid(name));
            if let Some(card) = all.iter().find(|card| Some(&card.uuid) == uuid.as_ref()) {
                return Some(card.clone());
            }
            let by_number = name.parse().ok().and_then(|index: usize| all.get(index));
            let by_name = all
                .iter()
                .find(|card| card.uuid == *name || card.cdi.as_ref() == Some(name));
            by_name.or(by_number).cloned()
        };
        names.iter().map(find).collect()
    }
}
