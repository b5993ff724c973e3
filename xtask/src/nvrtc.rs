//! NVIDIA's run-time compiler, with which the tests compile the CUDA kernels. It needs neither a card nor a driver.

use std::process::Command;

use anyhow::Result;

use crate::run;
use crate::sbf::{cache::Cache, debian};

/// Of CUDA 12, whose library names the bindings know.
const VERSION: &str = "12.9.86";

/// Puts it into the cache, where `iog-pow-gpu` looks for it after the system's own.
pub fn ensure() -> Result<()> {
    if !cfg!(target_os = "linux") {
        eprintln!("note: NVIDIA publishes NVRTC for Linux and Windows only; the CUDA kernels are not compiled here");
        return Ok(());
    }
    Cache::open()?.part("nvrtc", VERSION, |folder| {
        let pip = || {
            let mut command = Command::new("python3");
            command.args(["-m", "pip"]);
            command
        };
        if run::quiet(pip().arg("--version"), "").is_err() {
            debian::install_missing(&["python3-pip"])?;
        }
        run::quiet(
            pip()
                .args(["install", "--quiet", "--no-deps", "--only-binary", ":all:"])
                .arg("--target")
                .arg(folder)
                .arg(format!("nvidia-cuda-nvrtc-cu12=={VERSION}")),
            "check that the Python package registry can be reached, and run this again",
        )
    })?;
    Ok(())
}
