//! Faults and heat of the cards, as they happen: who ended what has evidence. redteam J11

use nvml_wrapper::{
    bitmasks::event::EventTypes,
    enum_wrappers::device::{TemperatureSensor, TemperatureThreshold},
    enums::event::XidError,
    error::NvmlError,
    Nvml,
};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Events that are kept.
const KEPT: usize = 1_024;
/// How long one card is listened to before the next.
const TURN_MS: u32 = 200;
const PAUSE: Duration = Duration::from_millis(200);
/// What the driver calls an Xid whose number it does not know.
const UNKNOWN_XID: u64 = 999;

#[derive(Default)]
pub struct Events(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    number: u64,
    all: VecDeque<(u64, String, String)>,
    xids: BTreeMap<String, Vec<u64>>,
}

impl Events {
    /// A thread watches the cards for as long as somebody has the result.
    pub fn watch(nvml: &Arc<Nvml>) -> Arc<Self> {
        let events = Arc::new(Self::default());
        let (nvml, told) = (Arc::clone(nvml), Arc::downgrade(&events));
        let watch = move || watch(&nvml, &told);
        if let Err(error) = thread::Builder::new().name("cards".into()).spawn(watch) {
            tracing::error!(%error, "the cards are not watched");
        }
        events
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, uuid: &str, what: &str) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let ts = since.map_or(0, |since| since.as_secs());
        tracing::warn!(card = uuid, what, "an event of a card");
        let mut kept = self.kept();
        kept.number = kept.number.saturating_add(1);
        let event = (
            kept.number,
            uuid.to_string(),
            format!("{uuid} at {ts}: {what}"),
        );
        kept.all.push_back(event);
        if kept.all.len() > KEPT {
            kept.all.pop_front();
        }
    }

    fn saw_xid(&self, uuid: &str, xid: u64) {
        self.kept()
            .xids
            .entry(uuid.to_string())
            .or_default()
            .push(xid);
        self.tell(uuid, &format!("Xid {xid}"));
    }

    pub fn last_xid(&self, uuid: &str) -> Option<u64> {
        self.kept().xids.get(uuid)?.last().copied()
    }

    /// Since this began.
    pub fn xids(&self, uuid: &str) -> Vec<u64> {
        self.kept().xids.get(uuid).cloned().unwrap_or_default()
    }

    pub fn after(&self, uuids: &[String], after: u64) -> (Vec<String>, u64) {
        let kept = self.kept();
        let new = kept.all.iter().filter(|(number, uuid, _)| {
            *number > after && uuids.iter().any(|wanted| wanted.eq_ignore_ascii_case(uuid))
        });
        (new.map(|(_, _, text)| text.clone()).collect(), kept.number)
    }
}

/// Each card has a set of its own: one that fell off the bus does not tell its name any more.
fn watch(nvml: &Nvml, told: &Weak<Events>) {
    let count = nvml.device_count().unwrap_or(0);
    let devices = (0..count).filter_map(|number| nvml.device_by_index(number).ok());
    let mut watched: Vec<_> = devices
        .filter_map(|device| {
            let uuid = device.uuid().ok()?;
            let limit = device
                .temperature_threshold(TemperatureThreshold::Slowdown)
                .ok();
            let set = nvml.create_event_set().ok();
            let set = set.and_then(|set| {
                device
                    .register_events(EventTypes::CRITICAL_XID_ERROR, set)
                    .ok()
            });
            Some((device, uuid, limit, set, false))
        })
        .collect();
    while let Some(events) = told.upgrade() {
        let mut waited = false;
        for (device, uuid, limit, set, hot) in &mut watched {
            match set.as_ref().map(|set| set.wait(TURN_MS)) {
                Some(Ok(event)) => {
                    waited = true;
                    events.saw_xid(
                        uuid,
                        match event.event_data {
                            Some(XidError::Value(xid)) => xid,
                            _ => UNKNOWN_XID,
                        },
                    );
                }
                Some(Err(NvmlError::Timeout)) => waited = true,
                Some(Err(error)) => {
                    events.tell(uuid, &format!("it does not answer any more ({error})"));
                    *set = None;
                }
                None => {}
            }
            let celsius = device.temperature(TemperatureSensor::Gpu).ok();
            let is_hot = celsius.zip(*limit).is_some_and(|(now, limit)| now >= limit);
            if let (true, false, Some(celsius)) = (is_hot, *hot, celsius) {
                events.tell(uuid, &format!("{celsius} degrees: it slows down"));
            }
            *hot = is_hot;
        }
        drop(events);
        if !waited {
            thread::sleep(PAUSE);
        }
    }
}
