//! The rules of devices, their proofs and heartbeats, and of classes and their terms.

use std::collections::BTreeSet;

use iog_client::registry::RegistryError as E;

use super::reference::{hour_of, Model, Step};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;
/// Hours between two passes that break a streak, and that a pass lets a device be hired.
pub const VALID_HOURS: u32 = 3;
/// Measurers that have a place here, and how many of them make a tier.
pub const MEASURERS: usize = 5;
const QUORUM: usize = 3;
/// MB/s, down and up, that just reach each tier.
pub const TIERS: [(u32, u32); 5] = [(0, 0), (100, 10), (400, 300), (800, 600), (1_600, 1_200)];

#[derive(Clone)]
pub struct Class {
    /// 0 Enterprise, 1 Community.
    pub pool: usize,
    pub multiplier: u64,
    /// The lowest announced since terms were last applied.
    pub stake_multiplier: u64,
    /// The multiplier that waits, and from when on it may be applied.
    pub waiting: Option<(u64, i64)>,
}

#[derive(Clone, Copy)]
pub struct Lease {
    pub id: u64,
    pub from: i64,
    pub until: i64,
}

/// A measurer's newest test: when, and what tier it reaches.
pub type Test = Option<(i64, u8)>;

#[derive(Clone)]
pub struct Device {
    pub class: usize,
    /// That walk together.
    pub cards: u64,
    pub active: bool,
    pub registered: i64,
    /// Ten-minute intervals of unix time with a sign of life.
    pub marked: BTreeSet<i64>,
    pub last_sign: i64,
    /// Hour of the last pass, and how many intervals were marked then.
    pub passed: u32,
    pub marked_at_pass: usize,
    pub passes: u64,
    pub streak: u32,
    pub failed: Vec<u32>,
    /// Hour of the last commit, and whether it waits for its end.
    pub committed: u32,
    pub open: bool,
    pub tier: u8,
    pub tier_ts: i64,
    pub tests: [Test; MEASURERS],
    pub lease: Option<Lease>,
}

#[derive(Clone)]
pub struct Registry {
    pub classes: Vec<Class>,
    pub devices: Vec<Device>,
    /// From when on each measures; `None` for an empty place.
    pub measurers: [Option<i64>; MEASURERS],
    /// When who is named may take an empty place; `None` where nobody waits.
    pub waiting: [Option<i64>; MEASURERS],
    /// Hour of the newest window.
    pub window: u32,
}

impl Device {
    pub fn new(class: usize, cards: u64, now: i64) -> Self {
        Self {
            class,
            cards,
            active: true,
            registered: now,
            marked: BTreeSet::new(),
            last_sign: 0,
            passed: 0,
            marked_at_pass: 0,
            passes: 0,
            streak: 0,
            failed: Vec::new(),
            committed: 0,
            open: false,
            tier: 1,
            tier_ts: 0,
            tests: [None; MEASURERS],
            lease: None,
        }
    }

    fn sign(&mut self, now: i64) {
        self.marked.insert(now / 600);
        self.last_sign = now;
    }

    /// Intervals with a sign of life in the hour of unix time that ends `ago` hours before the running one.
    pub fn signs_in_hour(&self, now: i64, ago: i64) -> usize {
        let first = (now / HOUR - ago) * 6;
        self.marked.range(first..first + 6).count()
    }

    /// Failures in the 12 hours up to the running one.
    pub fn failures(&self, hour: u32) -> usize {
        let recent = self.failed.iter().filter(|failed| **failed + 12 > hour);
        recent.count()
    }

    /// A tier is good for 180 days; without one it is 1.
    pub fn tier_at(&self, now: i64) -> u8 {
        if now - self.tier_ts > 180 * DAY {
            1
        } else {
            self.tier
        }
    }

    /// Serves since; a lease that is over serves nobody, but is one until it is closed.
    pub fn serves_since(&self, now: i64) -> Option<i64> {
        let lease = self.lease.filter(|lease| now < lease.until);
        lease.map(|lease| lease.from)
    }

    fn fails(&mut self, hour: u32) {
        self.failed.push(hour);
        self.streak = 0;
    }

    fn passes(&mut self, hour: u32) {
        // Hours since the last pass that no heartbeat was sent in, six to an hour.
        let since = i64::from(hour - self.passed) * 6;
        let beats = (self.marked.len() - self.marked_at_pass) as i64;
        if since - beats > 6 * i64::from(VALID_HOURS) {
            self.streak = 0;
        }
        self.streak += 1;
        self.passes += 1;
        self.passed = hour;
        self.marked_at_pass = self.marked.len();
        self.open = false;
    }

    /// Commits, once an hour; what was left open has failed.
    fn commit(&mut self, now: i64) -> Step {
        if !self.active {
            return Err(E::DeviceNotActive.into());
        }
        let hour = hour_of(now);
        if self.committed == hour {
            return Err(E::AlreadyCommitted.into());
        }
        if self.open {
            self.fails(self.committed);
        }
        (self.committed, self.open) = (hour, true);
        self.sign(now);
        Ok(())
    }
}

impl Model {
    fn device_mut(&mut self, device: usize) -> &mut Device {
        &mut self.registry.devices[device]
    }

    pub fn beat(&mut self, device: usize) -> Step {
        let now = self.now;
        let device = self.device_mut(device);
        if !device.active {
            return Err(E::DeviceNotActive.into());
        }
        device.sign(now);
        Ok(())
    }

    pub fn commit(&mut self, device: usize) -> Step {
        let now = self.now;
        self.device_mut(device).commit(now)
    }

    /// A proof of this hour from the commit to its end.
    pub fn prove(&mut self, device: usize) -> Step {
        let (now, hour) = (self.now, self.hour());
        let device = self.device_mut(device);
        device.commit(now)?;
        device.passes(hour);
        Ok(())
    }

    pub fn set_active(&mut self, device: usize, active: bool) -> Step {
        self.device_mut(device).active = active;
        Ok(())
    }

    /// Another multiplier, a week ahead, at most a fifth from the present one; what waited is replaced, the present one drops it. The
    /// minimum stake falls at once.
    pub fn schedule(&mut self, class: usize, multiplier: u64) -> Step {
        let now = self.now;
        let class = &mut self.registry.classes[class];
        if multiplier.abs_diff(class.multiplier) > class.multiplier / 5 {
            return Err(E::RateMovesTooFar.into());
        }
        let drops = multiplier == class.multiplier && class.stake_multiplier == class.multiplier;
        class.waiting = (!drops).then_some((multiplier, now + WEEK));
        class.stake_multiplier = class.stake_multiplier.min(multiplier);
        Ok(())
    }

    /// From its date on, for a week, before the hour's window opens.
    pub fn apply(&mut self, class: usize) -> Step {
        let (now, hour) = (self.now, self.hour());
        if self.registry.window == hour {
            return Err(E::WindowAlreadyOpen.into());
        }
        let class = &mut self.registry.classes[class];
        match class.waiting {
            None => return Err(E::NothingScheduled.into()),
            Some((_, from)) if now < from => return Err(E::TooEarly.into()),
            Some((_, from)) if now > from + WEEK => return Err(E::Lapsed.into()),
            Some((multiplier, _)) => {
                (class.multiplier, class.stake_multiplier) = (multiplier, multiplier);
            }
        }
        class.waiting = None;
        Ok(())
    }

    /// A measurer is named a day ahead, and at once on the network's first day; it is removed at once. Named again it stays, and who waits waits
    /// anew.
    pub fn name_measurer(&mut self, place: usize, named: bool) -> Step {
        let (now, setup) = (self.now, self.now < self.token.setup_until);
        let registry = &mut self.registry;
        registry.waiting[place] = None;
        if !named {
            registry.measurers[place] = None;
        } else if registry.measurers[place].is_none() && setup {
            registry.measurers[place] = Some(now);
        } else if registry.measurers[place].is_none() {
            registry.waiting[place] = Some(now + DAY);
        }
        Ok(())
    }

    /// Who was named takes the place, for a week after its day; its tests count from then on.
    pub fn apply_measurer(&mut self, place: usize) -> Step {
        let now = self.now;
        match self.registry.waiting[place] {
            None => Err(E::NothingScheduled.into()),
            Some(from) if now < from => Err(E::TooEarly.into()),
            Some(from) if now > from + WEEK => Err(E::Lapsed.into()),
            Some(_) => {
                self.registry.waiting[place] = None;
                self.registry.measurers[place] = Some(now);
                Ok(())
            }
        }
    }

    pub fn measure(&mut self, device: usize, place: usize, tier: u8) -> Step {
        let now = self.now;
        let measures = self.registry.measurers[place].is_some_and(|since| now >= since);
        if !measures {
            return Err(E::NotMeasurer.into());
        }
        let test = &mut self.device_mut(device).tests[place];
        if test.is_some_and(|(at, _)| at >= now) {
            return Err(E::SpeedTestReplayed.into());
        }
        *test = Some((now, tier));
        self.refresh_tier(device)
    }

    /// The middle of all tests of 30 days whose measurer measured already, the lower of two; the last tier stands where they are fewer
    /// than a quorum. It is as old as the test that made the quorum.
    pub fn refresh_tier(&mut self, device: usize) -> Step {
        let now = self.now;
        let measurers = self.registry.measurers;
        let device = self.device_mut(device);
        let tests = device.tests.iter().zip(measurers);
        let mut fresh: Vec<(i64, u8)> = tests
            .filter_map(|(test, since)| test.zip(since))
            .filter(|((at, _), since)| now - at <= 30 * DAY && at >= since)
            .map(|(test, _)| test)
            .collect();
        if fresh.len() < QUORUM {
            return Ok(());
        }
        fresh.sort_by_key(|(at, _)| -at);
        device.tier_ts = fresh[QUORUM - 1].0;
        // Here download and upload reach the same tier, so that their medians do as well.
        fresh.sort_by_key(|(_, tier)| *tier);
        device.tier = fresh[(fresh.len() - 1) / 2].1.max(1);
        Ok(())
    }

    /// What the market asks of a device before it is hired: idle, active, staked, alive, proved lately, few failures.
    pub fn hireable(&self, device: usize) -> bool {
        let staked = self.is_staked(device);
        let (hour, device) = (self.hour(), self.device(device));
        let proved = device.passed > 0 && hour - device.passed <= VALID_HOURS;
        let alive = device.last_sign / HOUR + 1 >= self.now / HOUR;
        let idle = device.lease.is_none() && device.active;
        idle && staked && proved && alive && device.failures(hour) < 4
    }
}
