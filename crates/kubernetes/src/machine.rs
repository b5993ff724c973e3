//! The machine that this node stands for, as the cluster has it.

use crate::{
    api::{host, refused},
    cluster::Cluster,
    quantity,
};
use iog_engine::{Capacity, EngineError};
use iog_job::Platform;
use k8s_openapi::api::core::v1::Node;
use kube::Api;

impl Cluster {
    async fn machine(&self) -> Result<Node, EngineError> {
        let nodes = Api::<Node>::all(self.client.clone());
        nodes
            .get(&self.settings.machine)
            .await
            .map_err(|error| refused(&error))
    }

    fn allocatable(node: &Node, resource: &str) -> Option<u64> {
        let amounts = node.status.as_ref()?.allocatable.as_ref()?;
        quantity::millis(&amounts.get(resource)?.0)
    }

    /// What the cluster gives to pods of the machine.
    pub async fn capacity(&self) -> Result<Capacity, EngineError> {
        let node = self.machine().await?;
        let amount = |resource: &str| {
            let millis = Self::allocatable(&node, resource);
            millis.ok_or_else(|| {
                host(
                    "engine",
                    format!("the machine does not tell its {resource}"),
                )
            })
        };
        let info = node
            .status
            .as_ref()
            .and_then(|status| status.node_info.as_ref());
        let platform = match info.map(|info| info.architecture.as_str()) {
            Some("arm64") => Platform::LinuxArm64,
            Some("amd64") => Platform::LinuxAmd64,
            other => {
                return Err(host(
                    "engine",
                    format!("no jobs run on {}", other.unwrap_or("it")),
                ))
            }
        };
        Ok(Capacity {
            platform,
            cpu_millis: u32::try_from(amount("cpu")?).unwrap_or(u32::MAX),
            memory_bytes: amount("memory")? / 1_000,
            disk_bytes: amount("ephemeral-storage")? / 1_000,
        })
    }

    /// The cluster's plugin chooses cards, not this node: a lease of some of them could be given another's.
    pub async fn check_cards(&self, cards: usize) -> Result<(), EngineError> {
        if cards == 0 {
            return Ok(());
        }
        let node = self.machine().await?;
        let resource = &self.settings.gpu_resource;
        let there = Self::allocatable(&node, resource).unwrap_or(0) / 1_000;
        match u64::try_from(cards).is_ok_and(|cards| cards == there) {
            true => Ok(()),
            false => Err(host(
                "cards",
                format!("the machine has {there} of {resource} and the lease {cards}: a device stands for all cards of a machine in Kubernetes"),
            )),
        }
    }
}
