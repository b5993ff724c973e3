use iog_job::{
    ray::{complete, CLIENT_PORT, DASHBOARD_PORT, TOKEN},
    Hash, JobFile, JobSpec, Kind, RaySpec, Restart, Secret,
};
use std::path::Path;

fn file(text: &str) -> Result<JobSpec, iog_job::SpecError> {
    let file = JobFile::parse(text, Path::new(""))?;
    Ok(file.resolve(Hash([7; 32]))?.spec)
}

fn spec() -> JobSpec {
    file("kind: ray\n").unwrap()
}

/// The field and the beginning of the reason.
#[track_caller]
fn refused(change: impl FnOnce(&mut JobSpec), field: &str, reason: &str) {
    let mut spec = spec();
    change(&mut spec);
    let error = spec.validate().unwrap_err();
    assert_eq!(error.field, field, "{error}");
    assert!(error.reason.contains(reason), "{error}");
}

#[test]
fn ports_and_token_come_by_themselves() {
    let spec = spec();
    assert_eq!(spec.kind, Kind::Ray);
    let ports: Vec<u16> = spec.ports.iter().map(|port| port.port).collect();
    assert_eq!(ports, [DASHBOARD_PORT, CLIENT_PORT]);
    let [token] = spec.secrets.as_slice() else {
        panic!("{:?}", spec.secrets)
    };
    assert_eq!((token.name.as_str(), token.env.as_ref()), (TOKEN, None));
    // What is named already is not named twice.
    let named = file("kind: ray\nports: [8265]\nsecrets: [RAY_AUTH_TOKEN, OTHER]\n").unwrap();
    assert_eq!((named.ports.len(), named.secrets.len()), (2, 2));
    let mut batch = file("command: [sh]\n").unwrap();
    complete(&mut batch);
    assert!(batch.ports.is_empty() && batch.secrets.is_empty());
}

#[test]
fn a_file_says_what_head_and_workers_count() {
    let text = "kind: ray\ncommand: [python, a.py]\nrestart: {on_failure: 2}\nray:\n  min_nodes: 3\n  head: {cpus: 0}\n  worker: {object_store: 2GiB, resources: {fast: 1}}\n";
    let ray = file(text).unwrap().ray.unwrap();
    assert_eq!((ray.min_nodes, ray.head.cpus), (3, Some(0)));
    assert_eq!(ray.worker.object_store_bytes, 2 << 30);
    assert_eq!(ray.worker.resources["fast"], 1);
    assert!(file("kind: ray\nray: {workers: 3}\n").is_err());
}

#[test]
fn what_has_no_meaning_for_a_cluster_is_refused() {
    let ready = "kind: ray\nreadiness: {port: 8265}\n";
    assert!(file(ready).unwrap_err().reason.contains("Ray's own"));
    refused(
        |spec| spec.restart = Restart::OnFailure(1),
        "restart",
        "for the command",
    );
    refused(|spec| spec.ports.clear(), "ports", "lack Ray's own 8265");
    refused(
        |spec| {
            spec.ray = Some(RaySpec {
                min_nodes: 65,
                ..RaySpec::default()
            });
        },
        "ray.min_nodes",
        "64 nodes at most",
    );
    for (name, reason) in [
        ("GPU", "counted by Ray"),
        ("a b", "letters"),
        ("", "letters"),
    ] {
        let mut ray = RaySpec::default();
        ray.head.resources.insert(name.into(), 1);
        let field = format!("ray.head.resources.{name}");
        refused(|spec| spec.ray = Some(ray), &field, reason);
    }
    let batch = "command: [sh]\nray: {min_nodes: 1}\n";
    assert!(file(batch).unwrap_err().reason.contains("kind: ray alone"));
}

/// redteam mesh M7: the token is a file alone, and nobody but the node says where.
#[test]
fn the_token_is_in_no_environment() {
    refused(
        |spec| spec.secrets.clear(),
        "secrets",
        "lack RAY_AUTH_TOKEN",
    );
    refused(
        |spec| spec.secrets[0].env = Some("RAY_AUTH_TOKEN".into()),
        "secrets.RAY_AUTH_TOKEN.env",
        "a file alone",
    );
    for name in [
        "RAY_AUTH_TOKEN",
        "RAY_AUTH_TOKEN_PATH",
        "RAY_AUTH_MODE",
        "RAY_ADDRESS",
    ] {
        let value = "x".to_string();
        refused(
            |spec| drop(spec.env.insert(name.into(), value)),
            &format!("env.{name}"),
            "set by the node",
        );
    }
    refused(
        |spec| {
            spec.secrets.push(Secret {
                name: "T".into(),
                env: Some("RAY_AUTH_TOKEN".into()),
            });
        },
        "env.RAY_AUTH_TOKEN",
        "set by the node",
    );
}
