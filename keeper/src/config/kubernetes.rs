//! The cluster of the engine `kubernetes`: `[node.kubernetes]`.

use serde::Deserialize;
use std::{net::IpAddr, path::PathBuf};

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kubernetes {
    /// With bash, coreutils, findutils and GNU tar, by digest: what stands beside jobs.
    pub helper_image: String,
    /// For jobs alone.
    #[serde(default = "namespace")]
    pub namespace: String,
    /// The cluster's name of this machine; `NODE_NAME` of the environment if not set.
    pub machine: Option<String>,
    /// Of this process in the cluster's network; `POD_IP` of the environment if not set.
    pub address: Option<IpAddr>,
    /// Secrets on their way into pods; in memory.
    #[serde(default = "secrets_dir")]
    pub secrets_dir: PathBuf,
    pub runtime_class: Option<String>,
    #[serde(default)]
    pub user_namespaces: bool,
    #[serde(default = "gpu_resource")]
    pub gpu_resource: String,
    pub pull_secret: Option<String>,
    /// Ranges that no job reaches beside private networks.
    #[serde(default)]
    pub forbidden: Vec<super::Lan>,
    #[serde(default = "max_pods")]
    pub max_pods: u32,
}

fn namespace() -> String {
    "iog-jobs".into()
}

fn secrets_dir() -> PathBuf {
    "/run/iog-secrets".into()
}

fn gpu_resource() -> String {
    "nvidia.com/gpu".into()
}

fn max_pods() -> u32 {
    64
}
