//! What the agent's tasks share: the order, its leases, and one connection to each device.

use super::{
    chain,
    endpoints::{Agreed, Witness},
    folder::{Folder, OrderFile},
    leased::Leased,
    wire::{Leases, Line},
};
use crate::{context::Context, market::order};
use iog_job::{
    wire::{Hello, Verb},
    Binding, JobSpec, Key,
};
use iog_link::{Connection, Link, LinkError, SignedTicket, Stream};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        atomic::{AtomicU64, Ordering::SeqCst},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{watch, Notify};

/// A chain that was not seen for longer tells no time.
const MAX_CARRIED_SECS: i64 = 120;

/// A lock that outlives a task that panicked: what it guards is replaced as a whole.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The chain's time from now on. Where nobody vouches for what was told it runs no faster than this machine's clock: slots are signed for
/// by it, and whoever set it forward had slots signed for that were not served. redteam L2
fn clock(
    known: Option<(i64, Instant)>,
    told: i64,
    vouched: bool,
    at: Instant,
) -> Option<(i64, Instant)> {
    if vouched {
        return Some((told, at));
    }
    let (seen, since) = known?;
    let passed = at.saturating_duration_since(since).as_secs();
    let carried = seen.saturating_add(i64::try_from(passed).ok()?);
    if told < carried {
        return Some((told, at));
    }
    Some((carried, since.checked_add(Duration::from_secs(passed))?))
}

/// One agent: one order, one key, one endpoint.
pub struct Agent {
    pub folder: Folder,
    pub order: OrderFile,
    pub context: Context,
    /// Endpoints that must tell the same as the first.
    pub witnesses: Vec<Witness>,
    pub link: Link,
    /// For who is not the engineer key.
    pub ticket: Option<SignedTicket>,
    /// What is delivered; none on a machine that only has a ticket.
    pub job: Option<JobSpec>,
    /// By lease and match.
    leases: Mutex<BTreeMap<(Key, i64), Arc<Leased>>>,
    connections: tokio::sync::Mutex<BTreeMap<Key, Arc<tokio::sync::Mutex<Option<Connection>>>>>,
    summary: Mutex<Leases>,
    numbers: AtomicU64,
    /// Counts changes, for those who follow.
    changes: watch::Sender<u64>,
    /// When somebody last spoke with the agent.
    asked: Mutex<Instant>,
    /// The chain's time at the last look.
    now: Mutex<Option<(i64, Instant)>>,
    pub stop: Notify,
}

impl Agent {
    pub fn new(
        folder: Folder,
        order: OrderFile,
        (context, witnesses): (Context, Vec<Witness>),
        link: Link,
        ticket: Option<SignedTicket>,
        job: Option<JobSpec>,
    ) -> Self {
        // From the clock, so that no number comes again when the agent is started anew.
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let first = u64::try_from(since.as_micros()).unwrap_or(0);
        Self {
            folder,
            order,
            context,
            witnesses,
            link,
            ticket,
            job,
            leases: Mutex::default(),
            connections: tokio::sync::Mutex::default(),
            summary: Mutex::default(),
            numbers: AtomicU64::new(first),
            changes: watch::Sender::new(0),
            asked: Mutex::new(Instant::now()),
            now: Mutex::default(),
            stop: Notify::new(),
        }
    }

    pub fn asked(&self) {
        *lock(&self.asked) = Instant::now();
    }

    pub fn idle_secs(&self) -> u64 {
        lock(&self.asked).elapsed().as_secs()
    }

    /// What the first endpoint says that it is; whether another says about the same.
    pub fn set_now(&self, now: i64, vouched: bool) {
        let mut known = lock(&self.now);
        *known = clock(*known, now, vouched, Instant::now());
    }

    /// The chain's time, carried on by this machine's clock for a while.
    pub fn now(&self) -> Option<i64> {
        let (seen, at) = (*lock(&self.now))?;
        let since = i64::try_from(at.elapsed().as_secs()).ok()?;
        (since < MAX_CARRIED_SECS).then(|| seen.saturating_add(since))
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    pub fn changed(&self) {
        self.changes
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    pub fn leases(&self) -> Vec<Arc<Leased>> {
        lock(&self.leases).values().cloned().collect()
    }

    /// The matches that are known, by lease.
    pub fn known(&self) -> BTreeSet<(Key, i64)> {
        lock(&self.leases).keys().copied().collect()
    }

    /// The newest match of a lease.
    pub fn lease(&self, lease: &Key) -> Option<Arc<Leased>> {
        let leases = lock(&self.leases);
        let mut matches = leases.range((*lease, i64::MIN)..=(*lease, i64::MAX));
        matches.next_back().map(|(_, leased)| Arc::clone(leased))
    }

    /// Whether a match with this tunnel key is known.
    pub fn knows(&self, binding: &Binding, tunnel_key: &Key) -> Option<Arc<Leased>> {
        let leases = lock(&self.leases);
        let found = leases.get(&(binding.lease, binding.matched_ts));
        found
            .filter(|leased| leased.tunnel_key == *tunnel_key)
            .cloned()
    }

    pub fn add(&self, leased: &Arc<Leased>) {
        let key = (leased.binding.lease, leased.binding.matched_ts);
        let other = lock(&self.leases).insert(key, Arc::clone(leased));
        // The device's tunnel key was another one at the match than at the acceptance.
        if let Some(worker) = other.and_then(|other| lock(&other.worker).take()) {
            worker.abort();
        }
        self.changed();
    }

    /// Says where the order stands. A doubt that `lasts` is told by itself: for a moment one endpoint is always behind the other.
    pub fn saw(&self, seen: &chain::Seen, agreed: &Agreed, lasts: bool) {
        let mut summary = lock(&self.summary);
        let before = summary.clone();
        summary.looked = true;
        summary.doubt = agreed.doubt.clone();
        summary.trouble = agreed.doubt.clone().filter(|_| lasts);
        summary.order = seen
            .order
            .as_ref()
            .map(|order| order::state(order.state).to_string());
        if let Some(order) = &seen.order {
            summary.gpus = [
                order::gpus(order),
                order::matched_gpus(order),
                order::accepted_gpus(order),
            ];
        }
        let differs = *summary != before;
        drop(summary);
        if differs {
            self.changed();
        }
    }

    pub fn silent(&self, trouble: String) {
        let mut summary = lock(&self.summary);
        (summary.looked, summary.trouble) = (true, Some(trouble));
        drop(summary);
        self.changed();
    }

    pub fn view(&self) -> Leases {
        let mut view = lock(&self.summary).clone();
        view.leases = self.leases().iter().map(|leased| leased.view()).collect();
        view.leases
            .sort_by_key(|lease| (lease.place, lease.binding.lease, lease.binding.matched_ts));
        view
    }

    /// The connection to a device, made where there is none. Leases of one machine share it.
    pub async fn connection(&self, tunnel_key: &Key) -> Result<Connection, LinkError> {
        let slot = {
            let mut connections = self.connections.lock().await;
            Arc::clone(connections.entry(*tunnel_key).or_default())
        };
        // Held while it is made: a second asker waits for the first one's.
        let mut slot = slot.lock().await;
        if let Some(connection) = slot.as_ref() {
            return Ok(connection.clone());
        }
        let made = match &self.ticket {
            Some(ticket) => self.link.dial_with_ticket(tunnel_key, ticket).await?,
            None => self.link.dial(tunnel_key).await?,
        };
        *slot = Some(made.clone());
        Ok(made)
    }

    /// After a loss: the next asker connects anew.
    async fn lost(&self, tunnel_key: &Key, connection: &Connection) {
        let slot = self.connections.lock().await.get(tunnel_key).cloned();
        if let Some(slot) = slot {
            connection.close("lost");
            let mut slot = slot.lock().await;
            // Another asker may have made a new one since.
            if slot.as_ref().is_some_and(|held| held.is(connection)) {
                *slot = None;
            }
        }
    }

    pub fn number(&self) -> u64 {
        self.numbers.fetch_add(1, SeqCst)
    }

    /// A stream to a lease's device, admitted, and how it gets there. A connection that turns out to be lost is made once more.
    pub async fn open(&self, leased: &Leased, verb: Verb) -> Result<(Stream, Line), LinkError> {
        let hello = Hello {
            binding: leased.binding,
            number: self.number(),
            verb,
        };
        let mut again = true;
        loop {
            let connection = self.connection(&leased.tunnel_key).await?;
            match connection.open(&hello).await {
                Ok(stream) => {
                    let path = connection.path();
                    let line = Line {
                        lease: leased.binding.lease,
                        device: leased.binding.device,
                        path: path.to_string(),
                        direct: path.is_direct(),
                        rtt_micros: path.rtt_micros,
                    };
                    leased.change(self, |state| state.path = Some(line.path.clone()));
                    return Ok((stream, line));
                }
                // What one question waited for in vain is nothing that ends what others have there.
                Err(error @ (LinkError::Refused { .. } | LinkError::TimedOut { .. })) => {
                    return Err(error)
                }
                // Nothing was admitted, so nothing was done: the same number may be sent again.
                Err(error) => {
                    self.lost(&leased.tunnel_key, &connection).await;
                    if !again || !matches!(error, LinkError::Lost(_)) {
                        return Err(error);
                    }
                    again = false;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam L2
    #[test]
    fn a_clock_that_nobody_vouches_for_runs_no_faster_than_ours() {
        let at = Instant::now();
        let after = |millis| at + Duration::from_millis(millis);
        assert_eq!(clock(None, 5_000, false, at), None);
        assert_eq!(clock(None, 5_000, true, at), Some((5_000, at)));
        let mut known = Some((5_000, at));
        // A look each two and a half seconds, a day ahead: no second is lost to rounding, none won.
        for look in 1..=40 {
            known = clock(known, 90_000, false, after(look * 2_500));
        }
        assert_eq!(known, Some((5_100, after(100_000))));
        assert_eq!(
            clock(known, 5_050, false, after(103_000)),
            Some((5_050, after(103_000)))
        );
        assert_eq!(
            clock(known, 90_000, true, after(103_000)),
            Some((90_000, after(103_000)))
        );
    }
}
