//! What the sandbox shows: the host's programs, the named folders, Ray's two ports and its token.

use crate::{
    args,
    error::{CliError, Result},
};
use iog_job::ray::{CLIENT_PORT, DASHBOARD_PORT, TOKEN};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where sockets and token are inside.
pub const INSIDE: &str = "/run/iog";
/// Of the host's `/etc`, without which programs do not start or say strange things.
const ETC: [&str; 6] = [
    "alternatives",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "ssl",
    "localtime",
];

/// Of `/proc`, what root may write without any capability, and by which it leaves a sandbox (`kernel/core_pattern`).
const PROC: [&str; 4] = ["sys", "sysrq-trigger", "irq", "bus"];

/// What is named, without links: what the sandbox sees is what was said. Folders with keys are nobody's to show.
pub fn folder(path: &Path, wallet: &Path) -> Result<PathBuf> {
    let path = args::expanded(path)?;
    let found = fs::canonicalize(&path)
        .map_err(|error| CliError::usage(format!("{}: {error}", path.display())))?;
    if !found.is_dir() {
        return Err(CliError::usage(format!("{} is no folder", found.display())));
    }
    let orders = crate::agent::folder::root()?;
    let data = orders.parent().map(Path::to_path_buf).unwrap_or(orders);
    let home = std::env::var_os("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let keys = [
        data,
        home.join(".config/solana"),
        home.join(".ssh"),
        home.join(".gnupg"),
        wallet.to_path_buf(),
    ];
    let keys = keys
        .iter()
        .map(|key| fs::canonicalize(key).unwrap_or_else(|_| key.clone()));
    match keys
        .into_iter()
        .find(|key| key.starts_with(&found) || found.starts_with(key))
    {
        Some(key) => Err(CliError::usage(format!(
            "{} would show {} inside, where keys are: name another folder",
            found.display(),
            key.display()
        ))),
        None => Ok(found),
    }
}

/// Arguments of bubblewrap: nothing of the host but programs, the named folders and the sockets.
pub fn arguments(
    own: &Path,
    private: &Path,
    dir: &Path,
    shown: &[PathBuf],
    command: &[String],
) -> Vec<String> {
    let mut words: Vec<String> = [
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--clearenv",
        // Root would have all of them, and could make writable what is shown read only. redteam mesh M8
        "--cap-drop",
        "ALL",
    ]
    .map(str::to_owned)
    .into();
    let mut add = |parts: &[&str]| words.extend(parts.iter().map(|part| (*part).to_owned()));
    add(&[
        "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/home",
    ]);
    for name in PROC {
        let path = format!("/proc/{name}");
        add(&["--ro-bind-try", &path, &path]);
    }
    add(&["--ro-bind", "/usr", "/usr"]);
    for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64"] {
        match fs::read_link(name) {
            Ok(link) => add(&["--symlink", &link.to_string_lossy(), name]),
            Err(_) if Path::new(name).is_dir() => add(&["--ro-bind", name, name]),
            Err(_) => {}
        }
    }
    for name in ETC {
        let path = format!("/etc/{name}");
        add(&["--ro-bind-try", &path, &path]);
    }
    let text = |path: &Path| path.to_string_lossy().into_owned();
    add(&["--ro-bind", &text(private), INSIDE]);
    add(&["--ro-bind", &text(own), "/run/iog-cli"]);
    for path in shown {
        add(&["--ro-bind", &text(path), &text(path)]);
    }
    add(&["--bind", &text(dir), &text(dir), "--chdir", &text(dir)]);
    let term = std::env::var("TERM").unwrap_or_else(|_| "dumb".into());
    let token = format!("{INSIDE}/{TOKEN}");
    let api = format!("http://127.0.0.1:{DASHBOARD_PORT}");
    let client = format!("ray://127.0.0.1:{CLIENT_PORT}");
    let path = shown
        .iter()
        .map(|path| path.join("bin"))
        .filter(|path| path.is_dir());
    let mut path: Vec<String> = path.map(|path| text(&path)).collect();
    path.push("/usr/local/bin:/usr/bin:/bin".into());
    for (name, value) in [
        ("HOME", "/home"),
        ("PATH", &path.join(":")),
        ("TERM", &term),
        ("LANG", "C.UTF-8"),
        ("RAY_ADDRESS", &client),
        ("RAY_API_SERVER_ADDRESS", &api),
        ("RAY_AUTH_MODE", "token"),
        ("RAY_AUTH_TOKEN_PATH", &token),
        ("RAY_USAGE_STATS_ENABLED", "0"),
    ] {
        add(&["--setenv", name, value]);
    }
    add(&["--", "/run/iog-cli", "cluster", "inside", "--"]);
    match command {
        [] => add(&["bash"]),
        command => words.extend(command.iter().cloned()),
    }
    words
}
