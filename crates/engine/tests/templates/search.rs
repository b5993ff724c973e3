//! Search of hyper-parameters on a Ray cluster.

use crate::{
    machines::{address, connect, made, succeeded},
    support::{run, Bench},
};
use iog_engine::{Engine, RunSpec};
use serde_json::Value;
use std::{env, fs, path::PathBuf};

/// Ray's environment, which `cargo xtask setup` and `test` make.
fn ray() -> PathBuf {
    let cache = env::var_os("IOG_CACHE").map(PathBuf::from);
    let cache = cache.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache/iog")));
    let ray = env::var_os("IOG_RAY").map(PathBuf::from);
    let ray = ray.or_else(|| Some(cache?.join("python/ray"))).unwrap();
    let program = ray.join("bin/ray");
    assert!(
        program.exists(),
        "{} is missing: run `cargo xtask setup`",
        program.display()
    );
    ray
}

const PORTS: &str = "--node-manager-port=7100 --object-manager-port=7101 --num-cpus=1 --object-store-memory=100000000 \
    --disable-usage-stats --temp-dir=/tmp/ray";

/// Of a rank: what a node of a cluster does, and on the head the program besides.
fn node(rank: u16, ray: &std::path::Path, spec: &iog_job::JobSpec) -> RunSpec {
    let own = address(rank);
    let script = match rank {
        0 => format!(
            "ray start --head --port=6379 --node-ip-address={own} {PORTS} && python3 await.py && exec python3 search.py"
        ),
        _ => format!("until ray start --address={}:6379 --node-ip-address={own} {PORTS} --block; do :; done", address(0)),
    };
    let mut made = run(&["/bin/sh", "-c", &script]);
    made.spec.inputs = spec.inputs.clone();
    made.limits = super::machines::LIMITS;
    let path = format!("{}/bin:/usr/bin:/bin", ray.display());
    let head = format!("{}:6379", address(0));
    let env = [
        ("PATH", path.as_str()),
        ("RAY_ADDRESS", if rank == 0 { head.as_str() } else { "" }),
        ("RAY_AUTH_MODE", "token"),
        ("RAY_AUTH_TOKEN_PATH", "/work/token"),
        ("RAY_USAGE_STATS_ENABLED", "0"),
        ("IOG_OUTPUT_DIR", "/work/out"),
        ("TRIALS", "32"),
    ];
    let set = env.iter().filter(|(_, value)| !value.is_empty());
    made.spec.env = set
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    made
}

const AWAIT: &str = "import ray, time\nray.init()\nwhile sum(node['Alive'] for node in ray.nodes()) < 2: time.sleep(0.1)\n";

/// Real Ray on two nodes in namespaces of their own finds what one process finds, to the last bit.
#[tokio::test]
async fn a_search_on_two_nodes_finds_what_one_process_finds() {
    let ray = ray();
    let bench = Bench::with(|settings| settings.programs = vec![ray.clone()]);
    let made = made("ray-search", &[("disk", "64MiB"), ("shm", "128MiB")], &[]);
    let mut alone = made.run(0, 1);
    alone.spec = run(&["python3", "search.py", "--alone"]).spec;
    alone.spec.inputs = made.resolved.spec.inputs.clone();
    let apart = made.prepare(&bench, &alone).await.work;
    bench.engine.start(&alone).await.unwrap();
    succeeded(&bench, &alone).await;

    let runs = [0, 1].map(|rank| node(rank, &ray, &made.resolved.spec));
    let mut works = Vec::new();
    for run in &runs {
        let work = made.prepare(&bench, run).await.work;
        fs::write(work.join("token"), "0123456789abcdef".repeat(3)).unwrap();
        fs::write(work.join("await.py"), AWAIT).unwrap();
        works.push(work);
    }
    connect(&runs);
    for run in &runs {
        bench.engine.start(run).await.unwrap();
    }
    let said = succeeded(&bench, &runs[0]).await;
    let read = |work: &PathBuf| -> Value {
        serde_json::from_str(&fs::read_to_string(work.join("out/search.json")).unwrap()).unwrap()
    };
    let (one, two) = (read(&apart), read(&works[0]));
    for field in ["best", "settings", "rounds"] {
        assert_eq!(one[field], two[field], "{field}: {said}");
    }
    let places: Vec<&str> = two["places"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(Value::as_str)
        .collect();
    assert_eq!(places, ["10.77.0.1", "10.77.0.2"], "{said}");
}
