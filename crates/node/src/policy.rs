//! What an operator lets run on its machine. Pure: the chain side asks it before it answers a match, the job side once more before it begins.

mod image;
mod period;
#[cfg(test)]
mod tests;

pub use image::{ImageName, Images};
pub use period::Period;

use iog_engine::Takes;
use iog_job::{Key, Offer, Port, Resources};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A job whose outline did not come is waited for so long after the match, where the operator wants to see it first.
pub const OFFER_SECS: i64 = 30;
/// A renter that let so many orders lapse on this node within a day is declined for a day. redteam O1
pub const MAX_LAPSES: u32 = 3;

/// What becomes of a job that nobody has described.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    Accept,
    Decline,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Renters {
    /// None named: everybody.
    pub allow: BTreeSet<Key>,
    pub deny: BTreeSet<Key>,
}

/// `[policy]` of keeper.toml. Nothing set refuses nothing but the internet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Not set: accepted, unless `images` names what is allowed.
    pub unknown_jobs: Option<Unknown>,
    /// The operator's own wallets: the only ones that are served where the engine does not isolate jobs. redteam E7
    pub own_renters: BTreeSet<Key>,
    pub renters: Renters,
    pub images: Images,
    /// Longest order that is taken.
    pub max_hours: Option<u32>,
    /// Least that the lease must pay for a GPU-hour, US dollars with 6 decimals.
    pub min_usd6_per_gpu_hour: Option<u64>,
    /// Orders that would still run then are declined.
    pub maintenance: Vec<Period>,
    /// Jobs may reach the internet.
    pub egress: bool,
    /// Inputs that a job names by `url` or mirrors are fetched by the node itself. redteam J6
    pub fetch: bool,
    /// Ports that jobs may offer; not set: all.
    pub ports: Option<BTreeSet<u16>>,
    /// Most bytes of inputs and image.
    pub max_input_bytes: Option<u64>,
}

/// How the engine stands, by the job side's report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ability {
    pub ready: bool,
    /// It isolates and limits the jobs of strangers.
    pub strangers: bool,
    /// Why it is not ready.
    pub trouble: Option<String>,
    /// Which jobs it takes at all.
    pub takes: Takes,
}

/// What a lease may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub cpu_millis: u32,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
}

/// A match, as the chain shows it, and what is known of its job.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    pub renter: Key,
    pub matched_ts: i64,
    /// The chain's time.
    pub now: i64,
    pub hours: u32,
    /// When the order would end if it began now, or ends.
    pub until_ts: i64,
    /// What the lease pays for a GPU-hour.
    pub usd6_per_gpu_hour: u64,
    /// The order names a job.
    pub has_job: bool,
    pub offer: Option<&'a Offer>,
    /// Orders that this renter let lapse here within a day.
    pub lapses: u32,
    pub draining: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Take,
    /// The renter's offer may still come.
    Wait,
    Refuse(String),
}

impl Policy {
    /// What is to be said to a match. redteam K2, K4
    pub fn on_match(&self, asked: &Asked<'_>, ability: &Ability) -> Verdict {
        let refused = self
            .refuses_order(asked)
            .or_else(|| self.refuses_engine(asked, ability));
        if let Some(why) = refused {
            return Verdict::Refuse(why);
        }
        match asked.offer {
            Some(offer) => self
                .refuses_offer(offer)
                .or_else(|| {
                    refuses_image(
                        &ability.takes,
                        offer.image.is_some(),
                        offer.reference.as_deref(),
                    )
                })
                .map_or(Verdict::Take, Verdict::Refuse),
            None if !asked.has_job => {
                refuses_image(&ability.takes, false, None).map_or(Verdict::Take, Verdict::Refuse)
            }
            None if self.takes_unknown() => Verdict::Take,
            None if asked.now.saturating_sub(asked.matched_ts) < OFFER_SECS => Verdict::Wait,
            None => Verdict::Refuse("the operator takes no job that it knows nothing of".into()),
        }
    }

    /// Whether a maintenance period is on.
    pub fn maintains(&self, now: i64) -> bool {
        let on = |period: &Period| period.overlaps(now, now.saturating_add(1));
        self.maintenance.iter().any(on)
    }

    /// Where only some images are allowed, what cannot be seen is none of them.
    fn takes_unknown(&self) -> bool {
        match self.unknown_jobs {
            Some(unknown) => unknown == Unknown::Accept,
            None => self.images.allow.is_empty(),
        }
    }

    fn refuses_order(&self, asked: &Asked<'_>) -> Option<String> {
        let (renter, renters) = (&asked.renter, &self.renters);
        let named = renters.allow.is_empty() || renters.allow.contains(renter);
        if !named || renters.deny.contains(renter) {
            return Some("the operator does not serve this renter".into());
        }
        if asked.draining {
            return Some("the node is being drained".into());
        }
        if asked.lapses >= MAX_LAPSES {
            return Some("too many orders of this renter lapsed here today".into());
        }
        if self.max_hours.is_some_and(|most| asked.hours > most) {
            return Some("the order is longer than the operator allows".into());
        }
        let least = self.min_usd6_per_gpu_hour.unwrap_or(0);
        if asked.usd6_per_gpu_hour < least {
            return Some("the order pays less than the operator asks for".into());
        }
        let maintained = |period: &Period| period.overlaps(asked.now, asked.until_ts);
        let maintained = self.maintenance.iter().any(maintained);
        maintained.then(|| "the order would run into a maintenance".into())
    }

    fn refuses_engine(&self, asked: &Asked<'_>, ability: &Ability) -> Option<String> {
        if !ability.ready {
            let trouble = ability.trouble.as_deref().unwrap_or("it does not answer");
            return Some(format!("the engine: {trouble}"));
        }
        let own = self.own_renters.contains(&asked.renter);
        (!ability.strangers && !own)
            .then(|| "the engine takes only the jobs of policy.own_renters".into())
    }

    /// What of a job, in outline, the operator does not allow.
    pub fn refuses_offer(&self, offer: &Offer) -> Option<String> {
        if let Some(why) = self.images.refuses(offer) {
            return Some(why);
        }
        if offer.egress && !self.egress {
            return Some("the operator allows no connections to the internet".into());
        }
        let allowed = |port: &Port| {
            self.ports
                .as_ref()
                .is_none_or(|all| all.contains(&port.port))
        };
        if let Some(port) = offer.ports.iter().find(|port| !allowed(port)) {
            return Some(format!(
                "the operator does not allow the port {}",
                port.port
            ));
        }
        let most = self.max_input_bytes.unwrap_or(u64::MAX);
        (offer.input_bytes > most)
            .then(|| "inputs and image are larger than the operator allows".into())
    }
}

/// What of a job's image an engine does not take: it would fail at the renter's cost. redteam K4
pub fn refuses_image(takes: &Takes, image: bool, reference: Option<&str>) -> Option<String> {
    if image && !takes.images {
        return Some("this node's engine runs commands and shells, no images".into());
    }
    if !image && !takes.no_image {
        return Some("this node runs images only: the job names none".into());
    }
    let host = reference?.split_once('/').map_or("", |(host, _)| host);
    let pulls = takes.registries.as_ref();
    let pulls = pulls.is_none_or(|all| all.iter().any(|own| own == host));
    (!pulls).then(|| {
        format!(
            "this node pulls nothing from `{}`: send the image as an archive",
            host.escape_debug()
        )
    })
}

impl Share {
    /// What of a job passes the lease's share of the machine.
    pub fn refuses(&self, asked: &Resources) -> Option<String> {
        let field = match asked {
            asked if asked.cpu_millis > self.cpu_millis => "cpu_millis",
            asked if asked.memory_bytes > self.memory_bytes => "memory_bytes",
            // Shared memory is memory.
            asked if asked.shm_bytes > self.memory_bytes => "shm_bytes",
            asked if asked.disk_bytes > self.disk_bytes => "disk_bytes",
            _ => return None,
        };
        Some(format!(
            "resources.{field} is more than the lease's share of this machine"
        ))
    }
}
