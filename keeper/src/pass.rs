//! One pass: rounds of fetching, planning and acting.

use crate::{
    action::{Planned, OPEN, PROVE},
    config::Role,
    done::Done,
    error::{KeeperError, Result},
    fetch::{fetch, Scope},
    keeper::{next_look, Keeper},
    plan::plan,
    price::Look,
    rules,
    snapshot::{Local, Snapshot},
};
use futures_util::{future::BoxFuture, stream, FutureExt, StreamExt};
use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

/// Rounds of one pass: enough for a day's catch-up of hours and a whole proof.
const MAX_ROUNDS: usize = 64;

const SLOT_PAUSE: Duration = Duration::from_millis(50);
/// Three seconds: a cluster that needs longer for a slot has other troubles.
const SLOT_LOOKS: usize = 60;

impl Keeper {
    pub(crate) async fn pass(&self, wait: bool) -> Result<Vec<Done>> {
        let start = Instant::now();
        let mut report = Report::default();
        let mut passed = self.rounds(wait, &mut report).await;
        // A node that is silent for half an hour loses its leases: where one endpoint fails the next is asked at once. redteam V3
        for _ in 1..self.senders.count() {
            let failed = matches!(passed, Err(KeeperError::Rpc { .. }));
            if !failed || !self.senders.next() {
                break;
            }
            passed = self.rounds(wait, &mut report).await;
        }
        let error = passed.as_ref().err().map(ToString::to_string);
        self.vitals.pass_ended(start.elapsed(), error);
        passed.map(|()| report.0)
    }

    async fn rounds(&self, wait: bool, report: &mut Report) -> Result<()> {
        for round in 0..MAX_ROUNDS {
            let genesis = self.chain().await?;
            let mut local = self.local();
            let scope = Scope {
                roles: &self.config.roles,
                shard: self.config.price.hermes.as_ref().map(|hermes| hermes.shard),
                payer: self.payer(),
                price_account: self.config.crank.price_account,
            };
            let snapshot = fetch(self.sender(), &scope, &local).await?;
            let time = snapshot.time;
            self.is_bound(genesis, &snapshot)?;
            local.lapses = self.outbox.lapses(time.now)?;
            local.price.spent_lamports = self.outbox.spent_today(Role::Price, time.now)?;
            self.vitals.saw_chain(time.slot, time.now);
            self.vitals
                .saw_payer(&self.payer(), snapshot.payer_lamports);
            self.memory.saw(&snapshot, &local.own);
            local.proofs = self.free_memory(&snapshot, &local);
            let looking = self.look(&snapshot, wait && round == 0);
            if round == 0 && !self.config.dry_run {
                let mut found = false;
                for sent in self.outbox.in_flight()? {
                    let done = self.recover(&sent, time.slot, time.now).await?;
                    found |= done.is_some();
                    report.extend(done);
                }
                if found {
                    // The snapshot may be older than what was found.
                    continue;
                }
            }
            let planned = plan(&snapshot, &local, &self.policy);
            // Neither waits for the other: no witness that hangs keeps a heartbeat back.
            let (progress, published) = tokio::join!(
                self.round(&planned, &snapshot, report),
                self.publish(genesis, &snapshot, &local),
            );
            published?;
            let mut progress = progress?;
            while wait && self.provers.is_busy() {
                self.provers.next_end().await;
                progress = true;
            }
            if wait && looking {
                next_look(self.prices.as_deref()).await;
                progress = true;
            }
            let in_flight = self.outbox.in_flight()?.len();
            self.vitals
                .saw_books(self.outbox.spent(time.now)?, in_flight);
            if let Some(slot) = awaited_slot(&snapshot, &local).filter(|_| wait && !progress) {
                progress = self.reaches(slot).await?;
            }
            if !progress || self.stopping.load(Ordering::Relaxed) {
                break;
            }
        }
        Ok(())
    }

    /// Looks at the price again, if it is time for that; says whether it begins to.
    fn look(&self, snapshot: &Snapshot, at_once: bool) -> bool {
        let prices = self.prices.as_ref();
        prices.is_some_and(|prices| {
            prices.begin(Look {
                now: snapshot.time.now,
                pyth_feed: snapshot.price.pyth_feed(),
                at_once,
            })
        })
    }

    /// Waits for a slot; false if the chain seems to stand.
    async fn reaches(&self, slot: u64) -> Result<bool> {
        let (mut seen, mut looks) = (0, 0);
        while looks < SLOT_LOOKS && !self.stopping.load(Ordering::Relaxed) {
            tokio::time::sleep(SLOT_PAUSE).await;
            let rpc = self.sender().rpc();
            let newest = rpc
                .get_slot_with_commitment(self.sender().commitment())
                .await;
            let newest = newest.map_err(KeeperError::rpc("reading the slot"))?;
            if newest >= slot {
                return Ok(true);
            }
            looks = if newest > seen {
                0
            } else {
                looks.saturating_add(1)
            };
            seen = newest;
        }
        Ok(false)
    }

    /// Does everything that is planned, some at a time. True if the chain or this machine changed by it.
    async fn round(
        &self,
        planned: &[Planned],
        snapshot: &Snapshot,
        report: &mut Report,
    ) -> Result<bool> {
        // Boxed, because the compiler cannot see otherwise that a pass may move between threads.
        let acts: Vec<BoxFuture<'_, Result<Vec<Done>>>> = planned
            .iter()
            .map(|planned| self.act(planned, snapshot).boxed())
            .collect();
        let mut acts = stream::iter(acts).buffer_unordered(self.config.concurrency);
        let mut progress = false;
        let mut failed = None;
        // Begun actions are followed to their end even if the outbox fails for one of them.
        while let Some(done) = acts.next().await {
            match done {
                Ok(done) => {
                    progress |= done.iter().any(|done| {
                        done.outcome.is_success() && ![PROVE, OPEN].contains(&done.action)
                    });
                    for done in done {
                        report.extend(Some(done));
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
        match failed {
            Some(error) => Err(error),
            None => Ok(progress),
        }
    }
}

/// The slot in which the next challenge of ours can be recorded, half a minute after its commit: worth waiting for, where the caller wants a
/// whole pass.
fn awaited_slot(snapshot: &Snapshot, local: &Local) -> Option<u64> {
    let own = local.own.iter().filter_map(|own| snapshot.devices.get(own));
    let committed = own.filter_map(|view| view.attestation.as_ref());
    let committed =
        committed.filter(|attestation| attestation.state == rules::state::PROOF_COMMITTED);
    let due = committed.map(rules::record_from);
    due.filter(|due| *due > snapshot.time.slot).min()
}

/// The last outcome of each action, in the order of first tries.
#[derive(Default)]
struct Report(Vec<Done>);

impl Report {
    fn extend(&mut self, done: Option<Done>) {
        let Some(done) = done else { return };
        match self.0.iter_mut().find(|known| known.key == done.key) {
            Some(known) => *known = done,
            None => self.0.push(done),
        }
    }
}
