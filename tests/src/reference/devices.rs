//! What the market knows of devices, and who of them it counts, in plain integers.

use std::collections::BTreeSet;

use iog_client::market::MarketError as E;

use super::{By, Model, Step};

/// Seconds of a heartbeat's slot, and how many slots a device's account remembers.
pub const SLOT: i64 = 600;
const SLOTS: i64 = 768;
/// Anyone takes an idle device off the market that was silent for so long.
const STALE_SECS: i64 = 21_600;

#[derive(Clone, Default)]
pub struct Device {
    pub owner: usize,
    pub class: usize,
    pub gpus: u32,
    /// 0 active, 1 paused, 2 terminated.
    pub state: u8,
    pub secure: bool,
    pub tier: u8,
    pub listed: bool,
    /// Asked for no more than the base price when it was listed.
    pub cheap: bool,
    /// Counted as serving.
    pub serving: bool,
    pub floor: u64,
    /// Bit c: currency c.
    pub currencies: u8,
    /// The order that it is in.
    pub order: Option<u64>,
    pub resting: i64,
    pub idle_since: i64,
    pub served_until: i64,
    /// Until a moment no lease pays it more than so many dollars.
    pub cap: (u64, i64),
    pub served: u64,
    pub missed: u64,
    pub leases: u64,
    pub skipped: u64,
    pub declined: u64,
    /// Whole orders that it declined in an hour of unix time.
    pub declines: (i64, u8),
    pub timeouts: u64,
    pub lost: u64,
    /// Ten-minute slots with a heartbeat.
    pub beats: BTreeSet<i64>,
    /// Second and slot of the chain of its last sign of life.
    pub sign: (i64, u64),
    /// Hours of the network whose proof it passed last, and failed.
    pub passed: u64,
    pub failed: BTreeSet<u64>,
}

impl Device {
    /// A sign of life, in the slot of ten minutes that it comes in.
    pub fn beat(&mut self, now: i64, slot: u64) {
        self.sign = (self.sign.0.max(now), self.sign.1.max(slot));
        self.beats.insert(now / SLOT);
    }

    /// Whether a slot has a heartbeat that is still remembered.
    pub fn beat_in(&self, slot: i64) -> bool {
        let newest = self.beats.last().copied().unwrap_or(0);
        slot > newest - SLOTS && self.beats.contains(&slot)
    }

    /// `(served + 8) / (served + missed + skipped + 6 * timeouts + 12 * lost + 16)` in hours, which are six slots.
    pub fn reputation(&self) -> u64 {
        let good = self.served + 48;
        let bad = self.missed + 6 * self.skipped + 36 * self.timeouts + 72 * self.lost + 48;
        good * 10_000 / (good + bad)
    }

    pub fn proved_within(&self, epoch: u64, hours: u64) -> bool {
        self.passed > 0 && epoch.saturating_sub(self.passed) <= hours
    }

    /// It gave no answer; its record is charged where it gave no sign of life either.
    pub fn rest(&mut self, silent: bool, now: i64) {
        self.skipped += u64::from(silent);
        self.resting = now + 3_600;
    }

    /// Whole orders are declined for nothing twice in an hour.
    pub fn may_decline(&mut self, now: i64) -> bool {
        let hour = now / 3_600;
        let before = if self.declines.0 == hour {
            self.declines.1
        } else {
            0
        };
        self.declines = (hour, before + 1);
        before < 2
    }

    /// It left before the end that it had agreed to.
    pub fn limit_pay(&mut self, pay: u64, until: i64, now: i64) {
        if until <= now {
            return;
        }
        let (cap, since) = self.cap;
        self.cap = if now < since {
            (cap.min(pay), since.max(until))
        } else {
            (pay, until)
        };
    }

    /// GPUs that count as online and as hired: what can be hired at the base price, and what serves.
    pub fn counted(&self) -> (u64, u64) {
        let gpus = u64::from(self.gpus);
        match (self.listed, self.serving) {
            (false, _) => (0, 0),
            (true, true) => (gpus, gpus),
            (true, false) if self.cheap => (gpus, 0),
            (true, false) => (0, 0),
        }
    }
}

impl Model {
    /// Changes a device, and counts it in its class as it then is.
    pub fn change(&mut self, device: usize, change: impl FnOnce(&mut Device)) {
        let one = &mut self.devices[device];
        let before = one.counted();
        change(one);
        self.classes[one.class].recount(before, one.counted(), self.now);
    }

    /// The device is in no lease any more, if it is in this one.
    pub fn free(&mut self, id: u64, device: usize) {
        let now = self.now;
        if self.devices[device].order != Some(id) {
            return;
        }
        self.change(device, |one| {
            one.order = None;
            one.serving = false;
            one.idle_since = now;
        });
    }

    pub fn list(&mut self, device: usize, floor: u64, currencies: u8) -> Step {
        if self.devices[device].state != 0 {
            return Err(E::DeviceNotActive.into());
        }
        if currencies == 0 || currencies > 7 {
            return Err(E::InvalidCurrencies.into());
        }
        let (base, now) = (self.classes[self.devices[device].class].base, self.now);
        self.change(device, |one| {
            if one.currencies == 0 && one.idle_since == 0 {
                one.idle_since = now;
            }
            (one.floor, one.currencies) = (floor, currencies);
            (one.listed, one.cheap) = (true, floor <= base);
        });
        Ok(())
    }

    /// By its own key, as its owner had listed it.
    pub fn relist(&mut self, device: usize) -> Step {
        let one = &self.devices[device];
        if one.state != 0 {
            return Err(E::DeviceNotActive.into());
        }
        if one.currencies == 0 {
            return Err(E::NotListed.into());
        }
        if self.is_stale(device) {
            return Err(E::DeviceStale.into());
        }
        let cheap = one.floor <= self.classes[one.class].base;
        self.change(device, |one| (one.listed, one.cheap) = (true, cheap));
        Ok(())
    }

    /// It rests, is silent, or has passed no proof for a day while it served nobody.
    fn is_stale(&self, device: usize) -> bool {
        let (one, now) = (&self.devices[device], self.now);
        let proved = self.classes[one.class].proof_hours == 0
            || now - one.served_until <= STALE_SECS
            || one.proved_within(self.epoch(), 24);
        now < one.resting || now - one.sign.0 > STALE_SECS || !proved
    }

    /// By its owner at any time; by others where it cannot be hired.
    pub fn delist(&mut self, device: usize, by: By) -> Step {
        let one = &self.devices[device];
        let stays = one.state == 0 && (one.order.is_some() || !self.is_stale(device));
        if by != By::Owner && stays {
            return Err(E::ListingStands.into());
        }
        if !one.listed {
            return Err(E::NotListed.into());
        }
        self.change(device, |one| {
            one.listed = false;
            if by == By::Owner {
                one.currencies = 0;
            }
        });
        Ok(())
    }
}
