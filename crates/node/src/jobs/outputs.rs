//! The hashes of what a job left. However many streams ask, a lease's files are hashed one after the other, and those of a run that is over
//! once.

use super::lease::Lease;
use iog_engine::{EngineError, Left, RunStatus};
use iog_job::{wire::OutputFile, Hash, RunId};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::io::AsyncReadExt;

const PIECE: usize = 256 << 10;
/// Most bytes of all names of a list: every stream that asks holds one.
const MAX_NAMES: usize = 8 << 20;

#[derive(Default)]
pub struct Listing {
    /// Who has it may read the lease's disk to the end.
    turn: tokio::sync::Mutex<()>,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    run: Option<RunId>,
    /// Of a run that is over.
    hashes: HashMap<String, (Left, Hash)>,
    /// The newest list of a run that goes on, and when it was begun: who asked before that may have it.
    newest: Option<(Instant, Vec<OutputFile>)>,
}

impl Listing {
    /// Of this run, all that is known of another is forgotten.
    fn cache(&self, run: &RunId) -> MutexGuard<'_, Cache> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.run != Some(*run) {
            *cache = Cache {
                run: Some(*run),
                ..Cache::default()
            };
        }
        cache
    }

    fn known(&self, run: &RunId, file: &Left) -> Option<OutputFile> {
        let cache = self.cache(run);
        let (as_it_was, sha256) = cache.hashes.get(&file.path)?;
        (as_it_was == file).then(|| output(file, file.len, *sha256))
    }
}

fn output(file: &Left, len: u64, sha256: Hash) -> OutputFile {
    OutputFile {
        path: file.path.clone(),
        len,
        sha256,
        executable: file.executable,
    }
}

async fn is_over(lease: &Lease, run: &RunId) -> bool {
    let status = lease.ctx.settings.engine.status(run).await;
    status.is_ok_and(|status: RunStatus| status.is_over())
}

/// All files. What was hashed before it is dropped is known to the next who asks, if the run is over.
///
/// # Errors
/// Those of the engine.
pub async fn list(lease: &Arc<Lease>, run: &RunId) -> Result<Vec<OutputFile>, EngineError> {
    let asked = Instant::now();
    let _turn = lease.listing.turn.lock().await;
    if let Some((begun, files)) = &lease.listing.cache(run).newest {
        if *begun > asked {
            return Ok(files.clone());
        }
    }
    let begun = Instant::now();
    let over = is_over(lease, run).await;
    let mut files = Vec::new();
    for left in listed(lease, run).await? {
        match hashed(lease, run, &left, over).await {
            Ok(file) => files.push(file),
            // It went meanwhile: the job may still run.
            Err(EngineError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if !over {
        lease.listing.cache(run).newest = Some((begun, files.clone()));
    }
    Ok(files)
}

/// One of them; no other is read.
///
/// # Errors
/// Those of the engine; that there is no such file.
pub async fn one(lease: &Arc<Lease>, run: &RunId, path: &str) -> Result<OutputFile, EngineError> {
    // Looking through a disk of many files costs, too.
    let _turn = lease.listing.turn.lock().await;
    let all = listed(lease, run).await?;
    let left = all.into_iter().find(|left| left.path == path);
    let left = left.ok_or_else(|| EngineError::NotFound("such an output".into()))?;
    let over = is_over(lease, run).await;
    hashed(lease, run, &left, over).await
}

async fn listed(lease: &Arc<Lease>, run: &RunId) -> Result<Vec<Left>, EngineError> {
    let all = lease.ctx.settings.engine.outputs(run).await?;
    let names = all.iter().map(|left| left.path.len());
    match names.fold(0, usize::saturating_add) > MAX_NAMES {
        true => Err(EngineError::NotFound(
            "a list of outputs whose names have more than 8 MiB: pack them; it".into(),
        )),
        false => Ok(all),
    }
}

async fn hashed(
    lease: &Arc<Lease>,
    run: &RunId,
    left: &Left,
    over: bool,
) -> Result<OutputFile, EngineError> {
    if let Some(known) = lease.listing.known(run, left) {
        return Ok(known);
    }
    let bytes = lease.ctx.settings.engine.fetch(run, &left.path, 0).await?;
    // A file that grows while it is read does not hold us.
    let mut bytes = bytes.take(left.len);
    let (mut hash, mut len) = (Sha256::new(), 0_u64);
    let mut buffer = vec![0; PIECE];
    loop {
        let read = bytes.read(&mut buffer).await;
        let read = read.map_err(EngineError::file(left.path.clone()))?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            break;
        };
        hash.update(piece);
        len = len.saturating_add(u64::try_from(read).unwrap_or(0));
    }
    let sha256 = Hash(hash.finalize().into());
    if over {
        let entry = (left.clone(), sha256);
        lease
            .listing
            .cache(run)
            .hashes
            .insert(left.path.clone(), entry);
    }
    Ok(output(left, len, sha256))
}
