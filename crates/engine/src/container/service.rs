//! The container engine of this node alone: Podman with its own store, its own configuration and its own socket, which nobody else may
//! open. It is no child of ours: containers and it live on when this process ends. redteam J2, X1

use super::{api::Api, ContainerSettings, Runtime};
use crate::{error::EngineError, files::private_dir};
use std::{
    fs,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

pub const RUNSC: &str = "/usr/bin/runsc";
const WRAPPER: &str = "iog-runsc";
const READY_WITHIN: Duration = Duration::from_secs(20);
/// The engine's defaults would set limits of the host's network that no lease's namespace has, and ask for hooks of the host.
const CONFIGURATION: &str =
    "[containers]\ndefault_sysctls = []\ndefault_ulimits = []\n\n[engine]\nhooks_dir = []\n";

pub fn socket(settings: &ContainerSettings) -> PathBuf {
    settings.run_root().join("engine.sock")
}

/// Finds the engine's service, or starts it.
///
/// # Errors
/// It does not come up.
pub fn ensure(settings: &ContainerSettings) -> Result<Api, EngineError> {
    let socket = socket(settings);
    let api = Api::podman(&socket);
    if api.get("/_ping").is_ok() {
        return same_runtime(settings, &api).map(|()| api);
    }
    let configuration = configure(settings)?;
    fs::remove_file(&socket).ok();
    let said = settings.root.join("engine.log");
    let stderr = fs::File::create(&said).map_err(EngineError::file(&said))?;
    let mut child = Command::new(&settings.podman)
        .args(global(settings))
        .args(["system", "service", "--time=0"])
        .arg(format!("unix://{}", socket.display()))
        .env_clear()
        .env(
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        )
        .env("HOME", &settings.root)
        .env("CONTAINERS_CONF", configuration)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(stderr)
        .process_group(0)
        .spawn()
        .map_err(|error| host(&format!("{}: {error}", settings.podman.display())))?;
    let end = Instant::now() + READY_WITHIN;
    while api.get("/_ping").is_err() {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(host(&format!(
                "its service ended: {status}: {}",
                last_line(&said)
            )));
        }
        if Instant::now() > end {
            child.kill().ok();
            return Err(host("its service does not answer"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    // Nothing of it is left behind when it ends before us.
    std::thread::spawn(move || child.wait());
    Ok(api)
}

fn last_line(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().rev().find(|line| !line.trim().is_empty());
    line.unwrap_or("it says nothing")
        .chars()
        .take(300)
        .collect()
}

/// What runsc keeps of its containers.
pub fn runsc_state(root: &Path) -> PathBuf {
    root.join("runsc")
}

fn global(settings: &ContainerSettings) -> Vec<String> {
    let path = |name: &str| settings.root.join(name).display().to_string();
    let short = |name: &str| settings.run_root().join(name).display().to_string();
    vec![
        format!("--root={}", path("store")),
        format!("--runroot={}", short("store")),
        format!("--tmpdir={}", short("tmp")),
        format!("--storage-driver={}", settings.storage),
        "--cgroup-manager=cgroupfs".into(),
        format!("--runtime={}", runtime(settings)),
        "--events-backend=none".into(),
    ]
}

fn runtime(settings: &ContainerSettings) -> &'static str {
    match settings.runtime {
        Runtime::Runc => "runc",
        Runtime::Runsc => WRAPPER,
    }
}

/// One service has one runtime, and lives on when this process is started anew with other settings.
fn same_runtime(settings: &ContainerSettings, api: &Api) -> Result<(), EngineError> {
    let info = api.get("/info")?;
    let name = info
        .pointer("/host/ociRuntime/name")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    match name == runtime(settings) {
        true => Ok(()),
        false => Err(host(&format!(
            "its service runs `{name}`: end `podman system service` and start again"
        ))),
    }
}

/// gVisor's own network stack refuses a namespace that is given; with the host's it uses the run's, which is the one it is in. redteam E6
fn configure(settings: &ContainerSettings) -> Result<PathBuf, EngineError> {
    private_dir(&settings.root)?;
    private_dir(&settings.run_root())?;
    let wrapper = settings.root.join(WRAPPER);
    let state = runsc_state(&settings.root);
    let script = format!(
        "#!/bin/sh\nexec {RUNSC} --network=host --root='{}' \"$@\"\n",
        state.display()
    );
    fs::write(&wrapper, script).map_err(EngineError::file(&wrapper))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o700))
        .map_err(EngineError::file(&wrapper))?;
    let path = settings.root.join("containers.conf");
    let text = format!(
        "{CONFIGURATION}\n[engine.runtimes]\n{WRAPPER} = [{:?}]\n",
        wrapper.display().to_string()
    );
    fs::write(&path, text).map_err(EngineError::file(&path))?;
    Ok(path)
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "engine",
        detail: detail.to_owned(),
    }
}
