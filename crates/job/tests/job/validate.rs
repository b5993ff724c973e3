use iog_job::{
    read_spec, Hash, Image, Input, JobSpec, Kind, Mirrors, Port, Readiness, Restart, Sealed,
    Secret, Warning,
};

fn spec() -> JobSpec {
    let mut spec = JobSpec::session(Hash([7; 32]));
    spec.kind = Kind::Batch;
    spec.command = vec!["sh".into(), "-c".into(), "echo hello".into()];
    spec
}

fn input(target: &str) -> Input {
    Input {
        target: target.into(),
        sha256: Hash([1; 32]),
        len: 10,
        executable: false,
        url: None,
    }
}

fn pull(reference: &str) -> Option<Image> {
    Some(Image {
        reference: Some(reference.into()),
        digest: Hash([2; 32]),
        len: 0,
        config: Hash::default(),
    })
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
fn a_plain_job_passes() {
    spec().validate().unwrap();
    JobSpec::session(Hash([7; 32])).validate().unwrap();
}

/// Field case 5: inputs that cannot all be files
#[test]
fn inputs_collide_before_money_moves() {
    let with = |targets: &[&str]| {
        let targets: Vec<Input> = targets.iter().map(|target| input(target)).collect();
        move |spec: &mut JobSpec| spec.inputs = targets
    };
    refused(with(&["a", "a/b"]), "inputs.a/b", "`a` is an input itself");
    refused(
        with(&["a/b/c", "a"]),
        "inputs.a/b/c",
        "`a` is an input itself",
    );
    refused(with(&["a", "a"]), "inputs.a", "two inputs have this target");
    let mut fine = spec();
    with(&["a", "a.b", "ab/c", "a-/c"])(&mut fine);
    fine.validate().unwrap();
}

#[test]
fn paths_stay_beneath_the_working_directory() {
    let long = "n".repeat(256);
    for (target, reason) in [
        ("/etc/passwd", "begins with /"),
        ("../x", "has `..`"),
        ("a/../b", "has `..`"),
        ("./a", "has `.`"),
        ("a//b", "empty name"),
        ("a/", "empty name"),
        ("", "is empty"),
        ("a\nb", "control character"),
        (long.as_str(), "more than 255 bytes"),
        ("out", "results"),
        ("out/a", "results"),
    ] {
        refused(
            |spec| spec.inputs = vec![input(target)],
            &format!("inputs.{target}"),
            reason,
        );
    }
    refused(
        |spec| spec.outputs = vec!["../x".into()],
        "outputs.../x",
        "has `..`",
    );
    let mut fine = spec();
    fine.inputs = vec![input(&"n".repeat(255))];
    fine.outputs = vec!["out/model".into(), "logs".into()];
    fine.validate().unwrap();
}

/// redteam O2: bounds of a specification
#[test]
fn sizes_are_bounded() {
    refused(
        |spec| spec.inputs = (0..10_001).map(|n| input(&n.to_string())).collect(),
        "",
        "262144 are allowed",
    );
    refused(
        |spec| {
            spec.inputs = vec![input("a"), input("b")];
            spec.resources.disk_bytes = 19;
        },
        "resources.disk_bytes",
        "inputs alone have 20 bytes",
    );
    let mut fine = spec();
    fine.inputs = vec![input("a"), input("b")];
    fine.resources.disk_bytes = 32 << 20;
    fine.validate().unwrap();
    // Lengths that overflow are more than any disk.
    refused(
        |spec| {
            spec.inputs = vec![input("a"), input("b")];
            spec.inputs[0].len = u64::MAX;
            spec.resources.disk_bytes = u64::MAX - 1;
        },
        "resources.disk_bytes",
        "inputs alone",
    );
}

/// redteam K6: what no machine could start is the renter's fault, and makes no node fall silent
#[test]
fn what_nothing_runs_with_is_refused() {
    refused(
        |spec| spec.resources.disk_bytes = 1,
        "resources.disk_bytes",
        "33554432",
    );
    refused(
        |spec| spec.resources.memory_bytes = 4_096,
        "resources.memory_bytes",
        "33554432",
    );
    refused(|spec| spec.resources.pids = 1, "resources.pids", "32");
    refused(
        |spec| spec.resources.cpu_millis = 1,
        "resources.cpu_millis",
        "10",
    );
    refused(
        |spec| {
            spec.inputs = vec![input("a")];
            spec.inputs[0].len = 60 << 20;
            spec.resources.disk_bytes = 60 << 20;
        },
        "resources.disk_bytes",
        "nothing runs with less",
    );
    // An instant so far away cannot be reckoned.
    refused(
        |spec| spec.time_limit_secs = Some(u64::MAX),
        "time_limit_secs",
        "ten years",
    );
}

/// redteam J3, field case 17: names that the node or a runtime reads
#[test]
fn reserved_names_are_refused() {
    for name in [
        "IOG_OUTPUT_DIR",
        "NVIDIA_VISIBLE_DEVICES",
        "CUDA_VISIBLE_DEVICES",
        "LD_PRELOAD",
        "LD_LIBRARY_PATH",
    ] {
        refused(
            |spec| drop(spec.env.insert(name.into(), "x".into())),
            &format!("env.{name}"),
            "set by the node",
        );
        let secret = Secret {
            name: "token".into(),
            env: Some(name.into()),
        };
        refused(
            |spec| spec.secrets = vec![secret],
            "secrets.token.env",
            "set by the node",
        );
    }
    for name in ["", "1A", "A-B", "A=B"] {
        refused(
            |spec| drop(spec.env.insert(name.into(), "x".into())),
            &format!("env.{name}"),
            "no name of a variable",
        );
    }
    for name in ["", ".x", "a/b", "..", "a b"] {
        let secret = Secret {
            name: name.into(),
            env: None,
        };
        refused(
            |spec| spec.secrets = vec![secret],
            &format!("secrets.{name}"),
            "its name is that of a file",
        );
    }
    let secret = Secret {
        name: "a".into(),
        env: None,
    };
    refused(
        |spec| spec.secrets = vec![secret.clone(), secret],
        "secrets.a",
        "named twice",
    );
    let secret = Secret {
        name: "a".into(),
        env: Some("A".into()),
    };
    refused(
        |spec| {
            spec.env.insert("A".into(), "x".into());
            spec.secrets = vec![secret];
        },
        "secrets.a.env",
        "A is set twice",
    );
}

/// redteam C1, C3: images are digests, tags are not read
#[test]
fn images_have_digests_and_no_tags() {
    refused(
        |spec| spec.image = pull("docker.io/library/alpine:3.20"),
        "image.reference",
        "has the tag `3.20`",
    );
    refused(
        |spec| spec.image = pull("alpine"),
        "image.reference",
        "names no registry",
    );
    refused(
        |spec| spec.image = pull("docker.io/Library/x"),
        "image.reference",
        "lower case",
    );
    refused(
        |spec| spec.image = pull("docker.io/../x"),
        "image.reference",
        "lower case",
    );
    refused(
        |spec| {
            spec.image = pull("docker.io/library/alpine");
            spec.image.as_mut().unwrap().digest = Hash::default();
        },
        "image.digest",
        "is zero",
    );
    refused(
        |spec| {
            spec.image = pull("docker.io/library/alpine");
            spec.image.as_mut().unwrap().reference = None;
        },
        "image.len",
        "an archive has bytes",
    );
    let mut fine = spec();
    fine.image = pull("registry.example.com:5000/team/train");
    fine.validate().unwrap();
    assert_eq!(
        fine.image.unwrap().id(),
        Hash([2; 32]),
        "by its manifest while its configuration is not known"
    );
}

#[test]
fn what_makes_no_sense_is_refused() {
    refused(|spec| spec.salt = Hash::default(), "salt", "is zero");
    refused(|spec| spec.version = 1, "version", "is 1");
    refused(
        |spec| spec.time_limit_secs = Some(0),
        "time_limit_secs",
        "is 0",
    );
    refused(|spec| spec.command.clear(), "command", "is missing");
    refused(|spec| spec.command[0].clear(), "command", "empty word");
    refused(
        |spec| spec.kind = Kind::Session,
        "command",
        "a session runs no command",
    );
    refused(
        |spec| spec.restart = Restart::OnFailure(0),
        "restart",
        "on_failure is 0",
    );
    let port = |port| Port { port, name: None };
    refused(|spec| spec.ports = vec![port(0)], "ports.0", "is no port");
    refused(
        |spec| spec.ports = vec![port(80), port(80)],
        "ports.80",
        "named twice",
    );
    let ready = |path: &str| {
        Some(Readiness {
            port: 80,
            path: Some(path.into()),
            within_secs: 10,
        })
    };
    refused(
        |spec| spec.readiness = ready("/"),
        "readiness",
        "only a service",
    );
    let service = |path: &str, ports: Vec<Port>| {
        let readiness = ready(path);
        move |spec: &mut JobSpec| {
            spec.kind = Kind::Service;
            spec.ports = ports;
            spec.readiness = readiness;
        }
    };
    refused(
        service("/", vec![]),
        "readiness.port",
        "not among the ports",
    );
    refused(
        service("x", vec![port(80)]),
        "readiness.path",
        "begins with /",
    );
    refused(
        service("/ HTTP/1.1\r\nX: y", vec![port(80)]),
        "readiness.path",
        "begins with /",
    );
    for (url, reason) in [
        ("http://x/y", "only https"),
        ("https://me:pass@x/y", "has a login"),
        ("https:///y", "no address"),
    ] {
        refused(
            |spec| {
                spec.inputs = vec![input("a")];
                spec.inputs[0].url = Some(url.into());
            },
            "inputs.a.url",
            reason,
        );
    }
}

/// Field case 25: what will surely go wrong is said before it is paid
#[test]
fn warnings_stop_nothing() {
    let mut spec = spec();
    spec.command = vec!["python3 -c 'print(1)'".into()];
    spec.egress = true;
    spec.validate().unwrap();
    let warnings = spec.warnings();
    assert_eq!(
        warnings,
        [
            Warning::ProgramWithBlanks,
            Warning::Egress,
            Warning::NoImage
        ]
    );
    assert!(warnings[0].to_string().contains("no shell splits it"));
}

/// Field case 17: field and line, in JSON too
#[test]
fn texts_name_field_and_line() {
    let salt = "07".repeat(32);
    let says = |text: &str| read_spec(text).unwrap_err().to_string();
    let text = format!(
        "{{\"version\": 2,\n\"salt\": \"{salt}\",\n\"command\": [\"a\"],\n\"command\": [\"b\"]}}"
    );
    assert!(
        says(&text).contains("duplicate field `command`"),
        "{}",
        says(&text)
    );
    let text = format!("version: 2\nsalt: {salt}\ncomand: [a]\n");
    assert_eq!(
        says(&text),
        "line 3: comand: there is no such field; `command` was meant?"
    );
    let text = format!("version: 2\nsalt: {salt}\ncommand: [a]\nenv:\n  A: b\n  LD_PRELOAD: x\n");
    assert!(
        says(&text).starts_with("line 6: env.LD_PRELOAD: is set by the node"),
        "{}",
        says(&text)
    );
    let good = format!("\u{feff}{{\"version\": 2, \"salt\": \"{salt}\", \"command\": [\"a\\/b\", \"\\ud83d\\ude00\"]}}");
    assert_eq!(read_spec(&good).unwrap().command, ["a/b", "\u{1f600}"]);
}

/// redteam P1: only ciphertext lies on a mirror, each file's under a key of its own, in a folder by https; and only of what the job has.
#[test]
fn mirrors_hold_ciphertext_alone() {
    let sealed = |sha256, key| Sealed {
        sha256: Hash([sha256; 32]),
        key: Hash([key; 32]),
    };
    let with = |url: &str, all: &[(u8, Sealed)]| {
        let mirrors = Mirrors {
            urls: vec![url.into()],
            sealed: all
                .iter()
                .map(|(of, one)| (Hash([*of; 32]), *one))
                .collect(),
        };
        move |spec: &mut JobSpec| {
            spec.inputs = vec![input("a"), input("b")];
            spec.inputs[1].sha256 = Hash([2; 32]);
            spec.mirrors = Some(mirrors);
        }
    };
    let (good, of) = ("https://mirror.example.com/iog", Hash([1; 32]));
    let fields = (
        format!("mirrors.sealed.{of}"),
        format!("mirrors.sealed.{of}.sha256"),
        format!("mirrors.sealed.{}.key", Hash([2; 32])),
    );
    for (url, reason) in [
        ("http://mirror.example.com", "only https"),
        ("https://user:pass@mirror.example.com", "a login"),
        ("https://mirror.example.com/?x=1", "is a folder"),
    ] {
        let field = format!("mirrors.urls.{url}");
        refused(with(url, &[(1, sealed(3, 4))]), &field, reason);
    }
    refused(
        |spec| spec.mirrors = Some(Mirrors::default()),
        "mirrors.urls",
        "1 to 8",
    );
    let strange = with(good, &[(9, sealed(3, 4))]);
    let field = format!("mirrors.sealed.{}", Hash([9; 32]));
    refused(strange, &field, "no input or archive");
    refused(
        with(good, &[(1, sealed(1, 4))]),
        &fields.1,
        "the ciphertext's",
    );
    refused(
        with(good, &[(1, sealed(2, 4))]),
        &fields.1,
        "the ciphertext's",
    );
    let twice = [(1, sealed(3, 4)), (2, sealed(5, 4))];
    refused(with(good, &twice), &fields.2, "of its own for each file");
    let none = with(good, &[(1, sealed(3, 0))]);
    refused(
        none,
        &format!("{}.key", fields.0),
        "of its own for each file",
    );
    let mut fine = spec();
    with(good, &[(1, sealed(3, 4)), (2, sealed(5, 6))])(&mut fine);
    fine.validate().unwrap();
    let hash = fine.hash().unwrap();
    fine.mirrors = None;
    assert_eq!(fine.hash().unwrap(), hash);
}
