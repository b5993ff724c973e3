//! Inputs and secrets into a pod that waits for them: as one stream of tar each, through the API server. Secrets are in no object, so in
//! no store of the cluster's. redteam S1, M9

use crate::{
    api::host,
    inside::{broken, code_of, read, words, Place},
    objects::{GATE, SECRETS, WORK},
};
use iog_engine::EngineError;
use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio_util::io::SyncIoBridge;

const SHOWN: u64 = 4 << 10;
const AT_ONCE: Duration = Duration::from_secs(30);

/// Opens the gate once both are there.
pub async fn send(place: &Place, work: &Path, secrets: &Path) -> Result<(), EngineError> {
    folder(place, work, WORK).await?;
    folder(place, secrets, SECRETS).await?;
    let open = words(["/bin/sh", "-c", &format!("echo > {GATE}/go")]);
    let said = place.run(&open, SHOWN, AT_ONCE).await?;
    match said.code {
        0 => Ok(()),
        code => Err(host(
            "engine",
            format!(
                "the gate of the pod does not open ({code}): {}",
                said.stderr
            ),
        )),
    }
}

async fn folder(place: &Place, from: &Path, to: &str) -> Result<(), EngineError> {
    let unpack = words(["tar", "-xpf", "-", "-C", to]);
    let mut process = place.open(&unpack, true, false).await?;
    let stdin = process.stdin.take().ok_or_else(broken)?;
    let from = PathBuf::from(from);
    let packed = tokio::task::spawn_blocking(move || {
        let mut into = SyncIoBridge::new(stdin);
        let packed = pack(&from, &mut into);
        into.shutdown().and(packed)
    });
    let (packed, _, stderr) = tokio::join!(
        packed,
        read(&mut process.stdout, SHOWN),
        read(&mut process.stderr, SHOWN)
    );
    let status = process.status().await;
    let packed = packed.map_err(|error| host("engine", error.to_string()))?;
    match (packed, code_of(status.as_ref())) {
        (Ok(()), Some(0)) => Ok(()),
        (Err(error), _) => Err(host(
            "engine",
            format!("inputs did not get into the pod: {error}"),
        )),
        (_, Some(_)) => Err(host(
            "disk",
            format!(
                "inputs cannot be unpacked in the pod: {}",
                String::from_utf8_lossy(&stderr)
            ),
        )),
        (_, None) => Err(broken()),
    }
}

/// Regular files and folders: what lies there was written by this process.
fn pack(from: &Path, into: impl io::Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(into);
    archive.follow_symlinks(false);
    archive.append_dir_all(".", from)?;
    archive.finish()
}
