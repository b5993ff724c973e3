use super::segment::{self, Kind, Record, MAX_RECORD};
use crate::error::EngineError;
use iog_job::wire::LogKind;
use std::{
    collections::VecDeque,
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Instant,
};

/// What is kept a second in the long run. A job that writes more costs the host no more disk and processor than this: of the rest only
/// the last [`TAIL_BYTES`] are kept.
pub const BYTES_PER_SEC: u64 = 8 << 20;
/// The end of a flood, which tells most.
const TAIL_BYTES: usize = 64 << 10;
/// Files of a full log.
const SEGMENTS: u64 = 16;
const MIN_SEGMENT: u64 = 4 << 10;

/// The one process that appends.
pub struct Writer {
    dir: PathBuf,
    log_bytes: u64,
    segment: Option<File>,
    /// Bytes in the segment's file.
    segment_len: u64,
    offset: u64,
    tokens: u64,
    filled: Instant,
    tail: VecDeque<(LogKind, Vec<u8>)>,
    tail_len: usize,
    /// Bytes before the tail that were thrown away.
    cut: u64,
}

impl Writer {
    /// Goes on where an earlier one ended; a record that was cut by a crash goes.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(dir: &Path, log_bytes: u64) -> Result<Self, EngineError> {
        let log_bytes = log_bytes.max(2 * MIN_SEGMENT);
        let mut writer = Self {
            dir: dir.to_owned(),
            log_bytes,
            segment: None,
            segment_len: 0,
            offset: 0,
            tokens: burst(log_bytes),
            filled: Instant::now(),
            tail: VecDeque::new(),
            tail_len: 0,
            cut: 0,
        };
        writer.take_up().map_err(EngineError::file(dir))?;
        Ok(writer)
    }

    fn take_up(&mut self) -> io::Result<()> {
        std::fs::create_dir_all(&self.dir)?;
        let Some((start, _)) = segment::list(&self.dir)?.pop() else {
            return Ok(());
        };
        let path = segment::path(&self.dir, start);
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let (mut len, mut offset) = (0_u64, start);
        while let Ok(Some(record)) = Record::read(&mut file) {
            len = len.saturating_add(record.file_len());
            offset = offset.saturating_add(record.advance());
        }
        file.set_len(len)?;
        file.seek(SeekFrom::End(0))?;
        (self.segment, self.segment_len, self.offset) = (Some(file), len, offset);
        Ok(())
    }

    /// Of the next byte.
    pub fn offset(&self) -> u64 {
        let tail = u64::try_from(self.tail_len).unwrap_or(u64::MAX);
        self.offset.saturating_add(self.cut).saturating_add(tail)
    }

    /// Bytes wait for [`Writer::flush`].
    pub fn has_tail(&self) -> bool {
        self.tail_len > 0 || self.cut > 0
    }

    pub fn write(&mut self, kind: LogKind, bytes: &[u8]) {
        self.write_at(kind, bytes, Instant::now());
    }

    /// Never fails and never waits: what cannot be kept is cut.
    pub fn write_at(&mut self, kind: LogKind, bytes: &[u8], now: Instant) {
        self.refill(now);
        for piece in bytes.chunks(self.record_len()) {
            let len = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            if self.has_tail() && self.tokens >= burst(self.log_bytes) / 4 {
                self.end_flood();
            }
            if !self.has_tail() && self.tokens >= len {
                self.tokens = self.tokens.saturating_sub(len);
                self.append(Kind::Bytes(kind), piece, len);
            } else {
                self.keep_tail(kind, piece);
            }
        }
    }

    /// Writes what was held back of a flood that is over.
    pub fn flush(&mut self) {
        if self.has_tail() {
            self.end_flood();
        }
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.saturating_duration_since(self.filled).as_millis();
        let passed = u64::try_from(passed).unwrap_or(u64::MAX);
        if passed > 0 {
            self.filled = now;
            let new = passed.saturating_mul(BYTES_PER_SEC) / 1_000;
            self.tokens = self.tokens.saturating_add(new).min(burst(self.log_bytes));
        }
    }

    fn keep_tail(&mut self, kind: LogKind, piece: &[u8]) {
        self.tail_len = self.tail_len.saturating_add(piece.len());
        self.tail.push_back((kind, piece.to_vec()));
        while self.tail_len > TAIL_BYTES.min(self.record_len()) {
            let Some((_, gone)) = self.tail.pop_front() else {
                break;
            };
            self.tail_len = self.tail_len.saturating_sub(gone.len());
            self.cut = self
                .cut
                .saturating_add(gone.len().try_into().unwrap_or(u64::MAX));
        }
    }

    fn end_flood(&mut self) {
        let cut = std::mem::take(&mut self.cut);
        if cut > 0 {
            self.append(Kind::Cut, &cut.to_le_bytes(), cut);
        }
        self.tail_len = 0;
        for (kind, bytes) in std::mem::take(&mut self.tail) {
            let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            self.tokens = self.tokens.saturating_sub(len);
            self.append(Kind::Bytes(kind), &bytes, len);
        }
    }

    fn append(&mut self, kind: Kind, bytes: &[u8], advance: u64) {
        let record = Record::encode(kind, bytes);
        match self.put(&record) {
            Ok(()) => self.offset = self.offset.saturating_add(advance),
            // The host's disk is full or broken: the bytes count, a reader sees the gap at the next segment.
            Err(_) => {
                self.offset = self.offset.saturating_add(advance);
                self.segment = None;
            }
        }
    }

    fn put(&mut self, record: &[u8]) -> io::Result<()> {
        let len = u64::try_from(record.len()).unwrap_or(u64::MAX);
        if self.segment_len.saturating_add(len) > self.segment_cap() {
            self.segment = None;
        }
        if self.segment.is_none() {
            self.make_room()?;
            let path = segment::path(&self.dir, self.offset);
            self.segment = Some(File::create(path)?);
            self.segment_len = 0;
        }
        if let Some(file) = &mut self.segment {
            file.write_all(record)?;
            self.segment_len = self.segment_len.saturating_add(len);
        }
        Ok(())
    }

    /// Deletes the oldest segments until a whole new one fits.
    fn make_room(&self) -> io::Result<()> {
        let segments = segment::list(&self.dir)?;
        let mut sum: u64 = segments.iter().map(|(_, len)| *len).sum();
        for (start, len) in segments {
            if sum.saturating_add(self.segment_cap()) <= self.log_bytes {
                break;
            }
            std::fs::remove_file(segment::path(&self.dir, start))?;
            sum = sum.saturating_sub(len);
        }
        Ok(())
    }

    fn segment_cap(&self) -> u64 {
        (self.log_bytes / SEGMENTS).max(MIN_SEGMENT)
    }

    fn record_len(&self) -> usize {
        let cap = usize::try_from(self.segment_cap()).unwrap_or(MAX_RECORD);
        cap.saturating_sub(segment::HEAD).min(MAX_RECORD)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.flush();
    }
}

/// What may come at once.
fn burst(log_bytes: u64) -> u64 {
    log_bytes.min(64 << 20)
}
