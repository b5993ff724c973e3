//! Templates whose programs are large: `cargo xtask test --full` installs them and sets `IOG_FULL`.

use crate::{
    machines::{made, namespace},
    support::Bench,
};
use iog_engine::{netns::Net, Engine};
use std::{
    env, fs,
    io::{Read, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// Prints why and is true where the long form is not wanted.
fn left_out() -> bool {
    let left_out = env::var_os("IOG_FULL").is_none();
    if left_out {
        eprintln!(
            "not run: its programs are large; `cargo xtask test --full` installs and runs them"
        );
    }
    left_out
}

const SCENE: &str = "import bpy
scene = bpy.context.scene
scene.render.resolution_x = scene.render.resolution_y = 64
scene.cycles.samples = 4
scene.cycles.use_denoising = False
cube = bpy.data.objects['Cube']
for frame in (1, 8):
    cube.rotation_euler.z = frame / 4
    cube.keyframe_insert('rotation_euler', frame=frame)
bpy.ops.wm.save_as_mainfile(filepath='FILE')
";

fn frames(work: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(work.join("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut frames: Vec<_> = entries
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(path).unwrap(),
            )
        })
        .collect();
    frames.sort();
    frames
}

/// Debian's Blender, Cycles on the processor.
#[tokio::test]
async fn frames_of_two_machines_are_those_of_one() {
    if left_out() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scene = folder.path().join("scene.blend");
    let script = SCENE.replace("FILE", scene.to_str().unwrap());
    let blender = Command::new("blender")
        .args(["--background", "--python-expr", &script])
        .output();
    let blender = blender.expect("Debian's blender is there");
    assert!(scene.exists(), "{blender:?}");
    let scene = scene.to_str().unwrap();
    let values = [
        ("scene", scene),
        ("first", "3"),
        ("last", "7"),
        ("device", "CPU"),
        ("disk", "64MiB"),
    ];
    let made = made("blender", &values, &[]);
    let bench = Bench::new();
    let one = frames(&made.alone(&bench).await.work);
    let names: Vec<&str> = one.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [3, 4, 5, 6, 7].map(|frame| format!("frame-{frame:05}.png"))
    );
    let [head, other] = made
        .together(&bench)
        .await
        .map(|machine| frames(&machine.work));
    assert_eq!((head.len(), other.len()), (3, 2));
    let mut two: Vec<&str> = head
        .iter()
        .chain(&other)
        .map(|(name, _)| name.as_str())
        .collect();
    two.sort_unstable();
    assert_eq!(two, names);
}

/// A request to a port of a run's own loopback, as the renter's forward makes it.
fn get(net: &Net, port: u16, path: &str) -> Option<String> {
    let mut line = net.connect(port).ok()?;
    line.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(line, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// Debian's notebook, its token as a secret.
#[tokio::test]
async fn a_notebook_wants_its_token() {
    if left_out() {
        return;
    }
    let made = made(
        "jupyter",
        &[("interface", "notebook"), ("disk", "64MiB")],
        &[],
    );
    let bench = Bench::new();
    let run = made.run(0, 1);
    let prepared = made.prepare(&bench, &run).await;
    let secret = prepared.secrets.join("JUPYTER_TOKEN");
    fs::write(&secret, "f00d").unwrap();
    std::os::unix::fs::chown(
        &secret,
        Some(run.uid_base + 1_000),
        Some(run.uid_base + 1_000),
    )
    .unwrap();
    bench.engine.start(&run).await.unwrap();
    let net = Net::of(&namespace(&run.id)["iog-".len()..]);
    let ready = made.resolved.spec.readiness.clone().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    let up = loop {
        let answer = get(&net, ready.port, ready.path.as_deref().unwrap());
        if let Some(answer) = answer.filter(|answer| answer.starts_with("HTTP/1.1 200")) {
            break answer;
        }
        assert!(Instant::now() < end, "the notebook does not answer");
        tokio::task::yield_now().await;
    };
    assert!(up.contains("\"version\""), "{up}");
    let stranger = get(&net, ready.port, "/api/contents").unwrap();
    assert!(stranger.starts_with("HTTP/1.1 403"), "{stranger}");
    let renter = get(&net, ready.port, "/api/contents?token=f00d").unwrap();
    assert!(renter.starts_with("HTTP/1.1 200"), "{renter}");
    bench.engine.stop(&run.id).await.unwrap();
}
