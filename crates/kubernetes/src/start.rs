//! A run's start: its Job, what it needs into the pod, and whose fault it is where that gets no further. redteam K6

use crate::{api::host, cluster::Cluster, objects, receive};
use iog_engine::{names, EngineError, RunSpec};
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use std::{sync::Arc, time::Duration};

/// A pod that waits longer for a place has none: another's cards are not free yet, or the machine is full.
const PLACED_WITHIN: Duration = Duration::from_secs(180);
const RECEIVES_WITHIN: Duration = Duration::from_secs(600);
/// Images of tens of gigabytes.
const RUNS_WITHIN: Duration = Duration::from_secs(3_600);

/// How far a pod is.
#[derive(Debug)]
enum Stage {
    Receiving,
    Running,
}

impl Cluster {
    pub async fn start(self: &Arc<Self>, run: &RunSpec) -> Result<(), EngineError> {
        let id = &run.id;
        let book = self.books.get(id)?;
        if book.run != *run {
            return Err(EngineError::Conflict(id.to_string()));
        }
        if book.started || book.over.is_some() {
            return Ok(());
        }
        self.proof.check()?;
        self.check_cards(run.cards.len()).await?;
        match self.bring_up(run).await {
            Ok(()) => {}
            Err(error) => {
                if let Err(left) = self.erase_job(id).await {
                    tracing::warn!(run = %id, error = %left, "what did not start cannot be erased yet");
                }
                return Err(error);
            }
        }
        let book = self
            .books
            .change(id, |book| book.started = book.over.is_none())?;
        if book.started {
            self.look_after(run);
        }
        Ok(())
    }

    async fn bring_up(&self, run: &RunSpec) -> Result<(), EngineError> {
        let id = &run.id;
        self.make_job(&objects::job(&self.settings, run)?).await?;
        let name = names::run_name(id);
        self.placed(&name).await?;
        let came = self
            .pods
            .until(&name, RECEIVES_WITHIN, |pod| pod.and_then(stage));
        if let Stage::Receiving = came.await?? {
            let place = self.place(id, "receive")?;
            receive::send(&place, &self.books.work(id), &self.books.secrets_dir(id)).await?;
        }
        let runs = |pod: Option<&Pod>| match pod.and_then(stage) {
            Some(Ok(Stage::Receiving)) | None => None,
            Some(Ok(Stage::Running)) => Some(Ok(())),
            Some(Err(error)) => Some(Err(error)),
        };
        self.pods.until(&name, RUNS_WITHIN, runs).await?
    }

    async fn placed(&self, name: &str) -> Result<(), EngineError> {
        let mut why = None;
        let placed = self.pods.until(name, PLACED_WITHIN, |pod| {
            let status = pod?.status.as_ref()?;
            let conditions = status.conditions.as_deref().unwrap_or_default();
            let placed = conditions.iter().find(|of| of.type_ == "PodScheduled")?;
            why.clone_from(&placed.message);
            (placed.status == "True" || status.phase.as_deref() == Some("Failed")).then_some(())
        });
        let placed = placed.await;
        match (placed, why) {
            (Err(_), Some(why)) => Err(host(
                "limits",
                format!("the cluster has no place for the pod: {why}"),
            )),
            (placed, _) => placed,
        }
    }
}

/// None while it is on its way.
fn stage(pod: &Pod) -> Option<Result<Stage, EngineError>> {
    let status = pod.status.as_ref()?;
    let job = find(status.container_statuses.as_deref(), "job");
    if let Some(state) = job.and_then(|job| job.state.as_ref()) {
        if state.running.is_some() || state.terminated.is_some() {
            return Some(Ok(Stage::Running));
        }
        let waiting = state.waiting.as_ref();
        let reason = waiting.and_then(|waiting| waiting.reason.as_deref());
        let message = || {
            waiting
                .and_then(|waiting| waiting.message.clone())
                .unwrap_or_default()
        };
        match reason {
            // The first failure may be a registry's bad moment; this is said after it was tried again.
            Some(
                "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" | "ImageInspectError",
            ) => return Some(Err(EngineError::Image(shown(&message())))),
            // Pods of the same make were started to try the network.
            Some("CreateContainerConfigError" | "CreateContainerError" | "RunContainerError") => {
                return Some(Err(EngineError::Job(format!(
                    "the container engine refuses it: {}",
                    shown(&message())
                ))))
            }
            _ => {}
        }
    }
    if status.phase.as_deref() == Some("Failed") || pod.metadata.deletion_timestamp.is_some() {
        let why = status.message.clone().or_else(|| status.reason.clone());
        return Some(Err(host(
            "engine",
            shown(&why.unwrap_or_else(|| "the pod was ended".into())),
        )));
    }
    let receive = find(status.init_container_statuses.as_deref(), "receive")?
        .state
        .as_ref()?;
    match (&receive.running, &receive.waiting) {
        (Some(_), _) => Some(Ok(Stage::Receiving)),
        (None, Some(waiting)) if waiting.reason.as_deref() == Some("ImagePullBackOff") => {
            let why = waiting.message.clone().unwrap_or_default();
            Some(Err(host(
                "engine",
                format!(
                    "node.kubernetes.helper_image cannot be had: {}",
                    shown(&why)
                ),
            )))
        }
        _ => None,
    }
}

pub fn find<'a>(
    statuses: Option<&'a [ContainerStatus]>,
    name: &str,
) -> Option<&'a ContainerStatus> {
    statuses?.iter().find(|status| status.name == name)
}

/// The container engine's words hold whatever an image's name does.
fn shown(text: &str) -> String {
    text.escape_debug().take(300).collect()
}
