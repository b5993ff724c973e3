//! `cluster shell`: a sandbox on the renter's own machine, from which nothing but the cluster's two ports is reached. redteam mesh M8
//!
//! The sandbox has a network of its own with nothing but loopback in it. Ray's ports come in as Unix sockets; a second `iog` inside leads
//! loopback ports of the same numbers to them.

mod sandbox;

use super::{
    book::{self, Cluster},
    connect::{interrupted, token, Ports},
    head, Named,
};
use crate::{
    agent::client::Client,
    context::Context,
    error::{CliError, Result},
};
use clap::Args;
use iog_job::ray::{CLIENT_PORT, DASHBOARD_PORT, TOKEN};
use sandbox::{arguments, folder, INSIDE};
use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};
use tokio::{
    net::{TcpListener, TcpStream, UnixListener, UnixStream},
    process::Command,
};

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    named: Named,
    /// Folder of yours that is the working directory inside, and writable; what runs inside may change all of it
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// Folders that are seen inside, read only: a virtual environment with Ray, data
    #[arg(long, value_name = "DIR", num_args = 1)]
    show: Vec<PathBuf>,
    /// What to run [default: bash]
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

#[derive(Args, Debug)]
pub struct Inside {
    /// What to run
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let cluster = Cluster::open(&terms.named.name)?;
    let agent = Client::open(&cluster.root()?)?;
    let wallet = context.keypair();
    let dir = folder(&terms.dir, wallet)?;
    let shown = terms
        .show
        .iter()
        .map(|path| folder(path, wallet))
        .collect::<Result<Vec<_>>>()?;
    let lease = head::ready(context, &cluster, &agent).await?.binding.lease;
    let ports = Ports::open(&agent, &lease, (0, 0)).await?;
    let private = Private::make()?;
    let token = token(&book::token_path(&cluster.root()?)?)?;
    private.write(TOKEN, token.as_bytes())?;
    for (port, to) in [
        (DASHBOARD_PORT, ports.dashboard),
        (CLIENT_PORT, ports.client),
    ] {
        let listener =
            UnixListener::bind(private.0.join(port.to_string())).map_err(|error| refuse(&error))?;
        tokio::spawn(lead_out(listener, to));
    }
    let own = std::env::current_exe().map_err(|error| refuse(&error))?;
    let words = arguments(&own, &private.0, &dir, &shown, &terms.command);
    let mut sandbox = Command::new("bwrap");
    sandbox.args(words).env_clear().kill_on_drop(true);
    let ended = tokio::select! {
        ended = sandbox.status() => ended,
        // What was private is taken away then, too.
        () = interrupted() => return Err(refuse(&"it was interrupted")),
    };
    let ended = ended.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => CliError::usage("there is no bwrap: install bubblewrap"),
        _ => refuse(&error),
    })?;
    match ended.code() {
        Some(0) => Ok(()),
        code => Err(CliError::Other {
            text: format!(
                "the command in the sandbox ended with {}",
                code.map_or("a signal".into(), |code| code.to_string())
            ),
            code: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        }),
    }
}

fn refuse(error: &dyn std::fmt::Display) -> CliError {
    CliError::usage(format!("cannot make the sandbox: {error}"))
}

/// A folder of this user's alone, gone with the command.
struct Private(PathBuf);

impl Private {
    fn make() -> Result<Self> {
        let base = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let base = base
            .filter(|path| path.is_dir())
            .unwrap_or_else(std::env::temp_dir);
        let name: [u8; 32] = crate::agent::new_key().to_bytes();
        let name = hex::encode(name.get(..8).unwrap_or(&name));
        let path = base.join(format!("iog-shell-{name}"));
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| refuse(&error))?;
        Ok(Self(path))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o400)
            .open(self.0.join(name));
        file.and_then(|mut file| io::Write::write_all(&mut file, bytes))
            .map_err(|error| refuse(&error))
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// From a socket of the sandbox to the forwarded port.
async fn lead_out(listener: UnixListener, to: SocketAddr) {
    while let Ok((mut from, _)) = listener.accept().await {
        tokio::spawn(async move {
            if let Ok(mut to) = TcpStream::connect(to).await {
                let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
            }
        });
    }
}

/// Runs inside: ports first, then the command, whose code is this one's.
pub async fn inside(terms: &Inside) -> Result<()> {
    for port in [DASHBOARD_PORT, CLIENT_PORT] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|error| refuse(&error))?;
        tokio::spawn(lead_in(listener, Path::new(INSIDE).join(port.to_string())));
    }
    let Some((program, words)) = terms.command.split_first() else {
        return Err(CliError::usage("nothing is to be run"));
    };
    let ended = Command::new(program).args(words).status().await;
    let ended = ended.map_err(|error| CliError::usage(format!("{program}: {error}")))?;
    let code = ended.code().and_then(|code| u8::try_from(code).ok());
    std::process::exit(code.unwrap_or(1).into())
}

async fn lead_in(listener: TcpListener, socket: PathBuf) {
    while let Ok((mut from, _)) = listener.accept().await {
        let socket = socket.clone();
        tokio::spawn(async move {
            if let Ok(mut to) = UnixStream::connect(socket).await {
                let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
            }
        });
    }
}
