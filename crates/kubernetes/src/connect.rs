//! The way to the API server, and the folder that is no disk.

use crate::api::{host, refused};
use iog_engine::EngineError;
use kube::{Client, Config};
use rustix::fs::statfs;
use std::path::Path;

/// Of memory, as the kernel numbers file systems: tmpfs and ramfs.
const OF_MEMORY: [i64; 2] = [0x0102_1994, 0x8584_58f6];

pub async fn connect() -> Result<(Client, (String, u16)), EngineError> {
    let config = Config::infer().await.map_err(|error| {
        host("engine", format!("no cluster is known here: run in a pod with a service account, or set KUBECONFIG: {error}"))
    })?;
    let server = config.cluster_url.clone();
    let name = server.host().unwrap_or_default();
    let name = name.trim_matches(['[', ']']).to_owned();
    let port = server.port_u16().unwrap_or(443);
    let client = Client::try_from(config).map_err(|error| refused(&error))?;
    Ok((client, (name, port)))
}

/// redteam S1
pub fn is_memory(dir: &Path) -> Result<(), EngineError> {
    let stat = statfs(dir).map_err(|error| EngineError::file(dir)(error.into()))?;
    let kind = stat.f_type;
    match OF_MEMORY.contains(&kind) {
        true => Ok(()),
        false => Err(host(
            "disk",
            format!(
                "{} is on a disk: node.kubernetes.secrets_dir must be in memory (tmpfs)",
                dir.display()
            ),
        )),
    }
}
