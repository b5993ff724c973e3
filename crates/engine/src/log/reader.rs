use super::segment::{self, Kind, Record};
use iog_job::wire::{LogFrame, LogKind};
use std::{
    fs::File,
    io::{self, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::sync::mpsc::{channel, Receiver};

/// Pauses of a reader that waits for more: from the first to the last, doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LAST_PAUSE: Duration = Duration::from_millis(320);
/// Bytes that are read at once.
const BATCH_BYTES: usize = 256 << 10;

/// Reads a log from an offset on, also while it is written.
pub struct Reader {
    dir: PathBuf,
    /// Of the next byte that the caller has not got.
    next: u64,
    segment: Option<Open>,
}

struct Open {
    file: File,
    start: u64,
    /// Where the next record begins in the file.
    at: u64,
    /// The log's offset there.
    offset: u64,
}

impl Reader {
    pub fn new(dir: &Path, from: u64) -> Self {
        Self {
            dir: dir.to_owned(),
            next: from,
            segment: None,
        }
    }

    /// What is there, up to some bytes; empty at the end.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn next_batch(&mut self) -> io::Result<Vec<LogFrame>> {
        let mut frames = Vec::new();
        let mut bytes = 0_usize;
        while bytes < BATCH_BYTES {
            let Some(frame) = self.next_frame()? else {
                break;
            };
            bytes = bytes.saturating_add(frame.bytes.len());
            frames.push(frame);
        }
        Ok(frames)
    }

    fn next_frame(&mut self) -> io::Result<Option<LogFrame>> {
        loop {
            if self.segment.is_none() {
                if let Some(mark) = self.open_segment()? {
                    return Ok(Some(mark));
                }
            }
            let Some(open) = &mut self.segment else {
                return Ok(None);
            };
            open.file.seek(SeekFrom::Start(open.at))?;
            let Some(record) = Record::read(&mut open.file)? else {
                if self.is_newest()? {
                    return Ok(None);
                }
                continue;
            };
            let first = open.offset;
            open.at = open.at.saturating_add(record.file_len());
            open.offset = first.saturating_add(record.advance());
            let end = open.offset;
            if end > self.next {
                return Ok(Some(self.frame(first, end, record)));
            }
        }
    }

    fn frame(&mut self, first: u64, end: u64, record: Record) -> LogFrame {
        let from = std::mem::replace(&mut self.next, end);
        let skip = from.saturating_sub(first);
        match record.kind {
            Kind::Cut => mark(end, end.saturating_sub(first).saturating_sub(skip)),
            Kind::Bytes(kind) => {
                let skip = usize::try_from(skip).unwrap_or(usize::MAX);
                LogFrame {
                    offset: first.max(from),
                    kind,
                    bytes: record
                        .bytes
                        .get(skip..)
                        .map_or_else(Vec::new, <[u8]>::to_vec),
                }
            }
        }
    }

    /// Opens the segment with the next byte. Where that byte is gone: a mark, and the oldest that is there.
    fn open_segment(&mut self) -> io::Result<Option<LogFrame>> {
        loop {
            let segments = segment::list(&self.dir)?;
            let holds = segments.iter().rev().find(|(start, _)| *start <= self.next);
            let Some((start, _)) = holds.or_else(|| segments.first()).copied() else {
                return Ok(None);
            };
            match File::open(segment::path(&self.dir, start)) {
                Ok(file) => {
                    self.segment = Some(Open {
                        file,
                        start,
                        at: 0,
                        offset: start,
                    });
                    let gone = start.saturating_sub(self.next);
                    self.next = self.next.max(start);
                    return Ok((gone > 0).then(|| mark(start, gone)));
                }
                // Deleted between the two calls.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether the open segment is the last one; if not it is closed, and what it lacks up to the next is a gap.
    fn is_newest(&mut self) -> io::Result<bool> {
        let Some(open) = &mut self.segment else {
            return Ok(false);
        };
        let segments = segment::list(&self.dir)?;
        if !segments.iter().any(|(start, _)| *start > open.start) {
            return Ok(true);
        }
        // The last record may have come between the read and the list.
        open.file.seek(SeekFrom::Start(open.at))?;
        if Record::read(&mut open.file)?.is_none() {
            let (start, offset) = (open.start, open.offset);
            self.segment = None;
            let following = segments.iter().find(|(other, _)| *other > start);
            if let Some((following, _)) = following.filter(|(other, _)| *other > offset) {
                // Bytes that could not be written: the next segment is opened by its own first offset.
                self.segment = Some(Open {
                    file: File::open(segment::path(&self.dir, *following))?,
                    start: *following,
                    at: 0,
                    offset: *following,
                });
                self.next = self.next.max(*following);
            }
        }
        Ok(false)
    }
}

fn mark(end: u64, gone: u64) -> LogFrame {
    let text = format!("[{gone} bytes were cut here]\n").into_bytes();
    let len = u64::try_from(text.len()).unwrap_or(u64::MAX);
    LogFrame {
        offset: end.saturating_sub(len),
        kind: LogKind::Node,
        bytes: text,
    }
}

/// Frames from `from` on; with `follow` until `is_over` and everything was read.
pub fn read(
    dir: &Path,
    from: u64,
    follow: bool,
    is_over: impl Fn() -> bool + Send + 'static,
) -> Receiver<LogFrame> {
    let (sender, receiver) = channel(16);
    let mut reader = Reader::new(dir, from);
    tokio::spawn(async move {
        let mut pause = FIRST_PAUSE;
        loop {
            // Asked before reading: what was written before the end is read after it was seen.
            let last = !follow || is_over();
            let task = tokio::task::spawn_blocking(move || {
                let batch = reader.next_batch();
                (reader, batch)
            });
            let Ok((back, Ok(batch))) = task.await else {
                return;
            };
            reader = back;
            if batch.is_empty() {
                if last {
                    return;
                }
                tokio::select! {
                    () = sender.closed() => return,
                    () = tokio::time::sleep(pause) => {}
                }
                pause = LAST_PAUSE.min(pause.saturating_mul(2));
                continue;
            }
            pause = FIRST_PAUSE;
            for frame in batch {
                if sender.send(frame).await.is_err() {
                    return;
                }
            }
        }
    });
    receiver
}
