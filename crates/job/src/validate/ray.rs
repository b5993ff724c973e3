//! What a job of kind `ray` may say.

use super::{refuse, Result};
use crate::{
    ray::{RayNode, CLIENT_PORT, DASHBOARD_PORT, MAX_NODES, TOKEN},
    spec::{JobSpec, Restart},
};

/// Of a node.
const MAX_RESOURCES: usize = 32;
/// Ray counts these itself.
const OF_RAY: [&str; 4] = ["CPU", "GPU", "memory", "object_store_memory"];
/// The node sets them, so that the token is a file alone. redteam mesh M7
const OF_NODE: [&str; 4] = [
    "RAY_AUTH_MODE",
    "RAY_AUTH_TOKEN",
    "RAY_AUTH_TOKEN_PATH",
    "RAY_ADDRESS",
];

pub fn ray(spec: &JobSpec) -> Result<()> {
    if spec.readiness.is_some() {
        return refuse(
            "readiness",
            "is Ray's own; leave it out of a job of kind ray",
        );
    }
    if spec.command.is_empty() && spec.restart != Restart::Never {
        return refuse(
            "restart",
            "is for the command; a cluster without one is started again for as long as the lease lasts",
        );
    }
    for port in [DASHBOARD_PORT, CLIENT_PORT] {
        if !spec.ports.iter().any(|named| named.port == port) {
            return refuse("ports", format!("lack Ray's own {port}"));
        }
    }
    match spec.secrets.iter().find(|secret| secret.name == TOKEN) {
        None => return refuse("secrets", format!("lack {TOKEN}, Ray's token")),
        Some(secret) if secret.env.is_some() => {
            let field = format!("secrets.{TOKEN}.env");
            return refuse(field, "Ray's token is a file alone; leave env out");
        }
        Some(_) => {}
    }
    let of_node = |name: &str| OF_NODE.contains(&name);
    let named = spec.secrets.iter().filter_map(|secret| secret.env.as_ref());
    if let Some(name) = spec.env.keys().chain(named).find(|name| of_node(name)) {
        return refuse(
            format!("env.{name}"),
            "is set by the node for a job of kind ray",
        );
    }
    let Some(ray) = &spec.ray else { return Ok(()) };
    if ray.min_nodes > MAX_NODES {
        let reason = format!(
            "is {}; a cluster has {MAX_NODES} nodes at most",
            ray.min_nodes
        );
        return refuse("ray.min_nodes", reason);
    }
    node("head", &ray.head)?;
    node("worker", &ray.worker)
}

fn node(which: &str, node: &RayNode) -> Result<()> {
    if node.resources.len() > MAX_RESOURCES {
        let field = format!("ray.{which}.resources");
        return refuse(field, format!("there are more than {MAX_RESOURCES}"));
    }
    for name in node.resources.keys() {
        let field = format!("ray.{which}.resources.{name}");
        let sound = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
        if name.is_empty() || name.len() > 64 || !name.chars().all(sound) {
            return refuse(field, "its name has 1 to 64 letters, digits, _ and -");
        }
        if OF_RAY.contains(&name.as_str()) {
            return refuse(field, "is counted by Ray itself; use cpus and object_store");
        }
    }
    Ok(())
}
