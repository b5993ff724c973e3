//! A run as a Job with one pod that is never made anew: what was lost with it is the order's rule to start again, not the cluster's.

use super::{
    container_security, job_name, labels, pod_security, LEASE_LABEL, RUN_ANNOTATION, RUN_LABEL,
};
use crate::settings::KubernetesSettings;
use iog_engine::{
    container::{environment, wrapped, SESSION},
    names, EngineError, RunSpec,
};
use iog_job::Kind;
use serde_json::{json, Value};

pub const WORK: &str = "/work";
pub const SECRETS: &str = "/run/iog/secrets";
/// Between this process and what stands beside the job; the job has no way there.
pub const GATE: &str = "/run/iog/gate";
/// What stands beside a job takes of the machine.
pub const HELPER_CPU_MILLIS: u64 = 50;
pub const HELPER_MEMORY_BYTES: u64 = 64 << 20;
/// Of the job's memory, as in the engine for containers.
const TMP_SHARE: u64 = 2;
/// What is over and was collected is erased at once; this is for what nobody comes back for.
const KEPT_SECS: u64 = 86_400;

/// # Errors
/// [`EngineError::Job`] or [`EngineError::Image`] where no pod can be what the job asks for.
pub fn job(settings: &KubernetesSettings, run: &RunSpec) -> Result<Value, EngineError> {
    let mut meta = labels(settings, run.egress);
    if let Some(labels) = meta.as_object_mut() {
        labels.insert(LEASE_LABEL.into(), names::lease_name(&run.id).into());
        labels.insert(RUN_LABEL.into(), names::run_name(&run.id).into());
    }
    let annotations = json!({RUN_ANNOTATION: run.id.to_string()});
    let mut pod = json!({
        "terminationGracePeriodSeconds": 30,
        "hostname": "iog",
        "initContainers": [receive(settings)],
        "containers": [renters(settings, run)?, hold(settings)],
        "volumes": volumes(run),
    });
    pod_security(settings, &mut pod);
    Ok(json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": job_name(&run.id),
            "namespace": settings.namespace,
            "labels": meta,
            "annotations": annotations,
        },
        "spec": {
            "parallelism": 1,
            "completions": 1,
            "backoffLimit": 0,
            "podReplacementPolicy": "Failed",
            "activeDeadlineSeconds": settings.max_run_secs,
            "ttlSecondsAfterFinished": KEPT_SECS,
            "template": {"metadata": {"labels": meta, "annotations": annotations}, "spec": pod},
        },
    }))
}

/// Waits until inputs and secrets are there. What opens the gate before it is one opens it all the same.
fn receive(settings: &KubernetesSettings) -> Value {
    let script = format!("mkfifo -m 600 {GATE}/go 2>/dev/null || exit 0; exec cat {GATE}/go");
    json!({
        "name": "receive",
        "image": settings.helper_image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/sh", "-c", script],
        "resources": helper_resources(),
        "securityContext": container_security(),
        "volumeMounts": [mount("work", WORK, false), mount("secrets", SECRETS, false), mount("gate", GATE, false)],
    })
}

/// Keeps the disk readable when the job is over. It does not end by itself: the Job ends when this process has what the run left.
fn hold(settings: &KubernetesSettings) -> Value {
    json!({
        "name": "hold",
        "image": settings.helper_image,
        "imagePullPolicy": "IfNotPresent",
        // As the first process of its container it is not ended by a signal that it does not know: a pod that is told to end can be
        // read until it is told to end at once.
        "command": ["sleep", "infinity"],
        "workingDir": WORK,
        "resources": helper_resources(),
        "securityContext": container_security(),
        "volumeMounts": [mount("work", WORK, true)],
    })
}

fn helper_resources() -> Value {
    let amounts = json!({
        "cpu": format!("{HELPER_CPU_MILLIS}m"),
        "memory": HELPER_MEMORY_BYTES.to_string(),
        "ephemeral-storage": "16777216",
    });
    json!({"requests": amounts, "limits": amounts})
}

fn mount(name: &str, path: &str, read_only: bool) -> Value {
    json!({"name": name, "mountPath": path, "readOnly": read_only})
}

fn renters(settings: &KubernetesSettings, run: &RunSpec) -> Result<Value, EngineError> {
    let limits = &run.limits;
    let mut amounts = json!({
        "cpu": format!("{}m", limits.cpu_millis.max(1)),
        "memory": limits.memory_bytes.to_string(),
        "ephemeral-storage": limits.disk_bytes.to_string(),
    });
    if let (false, Some(amounts)) = (run.cards.is_empty(), amounts.as_object_mut()) {
        amounts.insert(
            settings.gpu_resource.clone(),
            run.cards.len().to_string().into(),
        );
    }
    let mut container = json!({
        "name": "job",
        "image": image(run)?,
        "imagePullPolicy": "IfNotPresent",
        "workingDir": WORK,
        "env": env(run),
        "stdin": false,
        "tty": false,
        "terminationMessagePolicy": "File",
        "resources": {"requests": amounts, "limits": amounts},
        "securityContext": container_security(),
        "volumeMounts": [
            mount("work", WORK, false),
            mount("secrets", SECRETS, true),
            mount("tmp", "/tmp", false),
            mount("shm", "/dev/shm", false),
        ],
    });
    let command = command(run)?;
    if let (false, Some(container)) = (command.is_empty(), container.as_object_mut()) {
        let command: Vec<String> = command.iter().map(|word| literal(word)).collect();
        container.insert("command".into(), json!(command));
    }
    Ok(container)
}

/// By digest alone: a tag is another image tomorrow.
fn image(run: &RunSpec) -> Result<String, EngineError> {
    let image = run.spec.image.as_ref().ok_or_else(|| {
        EngineError::Image("the job names none, and Kubernetes starts nothing without one".into())
    })?;
    let reference = image.reference.as_deref().ok_or_else(|| {
        EngineError::Image(
            "Kubernetes pulls images and takes no archive: push it to a registry and name it by digest"
                .into(),
        )
    })?;
    Ok(format!(
        "{reference}@sha256:{}",
        hex::encode(image.digest.0)
    ))
}

/// Empty: the image's own.
fn command(run: &RunSpec) -> Result<Vec<String>, EngineError> {
    let command = match run.spec.kind {
        Kind::Session => SESSION.map(String::from).to_vec(),
        Kind::Ray => {
            return Err(EngineError::Job(
                "this node runs jobs in Kubernetes, where there is no mesh: take nodes of the engines container or sandbox for a cluster"
                    .into(),
            ))
        }
        _ => run.spec.command.clone(),
    };
    let in_env = run.spec.secrets.iter().any(|secret| secret.env.is_some());
    match (command.is_empty(), in_env) {
        (true, true) => Err(EngineError::Job(
            "secrets in the environment need a `command` here; or read them from /run/iog/secrets"
                .into(),
        )),
        (true, false) => Ok(command),
        (false, _) => Ok(wrapped(run, command)),
    }
}

fn env(run: &RunSpec) -> Vec<Value> {
    // The image's PATH is not known here and is better than one of ours; with cards the plugin says which are seen.
    let not_ours = |name: &str| {
        (name == "PATH" && !run.spec.env.contains_key("PATH"))
            || (name == "NVIDIA_VISIBLE_DEVICES" && !run.cards.is_empty())
    };
    environment(run)
        .into_iter()
        .filter(|(name, _)| !not_ours(name))
        .map(|(name, value)| json!({"name": name, "value": literal(&value)}))
        .collect()
}

/// Kubernetes puts variables into commands and values where they say `$(NAME)`; two dollars are one.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

fn volumes(run: &RunSpec) -> Value {
    let limits = &run.limits;
    let of_memory = |name: &str, bytes: u64| json!({"name": name, "emptyDir": {"medium": "Memory", "sizeLimit": bytes.to_string()}});
    json!([
        {"name": "work", "emptyDir": {"sizeLimit": limits.disk_bytes.to_string()}},
        of_memory("secrets", 4 << 20),
        of_memory("gate", 1 << 20),
        of_memory("tmp", limits.memory_bytes / TMP_SHARE),
        of_memory("shm", limits.shm_bytes),
    ])
}
