//! Packages of the machine itself.

use std::collections::HashSet;
use std::process::Command;

use anyhow::{bail, Result};

use crate::run;

/// What the host workspace links or runs: the embedded network wants libudev, OpenSSL, protoc and libclang; the tests of the
/// GPU provers want Vulkan on the processor (lavapipe); engines and lab want bubblewrap, Podman with runc and runsc, Docker, nftables, iproute2,
/// tcpdump, and the unmodified OpenSSH, rsync and iperf3; the README's lines want jq; the templates' training wants PyTorch.
pub const HOST_PACKAGES: &[&str] = &[
    "bubblewrap",
    "build-essential",
    "busybox-static",
    "ca-certificates",
    "clang",
    "conmon",
    "curl",
    "docker.io",
    "e2fsprogs",
    "golang-github-containers-common",
    "iperf3",
    "iproute2",
    "iputils-ping",
    "jq",
    "libc6-dev",
    "libclang-dev",
    "libssl-dev",
    "libudev-dev",
    "libvulkan1",
    "mesa-vulkan-drivers",
    "nftables",
    "openssh-client",
    "pkg-config",
    "podman",
    "procps",
    "protobuf-compiler",
    "python3",
    "python3-torch",
    "rsync",
    "runc",
    "runsc",
    "skopeo",
    "tcpdump",
    "uidmap",
    "util-linux",
];

/// What only `cargo xtask test --full` runs: programs of templates, some hundred megabytes.
pub const FULL_PACKAGES: &[&str] = &["blender", "jupyter-notebook"];

/// The compiler that the recipe uses, with the source of its standard library.
pub const RUST_PACKAGES: &[&str] = &["cargo-web", "patch", "rust-web-src", "rustc-web"];

/// Installs the packages that are not there. Needs nothing, not even a network, when all are.
pub fn install_missing(packages: &[&str]) -> Result<()> {
    if !has("apt-get") {
        eprintln!(
            "note: no apt-get here; make sure that you have what Debian calls: {}",
            packages.join(" ")
        );
        return Ok(());
    }
    let missing = missing(packages);
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let command = format!("apt-get update && apt-get install -y {list}");
    let Some(prefix) = as_root() else {
        bail!("packages are missing and there is no sudo; as root, run: {command}");
    };
    run::step(&format!("Debian packages {list}"), || {
        let advice = format!("see apt's message above, or run it yourself as root: {command}");
        run::check(apt_get(prefix).arg("update"), &advice)?;
        run::check(
            apt_get(prefix).args(["install", "-y"]).args(&missing),
            &advice,
        )
    })
}

fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    // dpkg-query fails when it knows one of them not, and still prints the others.
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(packages)
        .output();
    let text = output.map(|out| out.stdout).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let installed: HashSet<_> = text
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    let is_missing = |package: &&str| !installed.contains(package);
    packages.iter().copied().filter(is_missing).collect()
}

fn apt_get(prefix: &[&str]) -> Command {
    let mut words = prefix.iter().chain(["apt-get"].iter());
    let mut command = Command::new(words.next().unwrap_or(&"apt-get"));
    command.args(words);
    command
}

/// How a command becomes root's: as it is, by sudo (which keeps apt from asking), or not at all.
fn as_root() -> Option<&'static [&'static str]> {
    let uid = run::output(Command::new("id").arg("-u"), "coreutils").unwrap_or_default();
    if uid.trim() == "0" {
        return Some(&["env", "DEBIAN_FRONTEND=noninteractive"]);
    }
    has("sudo").then_some(&["sudo", "env", "DEBIAN_FRONTEND=noninteractive"])
}

fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
