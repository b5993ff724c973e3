//! What is alike in every engine: from the calls of [`Engine`], which wait, to work on files and mounts, which blocks.

use crate::{
    capacity,
    engine::{
        Bytes, Capacity, Engine, Exec, ExecEvent, ExecInput, Health, Left, Prepared, RunSpec,
        RunStatus, Takes,
    },
    error::EngineError,
    inside, log, names,
    netns::Net,
    outputs,
};
use async_trait::async_trait;
use iog_job::{wire::LogFrame, RunId};
use std::{
    ffi::OsString,
    net::Ipv4Addr,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
};
use tokio::{
    net::{TcpStream, UnixStream},
    sync::mpsc::{Receiver, Sender},
};

/// Runs of one kind, on this host. Its calls take their time: not on a thread of the runtime.
pub trait Runs: Send + Sync + 'static {
    const KIND: &'static str;

    fn root(&self) -> &Path;
    fn helper(&self) -> &[OsString];
    /// Folder of a lease and match: its disk is `work`, its log `log`.
    fn lease_dir(&self, id: &RunId) -> PathBuf;
    /// What a run was prepared as.
    fn run(&self, id: &RunId) -> Result<RunSpec, EngineError>;
    fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError>;
    /// What it takes at all.
    fn takes(&self) -> Takes;
    /// Brings a run's image into the store, unless it is given up.
    fn fetch_image(&self, run: &RunSpec, given_up: &AtomicBool) -> Result<(), EngineError>;
    fn start(&self, run: &RunSpec) -> Result<(), EngineError>;
    fn status(&self, id: &RunId) -> Result<RunStatus, EngineError>;
    fn end(&self, id: &RunId) -> Result<(), EngineError>;
    fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError>;
    fn seal(&self, id: &RunId) -> Result<(), EngineError>;
    fn remove(&self, id: &RunId) -> Result<(), EngineError>;
    /// Into a run that runs.
    fn way_in(&self, id: &RunId) -> Result<inside::Way, EngineError>;
    /// Of a run that has one of its own on the host's side.
    fn net(&self, id: &RunId) -> Option<Net>;
    /// Whether each run has such a network, and its device of a mesh works for the job.
    fn has_mesh(&self) -> bool;
    /// Makes that network, or finds it.
    fn ensure_net(&self, id: &RunId) -> Result<Net, EngineError>;
    fn health(&self) -> Health;

    fn run_dir(&self, id: &RunId) -> PathBuf {
        self.lease_dir(id).join("runs").join(id.attempt.to_string())
    }

    fn work(&self, id: &RunId) -> PathBuf {
        self.lease_dir(id).join("work")
    }

    /// All runs of the same lease and match, by the names of their folders: no other lease's books, nor one that cannot be read, stand in the
    /// way of a lease's end.
    fn attempts(&self, id: &RunId) -> Result<Vec<RunId>, EngineError> {
        let folders = names::folders(&self.lease_dir(id).join("runs"))?;
        let attempt = |dir: &PathBuf| dir.file_name()?.to_str()?.parse().ok();
        let attempts = folders.iter().filter_map(attempt);
        let mut all: Vec<_> = attempts.map(|attempt| RunId { attempt, ..*id }).collect();
        all.sort_unstable();
        Ok(all)
    }
}

/// An engine is a handle of its runs.
pub trait Held: Send + Sync {
    type Of: Runs;

    fn runs(&self) -> &Arc<Self::Of>;
}

/// Opens a port of a run, from this process or by a helper inside.
enum Port {
    Open(std::net::TcpStream),
    Inside(inside::Way),
}

/// Tells the thread that does something that nobody waits for it.
struct GivesUp(Arc<AtomicBool>);

impl Drop for GivesUp {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

async fn blocking<R: Runs, T: Send + 'static>(
    runs: &Arc<R>,
    work: impl FnOnce(&R) -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    let runs = Arc::clone(runs);
    let task = tokio::task::spawn_blocking(move || work(&runs));
    task.await
        .unwrap_or_else(|error| Err(EngineError::host("engine", error.to_string())))
}

#[async_trait]
impl<E: Held> Engine for E {
    fn kind(&self) -> &'static str {
        E::Of::KIND
    }

    async fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError> {
        let run = run.clone();
        blocking(self.runs(), move |runs| runs.prepare(&run)).await
    }

    fn takes(&self) -> Takes {
        self.runs().takes()
    }

    async fn fetch_image(&self, run: &RunSpec) -> Result<(), EngineError> {
        let (run, given_up) = (run.clone(), Arc::new(AtomicBool::new(false)));
        let _gives_up = GivesUp(Arc::clone(&given_up));
        let fetch = move |runs: &E::Of| runs.fetch_image(&run, &given_up);
        blocking(self.runs(), fetch).await
    }

    fn has_mesh(&self) -> bool {
        self.runs().has_mesh()
    }

    async fn mesh(&self, id: &RunId, address: Ipv4Addr, mtu: u16) -> Result<OwnedFd, EngineError> {
        let id = *id;
        let make = move |runs: &E::Of| match runs.has_mesh() {
            true => runs.ensure_net(&id)?.mesh(address, mtu),
            false => Err(EngineError::NotFound(format!("a network for {id}"))),
        };
        blocking(self.runs(), make).await
    }

    async fn start(&self, run: &RunSpec) -> Result<(), EngineError> {
        let run = run.clone();
        blocking(self.runs(), move |runs| runs.start(&run)).await
    }

    async fn status(&self, id: &RunId) -> Result<RunStatus, EngineError> {
        let id = *id;
        blocking(self.runs(), move |runs| runs.status(&id)).await
    }

    async fn logs(
        &self,
        id: &RunId,
        from: u64,
        follow: bool,
    ) -> Result<Receiver<LogFrame>, EngineError> {
        let id = *id;
        let dir = move |runs: &E::Of| runs.run(&id).map(|_| runs.lease_dir(&id));
        let dir = blocking(self.runs(), dir).await?;
        let runs = Arc::clone(self.runs());
        let is_over = move || runs.status(&id).map_or(true, |status| status.is_over());
        Ok(log::read(&dir.join("log"), from, follow, is_over))
    }

    async fn stop(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        blocking(self.runs(), move |runs| {
            runs.run(&id)?;
            runs.end(&id)
        })
        .await
    }

    async fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
        blocking(self.runs(), Runs::list).await
    }

    async fn outputs(&self, id: &RunId) -> Result<Vec<Left>, EngineError> {
        let id = *id;
        let list = move |runs: &E::Of| outputs::list(&runs.work(&id), &runs.run(&id)?.spec.outputs);
        blocking(self.runs(), list).await
    }

    async fn fetch(&self, id: &RunId, path: &str, from: u64) -> Result<Bytes, EngineError> {
        let (id, path) = (*id, path.to_owned());
        let open = move |runs: &E::Of| match outputs::is_named(&path, &runs.run(&id)?.spec.outputs)
        {
            true => outputs::open(&runs.work(&id), &path, from),
            false => Err(EngineError::NotFound(path)),
        };
        let file = blocking(self.runs(), open).await?;
        Ok(Box::pin(tokio::fs::File::from_std(file)))
    }

    async fn exec(
        &self,
        id: &RunId,
        exec: Exec,
    ) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
        let id = *id;
        let way = blocking(self.runs(), move |runs| runs.way_in(&id)).await?;
        inside::exec(self.runs().helper(), way, exec).await
    }

    async fn sftp(&self, id: &RunId) -> Result<UnixStream, EngineError> {
        let id = *id;
        let way = blocking(self.runs(), move |runs| runs.way_in(&id)).await?;
        inside::sftp(self.runs().helper(), way).await
    }

    async fn connect(&self, id: &RunId, port: u16) -> Result<TcpStream, EngineError> {
        let id = *id;
        let open = move |runs: &E::Of| {
            let way = runs.way_in(&id)?;
            Ok(match runs.net(&id) {
                Some(net) => Port::Open(net.connect(port)?),
                None => Port::Inside(way),
            })
        };
        let stream = match blocking(self.runs(), open).await? {
            Port::Open(stream) => stream,
            Port::Inside(way) => return inside::connect(self.runs().helper(), way, port).await,
        };
        let taken = stream
            .set_nonblocking(true)
            .and_then(|()| TcpStream::from_std(stream));
        taken.map_err(|error| EngineError::NotFound(format!("port {port}: {error}")))
    }

    async fn seal(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        blocking(self.runs(), move |runs| runs.seal(&id)).await
    }

    async fn remove(&self, id: &RunId) -> Result<(), EngineError> {
        let id = *id;
        blocking(self.runs(), move |runs| runs.remove(&id)).await
    }

    async fn health(&self) -> Health {
        let health = blocking(self.runs(), |runs| Ok(runs.health())).await;
        health.unwrap_or_else(|error| Health {
            ready: false,
            detail: Some(error.to_string()),
            strangers: false,
        })
    }

    async fn capacity(&self) -> Result<Capacity, EngineError> {
        blocking(self.runs(), |runs| capacity::of_jobs(runs.root())).await
    }
}

/// Of every run that a folder of leases has.
pub fn all<R: Runs, B: serde::de::DeserializeOwned>(
    runs: &R,
    leases: &Path,
    id: impl Fn(&B) -> RunId,
) -> Result<Vec<(RunId, RunStatus)>, EngineError> {
    let mut found = Vec::new();
    for lease in names::folders(leases)? {
        for dir in names::folders(&lease.join("runs"))? {
            match crate::files::read_json::<B>(&dir.join("book.json")) {
                Ok(None) => {}
                Ok(Some(book)) => {
                    let id = id(&book);
                    found.push((id, runs.status(&id)?));
                }
                // Its own lease ends it by the folder's name.
                Err(error) => tracing::error!(%error, "a run's book cannot be read"),
            }
        }
    }
    found.sort_by_key(|(id, _)| *id);
    Ok(found)
}
