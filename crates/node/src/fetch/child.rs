//! The process that fetches: it reads one [`Request`], writes the bytes to its output and an [`Outcome`] to its error output, and ends. It
//! has no key, no login, no proxy, nothing of the host's names, and no more rights than its user id once it begins.

use super::{address::may_be_reached, Network};
use anyhow::Context as _;
use reqwest::{header, redirect, Certificate, Client, Response, StatusCode, Url};
use rustix::process::{setrlimit, Resource, Rlimit};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
    process::Command,
    time::Duration,
};

const REDIRECTS: u32 = 3;
const CONNECT: Duration = Duration::from_secs(10);
/// How long nothing may come.
const STALL: Duration = Duration::from_secs(30);
const MAX_REQUEST: u64 = 1 << 20;
const MOST_MEMORY: u64 = 256 << 20;

#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    pub url: String,
    /// Bytes that are there already, and of the whole.
    pub from: u64,
    pub len: u64,
    pub allowed: Vec<Network>,
    /// Certificates (PEM) that are trusted beside the usual ones.
    pub roots: Vec<String>,
    /// It begins as root in a network namespace and becomes this user.
    pub as_user: Option<AsUser>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct AsUser {
    pub id: u32,
    pub resolvers: Vec<Ipv4Addr>,
}

/// What a renter may know of it: nothing that the far side said but its code. redteam J6
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// The server's code, where it gave one.
    Failed {
        status: Option<u16>,
    },
}

const FAILED: Outcome = Outcome::Failed { status: None };

/// The exit code of the process.
pub fn main() -> i32 {
    let outcome = begin().unwrap_or(FAILED);
    let text = serde_json::to_string(&outcome).unwrap_or_default();
    let _ = writeln!(io::stderr(), "{text}");
    i32::from(outcome != Outcome::Done)
}

fn begin() -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    io::stdin().take(MAX_REQUEST).read_to_end(&mut text)?;
    let request: Request = serde_json::from_slice(&text)?;
    if let Some(user) = &request.as_user {
        confine(user)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(fetch(&request))
}

/// Names are asked of the given servers alone, and no socket of the host's is there. Its mounts are its own: `ip netns exec` made them so.
fn confine(user: &AsUser) -> anyhow::Result<()> {
    let mount = |args: &[&str]| {
        let status = Command::new("mount").args(args).status()?;
        anyhow::ensure!(status.success(), "mount {}", args.join(" "));
        Ok(())
    };
    mount(&["-t", "tmpfs", "-o", "mode=755", "none", "/run"])?;
    fs::create_dir("/run/etc")?;
    let servers = user
        .resolvers
        .iter()
        .map(|server| format!("nameserver {server}\n"));
    fs::write("/run/etc/resolv.conf", servers.collect::<String>())?;
    fs::write("/run/etc/nsswitch.conf", "hosts: dns\n")?;
    mount(&["--bind", "/run/etc", "/etc"])?;
    let (uid, gid) = (
        nix::unistd::Uid::from_raw(user.id),
        nix::unistd::Gid::from_raw(user.id),
    );
    nix::unistd::setgroups(&[])?;
    nix::unistd::setgid(gid)?;
    nix::unistd::setuid(uid)?;
    // No other program makes more of it, it writes no file, and what a server sends does not fill the machine's memory.
    rustix::thread::set_no_new_privs(true)?;
    for (resource, most) in [
        (Resource::Fsize, 0),
        (Resource::Core, 0),
        (Resource::Nofile, 64),
        (Resource::Data, MOST_MEMORY),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

async fn fetch(request: &Request) -> anyhow::Result<Outcome> {
    let mut url = Url::parse(&request.url)?;
    for _ in 0..=REDIRECTS {
        let response = ask(request, &url).await?;
        let status = response.status();
        let Some(next) = redirected(&response, &url) else {
            return match status {
                StatusCode::OK | StatusCode::PARTIAL_CONTENT => pass_on(request, response).await,
                _ => Ok(Outcome::Failed {
                    status: Some(status.as_u16()),
                }),
            };
        };
        url = next;
    }
    Ok(FAILED)
}

fn redirected(response: &Response, url: &Url) -> Option<Url> {
    if !response.status().is_redirection() {
        return None;
    }
    let to = response.headers().get(header::LOCATION)?.to_str().ok()?;
    url.join(to).ok()
}

/// The names are looked up here, and exactly the addresses that were checked are connected to: a name that changes its mind leads nowhere
/// else. redteam J6
async fn ask(request: &Request, url: &Url) -> anyhow::Result<Response> {
    anyhow::ensure!(url.scheme() == "https", "only https");
    anyhow::ensure!(
        url.username().is_empty() && url.password().is_none(),
        "a login"
    );
    let host = url.host_str().context("no host")?;
    let port = url.port_or_known_default().context("no port")?;
    let found = (host, port).to_socket_addrs()?;
    let may = |address: &SocketAddr| match address.ip() {
        IpAddr::V4(address) => may_be_reached(address, &request.allowed),
        IpAddr::V6(_) => false,
    };
    let addresses: Vec<_> = found.filter(may).collect();
    anyhow::ensure!(!addresses.is_empty(), "no address of it may be reached");
    let mut client = Client::builder()
        .no_proxy()
        .https_only(true)
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(CONNECT)
        .read_timeout(STALL)
        .resolve_to_addrs(host, &addresses);
    for pem in &request.roots {
        client = client.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
    }
    let mut asked = client.build()?.get(url.clone());
    if request.from > 0 {
        asked = asked.header(header::RANGE, format!("bytes={}-", request.from));
    }
    let response = asked.send().await?;
    let connected = response.remote_addr().context("no address")?;
    anyhow::ensure!(may(&connected), "another address");
    Ok(response)
}

/// Not a byte beyond the declared size.
async fn pass_on(request: &Request, mut response: Response) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    // Who does not know of ranges sends all of it once more.
    let mut skip = match response.status() {
        StatusCode::PARTIAL_CONTENT => 0,
        _ => request.from,
    };
    let mut left = request.len.saturating_sub(request.from);
    while let Some(bytes) = response.chunk().await? {
        let passed = usize::try_from(skip).unwrap_or(usize::MAX).min(bytes.len());
        skip = skip.saturating_sub(u64::try_from(passed)?);
        let bytes = bytes.get(passed..).unwrap_or_default();
        left = match left.checked_sub(u64::try_from(bytes.len())?) {
            Some(left) => left,
            None => return Ok(FAILED),
        };
        out.write_all(bytes)?;
    }
    out.flush()?;
    Ok(match left {
        0 => Outcome::Done,
        _ => FAILED,
    })
}
