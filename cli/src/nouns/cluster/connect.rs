//! `cluster connect`: the head's ports on this machine.

use super::{
    book::{self, Cluster},
    head, Named,
};
use crate::{
    agent::client::{short, Client},
    context::Context,
    error::{CliError, Result},
    output::{self, Format, Record},
};
use clap::Args;
use iog_job::{
    ray::{CLIENT_PORT, DASHBOARD_PORT},
    Key,
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::AsyncReadExt,
    net::UnixStream,
    signal::unix::{signal, SignalKind},
};

/// redteam mesh M8
const PICKLES: &str = "ray.init from this machine reads pickles that any member of the cluster may have written, and they run as you, beside your keys: use ray job submit, or iog cluster shell";

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    named: Named,
    /// Local port of dashboard and Jobs API; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = DASHBOARD_PORT)]
    dashboard_port: u16,
    /// Local port of Ray Client; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = CLIENT_PORT)]
    client_port: u16,
    /// Print the token, too; else only where it lies
    #[arg(long)]
    show_token: bool,
}

/// Forwards that stand for as long as this is held.
pub struct Ports {
    held: Vec<UnixStream>,
    pub dashboard: SocketAddr,
    pub client: SocketAddr,
}

impl Ports {
    /// Opens both; a port 0 takes any free one.
    pub async fn open(agent: &Client, lease: &Key, local: (u16, u16)) -> Result<Self> {
        let at = |port: u16| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        let (one, dashboard) = agent.forward(lease, at(local.0), DASHBOARD_PORT).await?;
        let (other, client) = agent.forward(lease, at(local.1), CLIENT_PORT).await?;
        Ok(Self {
            held: vec![one, other],
            dashboard,
            client,
        })
    }

    /// Until the agent that holds them goes.
    pub async fn gone(&mut self) {
        let mut nothing = [0; 1];
        if let Some(first) = self.held.first_mut() {
            let _ = first.read(&mut nothing).await;
        }
    }
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let cluster = Cluster::open(&terms.named.name)?;
    let agent = Client::open(&cluster.root()?)?;
    tokio::select! {
        ended = lead(context, terms, &cluster, &agent) => ended,
        () = interrupted() => Ok(()),
    }
}

/// Until Ctrl-C or SIGTERM.
pub async fn interrupted() {
    let Ok(mut term) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = term.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Keeps the same local ports, whichever device is the head.
async fn lead(context: &Context, terms: &Terms, cluster: &Cluster, agent: &Client) -> Result<()> {
    let mut local = (terms.dashboard_port, terms.client_port);
    let mut told = false;
    loop {
        let lease = head::ready(context, cluster, agent).await?.binding.lease;
        let mut ports = Ports::open(agent, &lease, local).await?;
        local = (ports.dashboard.port(), ports.client.port());
        if told {
            context.note(&format!("the head is lease {} now", short(&lease)));
        } else {
            tell(context, terms, cluster, &lease, &ports)?;
            told = true;
        }
        tokio::select! {
            () = ports.gone() => context.note("the agent went away; it is started again"),
            left = another(agent, &lease) => if let Err(error) = left { context.note(&error.line()) },
        }
        drop(ports);
        // What listened has to let go of the port.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Until another lease is the head.
async fn another(agent: &Client, lease: &Key) -> Result<()> {
    let mut follow = agent.follow().await?;
    loop {
        let leases = follow.next().await?;
        let head = head::of(&leases);
        if leases.looked && head.is_none_or(|head| head.binding.lease != *lease) {
            return Ok(());
        }
    }
}

fn tell(
    context: &Context,
    terms: &Terms,
    cluster: &Cluster,
    lease: &Key,
    ports: &Ports,
) -> Result<()> {
    let path = book::token_path(&cluster.root()?)?;
    let token = terms.show_token.then(|| token(&path)).transpose()?;
    let api = format!("http://{}", ports.dashboard);
    let client = format!("ray://{}", ports.client);
    // Each lease has a name of its own: its pages do not read the cookies of others. redteam link S4, mesh M7
    let page = format!(
        "http://{}.localhost:{}",
        short(lease).to_lowercase(),
        ports.dashboard.port()
    );
    context.note(PICKLES);
    let record = Record::new()
        .put("name", cluster.name.as_str())
        .put("ray_address", api.as_str())
        .put("client_address", client.as_str())
        .put("dashboard_url", page)
        .put("token_path", path.display().to_string())
        .put("token", token);
    if context.out.format() != Format::Table {
        // One line: who reads it knows when all of it is there.
        let line = serde_json::to_string(&record).unwrap_or_default();
        output::write(&format!("{line}\n"));
        return Ok(());
    }
    context.out.one(&record);
    output::write(&format!(
        "\nexport RAY_API_SERVER_ADDRESS={api}\nexport RAY_AUTH_MODE=token\nexport RAY_AUTH_TOKEN_PATH={}\n\n",
        quoted(&path.display().to_string())
    ));
    context.note("forwarding; Ctrl-C ends it");
    Ok(())
}

/// For a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    match text.chars().all(plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// The token itself: printed only where that is asked for.
pub fn token(path: &std::path::Path) -> Result<String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::usage(format!("the token {}: {error}", path.display())))?;
    Ok(text.trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_one_word() {
        assert_eq!(quoted("/home/a/b-1.x"), "/home/a/b-1.x");
        assert_eq!(quoted("/a b/$(x)'y"), r"'/a b/$(x)'\''y'");
    }
}
