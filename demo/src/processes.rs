//! The processes of the story that are none of its own: a relay, each supplier's node, the renter's `iog`. Between them is nothing but the RPC
//! and the link.

mod node;

pub use node::Node;

use anyhow::{bail, Context, Result};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer as _;
use std::{
    fs::{self, File},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};
use tokio::process::Child;

/// How long a process may take to come up, or to do what it was told.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(50);

pub struct Processes {
    dir: PathBuf,
    rpc_url: String,
    network: PathBuf,
    /// Killed with the story.
    relay: Option<Child>,
}

impl Processes {
    /// Starts a relay on loopback and writes the network's file.
    pub async fn start(dir: &Path, rpc_url: &str) -> Result<Self> {
        let mut all = Self {
            dir: dir.to_path_buf(),
            rpc_url: rpc_url.into(),
            network: dir.join("network.toml"),
            relay: None,
        };
        let folder = dir.join("relay");
        let folder = folder.display().to_string();
        let loopback = "127.0.0.1:0";
        let args = [
            "relay",
            "--listen",
            loopback,
            "--quic",
            loopback,
            "--name",
            "127.0.0.1",
            "--dir",
            &folder,
            "--allow-any",
        ];
        let (relay, log) = all.spawn("iog-keeper", &args, "relay")?;
        all.relay = Some(relay);
        let text = said(&log, "relay started").await?;
        let entry: Vec<&str> = text
            .lines()
            .skip_while(|line| !line.starts_with("[[relays]]"))
            .take_while(|line| line.starts_with(['[', 'u', 'q', 'p']))
            .collect();
        let known = include_str!("../../networks/localnet.toml");
        fs::write(&all.network, format!("{known}\n{}\n", entry.join("\n")))?;
        Ok(all)
    }

    pub fn network(&self) -> &Path {
        &self.network
    }

    /// Runs the renter's `iog` to its end; its standard output.
    pub async fn iog(&self, args: &[&str]) -> Result<String> {
        let home = self.dir.join("renter");
        fs::create_dir_all(&home)?;
        let key = self.dir.join("network/renter.json").display().to_string();
        let program = program("iog")?;
        let mut command = tokio::process::Command::new(program);
        command
            .args(["-u", &self.rpc_url, "-k", &key, "-y"])
            .args(args)
            .env("HOME", &home)
            .env("XDG_RUNTIME_DIR", &home)
            .env_remove("XDG_DATA_HOME")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output());
        let output = output
            .await
            .with_context(|| format!("iog {} hangs", args.join(" ")))??;
        if !output.status.success() {
            let error = String::from_utf8_lossy(&output.stderr);
            bail!(
                "iog {}: {}\n{}",
                args.join(" "),
                error.trim_end(),
                self.tails()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn spawn(&self, program_name: &str, args: &[&str], name: &str) -> Result<(Child, PathBuf)> {
        let log = self.dir.join(format!("{name}.log"));
        let file = File::options().create(true).append(true).open(&log)?;
        let mut command = Command::new(program(program_name)?);
        command
            .args(args)
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        let mut command = tokio::process::Command::from(command);
        Ok((command.kill_on_drop(true).spawn()?, log))
    }

    /// With the last words of every process, where something did not come.
    pub fn told<T>(&self, waited: Result<T>) -> Result<T> {
        waited.map_err(|error| anyhow::anyhow!("{error:#}\n{}", self.tails()))
    }

    /// The last lines of every process, for an error.
    pub fn tails(&self) -> String {
        let entries = fs::read_dir(&self.dir).into_iter().flatten().flatten();
        let logs = entries.map(|entry| entry.path());
        let logs = logs.filter(|path| path.extension().is_some_and(|end| end == "log"));
        let tail = |path: PathBuf| {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let last = &lines[lines.len().saturating_sub(15)..];
            format!("--- {}\n{}", path.display(), last.join("\n"))
        };
        logs.map(tail).collect::<Vec<_>>().join("\n")
    }
}

/// Waits until a log has `text`; what it has then.
async fn said(log: &Path, text: &str) -> Result<String> {
    until(&format!("`{text}` in {}", log.display()), || {
        let found = fs::read_to_string(log).unwrap_or_default();
        Ok(found.contains(text).then_some(found))
    })
    .await
}

/// Waits until `look` finds something.
pub async fn until<T>(what: &str, mut look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let waiting = async {
        loop {
            if let Some(found) = look()? {
                return Ok(found);
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    waited.with_context(|| format!("{what} did not come"))?
}

/// Makes a key of the link in a file that only its owner reads.
pub fn tunnel_key(file: &Path) -> Result<Pubkey> {
    let key = Keypair::new();
    let bytes = serde_json::to_string(&key.to_bytes().to_vec())?;
    let mut options = fs::OpenOptions::new();
    let mut made = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    std::io::Write::write_all(&mut made, bytes.as_bytes())?;
    Ok(key.pubkey())
}

/// A folder that only its owner enters.
pub fn private(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    Ok(fs::set_permissions(
        folder,
        fs::Permissions::from_mode(0o700),
    )?)
}

/// A program that was built beside this one.
fn program(name: &str) -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    let found = own
        .ancestors()
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    found
        .with_context(|| format!("{name} is not built: run `cargo build -p iog-cli -p iog-keeper`"))
}
