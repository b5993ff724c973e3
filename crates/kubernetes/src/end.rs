//! What a pod says of its job's end, and whose doing it was. redteam K6

use crate::start::find;
use iog_engine::RunStatus;
use iog_job::Why;
use k8s_openapi::api::core::v1::{ContainerStateTerminated, Pod};

/// How a pod's job came to its end.
#[derive(Debug, PartialEq)]
pub enum End {
    /// `hold` lives: there is something to collect.
    Over(RunStatus),
    /// The whole pod is gone or dead.
    Lost(RunStatus, String),
}

/// None while it runs.
pub fn end(pod: Option<&Pod>) -> Option<End> {
    let Some(status) = pod.map(|pod| pod.status.as_ref()) else {
        let why = "it is not there any more".to_owned();
        return Some(End::Lost(RunStatus::Failed(Why::Lost), why));
    };
    let status = status?;
    if let Some(reason) = status
        .reason
        .as_deref()
        .filter(|reason| *reason != "Completed")
    {
        let message = status.message.clone().unwrap_or_default();
        let why = format!("{reason}: {message}");
        // The job wrote more than it may: its own doing.
        let of_disk = reason == "Evicted"
            && ["EmptyDir", "ephemeral"]
                .iter()
                .any(|word| message.contains(word))
            && !message.contains("low on resource");
        let over = match of_disk {
            true => RunStatus::Exited(137),
            false => RunStatus::Failed(Why::Host("engine".into())),
        };
        return Some(End::Lost(over, why));
    }
    let job = find(status.container_statuses.as_deref(), "job")?;
    let over = status_of(job.state.as_ref()?.terminated.as_ref()?);
    let hold = find(status.container_statuses.as_deref(), "hold");
    let lives = hold
        .and_then(|hold| hold.state.as_ref())
        .is_some_and(|state| state.running.is_some());
    Some(match lives {
        true => End::Over(over),
        false => End::Lost(over, "nothing holds its disk".into()),
    })
}

fn status_of(ended: &ContainerStateTerminated) -> RunStatus {
    let message = ended.message.as_deref().unwrap_or_default();
    match ended.reason.as_deref() {
        Some("OOMKilled") => RunStatus::Failed(Why::OutOfMemory),
        Some("StartError" | "ContainerCannotRun") => {
            RunStatus::Exited(match message.contains("permission denied") {
                true => 126,
                false => 127,
            })
        }
        // Codes of the kubelet for what it knows nothing of.
        Some("ContainerStatusUnknown") => RunStatus::Failed(Why::Lost),
        _ => RunStatus::Exited(ended.exit_code),
    }
}

#[cfg(test)]
#[path = "end_tests.rs"]
mod tests;
