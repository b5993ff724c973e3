use crate::{
    bench::Bench,
    support::{complete, skips_without_root},
};
use iog_engine::{Engine, RunStatus};
use iog_job::Why;

/// redteam J2, J3, E5: no rights, no host, no vendor's switches, and nothing of the host's network to see.
#[tokio::test]
async fn a_job_sees_itself_alone() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let run = bench.shell(
        "id; hostname; grep -E 'Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp:' /proc/self/status; env; ls /sys/class/net; ls /proc/1/root >/dev/null && echo pid 1 is mine; \
         cat /etc/resolv.conf | wc -c; cat /etc/hosts; touch /x; touch /etc/x; touch /tmp/x && echo tmp; grep -v ' ro,' /proc/mounts | grep -c '/sys/fs/cgroup'; \
         cat /proc/self/uid_map; ls /work; ps | wc -l",
    );
    let (status, log) = complete(bench.engine(), &run).await;
    assert_eq!(status, RunStatus::Exited(0), "{log}");
    assert!(
        log.starts_with("uid=1000(1000) gid=1000(1000) groups=1000(1000)\n"),
        "{log}"
    );
    for line in [
        "iog",
        "CapPrm:\t0000000000000000",
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "CapAmb:\t0000000000000000",
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
        "NVIDIA_VISIBLE_DEVICES=void",
        "FROM_IMAGE=yes",
        "HOME=/work",
        "lo",
        "0",
        "127.0.0.1 localhost iog",
        "touch: /x: Read-only file system",
        "touch: /etc/x: Read-only file system",
        "tmp",
    ] {
        assert!(
            log.lines().any(|found| found == line),
            "`{line}` is not in {log}"
        );
    }
    assert!(
        !log.contains("LD_PRELOAD") && !log.contains("eth0"),
        "{log}"
    );
    let map = format!("{:>10} {:>10} {:>10}", 0, run.uid_base, 65_536);
    assert!(log.contains(&map), "{log}");
}

/// redteam E2, J8: memory, processes, disk, shared memory and temporary files end.
#[tokio::test]
async fn what_a_job_may_use_ends() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let hungry = bench.run(&[
        "/bin/dd",
        "if=/dev/zero",
        "of=/dev/null",
        "bs=200M",
        "count=1",
    ]);
    assert_eq!(
        complete(bench.engine(), &hungry).await.0,
        RunStatus::Failed(Why::OutOfMemory)
    );
    // Files in memory are memory: half of it at most for /tmp, a MiB for /dev/shm.
    let tmp = bench.shell("dd if=/dev/zero of=/tmp/x bs=1M count=100 2>&1 | grep -c 'No space'; dd if=/dev/zero of=/dev/shm/x bs=1M count=2 2>&1 | grep -c 'No space'");
    assert_eq!(
        complete(bench.engine(), &tmp).await,
        (RunStatus::Exited(0), "1\n1\n".into())
    );
    let disk = bench.shell("dd if=/dev/zero of=/work/x bs=1M count=40 2>&1 | grep -c 'No space'");
    assert_eq!(
        complete(bench.engine(), &disk).await,
        (RunStatus::Exited(0), "1\n".into())
    );
    let forks =
        bench.shell("n=0; while [ $n -lt 100 ]; do sleep 100 & n=$((n+1)); done; echo all $n");
    let (status, log) = complete(bench.engine(), &forks).await;
    assert!(
        status != RunStatus::Exited(0) && log.contains("fork") && !log.contains("all 100"),
        "{status:?} {log}"
    );
    let core = bench.shell("ulimit -c; ulimit -n");
    assert_eq!(
        complete(bench.engine(), &core).await,
        (RunStatus::Exited(0), "0\n256\n".into())
    );
}

/// redteam J10: the engine keeps no log, the lease's is bounded.
#[tokio::test]
async fn a_flood_of_output_is_cut() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let run = bench.shell("dd if=/dev/zero bs=1M count=64 2>/dev/null; echo; echo the end");
    let (status, log) = complete(bench.engine(), &run).await;
    assert_eq!(status, RunStatus::Exited(0));
    assert!(log.ends_with("the end\n"));
    let mut kept = 0;
    let mut frames = bench.engine().logs(&run.id, 0, false).await.unwrap();
    while let Some(frame) = frames.recv().await {
        kept += frame.bytes.len();
    }
    // 64 MiB were written; what is kept is what was ordered, and a mark.
    assert!((512 << 10..(1 << 20) + 200).contains(&kept), "{kept} bytes");
}
