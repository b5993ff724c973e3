//! Who looks after a run from its start to its end: takes its log and its outputs, and says when it is over. One task a run; after a
//! restart of this process another one takes it up where it is.

use crate::{
    api::host,
    cluster::Cluster,
    collect::{self, Most},
    end::{end, End},
    logs::{self, Pump},
};
use iog_engine::{names, EngineError, RunSpec, RunStatus};
use iog_job::{RunId, Why};
use k8s_openapi::api::core::v1::Pod;
use kube::ResourceExt;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

const FOREVER: Duration = Duration::from_secs(10 * 365 * 86_400);
const AGAIN: Duration = Duration::from_secs(5);
/// A job that is told to end and does not is read as it is after so long.
const ENDS_WITHIN: Duration = Duration::from_secs(2);
/// Of outputs of a job that would not end.
const SNAPSHOT_WITHIN: Duration = Duration::from_secs(25);
/// Of outputs of one that is over.
const COLLECT_WITHIN: Duration = Duration::from_secs(3_600);
const COLLECT_TRIES: u32 = 5;
/// The pod stays readable for so long after it was told to end.
const GRACE_SECS: u32 = 7_200;
const LOG_WITHIN: Duration = Duration::from_secs(60);

pub struct Shepherd {
    stop: watch::Sender<bool>,
    done: watch::Receiver<bool>,
}

impl Cluster {
    /// Once for each run.
    pub fn look_after(self: &Arc<Self>, run: &RunSpec) -> Arc<Shepherd> {
        let mut shepherds = self
            .shepherds
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = shepherds.get(&run.id) {
            return Arc::clone(known);
        }
        let (stop, stopped) = watch::channel(false);
        let (tell, done) = watch::channel(false);
        let shepherd = Arc::new(Shepherd { stop, done });
        shepherds.insert(run.id, Arc::clone(&shepherd));
        let (cluster, run) = (Arc::clone(self), run.clone());
        tokio::spawn(async move {
            cluster.to_its_end(&run, stopped).await;
            let mut shepherds = cluster
                .shepherds
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            shepherds.remove(&run.id);
            tell.send_replace(true);
        });
        shepherd
    }

    /// Returns once it is over.
    pub async fn stop(self: &Arc<Self>, id: &RunId) -> Result<(), EngineError> {
        let book = self.books.change(id, |book| book.stopping = true)?;
        if book.over.is_some() {
            return Ok(());
        }
        if !book.started {
            self.erase_job(id).await?;
            return self
                .books
                .change(id, |book| book.over = Some(RunStatus::Stopped))
                .map(drop);
        }
        let shepherd = self.look_after(&book.run);
        shepherd.stop.send_replace(true);
        let mut done = shepherd.done.clone();
        // It ends only when it has said so, or this process does.
        let _ = done.wait_for(|done| *done).await;
        Ok(())
    }

    async fn to_its_end(self: &Arc<Self>, run: &RunSpec, mut stopped: watch::Receiver<bool>) {
        let id = &run.id;
        let name = names::run_name(id);
        let (tell_over, over) = watch::channel(false);
        let pump = self.pump(run, over);
        let stopping = self.books.get(id).is_ok_and(|book| book.stopping);
        let end = loop {
            let watched = self.pods.until(&name, FOREVER, end);
            tokio::select! {
                ended = watched => match ended {
                    Ok(ended) => break ended,
                    Err(_) => sleep(AGAIN).await,
                },
                () = told(&mut stopped, stopping) => break self.told_to_end(id).await,
            }
        };
        tell_over.send_replace(true);
        if let Ok(pump) = pump {
            if timeout(LOG_WITHIN, pump).await.is_err() {
                self.note(run, "the end of the job's output could not be read");
            }
        }
        let status = match end {
            End::Over(status) => self.collected(run, status).await,
            End::Lost(status, why) => {
                self.note(
                    run,
                    &format!("the pod ended with all that was in it: {why}"),
                );
                status
            }
        };
        while let Err(error) = self.finish(id, &status).await {
            tracing::warn!(run = %id, %error, "a run cannot be ended yet");
            sleep(AGAIN).await;
        }
    }

    fn pump(
        &self,
        run: &RunSpec,
        over: watch::Receiver<bool>,
    ) -> Result<tokio::task::JoinHandle<()>, EngineError> {
        let (id, cluster_pods) = (run.id, self.pods.follow());
        let (log, api) = (self.books.log(&id), self.api::<Pod>());
        let position = self.books.run_dir(&id).join("log.json");
        let log_bytes = run.limits.log_bytes;
        Ok(tokio::spawn(async move {
            let name = names::run_name(&id);
            let named = cluster_pods.until(&name, FOREVER, |pod| pod.map(ResourceExt::name_any));
            let mut until_over = over.clone();
            let pod = tokio::select! {
                // Of a job that was over before it was looked for, both are so at once, and its output is to be read.
                biased;
                Ok(pod) = named => pod,
                _ = until_over.wait_for(|over| *over) => return,
                else => return,
            };
            let place = crate::inside::Place {
                pods: api,
                pod,
                container: "job",
            };
            let pump = Pump {
                place,
                log,
                log_bytes,
                position,
            };
            if let Err(error) = pump.run(over).await {
                tracing::warn!(run = %id, %error, "a log is not kept");
            }
        }))
    }

    fn note(&self, run: &RunSpec, text: &str) {
        logs::note(&self.books.log(&run.id), run.limits.log_bytes, text);
    }

    /// All containers are told to end. The job's obeys or is read while it runs; the pod goes when it was read.
    async fn told_to_end(&self, id: &RunId) -> End {
        let name = names::run_name(id);
        if let Some(pod) = self.pods.get(&name) {
            if let Err(error) = self.end_pod(&pod.name_any(), GRACE_SECS).await {
                tracing::warn!(run = %id, %error, "a pod cannot be told to end");
            }
        }
        match self.pods.until(&name, ENDS_WITHIN, end).await {
            Ok(End::Lost(_, why)) => End::Lost(RunStatus::Stopped, why),
            Ok(End::Over(_)) => End::Over(RunStatus::Stopped),
            Err(_) => {
                let snapshot = self.take_outputs(id);
                let why = match timeout(SNAPSHOT_WITHIN, snapshot).await {
                    Ok(Ok(())) => "its outputs were taken as they were".to_owned(),
                    Ok(Err(error)) => format!("its outputs could not be taken: {error}"),
                    Err(_) => "its outputs were too many to be taken in time".to_owned(),
                };
                End::Lost(
                    RunStatus::Stopped,
                    format!("the job did not end when it was told to; {why}"),
                )
            }
        }
    }

    async fn take_outputs(&self, id: &RunId) -> Result<(), EngineError> {
        let limits = self.books.get(id)?.run.limits;
        let most = Most {
            bytes: limits.disk_bytes,
            files: limits.inodes,
        };
        collect::take(&self.place(id, "hold")?, &self.books.work(id), most).await
    }

    /// A run whose outputs are not there did not end well, whatever its code.
    async fn collected(&self, run: &RunSpec, status: RunStatus) -> RunStatus {
        for _ in 0..COLLECT_TRIES {
            let taken = timeout(COLLECT_WITHIN, self.take_outputs(&run.id));
            let error = match taken.await {
                Ok(Ok(())) => return status,
                Ok(Err(error)) => error,
                Err(_) => host("engine", "it takes too long"),
            };
            self.note(run, &format!("outputs cannot be taken: {error}"));
            // Tried again in vain.
            if matches!(
                error,
                EngineError::Host { what: "disk", .. } | EngineError::NotRunning
            ) {
                break;
            }
            sleep(AGAIN).await;
        }
        match status {
            RunStatus::Exited(_) => RunStatus::Failed(Why::Host("disk".into())),
            other => other,
        }
    }

    async fn finish(&self, id: &RunId, status: &RunStatus) -> Result<(), EngineError> {
        self.erase_job(id).await?;
        let over = |book: &mut crate::book::Book| book.over = Some(status.clone());
        match self.books.change(id, over) {
            // Removed meanwhile.
            Err(EngineError::Unknown(_)) => Ok(()),
            done => done.map(drop),
        }
    }
}

async fn told(stopped: &mut watch::Receiver<bool>, before: bool) {
    let _ = stopped.wait_for(|stop| *stop || before).await;
}
