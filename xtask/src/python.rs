//! Python environments that tests use: Ray, and the tools of the Python client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::sbf::{
    cache::{self, Cache},
    debian,
};
use crate::{repo, run};

/// Ray and all it needs, each file by its hash. Made by `uv pip compile --generate-hashes` of `ray[default]` and `numpy`.
const RAY: &str = include_str!("../python/ray.txt");
/// A job in a sandbox sees nothing else of the host than `/usr`.
const PYTHON: &str = "/usr/bin/python3";

/// What holds objects against Kubernetes' published schemas: `kubernetes-validate`, each file by its hash.
pub fn kubernetes() -> Result<PathBuf> {
    venv("kubernetes", include_str!("../python/kubernetes.txt"))
}

/// Ray's environment, which the lab's nodes show to their jobs.
pub fn ray() -> Result<PathBuf> {
    venv("ray", RAY)
}

/// The environment `python/<name>` of the cache with what the text of a requirements file says; made anew only when that changes.
pub fn venv(name: &str, requirements: &str) -> Result<PathBuf> {
    // Others of this user wait; the lab's nodes show the folder to jobs, which see their own `/tmp` and `/work`.
    let _alone = Cache::open()?;
    let folder = repo::cache()?.join("python").join(name);
    let key = cache::key([requirements]);
    let stamp = folder.join("requirements.key");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == key) {
        return Ok(folder);
    }
    run::step(&format!("Python environment {name}"), || {
        make(&folder, requirements)?;
        fs::write(&stamp, key).with_context(|| stamp.display().to_string())
    })?;
    Ok(folder)
}

/// Its scripts name the folder, so that it cannot be made elsewhere and moved: what an interrupted run left has no stamp.
fn make(folder: &Path, requirements: &str) -> Result<()> {
    debian::install_missing(&["python3", "python3-venv"])?;
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    run::quiet(
        Command::new(PYTHON).args(["-m", "venv"]).arg(folder),
        "install python3-venv",
    )?;
    let list = folder.join("requirements.txt");
    fs::write(&list, requirements).with_context(|| list.display().to_string())?;
    let mut pip = Command::new(folder.join("bin/python3"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-input"])
        .args([
            "--disable-pip-version-check",
            "--only-binary",
            ":all:",
            "-r",
        ])
        .arg(&list);
    run::quiet(
        &mut pip,
        "check that the Python package registry can be reached, and run this again",
    )
}
