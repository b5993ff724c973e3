use iog_job::{
    convert::{convert, Converted},
    Hash, JobFile, JobSpec, Kind, Restart,
};
use std::path::Path;

const DIGEST: &str = "@sha256:0303030303030303030303030303030303030303030303030303030303030303";

fn spec(converted: &Converted) -> JobSpec {
    let file = JobFile::parse(&converted.yaml, Path::new("")).unwrap();
    file.resolve(Hash([1; 32])).unwrap().spec
}

fn refusals(text: &str, service: Option<&str>) -> Vec<String> {
    convert(text, None, service)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

const COMPOSE: &str = r#"
services:
  db:
    image: postgres:16
  notebook:
    image: quay.io/jupyter/base-notebook:2024-10-07@sha256:0303030303030303030303030303030303030303030303030303030303030303
    container_name: nb
    command: start-notebook.sh --ServerApp.ip='0.0.0.0' "--port=8888"
    environment:
      - GRANT_SUDO=no
      - JUPYTER_TOKEN
    ports: ["127.0.0.1:8080:8888/tcp"]
    shm_size: 2gb
    restart: unless-stopped
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8888/api"]
    deploy:
      resources:
        limits: {cpus: "2.5", memory: 8G, pids: 200}
        reservations:
          devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]
"#;

#[test]
fn a_service_of_a_compose_file_becomes_a_job() {
    let converted = convert(COMPOSE, None, Some("notebook")).unwrap();
    let spec = spec(&converted);
    assert_eq!(spec.kind, Kind::Service);
    let image = spec.image.unwrap();
    assert_eq!(
        image.reference.as_deref(),
        Some("quay.io/jupyter/base-notebook")
    );
    assert_eq!(image.digest, Hash([3; 32]));
    assert_eq!(
        spec.command,
        ["start-notebook.sh", "--ServerApp.ip=0.0.0.0", "--port=8888"]
    );
    assert_eq!(spec.env["GRANT_SUDO"], "no");
    assert_eq!(spec.secrets[0].env.as_deref(), Some("JUPYTER_TOKEN"));
    assert_eq!(spec.ports[0].port, 8888);
    let most = spec.resources;
    assert_eq!(
        (
            most.cpu_millis,
            most.memory_bytes,
            most.shm_bytes,
            most.pids
        ),
        (2_500, 8 << 30, 2 << 30, 200)
    );
    assert_eq!(spec.restart, Restart::OnFailure(10));
    let ready = spec.readiness.unwrap();
    assert_eq!((ready.port, ready.path.as_deref()), (8888, Some("/api")));
    let notes = converted.notes.join("\n");
    for word in [
        "JUPYTER_TOKEN has no value",
        "container_name is left out",
        "reservations is left out",
        "entrypoint",
    ] {
        assert!(notes.contains(word), "{word}: {notes}");
    }
}

/// redteam C3: a tag stands where it was, is said, and is refused by everything that comes after
#[test]
fn a_tag_needs_a_digest() {
    let converted = convert(
        "services: {a: {image: redis:7, command: [redis-server]}}",
        None,
        None,
    )
    .unwrap();
    let note = converted.notes.last().unwrap();
    assert!(
        note.contains("docker.io/library/redis@sha256:<digest>"),
        "{note}"
    );
    assert!(
        note.contains("skopeo inspect --format '{{.Digest}}' docker://docker.io/library/redis:7"),
        "{note}"
    );
    assert!(converted
        .yaml
        .starts_with("image: docker.io/library/redis:7\n"));
    let error = JobFile::parse(&converted.yaml, Path::new(""))
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("line 1: image: `docker.io/library/redis:7` has no digest"),
        "{error}"
    );
}

#[test]
fn all_that_a_compose_file_cannot_have_is_named() {
    let text = "
services:
  web:
    build: .
    privileged: true
    network_mode: host
    depends_on: [db]
    volumes: ['./data:/data']
    environment: {URL: '${BASE}/x'}
    ports: ['8000-8010']
    odd: 1
";
    let said = refusals(text, None);
    let fields: Vec<&str> = said
        .iter()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    let wanted = [
        "build",
        "privileged",
        "network_mode",
        "depends_on",
        "volumes",
        "environment.URL",
        "ports",
        "odd",
    ];
    let wanted: Vec<String> = wanted
        .iter()
        .map(|name| format!("services.web.{name}"))
        .collect();
    assert_eq!(fields, wanted);
    assert!(said[4].contains("list files as inputs"));
    assert_eq!(
        refusals(COMPOSE, None),
        ["services: there are db, notebook; a job is one: pick it by --service"]
    );
    assert_eq!(
        refusals(COMPOSE, Some("x")),
        ["services: there is no x; there are db, notebook"]
    );
    assert!(refusals("a: b", None)[0].contains("neither a docker-compose file"));
}

#[test]
fn a_nosana_definition_becomes_a_job() {
    let text = format!(
        r#"{{"version": "0.1", "type": "container",
  "meta": {{"trigger": "dashboard", "system_requirements": {{"required_vram": 8}}}},
  "global": {{"env": {{"A": "1", "B": "2"}}}},
  "ops": [{{"type": "container/run", "id": "serve", "args": {{
    "image": "vllm/vllm-openai{DIGEST}", "gpu": true, "env": {{"B": "3"}},
    "cmd": ["--model", "some/model"], "entrypoint": ["vllm", "serve"],
    "expose": [{{"port": 8000, "health_checks": [{{"type": "http", "path": "/health", "method": "GET", "expected_status": 200}}]}}]
  }}}}]}}"#
    );
    let converted = convert(&text, None, None).unwrap();
    let spec = spec(&converted);
    assert_eq!(spec.kind, Kind::Service);
    assert_eq!(
        spec.image.unwrap().reference.as_deref(),
        Some("docker.io/vllm/vllm-openai")
    );
    assert_eq!(spec.command, ["vllm", "serve", "--model", "some/model"]);
    assert_eq!((spec.env["A"].as_str(), spec.env["B"].as_str()), ("1", "3"));
    assert_eq!(spec.ports[0].port, 8000);
    assert_eq!(spec.readiness.unwrap().path.as_deref(), Some("/health"));
    assert!(converted
        .notes
        .iter()
        .any(|note| note.contains("gpu is left out")));
    // A line goes to a shell; without ports it runs to its end.
    let text = format!(
        r#"{{"type": "container", "ops": [{{"type": "container/run", "id": "a", "args": {{"image": "ubuntu{DIGEST}", "cmd": "echo a b | wc"}}}}]}}"#
    );
    let spec = self::spec(&convert(&text, None, None).unwrap());
    assert_eq!(
        (spec.kind, spec.command),
        (
            Kind::Batch,
            ["/bin/sh", "-c", "echo a b | wc"]
                .map(String::from)
                .to_vec()
        )
    );
}

#[test]
fn what_nosana_has_beyond_a_job_is_named() {
    let run = |more: &str| {
        format!(
            r#"{{"type": "container/run", "id": "a", "args": {{"image": "ubuntu{DIGEST}"{more}}}}}"#
        )
    };
    let job = |ops: &str| format!(r#"{{"version": "0.1", "type": "container", "ops": [{ops}]}}"#);
    let two = job(&format!("{},{}", run(""), run("")));
    assert!(refusals(&two, None)[0].contains("there are 2 operations"));
    let volume = job(&format!(
        r#"{{"type": "container/create-volume", "id": "v", "args": {{"name": "v"}}}},{}"#,
        run("")
    ));
    assert!(refusals(&volume, None)[0].starts_with("ops: a volume"));
    let more = r#", "resources": [{"type": "S3", "url": "s3://x", "target": "/x"}], "volumes": [], "work_dir": "/x", "expose": "3000-3010""#;
    let said = refusals(&job(&run(more)), None);
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(said[0].starts_with("ops[0].args.resources: devices fetch nothing from S3"));
    assert!(said[3].contains("ranges of ports"));
}
