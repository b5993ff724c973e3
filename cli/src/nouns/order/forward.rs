//! `order forward`: ports of a job on this machine.

use super::which::One;
use crate::{
    agent::client::{short, Client},
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::UnixStream};

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    one: One,
    /// LOCAL:REMOTE, or a port for both; 0 takes any free local port
    #[arg(required = true, value_name = "PORTS", value_parser = ports)]
    ports: Vec<Ports>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    local: u16,
    remote: u16,
}

fn ports(text: &str) -> std::result::Result<Ports, String> {
    let refuse = || format!("'{text}' is neither a port nor LOCAL:REMOTE");
    let (local, remote) = text.split_once(':').unwrap_or((text, text));
    let (local, remote) = (
        local.parse().map_err(|_| refuse())?,
        remote.parse().map_err(|_| refuse())?,
    );
    match remote {
        0 => Err("a job has no port 0".into()),
        _ => Ok(Ports { local, remote }),
    }
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let client = terms.one.client()?;
    let lease = terms.one.ready(context, &client, true).await?.binding.lease;
    let mut held = Vec::new();
    let mut records = Vec::new();
    let mut places = Vec::new();
    for ports in &terms.ports {
        let local = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), ports.local);
        let (stream, at) = client.forward(&lease, local, ports.remote).await?;
        held.push(stream);
        places.push((at, ports.remote));
        // Each lease has a name of its own: pages of other local ports keep their cookies. redteam S4
        let url = format!(
            "http://{}.localhost:{}",
            short(&lease).to_lowercase(),
            at.port()
        );
        records.push(
            Record::new()
                .put("local", at.to_string())
                .put("remote_port", ports.remote)
                .put("url", url),
        );
    }
    context.out.many(&records, "");
    context.note("forwarding; Ctrl-C ends it");
    tokio::select! {
        ended = keep(context, &client, &lease, held, &places) => ended,
        _ = tokio::signal::ctrl_c() => Ok(()),
    }
}

/// Until an agent that ends has to be started anew: the same addresses lead on.
async fn keep(
    context: &Context,
    client: &Client,
    lease: &iog_job::Key,
    mut held: Vec<UnixStream>,
    places: &[(SocketAddr, u16)],
) -> Result<()> {
    loop {
        let mut nothing = [0; 1];
        let Some(first) = held.first_mut() else {
            return Err(CliError::usage("no port is forwarded"));
        };
        let _ = first.read(&mut nothing).await;
        context.note("the agent went away; it is started again");
        held.clear();
        for (at, remote) in places {
            tokio::time::sleep(Duration::from_secs(1)).await;
            held.push(client.forward(lease, *at, *remote).await?.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_one_or_two() {
        assert_eq!(
            ports("8888"),
            Ok(Ports {
                local: 8888,
                remote: 8888
            })
        );
        assert_eq!(
            ports("0:80"),
            Ok(Ports {
                local: 0,
                remote: 80
            })
        );
        for bad in ["", "x", "1:2:3", "80:0", "70000", "1:70000", ":80"] {
            assert!(ports(bad).is_err(), "{bad}");
        }
    }
}
