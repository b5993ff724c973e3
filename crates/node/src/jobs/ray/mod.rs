//! Jobs of kind `ray`: the head on rank 0 of the mesh, a worker on every other; the command goes through Ray's own Jobs API.

use super::{drive::wait_for, lease::Lease};
use crate::board::BoardLease;
use iog_engine::RunSpec;
use iog_job::{
    ray::{DASHBOARD_PORT, NODE_MANAGER_PORT, TOKEN},
    JobSpec, Kind, RayNode, Readiness, SignedJoin,
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::timeout;

/// Runs inside, by the Python that Ray was installed for.
const NODE: &str = include_str!("node.py");
/// Finds that Python: beside `ray`, else the first of the PATH.
const FIND: &str = r#"ray=$(command -v ray) || { echo "iog: there is no ray in PATH=$PATH: name an image that has it, or set PATH in the job's env" >&2; exit 127; }
python=${ray%/*}/python3
[ -x "$python" ] || python=python3
exec "$python" -c "$0" "$1""#;
/// As long as a head that does not come up may take.
const HEAD_READY_SECS: u32 = 600;

/// A call to a machine that lost its power would wait seven minutes by Ray's own settings, and the job with it.
const KEEPALIVES: [(&str, &str); 2] = [
    ("RAY_grpc_client_keepalive_time_ms", "10000"),
    ("RAY_grpc_client_keepalive_timeout_ms", "10000"),
];

/// The chain side may be started anew, or an endpoint be behind.
const APART: Duration = Duration::from_secs(180);

/// What [`NODE`] is told.
#[derive(Serialize)]
struct Node<'a> {
    head: bool,
    command: &'a [String],
    min_nodes: u16,
    cpus: u32,
    gpus: usize,
    memory_bytes: u64,
    object_store_bytes: u64,
    resources: &'a BTreeMap<String, u32>,
}

/// Makes the run one of a Ray node. No word where this machine cannot have one.
///
/// # Errors
/// Why not, in words for the renter.
pub fn dress(board: &BoardLease, run: &mut RunSpec) -> Result<(), String> {
    if run.spec.kind != Kind::Ray {
        return Ok(());
    }
    let of = |name: &str| run.env.iter().find(|(known, _)| known == name);
    if of("IOG_ADDRESS").is_none() {
        let why = of("IOG_NO_MESH").map_or("it has none", |(_, why)| why);
        return Err(format!(
            "the nodes of a Ray cluster reach each other by the order's mesh, and {why}"
        ));
    }
    let ray = run.spec.ray.clone().unwrap_or_default();
    let head = board.rank == 0;
    let own: &RayNode = if head { &ray.head } else { &ray.worker };
    let min_nodes = match ray.min_nodes {
        0 => board.world_size,
        some => some,
    };
    let node = Node {
        head,
        command: &run.spec.command,
        min_nodes,
        cpus: own.cpus.unwrap_or((run.limits.cpu_millis / 1_000).max(1)),
        gpus: run.cards.len(),
        memory_bytes: run.limits.memory_bytes,
        object_store_bytes: own.object_store_bytes,
        resources: &own.resources,
    };
    let node = serde_json::to_string(&node).map_err(|error| error.to_string())?;
    run.spec.command = ["/bin/sh", "-c", FIND, NODE, &node]
        .map(str::to_owned)
        .into();
    let mut say = |name: &str, value: &str| run.env.push((name.into(), value.into()));
    // The token is a file alone. redteam mesh M7
    say("RAY_AUTH_MODE", "token");
    say("RAY_AUTH_TOKEN_PATH", &format!("/run/iog/secrets/{TOKEN}"));
    say("RAY_USAGE_STATS_ENABLED", "0");
    let mut unless_set = |name: &str, value: &str| {
        if !run.spec.env.contains_key(name) {
            run.env.push((name.into(), value.into()));
        }
    };
    // Ray writes there, and an image's own may be read-only.
    unless_set("HOME", "/work");
    for (name, value) in KEEPALIVES {
        unless_set(name, value);
    }
    Ok(())
}

/// Whether the lease's order joined another one's cluster, and its node does not find it there now: where that one is over it must not begin
/// as a head of its own, which would run the command once more.
pub fn is_apart(board: &BoardLease, joins: &[SignedJoin]) -> bool {
    let own = board.binding.order;
    let alone = board.mesh.is_none_or(|mesh| mesh.root == own);
    alone && board.rank == board.place && joins.iter().any(|join| join.join.order == own)
}

/// Waits for a while until it is found there.
///
/// # Errors
/// If it is not, in words for the renter.
pub async fn found(lease: &Arc<Lease>, spec: &JobSpec) -> Result<(), String> {
    if spec.kind != Kind::Ray {
        return Ok(());
    }
    let found = || {
        let (board, _) = lease.board()?;
        let apart = lease.with_books(|books| is_apart(&board, &books.joins));
        (!apart).then_some(())
    };
    let waited = timeout(APART, wait_for(lease, found)).await;
    waited.map_err(|_| {
        "the order joined a cluster whose first order is over, or lets it in no more: it is no cluster of its own"
            .to_string()
    })
}

/// When a node of the cluster counts as ready. A worker waits for its head for as long as it takes.
pub fn readiness(board: &BoardLease) -> Readiness {
    let (port, within_secs) = match board.rank {
        0 => (DASHBOARD_PORT, HEAD_READY_SECS),
        _ => (NODE_MANAGER_PORT, u32::MAX),
    };
    Readiness {
        port,
        path: None,
        within_secs,
    }
}

/// Whether it is wanted for as long as the lease: a worker, or a cluster without a command. What has one ends with it, and is tried again by
/// the job's own rule.
pub fn stands(lease: &Arc<Lease>, spec: &JobSpec) -> bool {
    let worker = || lease.board().is_some_and(|(board, _)| board.rank != 0);
    spec.kind == Kind::Ray && (spec.command.is_empty() || worker())
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_engine::Limits;
    use iog_job::{Binding, Hash, Key, RaySpec, RunId};

    fn board(rank: u16) -> BoardLease {
        let lease = Binding {
            genesis: Key([1; 32]),
            program: Key([2; 32]),
            order: Key([3; 32]),
            created_ts: 4,
            lease: Key([5; 32]),
            matched_ts: 6,
            device: Key([7; 32]),
        };
        let board = serde_json::json!({
            "binding": lease, "stage": "running", "renter": Key([8; 32]), "engineer_key": Key([9; 32]),
            "receipt_key": Key::default(), "tunnel_key": Key([10; 32]), "place": rank, "rank": rank,
            "world_size": 4, "mesh": {"root": Key([3; 32]), "root_created_ts": 4}, "joins": [], "gpus": 1, "image_hash": Hash::default(),
            "command_hash": Hash::default(), "cards": [], "cards_free": true, "started_ts": 1, "ends_ts": 2,
            "keep_until_ts": 3, "members": [],
        });
        serde_json::from_value(board).unwrap()
    }

    fn run(command: &[&str], address: bool) -> RunSpec {
        let mut spec = JobSpec::session(Hash([1; 32]));
        spec.kind = Kind::Ray;
        spec.command = command.iter().map(ToString::to_string).collect();
        spec.ray = Some(RaySpec {
            head: RayNode {
                cpus: Some(0),
                ..RayNode::default()
            },
            ..RaySpec::default()
        });
        let limits = serde_json::json!({
            "cpu_millis": 2_500, "memory_bytes": 1 << 30, "disk_bytes": 1, "inodes": 1, "shm_bytes": 1, "pids": 1,
            "open_files": 1, "log_bytes": 1,
        });
        let address = address.then(|| ("IOG_ADDRESS".to_string(), "10.77.0.1".to_string()));
        RunSpec {
            id: RunId {
                lease: Key([5; 32]),
                matched_ts: 6,
                attempt: 0,
            },
            spec,
            archive: None,
            cards: Vec::new(),
            limits: serde_json::from_value::<Limits>(limits).unwrap(),
            env: address.into_iter().collect(),
            uid_base: 0,
            egress: false,
        }
    }

    fn told(run: &RunSpec) -> serde_json::Value {
        serde_json::from_str(run.spec.command.last().unwrap()).unwrap()
    }

    #[test]
    fn rank_0_is_the_head_and_the_others_are_workers() {
        let mut head = run(&["python", "a.py"], true);
        dress(&board(0), &mut head).unwrap();
        let of_head = told(&head);
        assert_eq!(of_head["head"], true);
        assert_eq!(of_head["cpus"], 0);
        // All of the order, where the job does not say how many.
        assert_eq!(of_head["min_nodes"], 4);
        assert_eq!(of_head["command"], serde_json::json!(["python", "a.py"]));
        let mut worker = run(&["python", "a.py"], true);
        dress(&board(3), &mut worker).unwrap();
        assert_eq!(told(&worker)["head"], false);
        assert_eq!(told(&worker)["cpus"], 2);
    }

    /// redteam mesh M7: where the token is, not what it is.
    #[test]
    fn the_token_is_named_by_its_file() {
        let mut head = run(&[], true);
        dress(&board(0), &mut head).unwrap();
        let of = |name: &str| {
            let found = head.env.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone())
        };
        assert_eq!(of("RAY_AUTH_MODE").as_deref(), Some("token"));
        let path = of("RAY_AUTH_TOKEN_PATH").unwrap();
        assert_eq!(path, "/run/iog/secrets/RAY_AUTH_TOKEN");
        assert_eq!(of("RAY_AUTH_TOKEN"), None);
    }

    #[test]
    fn who_joined_is_no_head_of_its_own() {
        let join = |order: u8| SignedJoin {
            join: iog_job::Join {
                genesis: Key([1; 32]),
                program: Key([2; 32]),
                root: Key([11; 32]),
                root_created_ts: 1,
                order: Key([order; 32]),
                created_ts: 4,
                offset: 4,
                ends_ts: 9,
            },
            signature: String::new(),
        };
        let alone = board(0);
        assert!(is_apart(&alone, &[join(3)]));
        // Of the root, which others join, and of who joined nothing.
        assert!(!is_apart(&alone, &[join(12)]));
        assert!(!is_apart(&alone, &[]));
        let mut joined = board(0);
        joined.rank = 4;
        joined.mesh = Some(crate::board::Mesh {
            root: Key([11; 32]),
            root_created_ts: 1,
        });
        assert!(!is_apart(&joined, &[join(3)]));
        // Beyond the members of its mesh: that is said by itself.
        joined.mesh = None;
        assert!(!is_apart(&joined, &[join(3)]));
    }

    #[test]
    fn without_a_mesh_there_is_no_cluster() {
        let mut run = run(&[], false);
        assert!(dress(&board(0), &mut run)
            .unwrap_err()
            .contains("it has none"));
        // redteam mesh M6
        run.env
            .push(("IOG_NO_MESH".into(), "its mesh is full".into()));
        assert!(dress(&board(0), &mut run)
            .unwrap_err()
            .ends_with("mesh is full"));
    }
}
