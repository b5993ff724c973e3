//! What a job leaves for those who fetch it.

use crate::{attack::Host, support::complete};

/// redteam S4: links, FIFOs, sockets and names of any bytes: only regular files of its own are given out, under names that harm nobody.
pub async fn outputs_are_regular_files_with_harmless_names(bench: &Host) {
    let job = bench.shell(
        "mkdir -p out/sub; echo good > out/sub/good; ln -s /etc/passwd out/link; ln -s / out/root; ln -s ../.. out/up; mkfifo out/fifo; \
         printf bad > \"$(printf 'out/\\377\\001')\"; printf nl > \"$(printf 'out/a\\nb')\"; printf pc > out/a%b; ln out/sub/good out/hard; ln /etc/passwd out/etc 2>/dev/null; \
         ln -s sub out/subs; chmod 4755 out/sub/good; echo done",
    );
    let (_, log) = complete(bench.engine(), &job).await;
    assert!(log.contains("done"), "{log}");
    let outputs = bench.engine().outputs(&job.id).await.unwrap();
    let paths: Vec<_> = outputs.iter().map(|file| file.path.as_str()).collect();
    for path in ["out/%FF%01", "out/a%0Ab", "out/a%25b"] {
        assert!(paths.contains(&path), "{path} is not in {paths:?}");
    }
    for path in [
        "out/link",
        "out/root",
        "out/up",
        "out/fifo",
        "out/etc",
        "out/subs/good",
    ] {
        assert!(!paths.contains(&path), "{path} is in {paths:?}");
    }
    for path in [
        "out/link",
        "out/root/etc/passwd",
        "../../etc/passwd",
        "/etc/passwd",
        "out/../../../../etc/passwd",
        "out/fifo",
        "out/subs/good",
    ] {
        let fetched = bench.engine().fetch(&job.id, path, 0);
        assert!(
            crate::support::within(fetched).await.is_err(),
            "{path} was given out"
        );
    }
}
