use super::{read, Reader, Writer};
use iog_job::wire::{LogFrame, LogKind};
use std::time::{Duration, Instant};

fn all(dir: &std::path::Path, from: u64) -> Vec<LogFrame> {
    let mut reader = Reader::new(dir, from);
    let mut frames = Vec::new();
    loop {
        let batch = reader.next_batch().unwrap();
        if batch.is_empty() {
            return frames;
        }
        frames.extend(batch);
    }
}

fn text(frames: &[LogFrame], kind: LogKind) -> String {
    let of_kind = frames.iter().filter(|frame| frame.kind == kind);
    of_kind
        .map(|frame| String::from_utf8_lossy(&frame.bytes).into_owned())
        .collect()
}

#[test]
fn what_was_written_is_read_from_any_offset() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), 1 << 20).unwrap();
    writer.write(LogKind::Stdout, b"hello ");
    writer.write(LogKind::Stderr, b"oops\n");
    writer.write(LogKind::Stdout, b"world\n");
    let frames = all(dir.path(), 0);
    assert_eq!(text(&frames, LogKind::Stdout), "hello world\n");
    assert_eq!(text(&frames, LogKind::Stderr), "oops\n");
    assert_eq!(
        frames.iter().map(|frame| frame.offset).collect::<Vec<_>>(),
        [0, 6, 11]
    );
    // In the middle of a record, and at the end.
    let frames = all(dir.path(), 8);
    assert_eq!(
        (frames[0].offset, frames[0].bytes.as_slice()),
        (8, &b"ps\n"[..])
    );
    assert_eq!(all(dir.path(), 17), []);
}

#[test]
fn goes_on_after_a_crash_without_the_half_record() {
    let dir = tempfile::tempdir().unwrap();
    Writer::open(dir.path(), 1 << 20)
        .unwrap()
        .write(LogKind::Stdout, b"before\n");
    let segment = dir.path().join(format!("{:020}.log", 0));
    let mut bytes = std::fs::read(&segment).unwrap();
    bytes.extend([200, 0, 0, 0, 1, b'x']);
    std::fs::write(&segment, bytes).unwrap();
    let mut writer = Writer::open(dir.path(), 1 << 20).unwrap();
    assert_eq!(writer.offset(), 7);
    writer.write(LogKind::Stdout, b"after\n");
    assert_eq!(
        text(&all(dir.path(), 0), LogKind::Stdout),
        "before\nafter\n"
    );
}

/// redteam J10
#[test]
fn old_bytes_go_with_a_mark_and_the_folder_stays_small() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), 64 << 10).unwrap();
    let mut now = Instant::now();
    let line = [b'a'; 1_000];
    for _ in 0..1_000 {
        // Slow enough to be kept.
        now += Duration::from_millis(1);
        writer.write_at(LogKind::Stdout, &line, now);
    }
    let kept: u64 = std::fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().metadata().unwrap().len())
        .sum();
    assert!(kept <= 64 << 10, "{kept} bytes are kept of 65,536");
    assert!(kept > 48 << 10, "only {kept} bytes are kept");
    let frames = all(dir.path(), 0);
    let out: usize = frames
        .iter()
        .filter(|frame| frame.kind == LogKind::Stdout)
        .map(|frame| frame.bytes.len())
        .sum();
    assert_eq!(frames[0].kind, LogKind::Node);
    assert_eq!(
        String::from_utf8_lossy(&frames[0].bytes),
        format!("[{} bytes were cut here]\n", 1_000_000 - out)
    );
    // Reading goes on behind the mark, and the last byte has its true offset.
    assert_eq!(
        frames[0].offset + frames[0].bytes.len() as u64,
        frames[1].offset
    );
    let last = frames.last().unwrap();
    assert_eq!(last.offset + last.bytes.len() as u64, 1_000_000);
}

/// redteam J10
#[test]
fn a_flood_is_cut_in_the_middle_and_its_end_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let now = Instant::now();
    let mut writer = Writer::open(dir.path(), 1 << 20).unwrap();
    // 100 MiB in no time: of them the burst of 1 MiB and the last bytes stay.
    for _ in 0..1_600 {
        writer.write_at(LogKind::Stdout, &[b'y'; 65_536], now);
    }
    writer.write_at(LogKind::Stderr, b"the end\n", now);
    drop(writer);
    let frames = all(dir.path(), 0);
    assert_eq!(text(&frames, LogKind::Stderr), "the end\n");
    assert!(text(&frames, LogKind::Node).contains("bytes were cut here"));
    let last = frames.last().unwrap();
    assert_eq!(last.offset + last.bytes.len() as u64, 1_600 * 65_536 + 8);
    let kept: usize = frames.iter().map(|frame| frame.bytes.len()).sum();
    assert!(kept <= 1 << 20);
}

#[tokio::test]
async fn a_follower_gets_what_comes_until_the_run_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Writer::open(dir.path(), 64 << 10).unwrap();
    let over = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = over.clone();
    let mut frames = read(dir.path(), 0, true, move || {
        seen.load(std::sync::atomic::Ordering::Acquire)
    });
    writer.write(LogKind::Stdout, b"one");
    assert_eq!(frames.recv().await.unwrap().bytes, b"one");
    writer.write(LogKind::Stdout, b"two");
    assert_eq!(frames.recv().await.unwrap().bytes, b"two");
    writer.write(LogKind::Stderr, b"three");
    over.store(true, std::sync::atomic::Ordering::Release);
    assert_eq!(frames.recv().await.unwrap().bytes, b"three");
    assert!(frames.recv().await.is_none());
}
