//! A job's output from the kubelet into the lease's own log. Kubernetes keeps both streams as one and only the last of it: what is here
//! was taken while the job ran. Lines carry the time at which they were written, by which reading goes on after a broken connection or a
//! restart of this process.

use crate::{api, inside::Place};
use futures_util::{AsyncBufReadExt, AsyncReadExt};
use iog_engine::{files, log::Writer, EngineError};
use iog_job::wire::LogKind;
use k8s_openapi::jiff::Timestamp;
use kube::api::LogParams;
use serde::{Deserialize, Serialize};
use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use tokio::{sync::watch, time::sleep};

const AGAIN: Duration = Duration::from_secs(1);
const KEPT_EVERY: Duration = Duration::from_secs(1);
const PIECE: u64 = 64 << 10;
/// Of a line's time, as RFC 3339 with nanoseconds.
const MAX_TIME: usize = 40;

/// How far it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Of the last line.
    time: String,
    /// Whole lines of that time.
    lines: u64,
    /// Bytes of the next one, which was cut by the connection's end.
    part: u64,
    /// Its time where it is known.
    part_time: String,
}

/// Reads lines with times from pieces of a stream.
struct Lines {
    at: Position,
    /// Lines of `at.time` that were seen on this connection.
    seen: u64,
    time: Vec<u8>,
    in_text: bool,
    /// Of the line that is read, bytes before this were written on an earlier connection.
    skip: u64,
    is_old: bool,
    done: u64,
}

impl Lines {
    fn new(at: Position) -> Self {
        Self {
            at,
            seen: 0,
            time: Vec::new(),
            in_text: false,
            skip: 0,
            is_old: false,
            done: 0,
        }
    }

    /// What of it is new.
    fn take(&mut self, piece: &[u8], mut write: impl FnMut(&[u8])) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let text = match self.in_text {
                true => part,
                false => match self.take_time(part) {
                    Some(text) => text,
                    None => continue,
                },
            };
            self.take_text(text, &mut write);
            if text.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    /// The text behind the time, once that is whole.
    fn take_time<'a>(&mut self, part: &'a [u8]) -> Option<&'a [u8]> {
        let space = part.iter().position(|byte| *byte == b' ');
        let (time, text) = part.split_at_checked(space.unwrap_or(part.len()))?;
        self.time.extend(time);
        // No time: a word of the kubelet's own, or a server that gives none. It is text.
        let has_none = self.time.len() > MAX_TIME || self.time.ends_with(b"\n");
        if space.is_none() && !has_none {
            return None;
        }
        let stamp = String::from_utf8(self.time.clone()).unwrap_or_default();
        let is_time = !has_none && stamp.parse::<Timestamp>().is_ok();
        self.begin_line(if is_time { stamp } else { String::new() });
        match is_time {
            true => text.strip_prefix(b" "),
            false => Some(part),
        }
    }

    fn begin_line(&mut self, time: String) {
        self.in_text = true;
        self.done = 0;
        let order = order(&time, &self.at.time);
        if order.is_eq() {
            self.seen = self.seen.saturating_add(1);
        }
        self.is_old = order.is_lt() || (order.is_eq() && self.seen <= self.at.lines);
        let is_cut_one = self.at.part > 0 && self.at.part_time == time;
        self.skip = if !self.is_old && is_cut_one {
            self.at.part
        } else {
            0
        };
        if order.is_gt() {
            (self.at.time, self.at.lines, self.seen) = (time.clone(), 0, 1);
        }
        self.time = time.into_bytes();
    }

    fn take_text(&mut self, text: &[u8], write: &mut impl FnMut(&[u8])) {
        if self.is_old {
            return;
        }
        let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
        let known = self.skip.saturating_sub(self.done).min(len);
        let new = usize::try_from(known)
            .ok()
            .and_then(|known| text.get(known..));
        if let Some(new) = new.filter(|new| !new.is_empty()) {
            write(new);
        }
        self.done = self.done.saturating_add(len);
        self.at.part = self.done.max(self.skip);
        self.at.part_time = String::from_utf8_lossy(&self.time).into_owned();
    }

    fn end_line(&mut self) {
        if !self.is_old {
            self.at.lines = self.at.lines.saturating_add(1);
            (self.at.part, self.at.part_time) = (0, String::new());
        }
        self.time.clear();
        self.in_text = false;
    }
}

/// Of two times of lines; one that has none is as late as the last.
fn order(time: &str, last: &str) -> std::cmp::Ordering {
    match (time.parse::<Timestamp>(), last.parse::<Timestamp>()) {
        (Ok(time), Ok(last)) => time.cmp(&last),
        (Ok(_), Err(_)) => std::cmp::Ordering::Greater,
        (Err(_), _) => std::cmp::Ordering::Equal,
    }
}

/// From one pod's `job` to a lease's log.
pub struct Pump {
    pub place: Place,
    pub log: PathBuf,
    pub log_bytes: u64,
    pub position: PathBuf,
}

impl Pump {
    /// Until the job is over and all of its output was read.
    pub async fn run(self, over: watch::Receiver<bool>) -> Result<(), EngineError> {
        let mut writer = Writer::open(&self.log, self.log_bytes)?;
        let mut at: Position = files::read_json(&self.position)?.unwrap_or_default();
        loop {
            let was_over = *over.borrow();
            let read = self.read(&mut writer, &mut at, !was_over).await;
            writer.flush();
            files::replace_json(&self.position, &at)?;
            match read {
                Ok(()) if was_over => return Ok(()),
                Ok(()) => {}
                Err(error) if matches!(api::code(&error), Some(404)) => return Ok(()),
                Err(error) => tracing::warn!(%error, "a job's output cannot be read; tried again"),
            }
            let mut over = over.clone();
            if !was_over {
                tokio::select! {
                    () = sleep(AGAIN) => {}
                    _ = over.wait_for(|over| *over) => {}
                }
            } else {
                sleep(AGAIN).await;
            }
        }
    }

    async fn read(&self, writer: &mut Writer, at: &mut Position, follow: bool) -> kube::Result<()> {
        let params = LogParams {
            container: Some(self.place.container.into()),
            follow,
            timestamps: true,
            since_time: at.time.parse().ok(),
            ..LogParams::default()
        };
        let stream = self.place.pods.log_stream(&self.place.pod, &params).await?;
        let mut stream = std::pin::pin!(stream);
        let mut lines = Lines::new(at.clone());
        let mut kept = Instant::now();
        let mut piece = Vec::new();
        loop {
            piece.clear();
            let read = (&mut stream)
                .take(PIECE)
                .read_until(b'\n', &mut piece)
                .await;
            let read = match read {
                Ok(read) => read,
                Err(error) => {
                    *at = lines.at;
                    return Err(kube::Error::ReadEvents(error));
                }
            };
            lines.take(&piece, |bytes| writer.write(LogKind::Stdout, bytes));
            at.clone_from(&lines.at);
            if read == 0 {
                return Ok(());
            }
            if kept.elapsed() > KEPT_EVERY {
                writer.flush();
                self.keep(at);
                kept = Instant::now();
            }
        }
    }

    /// What is lost of it by a crash is a second of lines that come twice.
    fn keep(&self, at: &Position) {
        if let Err(error) = files::replace_json(&self.position, at) {
            tracing::warn!(%error, "how far a log was read cannot be kept");
        }
    }
}

pub fn note(log: &Path, log_bytes: u64, text: &str) {
    match Writer::open(log, log_bytes) {
        Ok(mut writer) => {
            writer.write(LogKind::Node, format!("{text}\n").as_bytes());
            writer.flush();
        }
        Err(error) => tracing::warn!(%error, text, "cannot be told in the log"),
    }
}

#[cfg(test)]
#[path = "logs_tests.rs"]
mod tests;
