use iog_engine::netns::Egress;
use std::{net::IpAddr, path::PathBuf};

/// What the operator says of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubernetesSettings {
    /// Books, logs and outputs of leases.
    pub root: PathBuf,
    /// Secrets of runs until they are in their pods; memory only.
    pub secrets: PathBuf,
    /// Where jobs run: a namespace for them alone.
    pub namespace: String,
    /// The cluster's name of the machine that this node stands for: all of its jobs run there.
    pub machine: String,
    /// Where pods would reach this process, in the cluster's network. It is listened on there while the network is tried.
    pub address: IpAddr,
    /// An image with bash, coreutils, findutils and GNU tar, for what stands beside jobs; by digest is best.
    pub helper_image: String,
    /// Of jobs; the cluster's own if not set.
    pub runtime_class: Option<String>,
    /// Gives each pod a range of user ids of its own.
    pub user_namespaces: bool,
    /// What cards are called among the machine's resources.
    pub gpu_resource: String,
    /// Secret with the operator's own access to registries, in `namespace`.
    pub pull_secret: Option<String>,
    /// The way to the internet; only its servers of names are used here, the cluster's plugin does the rest.
    pub egress: Option<Egress>,
    /// What no job reaches beside private networks: the API server's own range where that is public.
    pub forbidden: Vec<String>,
    /// Pods of this machine's jobs at most.
    pub max_pods: u32,
    /// A pod ends after so long, also where no node ever comes back for it.
    pub max_run_secs: u64,
}

impl KubernetesSettings {
    pub fn new(
        root: impl Into<PathBuf>,
        secrets: impl Into<PathBuf>,
        machine: impl Into<String>,
        address: IpAddr,
        helper_image: impl Into<String>,
    ) -> Self {
        Self {
            root: root.into(),
            secrets: secrets.into(),
            namespace: "iog-jobs".into(),
            machine: machine.into(),
            address,
            helper_image: helper_image.into(),
            runtime_class: None,
            user_namespaces: false,
            gpu_resource: "nvidia.com/gpu".into(),
            pull_secret: None,
            egress: None,
            forbidden: Vec::new(),
            max_pods: 64,
            max_run_secs: 31 * 86_400,
        }
    }
}
