//! The renter's check: the proof's walk for its own seed, on the lease's cards, by a process of its own. redteam S5

use super::{admit, refused, Fault, Served};
use crate::{
    board::BoardLease,
    jobs::{
        card_use::{Beside, Checking},
        lease::Lease,
        WalkSettings,
    },
    pipe::Pipe,
};
use iog_job::{
    check::{Challenge, Openings, Size, Start, Walked, CHECK_SECS, MAX_CHECK_BYTES},
    frame,
    wire::Refusal,
};
use iog_pow::{Shape, MAX_CARDS};
use std::{io, process::Stdio, sync::Arc, time::Duration};
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStdin, ChildStdout, Command},
    time::timeout,
};

/// How long the opener may wait for the others before it sends its seed, and take for its challenge.
const MESSAGE: Duration = Duration::from_secs(240);
const WALK: Duration = Duration::from_secs(CHECK_SECS);
const THOUSAND: u32 = 1_000;

pub async fn run(lease: &Arc<Lease>, size: &Size, pipe: &mut Pipe) -> Served {
    let unavailable = |why: &str| refused(Refusal::Unavailable, why);
    let Some(walk) = &lease.ctx.settings.walk else {
        return Err(refused(Refusal::NotFound, "this node walks for nobody"));
    };
    let (board, _) = lease
        .board()
        .ok_or_else(|| refused(Refusal::Over, "the lease is over"))?;
    fits(lease, walk, &board, size)?;
    let held = lease.ctx.hold(&board.binding, &board.cards);
    if !held || !board.cards_free || !lease.ctx.are_clean(&board.cards) {
        return Err(unavailable("the cards are not free yet"));
    }
    let beside = match size.is_small() {
        true => Beside::Job,
        false => Beside::Nothing,
    };
    let checking = Checking::begin(lease, beside).map_err(|why| refused(Refusal::Busy, why))?;
    // Started before it is admitted, so that the walk's time is the walk's.
    let mut walker = Walker::start(lease, walk, &board, size)
        .map_err(|_| unavailable("the walk cannot be started"))?;
    admit(pipe).await?;
    let start: Start = expect(pipe, MESSAGE).await?;
    let walked = tokio::select! {
        walked = timeout(WALK, walker.walk(&start)) => {
            walked.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??
        }
        // Nothing more is expected: whoever ends it, or speaks, listens no more.
        _ = pipe.read_u8() => return Err(Fault::Cut(io::ErrorKind::UnexpectedEof.into())),
    };
    frame::write(pipe, &walked).await?;
    if matches!(walked, Walked::Root(_)) {
        let challenge: Challenge = expect(pipe, MESSAGE).await?;
        let openings = timeout(WALK, walker.open(&challenge)).await;
        let openings = openings.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        frame::write(pipe, &openings).await?;
    }
    // The memory is free again before a job may have it.
    walker.end().await;
    drop(checking);
    Ok(())
}

async fn expect<T: serde::de::DeserializeOwned>(
    pipe: &mut Pipe,
    within: Duration,
) -> io::Result<T> {
    timeout(within, frame::expect(pipe, MAX_CHECK_BYTES))
        .await
        .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// A walk of the lease's own cards, within what the lease has of the machine.
fn fits(lease: &Lease, walk: &WalkSettings, board: &BoardLease, size: &Size) -> Result<(), Fault> {
    let malformed = |why: &str| Err(refused(Refusal::Malformed, why));
    if Shape::new(size.rows, size.tiles, size.waves, size.cards).is_err() {
        return malformed("it is no walk's size");
    }
    if size.cards > board.gpus.min(MAX_CARDS) {
        return malformed("the lease has fewer cards");
    }
    let bytes = size.table_bytes().saturating_mul(size.cards.into());
    if walk.on_cpu && bytes > lease.share(board).memory_bytes {
        return malformed("the lease has less memory");
    }
    Ok(())
}

/// The process that walks. It ends with its stream.
struct Walker {
    child: Child,
    to: ChildStdin,
    from: ChildStdout,
}

impl Walker {
    fn start(
        lease: &Lease,
        walk: &WalkSettings,
        board: &BoardLease,
        size: &Size,
    ) -> io::Result<Self> {
        let (program, args) = walk
            .command
            .split_first()
            .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let mut command = Command::new(program);
        command.args(args);
        for (name, value) in [
            ("--rows", size.rows),
            ("--tiles", size.tiles),
            ("--waves", size.waves),
            ("--cards", size.cards),
        ] {
            command.arg(name).arg(value.to_string());
        }
        if walk.on_cpu {
            let share = lease.share(board).cpu_millis / THOUSAND;
            command.arg("--threads").arg(share.max(1).to_string());
        }
        let cards = usize::try_from(size.cards).unwrap_or(usize::MAX);
        for card in board.cards.iter().take(cards) {
            command.arg("--card").arg(card);
        }
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let lost = || io::Error::from(io::ErrorKind::BrokenPipe);
        Ok(Self {
            to: child.stdin.take().ok_or_else(lost)?,
            from: child.stdout.take().ok_or_else(lost)?,
            child,
        })
    }

    async fn walk(&mut self, start: &Start) -> io::Result<Walked> {
        frame::write(&mut self.to, start).await?;
        frame::expect(&mut self.from, MAX_CHECK_BYTES).await
    }

    async fn open(&mut self, challenge: &Challenge) -> io::Result<Openings> {
        frame::write(&mut self.to, challenge).await?;
        frame::expect(&mut self.from, MAX_CHECK_BYTES).await
    }

    async fn end(mut self) {
        let _ = self.child.kill().await;
    }
}
