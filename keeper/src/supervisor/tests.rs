use super::*;
use std::{fs, path::Path};
use tokio::sync::oneshot;

fn shell(name: &'static str, script: String, vital: bool) -> Process {
    Process {
        name,
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        user: None,
        vital,
    }
}

/// Writes its name when it begins, and again when it is told to end.
fn telling(name: &'static str, file: &Path) -> Process {
    let file = file.display();
    let script = format!(
        "trap 'echo end {name} >> {file}; exit 0' TERM; echo begin {name} >> {file}; while :; do read x < {file}.never || :; done"
    );
    shell(name, script, name == "chain")
}

fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_string).collect()
}

/// Waits until the file has so many lines.
async fn until(file: &Path, count: usize) {
    while lines(file).len() < count {
        tokio::task::yield_now().await;
    }
}

/// A fifo that nobody writes to: whoever reads it waits.
fn never(file: &Path) {
    let path = format!("{}.never", file.display());
    rustix::fs::mkfifoat(rustix::fs::CWD, path, rustix::fs::Mode::RWXU).unwrap();
}

#[tokio::test]
async fn the_chain_side_ends_last() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("told");
    never(&file);
    let processes = ["chain", "jobs", "link"].map(|name| telling(name, &file));
    let (end, told) = oneshot::channel::<()>();
    let running = tokio::spawn(run(processes.into(), async { drop(told.await) }));
    until(&file, 3).await;
    end.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(lines(&file)[3..], ["end link", "end jobs", "end chain"]);
}

/// However the job side ends, the chain side does not notice. redteam J1, K6
#[tokio::test]
async fn who_dies_is_started_again_and_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let (file, deaths) = (dir.path().join("told"), dir.path().join("deaths"));
    never(&file);
    let killed = format!("echo x >> {}; kill -9 $$", deaths.display());
    let processes = vec![telling("chain", &file), shell("jobs", killed, false)];
    let (end, told) = oneshot::channel::<()>();
    let running = tokio::spawn(run(processes, async { drop(told.await) }));
    until(&deaths, 2).await;
    end.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert_eq!(lines(&file), ["begin chain", "end chain"]);
}

#[tokio::test]
async fn a_configuration_that_cannot_work_ends_all() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("told");
    never(&file);
    let chain = shell("chain", "exit 2".into(), true);
    let ended = run(vec![chain, telling("jobs", &file)], std::future::pending());
    let error = ended.await.unwrap_err();
    assert!(error.to_string().contains("chain"), "{error}");
    assert_eq!(error.exit_code(), 2);
    // The other one was told to end, if it had begun.
    let told = lines(&file);
    assert!(
        told.is_empty() || told == ["begin jobs", "end jobs"] || told == ["begin jobs"],
        "{told:?}"
    );
}
