//! Attacks on the host and its other users.

use crate::{
    attack::{all_refused, refused, stop_all, works_outside, Host},
    support::{complete, until_logged},
};
use iog_engine::{Card, RunStatus};
use std::{
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    process::{Child, Command},
};

/// redteam J1, J2: keys lie in files of other users, in environments and on command lines.
pub async fn keys_of_the_host_are_not_read(bench: &Host) {
    if !crate::support::is_root() {
        return;
    }
    let key = bench.dir().join("device.key");
    std::fs::write(&key, "key").unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let open = bench.dir().join("open");
    std::fs::write(&open, "anyone may read this").unwrap();
    let marker = format!("marker-{}", std::process::id());
    let _victim = Victim::new(&marker);
    for words in [
        &["read", key.to_str().unwrap()][..],
        &["read", open.to_str().unwrap()],
        &["read", "/etc/shadow"],
        &["read", "/etc/machine-id"],
        &["procs", "marker", &marker[6..]],
    ] {
        works_outside(words);
        refused(bench, words).await;
    }
    let log = complete(
        bench.engine(),
        &bench.shell("cat /etc/passwd; ls /; ls /etc /run /root /home 2>&1"),
    )
    .await
    .1;
    assert!(!log.contains("daemon:x:"), "{log}");
    assert_eq!(log.contains("job:x:1000"), bench.is_sandbox(), "{log}");
    for name in ["var", "srv", "boot", "usr.local", "shadow", "hostname.d"] {
        assert!(
            !log.lines().any(|line| line == name),
            "{name} is seen: {log}"
        );
    }
}

/// A process of the host, with a marker in its environment and on its command line.
struct Victim(Child);

impl Victim {
    fn new(marker: &str) -> Self {
        Self(
            Command::new("/bin/sh")
                .args(["-c", "sleep 1000; true", marker])
                .env("KEY", marker)
                .spawn()
                .unwrap(),
        )
    }

    fn lives(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// redteam J2: nothing is written but beneath `/work`, `/tmp` and `/dev/shm`.
pub async fn nothing_is_written_outside(bench: &Host) {
    let outside = bench.dir().join("outside");
    let outside = outside.to_str().unwrap();
    works_outside(&["write", outside]);
    std::fs::remove_file(outside).unwrap();
    all_refused(
        bench,
        &[
            &["write", outside],
            &["write", "/usr/evil"],
            &["write", "/etc/evil"],
            &["write", "/etc/passwd"],
            &["write", "/evil"],
            &["write", "/dev/evil"],
            &["write", "/run/iog/secrets/evil"],
            &["write", "/proc/sys/kernel/core_pattern"],
            &["write", "/proc/sys/kernel/hostname"],
            &["write", "/proc/1/oom_score_adj.evil"],
        ],
    )
    .await;
    let (status, log) = complete(bench.engine(), &bench.shell("echo a > /work/a && echo a > /tmp/a && echo a > /dev/shm/a && cat /work/a /tmp/a /dev/shm/a")).await;
    assert_eq!((status, log.as_str()), (RunStatus::Exited(0), "a\na\na\n"));
    assert!(!std::path::Path::new(outside).exists());
}

/// redteam J1: the node's processes are neither seen nor signalled nor traced, whatever their numbers.
pub async fn the_nodes_processes_are_out_of_reach(bench: &Host) {
    let mut victim = Victim::new("victim");
    let pid = victim.0.id().to_string();
    works_outside(&["ptrace", &pid]);
    refused(bench, &["ptrace", &pid]).await;
    refused(bench, &["ptrace", "1"]).await;
    refused(bench, &["kill", &pid]).await;
    // All that it may signal: none of them is the host's. The first inside is out of its reach too, so that it cannot leave orphans.
    let (_, log) = complete(
        bench.engine(),
        &bench.shell("kill -9 -1; kill -9 1; echo sent"),
    )
    .await;
    assert!(log.contains("sent") || log.is_empty(), "{log}");
    assert!(victim.lives());
    works_outside(&["kill", &pid]);
    assert!(!victim.0.wait().unwrap().success());
}

/// redteam J1, J2, M5, field "clock change": what needs a right that no job has.
pub async fn rights_of_the_host_are_not_had(bench: &Host) {
    if crate::support::is_root() {
        // `mount`, `hostname` and what else would change this machine is not tried outside.
        for words in [
            &["userns"][..],
            &["raw"],
            &["packet"],
            &["setuid"],
            &["clone"],
            &["nice"],
        ] {
            works_outside(words);
        }
    }
    let node = bench.dir().join("disk");
    let node = node.to_str().unwrap();
    all_refused(
        bench,
        &[
            &["mount"],
            &["userns"],
            &["clone"],
            &["raw"],
            &["packet"],
            &["vsock"],
            &["mknod", "/work/disk", "254"],
            &["mknod", node, "254"],
            &["clock"],
            &["hostname"],
            &["setuid"],
            &["nice"],
        ],
    )
    .await;
    // A set-id program gives nothing.
    let job = bench.shell("cp /bin/sh /work/sh; chmod 4755 /work/sh; ls -l /work/sh | cut -c1-10; /work/sh -p -c 'id -u' || /work/sh -c 'id -u'; su -c id root 2>&1 | head -1; grep CapEff /proc/self/status");
    let (_, log) = complete(bench.engine(), &job).await;
    let uid = bench.uid(&job);
    assert!(
        log.contains(&format!("\n{uid}\n"))
            && log.contains("CapEff:\t0000000000000000")
            && !log.contains("uid=0"),
        "{log}"
    );
}

/// redteam J3: a library that a job wants loaded is loaded inside only: the sandbox's own program never sees it.
pub async fn the_jobs_environment_is_not_the_sandboxs(bench: &Host) {
    let library = bench.dir().join("evil.so");
    let proof = bench.dir().join("proof");
    std::fs::create_dir(&proof).unwrap();
    std::fs::set_permissions(&proof, std::fs::Permissions::from_mode(0o777)).unwrap();
    std::fs::set_permissions(bench.dir(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let source = bench.dir().join("evil.c");
    std::fs::write(&source, format!("#include <fcntl.h>\n__attribute__((constructor)) static void load(void) {{ open(\"{}/ran\", O_CREAT | O_WRONLY, 0644); }}", proof.display())).unwrap();
    assert!(Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .status()
        .unwrap()
        .success());
    assert!(Command::new("true")
        .env("LD_PRELOAD", &library)
        .status()
        .unwrap()
        .success());
    assert!(proof.join("ran").exists(), "it does not even load outside");
    std::fs::remove_file(proof.join("ran")).unwrap();
    let mut job = bench.run(&["env"]);
    job.spec
        .env
        .insert("LD_PRELOAD".into(), library.to_str().unwrap().into());
    let (status, log) = complete(bench.engine(), &job).await;
    assert_eq!(status, RunStatus::Exited(0), "{log}");
    assert!(log.contains("LD_PRELOAD="), "{log}");
    assert!(
        !proof.join("ran").exists(),
        "it was loaded outside of the sandbox"
    );
}

/// redteam J5: no network but a loopback of its own; the host's services, metadata and the LAN are not there.
pub async fn no_network_of_the_host_is_reached(bench: &Host) {
    let listener = TcpListener::bind("0.0.0.0:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    works_outside(&["connect", "127.0.0.1", &port]);
    all_refused(
        bench,
        &[
            &["connect", "127.0.0.1", &port],
            &["connect", "169.254.169.254", "80"],
            &["connect", "192.168.1.1", "80"],
            &["connect", "10.0.0.1", "443"],
            &["connect", "1.1.1.1", "443"],
        ],
    )
    .await;
    let (_, log) = complete(
        bench.engine(),
        &bench
            .shell("cat /proc/net/dev | tail -n +3 | cut -d: -f1; cat /etc/resolv.conf; hostname"),
    )
    .await;
    assert_eq!(log, "    lo\niog\n");
}

/// redteam J2, M5: another lease's files, processes and ports are not there.
pub async fn another_lease_is_out_of_reach(bench: &Host) {
    let marker = format!("secret-of-{}", std::process::id());
    let mut victim = bench.shell("echo $0 > mine; chmod 0777 . mine; echo up; exec sleep 1000");
    victim.spec.command.push(marker.clone());
    victim.spec.env.insert("KEY".into(), marker.clone());
    let work = bench.engine().prepare(&victim).await.unwrap().work;
    bench.engine().start(&victim).await.unwrap();
    until_logged(bench.engine(), &victim.id, "up").await;
    let file = work.join("mine");
    works_outside(&["read", file.to_str().unwrap()]);
    works_outside(&["procs", "secret", &marker[6..]]);
    refused(bench, &["read", file.to_str().unwrap()]).await;
    refused(bench, &["procs", "secret", &marker[6..]]).await;
    let (_, log) = complete(
        bench.engine(),
        &bench.shell("find / -name mine 2>/dev/null; ls /proc | grep -c '^[0-9]'; ls /tmp | wc -l"),
    )
    .await;
    // Nothing in its folder; its first process, the shell, and the two of the pipe; nothing in `/tmp`.
    let numbers: Vec<u32> = log
        .lines()
        .map(|line| line.parse().unwrap_or_else(|_| panic!("{log}")))
        .collect();
    assert!(matches!(numbers[..], [3..=6, 0]), "{log}");
    stop_all(bench.engine()).await;
}

/// redteam J2, E1: of the host's devices a job has those of its cards and no other.
pub async fn only_its_cards_devices_are_there(bench: &Host) {
    if !crate::support::is_root() {
        return;
    }
    let node = Node::new(bench);
    let path = node.0.to_str().unwrap();
    let mut job = bench.shell("find /dev -type b; for f in /dev/* /dev/pts/*; do [ -c $f ] && [ ! -L $f ] && printf '%s ' $f; done; true");
    job.cards = vec![Card {
        uuid: "GPU-1".into(),
        cdi: None,
        nodes: vec![node.0.clone()],
    }];
    let (status, log) = complete(bench.engine(), &job).await;
    let wanted = format!(
        "/dev/full {path} /dev/null /dev/random /dev/tty /dev/urandom /dev/zero /dev/pts/ptmx "
    );
    assert_eq!((status, log), (RunStatus::Exited(0), wanted));
    if bench.is_sandbox() {
        works_outside(&["read", path]);
    }
    refused(bench, &["read", path]).await;
}

/// A device of the host that stands for a card: another `/dev/zero`, or where those of every container do not count one that nobody drives.
struct Node(std::path::PathBuf);

impl Node {
    fn new(bench: &Host) -> Self {
        let (kind, number) = if bench.is_sandbox() {
            ("1", "5")
        } else {
            ("240", "99")
        };
        let name = format!("/dev/iog-card-{}-{kind}", std::process::id());
        let node = std::path::PathBuf::from(name);
        assert!(Command::new("mknod")
            .arg("-m0666")
            .arg(&node)
            .args(["c", kind, number])
            .status()
            .unwrap()
            .success());
        Self(node)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}

/// Field case 13, redteam X1: a job that daemonises ends with its run.
pub async fn daemons_end_with_the_run(bench: &Host) {
    let (status, log) = complete(bench.engine(), &bench.attack(&["daemon"])).await;
    assert!(matches!(status, RunStatus::Exited(_)), "{status:?}: {log}");
    let mut job = bench.shell("(setsid sleep 54321 &) ; (trap '' TERM HUP; setsid setsid sleep 54321 &); echo up; exec sleep 1000");
    job.spec.env.clear();
    bench.engine().prepare(&job).await.unwrap();
    bench.engine().start(&job).await.unwrap();
    until_logged(bench.engine(), &job.id, "up").await;
    bench.engine().stop(&job.id).await.unwrap();
    let left = Command::new("grep")
        .args(["-lsa", "54321"])
        .args(
            std::fs::read_dir("/proc")
                .unwrap()
                .flatten()
                .filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok())
                .map(|entry| entry.path().join("cmdline")),
        )
        .output()
        .unwrap();
    let left = String::from_utf8_lossy(&left.stdout)
        .lines()
        .filter(|path| std::fs::read(path).is_ok_and(|line| line.starts_with(b"sleep\0")))
        .count();
    assert_eq!(left, 0);
}
