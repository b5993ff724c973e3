//! Every object that is made in a cluster. They are written as the API's JSON, which is what the published schemas are held against.

mod job;
mod network;
mod probe;

pub use job::{job, GATE, SECRETS, WORK};
pub use network::{egress_policy, limit_range, nothing_policy, quota};
pub use probe::{open_policy, pod as probe_pod, Probe, Target};

use crate::{api::host, settings::KubernetesSettings};
use iog_engine::{names, EngineError, RunSpec};
use iog_job::RunId;
use serde::de::DeserializeOwned;
use serde_json::{json, Value};

/// Which node's a thing is.
pub const MACHINE_LABEL: &str = "iog.network/machine";
pub const LEASE_LABEL: &str = "iog.network/lease";
pub const RUN_LABEL: &str = "iog.network/run";
/// `open` of what reaches the internet, `none` of the rest.
pub const EGRESS_LABEL: &str = "iog.network/egress";
pub const PROBE_LABEL: &str = "iog.network/probe";
/// The whole id, which is too long for a label.
pub const RUN_ANNOTATION: &str = "iog.network/run-id";
/// Whose fields of shared objects are.
pub const MANAGER: &str = "iog-keeper";
/// The user of every container.
pub const USER: u32 = 1_000;

/// As the client takes it.
pub fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, EngineError> {
    T::deserialize(value).map_err(|error| host("engine", format!("an object of our own: {error}")))
}

/// Of a run's Job.
pub fn job_name(id: &RunId) -> String {
    format!("iog-{}", names::run_name(id))
}

/// A machine's name as a label's value, or what stands for one that is none.
pub fn machine_label(machine: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = machine.as_bytes();
    let is_value = bytes.len() <= 63
        && bytes.iter().copied().all(plain)
        && ends(bytes.first())
        && ends(bytes.last());
    match is_value {
        true => machine.to_owned(),
        false => names::short(machine),
    }
}

pub fn selector(settings: &KubernetesSettings) -> String {
    format!("{MACHINE_LABEL}={}", machine_label(&settings.machine))
}

fn labels(settings: &KubernetesSettings, open: bool) -> Value {
    json!({
        "app.kubernetes.io/managed-by": MANAGER,
        MACHINE_LABEL: machine_label(&settings.machine),
        EGRESS_LABEL: if open { "open" } else { "none" },
    })
}

/// What a pod is never given, whatever it runs: the restricted profile of the pod security standards, and no key to the cluster.
/// redteam M9
fn pod_security(settings: &KubernetesSettings, spec: &mut Value) {
    let mut fixed = json!({
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        "hostNetwork": false,
        "hostPID": false,
        "hostIPC": false,
        "shareProcessNamespace": false,
        "restartPolicy": "Never",
        "dnsPolicy": "None",
        "dnsConfig": {"nameservers": resolvers(settings)},
        "securityContext": {
            "runAsNonRoot": true,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [settings.machine]}]},
        ]}}},
    });
    if let (Some(spec), Some(fixed)) = (spec.as_object_mut(), fixed.as_object_mut()) {
        spec.append(fixed);
        if settings.user_namespaces {
            spec.insert("hostUsers".into(), false.into());
        }
        if let Some(class) = &settings.runtime_class {
            spec.insert("runtimeClassName".into(), class.as_str().into());
        }
        if let Some(secret) = &settings.pull_secret {
            spec.insert("imagePullSecrets".into(), json!([{"name": secret}]));
        }
    }
}

/// None of the cluster's: its own server of names would tell of everything that runs there.
fn resolvers(settings: &KubernetesSettings) -> Vec<String> {
    match &settings.egress {
        Some(egress) => egress
            .resolvers
            .iter()
            .take(3)
            .map(ToString::to_string)
            .collect(),
        None => vec!["127.0.0.1".into()],
    }
}

fn container_security() -> Value {
    json!({
        "allowPrivilegeEscalation": false,
        "privileged": false,
        "readOnlyRootFilesystem": true,
        "runAsNonRoot": true,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    })
}

/// By what it is for.
///
/// # Errors
/// [`EngineError::Job`] where the run is none for Kubernetes.
pub fn every_object(
    settings: &KubernetesSettings,
    run: &RunSpec,
) -> Result<Vec<(&'static str, Value)>, EngineError> {
    let mut objects = vec![
        ("job", job(settings, run)?),
        ("nothing_policy", nothing_policy(settings)),
        ("egress_policy", egress_policy(settings)),
        ("quota", quota(settings)),
        ("limit_range", limit_range(settings)),
        ("open_policy", open_policy(settings)),
    ];
    let target = Target {
        name: "metadata",
        host: "169.254.169.254".into(),
        port: 80,
    };
    for probe in [Probe::Control, Probe::Shut, Probe::Egress] {
        let pod = probe_pod(settings, probe, std::slice::from_ref(&target), "0");
        objects.push((probe.name(), pod));
    }
    Ok(objects)
}
