//! Specification, inputs, image and secrets on their way to a device.

use super::{
    fetched::{elsewhere, fetched, is_busy},
    leased::Leased,
    measured, secrets,
    state::Agent,
    work::Failed,
};
use iog_job::{
    frame,
    wire::{Need, Needs, Received, Verb},
    Hash, MAX_SPEC_BYTES,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt},
    sync::watch,
    time::timeout,
};

/// A list of ten thousand inputs.
const MAX_NEEDS_BYTES: usize = 4 << 20;
const MAX_ANSWER_BYTES: usize = 4 << 10;
const COPY_BYTES: usize = 256 << 10;
/// How often one delivery sends the same file: a list may be older than what was sent.
const MAX_TIMES: u32 = 3;
/// After so long a list that names what was sent is no older than that.
const NEXT_LIST: Duration = Duration::from_secs(10);

/// Not every operator lets machines do that.
const FETCHES: &str = "waits until the device has fetched inputs from their addresses or mirrors; where its operator does not allow that they never come: end the order, and give the job files of this machine";

/// Delivers until the device has all, then waits until somebody wants it again. On a machine without the job it waits at once.
pub async fn run(agent: &Agent, leased: &Leased) -> Result<(), Failed> {
    loop {
        super::check::before(agent, leased).await?;
        super::cluster::before(agent, leased).await?;
        if agent.job.is_some() {
            once(agent, leased).await?;
            leased.change(agent, |state| state.delivered = true);
        }
        leased.again.notified().await;
        leased.change(agent, |state| state.delivered = false);
    }
}

async fn once(agent: &Agent, leased: &Leased) -> Result<(), Failed> {
    let Some(job) = &agent.job else {
        return Ok(());
    };
    let (stream, _) = agent.open(leased, Verb::Job).await?;
    let (mut from, mut to) = tokio::io::split(stream);
    let bytes = serde_json::to_vec(job).map_err(|error| Failed::Said(error.to_string()))?;
    if bytes.len() > MAX_SPEC_BYTES {
        return Err(Failed::Said(format!(
            "the specification has {} bytes, where {MAX_SPEC_BYTES} are allowed",
            bytes.len()
        )));
    }
    frame::write_bytes(&mut to, &bytes).await?;
    // Only the newest list counts: while bytes travel, older ones pile up.
    let (tell, newest) = watch::channel(None);
    let read = async {
        while let Some(needs) = frame::read::<Needs, _>(&mut from, MAX_NEEDS_BYTES).await? {
            tell.send_replace(Some(needs));
        }
        // What is on its way goes on.
        drop(tell);
        std::future::pending::<Result<(), Failed>>().await
    };
    tokio::select! {
        result = read => result,
        result = satisfy(agent, leased, newest) => result,
    }
}

/// Sends what the newest list names until one names nothing.
async fn satisfy(
    agent: &Agent,
    leased: &Leased,
    mut newest: watch::Receiver<Option<Needs>>,
) -> Result<(), Failed> {
    let mut sent = BTreeMap::new();
    let mut whole = BTreeSet::new();
    let fetched = fetched(agent)?;
    loop {
        let needs = newest.borrow_and_update().clone();
        if needs.as_ref().is_some_and(Needs::is_empty) {
            return Ok(());
        }
        let needs = needs.unwrap_or_default();
        let mut ours = needs.inputs.clone();
        ours.retain(|need| !fetched.contains(&need.sha256));
        let (all_sent, all_ours) = (ours.is_empty(), ours.len() == needs.inputs.len());
        ours.retain(|need| !whole.contains(&need.sha256));
        if !ours.is_empty() {
            send_all(agent, leased, &ours, &mut sent).await?;
            whole.extend(ours.iter().map(|need| need.sha256));
        } else if all_sent && !needs.secrets.is_empty() {
            secrets::send(agent, leased, &needs.secrets).await?;
        }
        let waits = (!all_ours).then(|| FETCHES.to_string());
        leased.change(agent, |state| state.trouble = waits);
        match timeout(NEXT_LIST, newest.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => {
                return Err(Failed::Said(
                    "the device ended the delivery before it had everything".into(),
                ));
            }
            // The list is no older than what was sent: the device wants it once more.
            Err(_) => whole.clear(),
        }
    }
}

async fn send_all(
    agent: &Agent,
    leased: &Leased,
    inputs: &[Need],
    sent: &mut BTreeMap<Hash, u32>,
) -> Result<(), Failed> {
    let sources: BTreeMap<Hash, PathBuf> = agent.folder.sources()?;
    let wanted = inputs
        .iter()
        .map(|need| need.len)
        .fold(0, u64::saturating_add);
    let have = inputs
        .iter()
        .map(|need| need.have)
        .fold(0, u64::saturating_add);
    leased.change(agent, |state| (state.sent, state.wanted) = (have, wanted));
    let done = AtomicU64::new(have);
    let elsewhere = elsewhere(agent);
    for need in inputs {
        let path = sources.get(&need.sha256).ok_or_else(|| {
            Failed::Said(format!(
                "the device asks for {}, which is no input of this job",
                need.sha256
            ))
        })?;
        let times = sent.entry(need.sha256).or_default();
        *times = times.saturating_add(1);
        if *times > MAX_TIMES {
            return Err(Failed::Said(format!(
                "the device asks for {} again and again",
                path.display()
            )));
        }
        match send(agent, leased, need, path, &done).await {
            // It comes from there, or the next list names it again.
            Err(failed) if is_busy(&failed) && elsewhere.contains(&need.sha256) => {
                sent.remove(&need.sha256);
            }
            sent => sent?,
        }
    }
    Ok(())
}

/// One file from where the device has it on.
async fn send(
    agent: &Agent,
    leased: &Leased,
    need: &Need,
    path: &Path,
    done: &AtomicU64,
) -> Result<(), Failed> {
    let refuse = |reason: String| refused(path, &reason);
    let mut file = File::open(path)
        .await
        .map_err(|error| refuse(error.to_string()))?;
    let len = file
        .metadata()
        .await
        .map_err(|error| refuse(error.to_string()))?
        .len();
    if len != need.len || need.have > len {
        return Err(refuse(format!(
            "it has {len} bytes and had {} when the order was made",
            need.len
        )));
    }
    file.seek(std::io::SeekFrom::Start(need.have))
        .await
        .map_err(|error| refuse(error.to_string()))?;
    let verb = Verb::Input {
        sha256: need.sha256,
        from: need.have,
    };
    let (stream, line) = agent.open(leased, verb).await?;
    agent.log(
        leased,
        &format!(
            "{} from byte {} of {len}, {}",
            path.display(),
            need.have,
            line.path
        ),
    );
    let since = Instant::now();
    let (mut from, mut to) = tokio::io::split(stream);
    let copy = async {
        let mut buffer = vec![0; COPY_BYTES];
        let mut file = file.take(len.saturating_sub(need.have));
        loop {
            let read = file
                .read(&mut buffer)
                .await
                .map_err(|error| refuse(error.to_string()))?;
            let bytes = buffer.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                to.shutdown().await?;
                return Ok::<(), Failed>(());
            }
            to.write_all(bytes).await?;
            let more = u64::try_from(read).unwrap_or(0);
            let now = done.fetch_add(more, Relaxed).saturating_add(more);
            leased.change(agent, |state| state.sent = now);
        }
    };
    // A device that has the file already says so before all is sent.
    let answer = frame::expect::<Received, _>(&mut from, MAX_ANSWER_BYTES);
    tokio::pin!(answer);
    let (received, bytes) = tokio::select! {
        received = &mut answer => (received?, 0),
        copied = copy => {
            copied?;
            (answer.await?, len.saturating_sub(need.have))
        }
    };
    if received.complete {
        measured::keep(bytes, since.elapsed(), line.direct);
        return Ok(());
    }
    let (path, sha256) = (path.to_path_buf(), need.sha256);
    let whose = tokio::task::spawn_blocking(move || match crate::nouns::order::sha256(&path) {
        Ok(found) if found == sha256 => refused(
            &path,
            "the device says that other bytes came than were sent",
        ),
        _ => refused(
            &path,
            "it is no more what it was when the order was made: put it back, then iog order upload",
        ),
    });
    Err(whose
        .await
        .unwrap_or_else(|error| Failed::Said(error.to_string())))
}

fn refused(path: &Path, reason: &str) -> Failed {
    Failed::Said(format!("input {}: {reason}", path.display()))
}
