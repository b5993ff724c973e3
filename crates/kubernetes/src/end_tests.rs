use super::{end, End};
use iog_engine::RunStatus;
use iog_job::Why;
use k8s_openapi::api::core::v1::Pod;
use serde_json::{json, Value};

fn pod(status: Value) -> Pod {
    serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).unwrap()
}

fn containers(job: Value) -> Value {
    json!({"phase": "Running", "containerStatuses": [
        {"name": "job", "image": "i", "imageID": "", "ready": false, "restartCount": 0, "state": job},
        {"name": "hold", "image": "i", "imageID": "", "ready": true, "restartCount": 0, "state": {"running": {}}},
    ]})
}

fn terminated(code: i32, reason: &str, message: &str) -> Value {
    containers(json!({"terminated": {"exitCode": code, "reason": reason, "message": message}}))
}

/// redteam K6: what the job did is not the host's fault, and what the host did is not the job's.
#[test]
fn a_pods_end_is_told_as_whose_it_was() {
    let over = |status: Value| match end(Some(&pod(status))) {
        Some(End::Over(status)) => status,
        other => panic!("{other:?}"),
    };
    let lost = |status: Value| match end(Some(&pod(status))) {
        Some(End::Lost(status, _)) => status,
        other => panic!("{other:?}"),
    };
    assert_eq!(end(Some(&pod(containers(json!({"running": {}}))))), None);
    assert_eq!(over(terminated(3, "Error", "")), RunStatus::Exited(3));
    assert_eq!(over(terminated(0, "Completed", "")), RunStatus::Exited(0));
    assert_eq!(
        over(terminated(137, "OOMKilled", "")),
        RunStatus::Failed(Why::OutOfMemory)
    );
    assert_eq!(
        over(terminated(
            128,
            "StartError",
            "exec: \"x\": executable file not found in $PATH"
        )),
        RunStatus::Exited(127)
    );
    assert_eq!(
        over(terminated(128, "StartError", "exec: permission denied")),
        RunStatus::Exited(126)
    );
    let evicted =
        |message: &str| json!({"phase": "Failed", "reason": "Evicted", "message": message});
    assert_eq!(
        lost(evicted(
            "Usage of EmptyDir volume \"work\" exceeds the limit \"1Gi\"."
        )),
        RunStatus::Exited(137)
    );
    assert_eq!(
        lost(evicted("The node was low on resource: ephemeral-storage.")),
        RunStatus::Failed(Why::Host("engine".into()))
    );
    assert_eq!(
        lost(json!({"phase": "Failed", "reason": "DeadlineExceeded"})),
        RunStatus::Failed(Why::Host("engine".into()))
    );
    assert!(matches!(
        end(None),
        Some(End::Lost(RunStatus::Failed(Why::Lost), _))
    ));
}
