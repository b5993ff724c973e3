//! The board as a process sees it: read again when it changes, and carried on by the monotonic clock. redteam J9

use crate::board::{self, Board, BoardLease, Stage};
use iog_job::Binding;
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::watch;

/// How often the file is looked at.
const POLL: Duration = Duration::from_millis(200);

/// A time on the chain's clock, and when that is here. The same time read again may come sooner, never later: an old board's `now` cannot
/// stretch a lease.
#[derive(Clone, Copy, Debug)]
struct Deadline {
    ts: i64,
    at: Instant,
}

impl Deadline {
    fn new(before: Option<&Self>, ts: i64, now_ts: i64, now: Instant) -> Self {
        let left = u64::try_from(ts.saturating_sub(now_ts)).unwrap_or(0);
        let at = now.checked_add(Duration::from_secs(left)).unwrap_or(now);
        let same = before.filter(|before| before.ts == ts);
        Self {
            ts,
            at: same.map_or(at, |before| before.at.min(at)),
        }
    }
}

/// One reading of the board.
#[derive(Clone, Debug, Default)]
pub struct View {
    pub board: Arc<Board>,
    /// Whether a board was read at all: before, nothing is known of any lease.
    pub known: bool,
    read: Option<Instant>,
    ends: HashMap<Binding, Deadline>,
    keeps: HashMap<Binding, Deadline>,
}

impl View {
    /// What follows on `self` when `board` was read at `now`.
    pub fn next(&self, board: Board, now: Instant) -> Self {
        let deadlines = |before: &HashMap<Binding, Deadline>, ts: fn(&BoardLease) -> i64| {
            let of = |lease: &BoardLease| {
                let old = before.get(&lease.binding);
                let new = Deadline::new(old, ts(lease), board.now, now);
                (lease.binding, new)
            };
            board.leases.iter().map(of).collect()
        };
        // An order that has not begun ends nowhere yet; one that is kept ended already.
        Self {
            ends: deadlines(&self.ends, |lease| match lease.stage {
                Stage::Running => lease.ends_ts,
                _ => i64::MAX,
            }),
            keeps: deadlines(&self.keeps, |lease| lease.keep_until_ts),
            // A doubtful board keeps its old time: the clock goes on from the last good one.
            read: self
                .read
                .filter(|_| board.now == self.board.now)
                .or(Some(now)),
            board: Arc::new(board),
            known: true,
        }
    }

    /// The chain's time.
    pub fn now_ts(&self) -> i64 {
        let passed = self.read.map_or(0, |read| read.elapsed().as_secs());
        let passed = i64::try_from(passed).unwrap_or(i64::MAX);
        self.board.now.saturating_add(passed)
    }

    /// A lease and where it stands now, its end counted by the clock of this machine.
    pub fn lease(&self, binding: &Binding) -> Option<(&BoardLease, Stage)> {
        let lease = self.board.lease(binding)?;
        let over = |all: &HashMap<Binding, Deadline>| {
            all.get(binding)
                .is_some_and(|deadline| deadline.at <= Instant::now())
        };
        match lease.stage {
            Stage::Running if over(&self.ends) => Some((lease, Stage::Kept)),
            Stage::Kept if over(&self.keeps) => None,
            stage => Some((lease, stage)),
        }
    }

    /// Whether a lease of its board runs, by the clock of this machine.
    pub fn runs(&self, lease: &BoardLease) -> bool {
        matches!(self.lease(&lease.binding), Some((_, Stage::Running)))
    }

    /// When the next lease ends.
    pub fn next_end(&self) -> Option<Instant> {
        let now = Instant::now();
        let ends = self.ends.values().chain(self.keeps.values());
        ends.map(|deadline| deadline.at)
            .filter(|at| *at > now)
            .min()
    }
}

fn changed(path: &Path) -> Option<(SystemTime, u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len(), meta.ino()))
}

/// Follows the board of a node's folder. Sends a view when the board changes, and again when a lease's time is over.
pub async fn follow(node_dir: PathBuf, views: watch::Sender<Arc<View>>) {
    let path = board::board_file(&node_dir);
    let mut seen = None;
    let mut end: Option<Instant> = None;
    let mut every = tokio::time::interval(POLL);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let now = changed(&path);
        if now.is_some() && now != seen {
            match board::read::<Board>(&path) {
                Ok(Some(board)) => {
                    seen = now;
                    let view = views.borrow().next(board, Instant::now());
                    end = view.next_end();
                    views.send_replace(Arc::new(view));
                }
                Ok(None) => {}
                // What was read before stands until its time is over.
                Err(error) => {
                    seen = now;
                    tracing::error!(%error, "the board cannot be read");
                }
            }
        }
        if end.is_some_and(|end| end <= Instant::now()) {
            let view = Arc::clone(&views.borrow());
            end = view.next_end();
            views.send_replace(view);
        }
        if views.is_closed() {
            return;
        }
    }
}
