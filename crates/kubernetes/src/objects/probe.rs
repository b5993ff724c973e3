//! Pods that try whether the cluster's network keeps jobs where they belong. redteam M9

use super::{container_security, labels, pod_security, MANAGER, PROBE_LABEL, RUN_LABEL};
use crate::settings::KubernetesSettings;
use serde_json::{json, Value};

/// Says in its last message what it reached; 1 where that is anything.
const SCRIPT: &str = r#"code=0
while [ "$#" -ge 3 ]; do
  if timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$2" "$3" 2>/dev/null; then
    echo "$1" >> /dev/termination-log; code=1
  fi
  shift 3
done
exit $code"#;

/// Something to be reached, or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub name: &'static str,
    pub host: String,
    pub port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// Must reach this process: else it is no policy that keeps the others from it.
    Control,
    /// As a job without a way to the internet.
    Shut,
    /// As a job with one.
    Egress,
}

impl Probe {
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Shut => "shut",
            Self::Egress => "egress",
        }
    }
}

/// The control's way to this process.
pub fn open_policy(settings: &KubernetesSettings) -> Value {
    let bits = if settings.address.is_ipv4() { 32 } else { 128 };
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": format!("iog-control-{}", iog_engine::names::short(&settings.machine)),
            "namespace": settings.namespace,
            "labels": {"app.kubernetes.io/managed-by": MANAGER},
        },
        "spec": {
            "podSelector": {"matchLabels": {PROBE_LABEL: "control", super::MACHINE_LABEL: super::machine_label(&settings.machine)}},
            "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": format!("{}/{bits}", settings.address)}}]}],
        },
    })
}

/// `number` is new for each try.
pub fn pod(settings: &KubernetesSettings, probe: Probe, targets: &[Target], number: &str) -> Value {
    let name = format!(
        "iog-{}-{}-{number}",
        probe.name(),
        iog_engine::names::short(&settings.machine)
    );
    let mut meta = labels(settings, probe == Probe::Egress);
    if let Some(labels) = meta.as_object_mut() {
        labels.insert(PROBE_LABEL.into(), probe.name().into());
        labels.insert(RUN_LABEL.into(), name.as_str().into());
    }
    let mut command = vec![
        "bash".to_owned(),
        "-c".into(),
        SCRIPT.replace('$', "$$"),
        "probe".into(),
    ];
    for target in targets {
        command.extend([
            target.name.into(),
            target.host.clone(),
            target.port.to_string(),
        ]);
    }
    let amounts = json!({"cpu": "50m", "memory": "67108864", "ephemeral-storage": "16777216"});
    let mut spec = json!({
        "activeDeadlineSeconds": 120,
        "containers": [{
            "name": "probe",
            "image": settings.helper_image,
            "imagePullPolicy": "IfNotPresent",
            "command": command,
            "resources": {"requests": amounts, "limits": amounts},
            "securityContext": container_security(),
        }],
    });
    pod_security(settings, &mut spec);
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": settings.namespace, "labels": meta},
        "spec": spec,
    })
}
