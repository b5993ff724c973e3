//! Every object that the engine makes, and what `deploy/` has, against Kubernetes' published schemas. `cargo xtask test` makes the Python
//! environment with `kubernetes-validate` that this needs.

mod chart;
#[allow(dead_code)]
mod common;

use common::{run, settings};
use iog_engine::{netns::Egress, Card, RunSpec};
use iog_job::Kind;
use iog_kubernetes::every_object;
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{LimitRange, Pod, ResourceQuota},
    networking::v1::NetworkPolicy,
};
use serde::{de::DeserializeOwned, Serialize};
use serde_json::{json, Value};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Oldest and newest that are held against.
const VERSIONS: [&str; 2] = ["1.33", "1.37"];
const SCRIPT: &str = r#"
import json, sys, kubernetes_validate
for name, thing, version in json.load(sys.stdin):
    try:
        kubernetes_validate.validate(thing, version, strict=True)
    except Exception as error:
        sys.exit(f"{name}, {version}: {error}")
"#;

pub fn repo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where `cargo xtask` keeps what it made.
fn cache() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").expect("set HOME or IOG_CACHE"));
    let named = std::env::var_os("IOG_CACHE").map(PathBuf::from);
    named.unwrap_or_else(|| home().join(".cache/iog"))
}

fn validate(things: &[(String, Value)]) {
    let python = cache().join("python/kubernetes/bin/python3");
    assert!(
        python.exists(),
        "{} is missing: run `cargo xtask test` once, which makes it",
        python.display()
    );
    let all: Vec<_> = things
        .iter()
        .flat_map(|(name, thing)| VERSIONS.map(|version| json!([name, thing, version])))
        .collect();
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(json!(all).to_string().as_bytes()).unwrap();
    drop(stdin);
    let done = child.wait_with_output().unwrap();
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

/// The client's types know every field: none is lost on the way.
fn keeps<T: DeserializeOwned + Serialize>(object: &Value) {
    let typed: T = serde_json::from_value(object.clone()).unwrap();
    assert_eq!(serde_json::to_value(typed).unwrap(), *object);
}

fn runs() -> Vec<RunSpec> {
    let plain = run();
    let mut session = run();
    (session.spec.kind, session.spec.command, session.egress) = (Kind::Session, Vec::new(), true);
    let mut cards = run();
    cards.cards = vec![Card {
        uuid: "GPU-1".into(),
        cdi: None,
        nodes: Vec::new(),
    }];
    vec![plain, session, cards]
}

#[test]
fn every_object_of_the_engine_is_as_the_schemas_say() {
    let dir = tempfile::tempdir().unwrap();
    let plain = settings(dir.path(), dir.path());
    let mut all = plain.clone();
    all.runtime_class = Some("gvisor".into());
    all.user_namespaces = true;
    all.pull_secret = Some("registry".into());
    all.egress = Some(Egress::default());
    all.forbidden = vec!["203.0.114.0/24".into()];
    all.machine = "a.machine.with-a-name.that-is.longer.than-labels.may.be.example.com".into();
    let mut things = Vec::new();
    for settings in [&plain, &all] {
        for run in runs() {
            for (name, object) in every_object(settings, &run).unwrap() {
                match object["kind"].as_str().unwrap() {
                    "Job" => keeps::<Job>(&object),
                    "Pod" => keeps::<Pod>(&object),
                    "NetworkPolicy" => keeps::<NetworkPolicy>(&object),
                    "ResourceQuota" => keeps::<ResourceQuota>(&object),
                    "LimitRange" => keeps::<LimitRange>(&object),
                    other => panic!("no schema is known of {other}"),
                }
                things.push((name.to_owned(), object));
            }
        }
    }
    validate(&things);
}

/// redteam M9: no token, no privilege, nothing of the host, in any pod.
#[test]
fn no_pod_has_a_key_to_the_cluster_or_a_way_to_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), dir.path());
    let objects = every_object(&settings, &runs()[2]).unwrap();
    let pods = objects
        .iter()
        .filter_map(|(_, object)| match object["kind"].as_str() {
            Some("Job") => Some(&object["spec"]["template"]["spec"]),
            Some("Pod") => Some(&object["spec"]),
            _ => None,
        });
    let mut seen = 0;
    for pod in pods {
        seen += 1;
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert_eq!(pod["enableServiceLinks"], false);
        for host in ["hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"] {
            assert_eq!(pod[host], false, "{host}");
        }
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        let containers = pod["containers"].as_array().unwrap().iter();
        for container in containers.chain(pod["initContainers"].as_array().into_iter().flatten()) {
            let security = &container["securityContext"];
            assert_eq!(security["allowPrivilegeEscalation"], false);
            assert_eq!(security["readOnlyRootFilesystem"], true);
            assert_eq!(security["capabilities"], json!({"drop": ["ALL"]}));
            assert_eq!(security["seccompProfile"]["type"], "RuntimeDefault");
            assert!(container["resources"]["limits"]["memory"].is_string());
        }
        for volume in pod["volumes"].as_array().into_iter().flatten() {
            assert!(volume["emptyDir"].is_object(), "{volume}");
        }
    }
    assert_eq!(seen, 4);
}

#[test]
fn a_job_is_what_the_renter_asked_for_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), dir.path());
    let object = |run: &RunSpec| every_object(&settings, run).map(|objects| objects[0].1.clone());
    let job = object(&runs()[2]).unwrap();
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(
        container["image"],
        format!("registry.example.com/team/train@sha256:{}", "09".repeat(32))
    );
    assert_eq!(container["resources"]["limits"]["nvidia.com/gpu"], "1");
    // Kubernetes makes one dollar of two, and would take `$(HOME)` for a variable.
    let command = container["command"].as_array().unwrap();
    assert_eq!(command.last().unwrap(), "$$(HOME) costs $$5");
    let text = job.to_string();
    assert!(text.contains("/run/iog/secrets/TOKEN") && !text.contains("secretKeyRef"));

    let refused = |change: fn(&mut RunSpec)| {
        let mut run = run();
        change(&mut run);
        object(&run).unwrap_err().to_string()
    };
    assert!(refused(|run| run.spec.kind = Kind::Ray).contains("there is no mesh"));
    assert!(refused(|run| run.spec.image = None).contains("names none"));
    assert!(
        refused(|run| run.spec.image.as_mut().unwrap().reference = None)
            .contains("push it to a registry")
    );
    assert!(refused(|run| run.spec.command.clear()).contains("need a `command`"));
}

#[test]
fn the_chart_and_the_manifests_are_as_the_schemas_say_and_the_same() {
    validate(&chart::objects());
}
