//! What holds for all jobs of the namespace: what they reach, and how much there may be.

use super::{machine_label, EGRESS_LABEL, MANAGER};
use crate::settings::KubernetesSettings;
use iog_engine::netns::FORBIDDEN;
use serde_json::{json, Value};

/// Nobody rents a card to send mail: all ports but these.
const PORTS: [(u16, u16); 4] = [(1, 24), (26, 464), (466, 586), (588, 65_535)];

fn meta(settings: &KubernetesSettings, name: &str) -> Value {
    json!({
        "name": name,
        "namespace": settings.namespace,
        "labels": {"app.kubernetes.io/managed-by": MANAGER},
    })
}

/// Nothing reaches a job, and a job reaches nothing. Its ports are reached through the API server, which no policy governs.
pub fn nothing_policy(settings: &KubernetesSettings) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(settings, "iog-nothing"),
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    })
}

/// The internet, for jobs that asked for it where the operator allows it. IPv4 alone.
pub fn egress_policy(settings: &KubernetesSettings) -> Value {
    let own = settings.forbidden.iter().map(String::as_str);
    let except: Vec<&str> = FORBIDDEN.into_iter().chain(own).collect();
    let mut ports: Vec<Value> = PORTS
        .iter()
        .map(|(first, last)| json!({"protocol": "TCP", "port": first, "endPort": last}))
        .collect();
    ports.push(json!({"protocol": "UDP", "port": 1, "endPort": 65_535}));
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(settings, "iog-egress"),
        "spec": {
            "podSelector": {"matchLabels": {EGRESS_LABEL: "open"}},
            "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": except}}], "ports": ports}],
        },
    })
}

/// Of the namespace: jobs are pods and nothing else.
pub fn quota(settings: &KubernetesSettings) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        // Nodes that share a namespace have one each, and the least of them holds.
        "metadata": meta(settings, &format!("iog-{}", machine_label(&settings.machine).to_lowercase().replace('_', "-"))),
        "spec": {"hard": {
            "pods": settings.max_pods.to_string(),
            "count/jobs.batch": settings.max_pods.to_string(),
            "services": "0",
            "services.loadbalancers": "0",
            "services.nodeports": "0",
            "persistentvolumeclaims": "0",
        }},
    })
}

/// What a pod without amounts would get: nobody makes one, and nobody who could is given much.
pub fn limit_range(settings: &KubernetesSettings) -> Value {
    let little = json!({"cpu": "50m", "memory": "67108864", "ephemeral-storage": "16777216"});
    json!({
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": meta(settings, "iog"),
        "spec": {"limits": [{"type": "Container", "default": little, "defaultRequest": little}]},
    })
}
