use iog_job::{Hash, JobFile, Kind, Port, Readiness, Resources, Restart, Secret};
use std::{fs, path::Path};

const SALT: Hash = Hash([9; 32]);

#[track_caller]
fn says(text: &str, wanted: &str) {
    let read = JobFile::parse(text, Path::new("/nowhere"));
    let error = read
        .and_then(|file| file.resolve(SALT))
        .unwrap_err()
        .to_string();
    assert!(error.contains(wanted), "{error}");
}

#[test]
fn everything_has_a_place() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("data/deep")).unwrap();
    for (name, text) in [
        ("train.py", "print(1)"),
        ("data/b", "bb"),
        ("data/a", "a"),
        ("data/deep/c", "ccc"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let text = "
kind: service
image: docker.io/library/python@sha256:0101010101010101010101010101010101010101010101010101010101010101
platform: linux/arm64
command: [python, train.py, 10]
env: {EPOCHS: \"10\", RATE: 'no'}
secrets: [TOKEN, {name: key, env: API_KEY}]
inputs:
  - source: train.py
  - {source: data, target: .}
  - {source: data, target: again}
  - source: https://example.com/model.bin?x=1
    sha256: 0202020202020202020202020202020202020202020202020202020202020202
    size: 70GB
outputs: [model]
ports: [8888, {port: 9000, name: metrics}]
resources: {cpus: 1.5, memory: 8GiB, disk: 100GiB, shm: 1GiB, pids: 512}
restart: {on_failure: 3}
readiness: {port: 8888, path: /api, within: 5m}
egress: true
time_limit: 2h
end_when_done: true
";
    let file = folder.path().join("job.yaml");
    fs::write(&file, format!("\u{feff}{text}")).unwrap();
    let read = JobFile::read(&file).unwrap();
    let resolved = read.resolve(SALT).unwrap();
    let spec = &resolved.spec;
    assert_eq!(
        (spec.kind, spec.salt, spec.version),
        (Kind::Service, SALT, 2)
    );
    let image = spec.image.as_ref().unwrap();
    assert_eq!(image.reference.as_deref(), Some("docker.io/library/python"));
    assert_eq!(
        (image.digest, image.config, image.len),
        (Hash([1; 32]), Hash::default(), 0)
    );
    assert_eq!(spec.command, ["python", "train.py", "10"]);
    assert_eq!(
        (spec.env["EPOCHS"].as_str(), spec.env["RATE"].as_str()),
        ("10", "no")
    );
    let secret = |name: &str, env: Option<&str>| Secret {
        name: name.into(),
        env: env.map(Into::into),
    };
    assert_eq!(
        spec.secrets,
        [secret("TOKEN", None), secret("key", Some("API_KEY"))]
    );
    let targets: Vec<(&str, u64)> = spec
        .inputs
        .iter()
        .map(|input| (input.target.as_str(), input.len))
        .collect();
    let wanted = [
        ("train.py", 8),
        ("a", 1),
        ("b", 2),
        ("deep/c", 3),
        ("again/a", 1),
        ("again/b", 2),
        ("again/deep/c", 3),
        ("model.bin", 70_000_000_000),
    ];
    assert_eq!(targets, wanted);
    let port = |port, name: Option<&str>| Port {
        port,
        name: name.map(Into::into),
    };
    assert_eq!(spec.ports, [port(8888, None), port(9000, Some("metrics"))]);
    let most = Resources {
        cpu_millis: 1_500,
        memory_bytes: 8 << 30,
        disk_bytes: 100 << 30,
        shm_bytes: 1 << 30,
        pids: 512,
    };
    assert_eq!(spec.resources, most);
    assert_eq!(spec.restart, Restart::OnFailure(3));
    assert_eq!(
        spec.readiness,
        Some(Readiness {
            port: 8888,
            path: Some("/api".into()),
            within_secs: 300
        })
    );
    assert!(spec.egress && spec.end_when_done);
    assert_eq!(spec.time_limit_secs, Some(7_200));
    // Two names of one content are sent once; what devices fetch is not sent.
    assert_eq!(resolved.sources.len(), 4);
    assert!(resolved
        .sources
        .values()
        .any(|path| path.ends_with("data/deep/c")));
    assert_eq!(resolved.warnings.len(), 2);
    // What is written back reads the same.
    let again = JobFile::parse(&read.to_yaml().unwrap(), folder.path()).unwrap();
    assert_eq!(again.resolve(SALT).unwrap().spec, *spec);
}

/// Field case 17: numbers in the environment, fields that come twice, times of zero, the node's own names
#[test]
fn mistakes_are_named_by_field_and_line() {
    says(
        "{\"command\": [\"a\"],\n \"env\": {\"EPOCHS\": 10}}",
        "line 2: env.EPOCHS: is the number 10",
    );
    says(
        "command: [a]\nenv:\n  A: b\n  A: c\n",
        "duplicate field `A`",
    );
    says("command: [a]\ncommand: [b]\n", "duplicate field `command`");
    says("command: [a]\ntime_limit: 0s\n", "line 2: time_limit: is 0");
    says(
        "command: [a]\noutputs: [time_limit]\n# no time_limit\ntime_limit: 0s\n",
        "line 4: time_limit: is 0",
    );
    says(
        "{\n\"command\": [\"time_limit\"],\n\"time_limit\": \"0s\"\n}",
        "line 3: time_limit: is 0",
    );
    says(
        "command: [a]\ntime_limit: 90\n",
        "line 2: time_limit: `90` is no time: write 30s",
    );
    says(
        "command: [a]\nenv:\n  IOG_OUTPUT_DIR: x\n",
        "line 3: env.IOG_OUTPUT_DIR: is set by the node",
    );
    says(
        "command: [a]\nenv:\n  ON: true\n",
        "line 3: env.ON: invalid type: boolean `true`, expected a text",
    );
    says(
        "comand: [a]\n",
        "line 1: comand: there is no such field; `command` was meant?",
    );
    says(
        "command: [a]\nresources:\n  memry: 1GiB\n",
        "line 3: resources.memry: there is no such field; `memory` was meant?",
    );
    says(
        "command: a b\n",
        "command: invalid type: string \"a b\", expected a sequence",
    );
    says(
        "command: [a]\nresources: {memory: 8 apples}\n",
        "resources.memory: `8 apples` is no size",
    );
    says(
        "command: [a]\nresources: {cpus: 1.2345}\n",
        "resources.cpus: `1.2345` is no number of processors",
    );
    says("command: [a]\nports: ['8080:80']\n", "there is no mapping");
    says("command: [a]\nports: [70000]\n", "70000 is no port");
    says(
        "command: [a]\nrestart: always\n",
        "`always` is neither never nor on_failure",
    );
    says(
        "command: [a]\nimage: docker.io/library/alpine:3.20\n",
        "line 2: image: `docker.io/library/alpine:3.20` has no digest",
    );
    says("command: [a\n", "line ");
}

/// Field cases 5 and 10, before money moves
#[test]
fn sources_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("x"), "x").unwrap();
    fs::create_dir(folder.path().join("d")).unwrap();
    std::os::unix::fs::symlink("../x", folder.path().join("d/link")).unwrap();
    let says = |inputs: &str, wanted: &str| {
        let text = format!("command: [a]\ninputs: {inputs}\n");
        let error = JobFile::parse(&text, folder.path())
            .unwrap()
            .resolve(SALT)
            .unwrap_err()
            .to_string();
        assert!(error.contains(wanted), "{error}");
    };
    says("[{source: missing}]", "inputs.missing: No such file");
    says("[{source: d}]", "is a link; name what it leads to");
    says(
        "[{source: x}, {source: x}]",
        "inputs.x: two inputs have this target",
    );
    says(
        "[{source: x, target: a}, {source: x, target: a/b}]",
        "`a` is an input itself",
    );
    says("[{source: ~root/x}]", "other people's home folders");
    says("[{source: 'https://e.com/x'}]", "give its sha256");
    let sha = "0".repeat(63) + "1";
    says(
        &format!("[{{source: 'https://e.com/x', sha256: '{sha}'}}]"),
        "give its size",
    );
    says("[{source: 'http://e.com/x'}]", "only https");
    says(
        &format!("[{{source: x, sha256: '{sha}'}}]"),
        "another than the job says",
    );
}
