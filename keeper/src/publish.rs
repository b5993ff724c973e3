//! From a snapshot to the board that link and jobs read.

use crate::{
    board::{self, Machine, Sight, Told},
    config::Role,
    error::{KeeperError, Result},
    fetch::{genesis, witness},
    keeper::Keeper,
    outbox::Lapse,
    snapshot::{Local, Snapshot},
};
use futures_util::{future::join_all, FutureExt};
use iog_job::Key;
use iog_node::board::{Board, BoardLease, Stage};
use solana_pubkey::Pubkey;
use std::{collections::BTreeSet, time::Duration};

/// A witness that takes longer is silent.
const WITNESS: Duration = Duration::from_secs(3);

impl Keeper {
    /// Which chain the endpoint is of. Asked once.
    pub(crate) async fn chain(&self) -> Result<Key> {
        match self.genesis.get() {
            Some(genesis) => Ok(*genesis),
            None => genesis(self.sender()).await,
        }
    }

    /// Books of another chain would take its actions for done, and its leases for known. Local networks all have the same genesis: their
    /// beginning tells them apart. Field case 14.
    pub(crate) fn is_bound(&self, genesis: Key, snapshot: &Snapshot) -> Result<()> {
        if self.genesis.get().is_some() {
            return Ok(());
        }
        let chain = format!("genesis {genesis}, begun at {}", snapshot.genesis_ts);
        let bound = self.outbox.bind(&chain, snapshot.time.now)?;
        if bound.chain != chain {
            return Err(KeeperError::OtherChain {
                dir: self.config.state_dir.clone(),
                books: bound.chain,
                chain,
            });
        }
        let _ = self.genesis.set(genesis);
        let _ = self.bound_ts.set(bound.since_ts);
        Ok(())
    }

    /// Whether a job waits for memory that a proof's table takes.
    pub(crate) fn is_awaited(&self) -> bool {
        let board = self.desk.published();
        board
            .leases
            .iter()
            .any(|lease| lease.stage == Stage::Running && !lease.cards_free)
    }

    /// Tells link and jobs how the leases stand.
    pub(crate) async fn publish(
        &self,
        genesis: Key,
        snapshot: &Snapshot,
        local: &Local,
    ) -> Result<()> {
        if !self.config.has(Role::Node) || self.devices.is_empty() || self.config.dry_run {
            return Ok(());
        }
        let since_ts = self.bound_ts.get().copied().unwrap_or(i64::MAX);
        let stolen = self
            .thefts
            .look(&self.outbox, snapshot, &local.own, since_ts)?;
        let before = match self.desk.published() {
            board if board.genesis == genesis => board,
            // Of another chain.
            _ => Board::default(),
        };
        let (now, keep_secs) = (snapshot.time.now, self.config.node.keep_secs());
        let machine = Machine {
            own: &local.own,
            genesis,
            keep_secs,
            reports: &local.reports,
        };
        let first = Sight::from(snapshot).tell(&machine, now);
        let others = self.witnesses(&before, snapshot, &machine).await;
        let alone = self.senders.count() < 2;
        let (leases, doubtful) = board::agree(&before, &first, &others, alone, keep_secs);
        let board = Board {
            genesis,
            // Time that nobody vouches for moves no lease's end.
            now: if doubtful && before.now != 0 {
                before.now
            } else {
                now
            },
            slot: snapshot.time.slot,
            doubtful,
            stolen,
            draining: local.draining || self.policy.jobs.maintains(now),
            leases: leases
                .into_iter()
                .map(|lease| self.furnished(lease, snapshot, local))
                .collect(),
        };
        self.note_lapses(&before, &board, now)?;
        self.vitals.saw_board(&board);
        self.vitals.saw_desk(self.desk.publish(board));
        Ok(())
    }

    /// What the other endpoints tell of these leases; those that are silent tell nothing.
    async fn witnesses(
        &self,
        before: &Board,
        snapshot: &Snapshot,
        machine: &Machine<'_>,
    ) -> Vec<Told> {
        let known = before
            .leases
            .iter()
            .map(|lease| Pubkey::new_from_array(lease.binding.lease.0));
        let orders = machine.orders(snapshot);
        let addresses: BTreeSet<Pubkey> = known.chain(machine.fellows(snapshot)).collect();
        let asked = self.senders.witnesses().map(|sender| {
            tokio::time::timeout(WITNESS, witness(sender, &addresses, &orders)).map(|told| {
                match told {
                    Ok(Ok(told)) => Some(told),
                    Ok(Err(error)) => {
                        tracing::warn!(%error, "a witness cannot be asked");
                        None
                    }
                    Err(_) => {
                        tracing::warn!("a witness is silent");
                        None
                    }
                }
            })
        });
        let told = join_all(asked).await.into_iter().flatten();
        told.map(|seen| {
            let sight = Sight {
                now: seen.now,
                leases: &seen.leases,
                orders: &seen.orders,
            };
            sight.tell(machine, snapshot.time.now)
        })
        .collect()
    }

    /// With what only this machine knows: its cards, and whether a proof is in their memory.
    fn furnished(&self, lease: BoardLease, snapshot: &Snapshot, local: &Local) -> BoardLease {
        let device = Pubkey::new_from_array(lease.binding.device.0);
        let running = lease.stage == Stage::Running;
        let table = local.proofs.get(&device).is_some_and(|proof| proof.table);
        let mut cards = self.cards.names(&device);
        if cards.is_empty() {
            // None are named: they are dealt out, as for the proof.
            let dealt = self
                .cards_of(snapshot, &device, lease.gpus)
                .unwrap_or_default();
            cards = dealt.iter().map(ToString::to_string).collect();
        }
        BoardLease {
            cards,
            cards_free: running && !table,
            ..lease
        }
    }

    fn note_lapses(&self, before: &Board, after: &Board, now: i64) -> Result<()> {
        for lease in board::lapsed(before, after) {
            let lapse = Lapse {
                renter: Pubkey::new_from_array(lease.renter.0),
                order: Pubkey::new_from_array(lease.binding.order.0),
                created_ts: lease.binding.created_ts,
            };
            self.outbox.lapsed(&lapse, now)?;
        }
        Ok(())
    }
}
