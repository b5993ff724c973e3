//! System calls of jobs: the container engine's own list of what is allowed, without what makes namespaces, mounts and tracers. Its list
//! lets every job make a user namespace, from where most holes of the kernel are reached.

use crate::{error::EngineError, files::replace_json};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Of the package that Podman's configuration comes with.
const OF_PODMAN: &str = "/usr/share/containers/seccomp.json";
const FILE: &str = "seccomp.json";
/// Flags of `clone` that make namespaces.
const NEW_NAMESPACES: u64 = 0x7e02_0000;
/// Families below: sockets of files, both internets, the kernel's tables. Not packets, nor the hypervisor.
const AF_PACKET: u64 = 17;
const NOT: [&str; 33] = [
    "add_key",
    "bpf",
    "chroot",
    "clone",
    "clone3",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "kcmp",
    "keyctl",
    "lookup_dcookie",
    "mount",
    "mount_setattr",
    "move_mount",
    "name_to_handle_at",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "pivot_root",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "request_key",
    "setns",
    "socket",
    "umount",
    "umount2",
    "unshare",
    "userfaultfd",
];

pub fn path(root: &Path) -> PathBuf {
    root.join(FILE)
}

/// Writes the profile of this host.
///
/// # Errors
/// The container engine's own is not there or not as it should be: then no job runs.
pub fn write(root: &Path) -> Result<(), EngineError> {
    let text = std::fs::read(OF_PODMAN).map_err(EngineError::file(OF_PODMAN))?;
    let profile: Value = serde_json::from_slice(&text)
        .map_err(|error| EngineError::host("engine", format!("{OF_PODMAN}: {error}")))?;
    let ours = narrowed(profile).ok_or_else(|| {
        EngineError::host(
            "engine",
            format!("{OF_PODMAN} is no list of what is allowed"),
        )
    })?;
    replace_json(&path(root), &ours)
}

fn narrowed(mut profile: Value) -> Option<Value> {
    if profile.get("defaultAction")?.as_str()? != "SCMP_ACT_ERRNO" {
        return None;
    }
    let rules = profile.get_mut("syscalls")?.as_array_mut()?;
    for rule in rules.iter_mut() {
        let names = rule.get_mut("names")?.as_array_mut()?;
        names.retain(|name| name.as_str().is_some_and(|name| !NOT.contains(&name)));
    }
    rules.retain(|rule| {
        rule["names"]
            .as_array()
            .is_some_and(|names| !names.is_empty())
    });
    rules.push(json!({"names": ["clone"], "action": "SCMP_ACT_ALLOW",
        "args": [{"index": 0, "value": NEW_NAMESPACES, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]}));
    rules.push(json!({"names": ["socket"], "action": "SCMP_ACT_ALLOW",
        "args": [{"index": 0, "value": AF_PACKET, "valueTwo": 0, "op": "SCMP_CMP_LT"}]}));
    Some(profile)
}

#[cfg(test)]
mod tests {
    use super::narrowed;
    use serde_json::json;

    #[test]
    fn what_makes_namespaces_is_taken_out() {
        let profile = json!({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
            {"names": ["read", "unshare", "clone"], "action": "SCMP_ACT_ALLOW"},
            {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": null},
        ]});
        let ours = narrowed(profile).unwrap();
        let rules = ours["syscalls"].as_array().unwrap();
        let names: Vec<_> = rules.iter().map(|rule| rule["names"].to_string()).collect();
        assert_eq!(names, [r#"["read"]"#, r#"["clone"]"#, r#"["socket"]"#]);
        assert_eq!(rules[1]["args"][0]["value"], 0x7e02_0000);
        assert_eq!(rules[2]["args"][0]["op"], "SCMP_CMP_LT");
        // One that allows what it does not name is no profile.
        assert!(narrowed(json!({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": []})).is_none());
    }
}
