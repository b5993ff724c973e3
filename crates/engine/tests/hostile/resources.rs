//! Attacks on what the host shares out. They need limits, which need root.

use crate::{
    attack::{refused, works_outside, Host},
    support::{complete, finish, until_logged, LIMITS},
};
use iog_engine::RunStatus;
use iog_job::{wire::LogKind, Why};
use std::time::Instant;

/// Field case 13, redteam E7: processes are counted for the whole run.
pub async fn a_fork_bomb_ends_at_its_limit(bench: &Host) {
    if !bench.limits() {
        return;
    }
    // 200 is far above the limit of 64, and harmless.
    let log = refused(bench, &["fork", "200"]).await;
    let made: u32 = log.split(' ').next().unwrap().parse().unwrap();
    assert!((40..64).contains(&made), "{made} processes of at most 64");
}

/// redteam E7: memory is counted for the whole run, not for each process.
pub async fn memory_ends_at_its_limit(bench: &Host) {
    if !bench.limits() {
        return;
    }
    works_outside(&["memory", "160"]);
    let (status, log) = complete(bench.engine(), &bench.attack(&["memory", "160"])).await;
    assert_eq!(status, RunStatus::Failed(Why::OutOfMemory), "{log}");
    // Two of half the size each are no better; files in memory count too.
    let program = bench.program().to_owned();
    let (status, log) = complete(
        bench.engine(),
        &bench.shell(&format!(
            "{program} memory 90 2 & {program} memory 90 2; wait"
        )),
    )
    .await;
    assert!(
        !matches!(status, RunStatus::Exited(0)) || log.matches("WORKED").count() < 2,
        "{status:?} {log}"
    );
    let (status, log) = complete(bench.engine(), &bench.attack(&["fill", "/tmp/x", "160"])).await;
    assert!(status != RunStatus::Exited(0), "{log}");
    refused(bench, &["fill", "/dev/shm/x", "2"]).await;
    let (status, _) = complete(bench.engine(), &bench.attack(&["memory", "60"])).await;
    assert_eq!(status, RunStatus::Exited(0));
}

/// redteam E2: the disk is as large as ordered, in bytes and in files. 10^6 files end at the same limit as these 10^4.
pub async fn the_disk_ends_at_its_limit(bench: &Host) {
    if !bench.limits() {
        return;
    }
    let log = refused(bench, &["fill", "/work/x", "64"]).await;
    let filled: u32 = log.split(' ').next().unwrap().parse().unwrap();
    assert!((16..32).contains(&filled), "{filled} MiB of 32");
    let log = refused(bench, &["files", "/work", "10000"]).await;
    let made: u64 = log.split(' ').next().unwrap().parse().unwrap();
    assert!(
        (1_900..=LIMITS.inodes + 16).contains(&made),
        "{made} files of {}",
        LIMITS.inodes
    );
    // A sparse file takes no room of the job, and would take the node hours to hash.
    let job = bench.shell(
        "mkdir -p out; truncate -s 1T out/huge || truncate -s 100G out/huge; echo small > out/small",
    );
    complete(bench.engine(), &job).await;
    let listed = tokio::time::timeout(
        std::time::Duration::from_secs(20),
        bench.engine().outputs(&job.id),
    )
    .await;
    let refused = listed
        .expect("listing a sparse file takes for ever")
        .unwrap_err()
        .to_string();
    assert!(refused.contains("bytes"), "{refused}");
}

/// redteam J10: a flood of output costs the host little disk and processor, and the end of it is kept.
pub async fn a_flood_of_output_is_bounded(bench: &Host) {
    let program = bench.program().to_owned();
    let job = bench.shell(&format!("{program} flood 96; echo; echo the end"));
    bench.engine().prepare(&job).await.unwrap();
    let began = Instant::now();
    bench.engine().start(&job).await.unwrap();
    let mut frames = bench.engine().logs(&job.id, 0, true).await.unwrap();
    let (mut kept, mut end, mut cut) = (0, String::new(), false);
    while let Some(frame) = crate::support::within(frames.recv()).await {
        kept += frame.bytes.len();
        cut |= frame.kind == LogKind::Node;
        end = String::from_utf8_lossy(&frame.bytes).into_owned();
    }
    assert!(cut && end.ends_with("the end\n"), "{end}");
    assert!(kept < 48 << 20, "{kept} bytes of 96 MiB went through");
    let on_disk: u64 = walk(&bench.dir())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|name| name == "log"))
        .map(|path| path.metadata().unwrap().len())
        .sum();
    assert!(on_disk <= LIMITS.log_bytes, "{on_disk}");
    // 96 MiB at 60 MiB a second: it was slowed down, and not stopped.
    let took = began.elapsed().as_millis();
    assert!((1_000..25_000).contains(&took), "{took} ms");
    assert_eq!(
        bench.engine().status(&job.id).await.unwrap(),
        RunStatus::Exited(0)
    );
}

/// Without following links: a container's store and the kernel's files have circles.
fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.file_type() {
            Ok(kind) if kind.is_dir() => walk(&entry.path()),
            Ok(kind) if kind.is_file() => vec![entry.path()],
            _ => Vec::new(),
        })
        .collect()
}

/// redteam J8, J9: two jobs that want every processor do not keep the node from ending one at once.
pub async fn busy_jobs_are_stopped_at_once(bench: &Host) {
    let mut jobs = Vec::new();
    for _ in 0..2 {
        let mut job = bench.shell("echo up; while :; do :; done & while :; do :; done");
        job.limits.cpu_millis = 500;
        bench.engine().prepare(&job).await.unwrap();
        bench.engine().start(&job).await.unwrap();
        until_logged(bench.engine(), &job.id, "up").await;
        jobs.push(job);
    }
    for job in jobs {
        let began = Instant::now();
        bench.engine().stop(&job.id).await.unwrap();
        assert!(began.elapsed().as_secs() < 5);
        assert_eq!(finish(bench.engine(), &job.id).await.0, RunStatus::Stopped);
    }
}
