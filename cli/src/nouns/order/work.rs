//! What `order create` is told of the work: its file, secrets, keys and relays.

use crate::{
    agent::{cluster, endpoints, folder::Check},
    args,
    context::Context,
    error::{CliError, Result},
};
use clap::Args;
use iog_job::{ray::TOKEN, JobSpec, Kind, Platform};
use iog_link::{Network, RelayAddr};
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Largest value of a secret.
const MAX_SECRET_BYTES: u64 = 64 << 10;
/// All of a job's travel in one message, and lie on one small disk of memory.
const MAX_SECRETS_BYTES: usize = 256 << 10;

#[derive(Args, Debug)]
pub struct Work {
    /// The job, a YAML or JSON file; without one the order is a session: a shell on each device
    #[arg(long, value_name = "FILE")]
    pub job: Option<PathBuf>,
    /// Value of a secret that the job names; it travels to the devices alone
    #[arg(long, value_name = "NAME=@FILE|NAME=env:VAR", value_parser = secret, requires = "job")]
    pub secret: Vec<(String, Source)>,
    /// End the order when the job is over, with this command's key file; the job may say so itself (end_when_done)
    #[arg(long, requires = "job")]
    pub end_when_done: bool,
    /// Relays instead of the network's; URL,UDP_PORT where it helps to find direct paths
    #[arg(long, value_name = "URL", value_parser = relay)]
    pub relay: Vec<RelayAddr>,
    /// Tell no device this machine's address: everything goes by relay
    #[arg(long)]
    pub relay_only: bool,
    /// A further RPC endpoint, of another host: nothing is sent to a device that not both name [default: the network's]
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub witness_url: Vec<String>,
    /// Believe the one endpoint about which devices serve the order, even where the job has secrets
    #[arg(long, conflicts_with = "witness_url")]
    pub trust_endpoint: bool,
    /// Measure every machine before it gets the job (iog order check): off, warn or require
    #[arg(long, value_enum, hide_possible_values = true, default_value_t)]
    pub check: Check,
    /// What the devices must run on: linux/amd64 or linux/arm64 [default: the job's, else any]
    #[arg(long)]
    pub platform: Option<Platform>,
    /// Key that signs receipts, if it is kept elsewhere [default: a new one, kept on this machine]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    pub receipt_key: Option<Pubkey>,
    /// Key that may speak to the devices, if it is kept elsewhere [default: a new one for each order, kept on this machine]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey, conflicts_with_all = ["job", "end_when_done"])]
    pub engineer_key: Option<Pubkey>,
}

/// Where a secret's value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    File(PathBuf),
    Env(String),
}

fn secret(text: &str) -> std::result::Result<(String, Source), String> {
    let (name, source) = text.split_once('=').unwrap_or((text, ""));
    let source = match (source.strip_prefix('@'), source.strip_prefix("env:")) {
        (Some(file), _) if !file.is_empty() => Source::File(file.into()),
        (_, Some(variable)) if !variable.is_empty() => Source::Env(variable.to_string()),
        // A value on the command line would be in the shell's history and in every list of processes.
        _ => {
            return Err(
                "write NAME=@FILE or NAME=env:VARIABLE; a value itself is not taken here".into(),
            )
        }
    };
    match name {
        "" => Err("the secret has no name".into()),
        name => Ok((name.to_string(), source)),
    }
}

fn endpoint(text: &str) -> std::result::Result<String, String> {
    let known = text.starts_with("http://") || text.starts_with("https://");
    match known && endpoints::host(text).is_some() {
        true => Ok(text.to_string()),
        false => Err("it is no endpoint: write https://host".into()),
    }
}

fn relay(text: &str) -> std::result::Result<RelayAddr, String> {
    let (url, port) = text
        .rsplit_once(',')
        .map_or((text, None), |(url, port)| (url, Some(port)));
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(format!("'{url}' is no relay: write https://host:port"));
    }
    let mut relay = RelayAddr::new(url);
    relay.quic_port = port
        .map(str::parse)
        .transpose()
        .map_err(|_| format!("'{text}' has no UDP port behind its comma"))?;
    Ok(relay)
}

/// The network that was named, as the agent finds it from anywhere, else the one that the endpoint stands for.
pub fn network(context: &Context) -> Result<Option<String>> {
    let Some(name) = &context.network else {
        return Ok(network_of(&context.url));
    };
    let name = match Network::known(name) {
        Some(known) => known.name,
        None => args::expanded(Path::new(name))?.display().to_string(),
    };
    found(&name)?;
    Ok(Some(name))
}

pub fn found(name: &str) -> Result<Network> {
    Network::find(name, None, |_| ()).map_err(|error| CliError::usage(error.to_string()))
}

/// Who is asked beside the endpoint, of this command's naming or the network's.
pub fn witnesses(context: &Context, work: &Work, network: Option<&str>) -> Result<Vec<String>> {
    if work.trust_endpoint {
        return Ok(Vec::new());
    }
    let known = network.map(found).transpose()?;
    let known = known.map(|network| network.rpc_urls).unwrap_or_default();
    endpoints::witnesses(&context.url, &work.witness_url, &known)
}

/// The network that an endpoint stands for where none is named.
fn network_of(url: &str) -> Option<String> {
    let host = url.split("://").nth(1)?.split(['/', ':', '?']).next()?;
    Some(
        match host {
            "localhost" | "127.0.0.1" => "localnet",
            host if host.contains("devnet") => "devnet",
            _ => "mainnet",
        }
        .to_string(),
    )
}

/// The values of the secrets that the job names: all of them, and no others.
pub fn values(spec: &JobSpec, given: &[(String, Source)]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut values = BTreeMap::new();
    for (name, source) in given {
        if !spec.secrets.iter().any(|secret| secret.name == *name) {
            return Err(CliError::usage(format!("the job names no secret {name}")));
        }
        let refuse =
            |reason: &dyn std::fmt::Display| CliError::usage(format!("secret {name}: {reason}"));
        let value = match source {
            Source::Env(variable) => std::env::var_os(variable)
                .map(std::os::unix::ffi::OsStringExt::into_vec)
                .ok_or_else(|| refuse(&format!("there is no {variable} in the environment")))?,
            Source::File(path) => {
                let path = args::expanded(path)?;
                let len = fs::metadata(&path)
                    .map_err(|error| refuse(&format!("{}: {error}", path.display())))?
                    .len();
                if len > MAX_SECRET_BYTES {
                    return Err(refuse(&format!(
                        "{len} bytes, where {MAX_SECRET_BYTES} are allowed"
                    )));
                }
                fs::read(&path).map_err(|error| refuse(&format!("{}: {error}", path.display())))?
            }
        };
        if values.insert(name.clone(), value).is_some() {
            return Err(refuse(&"it is given twice"));
        }
    }
    // Nobody but this machine and the cluster needs to know it. redteam mesh M7
    if spec.kind == Kind::Ray && !values.contains_key(TOKEN) {
        values.insert(TOKEN.into(), cluster::new_token());
    }
    let sum: usize = values.values().map(Vec::len).sum();
    if sum > MAX_SECRETS_BYTES {
        return Err(CliError::usage(format!(
            "the secrets have {sum} bytes together, where {MAX_SECRETS_BYTES} are allowed: send what is large as an input"
        )));
    }
    match spec
        .secrets
        .iter()
        .find(|secret| !values.contains_key(&secret.name))
    {
        Some(secret) => Err(CliError::usage(format!(
            "the job names the secret {0}: pass --secret {0}=@FILE or --secret {0}=env:VARIABLE",
            secret.name
        ))),
        None => Ok(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_job::Hash;

    fn named(names: &[&str]) -> JobSpec {
        let mut spec = JobSpec::session(Hash([1; 32]));
        let secret = |name: &&str| iog_job::Secret {
            name: (*name).to_string(),
            env: None,
        };
        spec.secrets = names.iter().map(secret).collect();
        spec
    }

    #[test]
    fn every_secret_has_a_value_and_no_other_comes_along() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        fs::write(&file, b"a\nb").unwrap();
        let given = [secret(&format!("TOKEN=@{}", file.display())).unwrap()];
        assert_eq!(
            values(&named(&["TOKEN"]), &given).unwrap()["TOKEN"],
            b"a\nb"
        );
        assert!(values(&named(&[]), &given)
            .unwrap_err()
            .line()
            .contains("names no secret TOKEN"));
        let missing = values(&named(&["TOKEN", "KEY"]), &given).unwrap_err();
        assert!(missing.line().contains("--secret KEY=@FILE"), "{missing}");
        let twice = [given[0].clone(), given[0].clone()];
        assert!(values(&named(&["TOKEN"]), &twice).is_err());
        fs::write(&file, vec![b'x'; 64 << 10]).unwrap();
        let five = ["A", "B", "C", "D", "E"];
        let full = |name: &&str| secret(&format!("{name}=@{}", file.display())).unwrap();
        let full: Vec<_> = five.iter().map(full).collect();
        assert!(values(&named(&five[..4]), &full[..4]).is_ok());
        let error = values(&named(&five), &full).unwrap_err();
        assert!(error.line().contains("327680 bytes together"), "{error}");
        for bad in ["TOKEN", "TOKEN=value", "=@x", "TOKEN=@", "TOKEN=env:"] {
            assert!(secret(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn relays_and_networks_are_known_by_their_urls() {
        assert_eq!(
            relay("http://10.0.0.1:80,7842").unwrap().quic_port,
            Some(7842)
        );
        assert_eq!(relay("https://r.example").unwrap().quic_port, None);
        assert!(relay("r.example").is_err());
        assert!(relay("https://r.example,x").is_err());
        assert_eq!(
            network_of("http://127.0.0.1:8899").as_deref(),
            Some("localnet")
        );
        assert_eq!(
            network_of("https://api.devnet.solana.com").as_deref(),
            Some("devnet")
        );
        assert_eq!(
            network_of("https://x.example/?key=1").as_deref(),
            Some("mainnet")
        );
    }
}
