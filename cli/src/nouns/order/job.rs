//! From a job in a file to what the order names and this machine keeps.

use crate::{
    agent::{
        chain,
        client::Client,
        folder::{Folder, OrderFile, ENGINEER, RECEIPT},
        new_key,
    },
    args,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use ed25519_dalek::SigningKey;
use iog_client::market::{self, accounts::Order, types::OrderArgs};
use iog_job::{Hash, JobFile, JobSpec, Kind, Platform, SpecError};
use iog_link::{Network, RelayAddr};
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Largest value of a secret.
const MAX_SECRET_BYTES: u64 = 64 << 10;

#[derive(Args, Debug)]
pub struct Work {
    /// The job, a YAML or JSON file; without one the order is a session: a shell on each device
    #[arg(long, value_name = "FILE")]
    job: Option<PathBuf>,
    /// Value of a secret that the job names; it travels to the devices alone
    #[arg(long, value_name = "NAME=@FILE|NAME=env:VAR", value_parser = secret, requires = "job")]
    secret: Vec<(String, Source)>,
    /// End the order when the job is over, with this command's key file; the job may say so itself (end_when_done)
    #[arg(long, requires = "job")]
    end_when_done: bool,
    /// The network, whose relays lead to the devices: localnet, devnet, mainnet or a file [default: by the endpoint]
    #[arg(long, value_name = "NAME_OR_FILE")]
    network: Option<String>,
    /// Relays instead of the network's; URL,UDP_PORT where it helps to find direct paths
    #[arg(long, value_name = "URL", value_parser = relay)]
    relay: Vec<RelayAddr>,
    /// Tell no device this machine's address: everything goes by relay
    #[arg(long)]
    relay_only: bool,
    /// What the devices must run on: linux/amd64 or linux/arm64 [default: the job's, else any]
    #[arg(long)]
    platform: Option<Platform>,
    /// Key that signs receipts, if it is kept elsewhere [default: a new one, kept on this machine]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    receipt_key: Option<Pubkey>,
    /// Key that may speak to the devices, if it is kept elsewhere [default: a new one for each order, kept on this machine]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey, conflicts_with_all = ["job", "end_when_done"])]
    engineer_key: Option<Pubkey>,
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
        _ => return Err("write NAME=@FILE or NAME=env:VARIABLE; a value itself is not taken here".into()),
    };
    match name {
        "" => Err("the secret has no name".into()),
        name => Ok((name.to_string(), source)),
    }
}

fn relay(text: &str) -> std::result::Result<RelayAddr, String> {
    let (url, port) = text.rsplit_once(',').map_or((text, None), |(url, port)| (url, Some(port)));
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return Err(format!("'{url}' is no relay: write https://host:port"));
    }
    let mut relay = RelayAddr::new(url);
    relay.quic_port = port.map(str::parse).transpose().map_err(|_| format!("'{text}' has no UDP port behind its comma"))?;
    Ok(relay)
}

/// What is booked: a job, or a session.
pub struct Job {
    spec: JobSpec,
    sources: BTreeMap<Hash, PathBuf>,
    secrets: BTreeMap<String, Vec<u8>>,
    warnings: Vec<String>,
    from_file: bool,
    /// The key is elsewhere.
    foreign: Option<Pubkey>,
    receipt_key: Option<Pubkey>,
    platform: Option<Platform>,
    keys: [SigningKey; 2],
    network: Option<String>,
    relays: Vec<RelayAddr>,
    relay_only: bool,
    ends: bool,
}

impl Job {
    /// Reads and checks all that the job needs, before any money moves.
    pub fn of(work: &Work) -> Result<Self> {
        let salt = Hash(new_key().to_bytes());
        let mut job = Self {
            spec: JobSpec::session(salt),
            sources: BTreeMap::new(),
            secrets: BTreeMap::new(),
            warnings: Vec::new(),
            from_file: work.job.is_some(),
            foreign: work.engineer_key,
            receipt_key: work.receipt_key,
            platform: work.platform,
            keys: [new_key(), new_key()],
            network: work.network.clone(),
            relays: work.relay.clone(),
            relay_only: work.relay_only,
            ends: false,
        };
        if let Some(path) = &work.job {
            job.read(&args::expanded(path)?, salt)?;
            job.spec.end_when_done |= work.end_when_done;
            job.ends = work.end_when_done;
            if job.spec.end_when_done && !job.ends {
                job.warnings.push("the job says end_when_done: pass --end-when-done to have the order ended with this key, else end it with iog order end".into());
            }
            job.secrets = values(&job.spec, &work.secret)?;
            job.platform = job.platform.or(job.spec.platform);
        }
        if let Some(name) = &work.network {
            Network::find(name, None, |_| ()).map_err(|error| CliError::usage(error.to_string()))?;
        }
        Ok(job)
    }

    /// Everything that a device would refuse is refused here, before it is paid for. field cases 5, 9, 17, 25
    fn read(&mut self, path: &Path, salt: Hash) -> Result<()> {
        let refuse = |error: SpecError| CliError::usage(format!("cannot use the job {}: {error}", path.display()));
        let resolved = JobFile::read(path).and_then(|file| file.resolve(salt)).map_err(refuse)?;
        // The agent reads them from anywhere.
        let absolute = |(hash, path): (Hash, PathBuf)| Ok((hash, args::expanded(&path)?));
        self.sources = resolved.sources.into_iter().map(absolute).collect::<Result<_>>()?;
        self.spec = resolved.spec;
        self.warnings = resolved.warnings;
        Ok(())
    }

    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    pub fn has_file(&self) -> bool {
        self.from_file
    }

    pub fn kind(&self) -> Kind {
        self.spec.kind
    }

    /// Keys and hashes into the order.
    pub fn put(&self, args: &mut OrderArgs) -> Result<()> {
        let public = |key: &SigningKey| Pubkey::new_from_array(key.verifying_key().to_bytes());
        let [engineer, receipt] = &self.keys;
        args.engineer_key = self.foreign.unwrap_or_else(|| public(engineer));
        // Nobody here would sign for an order that is used from elsewhere.
        args.receipt_key = match (self.receipt_key, self.foreign) {
            (Some(key), _) => key,
            (None, Some(_)) => Pubkey::default(),
            (None, None) => public(receipt),
        };
        args.platform = self.platform.map_or(0, |platform| platform as u8);
        // A session with a key that is elsewhere is the operator's own: nobody here could deliver a specification.
        if self.foreign.is_none() {
            let hash = self.spec.hash().map_err(|error| CliError::usage(error.to_string()))?;
            args.command_hash = hash.0;
            args.image_hash = self.spec.image_hash().0;
        }
        Ok(())
    }

    /// Keys, job and secrets into a folder of the order's own; `None` where the key is elsewhere, or the order is there already.
    pub async fn keep(&self, context: &Context, address: &Pubkey) -> Result<Option<Client>> {
        if self.foreign.is_some() || context.find::<Order>(address).await?.is_some() {
            return Ok(None);
        }
        let genesis = chain::genesis(context).await?;
        let order = chain::key(address);
        let folder = Folder::make(&order)?;
        let [engineer, receipt] = &self.keys;
        folder.set_key(ENGINEER, engineer)?;
        if self.receipt_key.is_none() {
            folder.set_key(RECEIPT, receipt)?;
        }
        folder.set_job(&self.spec, &self.sources)?;
        for (name, value) in &self.secrets {
            folder.set_secret(name, value)?;
        }
        folder.set_order(&OrderFile {
            version: 1,
            order,
            program: chain::key(&market::ID),
            genesis,
            rpc_url: context.url.clone(),
            commitment: format!("{:?}", context.sender.commitment().commitment).to_lowercase(),
            network: self.network.clone().or_else(|| network_of(&context.url)),
            relays: self.relays.clone(),
            relay_only: self.relay_only,
            ends_with: if self.ends { Some(args::expanded(context.keypair())?) } else { None },
            created_ts: None,
        })?;
        Client::open(&order).map(Some)
    }

    /// Of an order that was not made nothing is kept; of one whose fate is unknown all is.
    pub fn forget(&self, client: &Client, error: &CliError) {
        if error.exit_code() != 5 {
            let _ = fs::remove_dir_all(client.folder.path());
        }
    }

    pub fn record(&self, args: &OrderArgs) -> Record {
        let hash = |hash: [u8; 32]| (hash != [0; 32]).then(|| hex::encode(hash));
        Record::new()
            .put("job_hash", hash(args.command_hash))
            .put("image_hash", hash(args.image_hash))
            .put("engineer_key", args.engineer_key)
            .put("receipt_key", crate::waiting::somebody(args.receipt_key))
    }
}

/// The network that an endpoint stands for where none is named.
fn network_of(url: &str) -> Option<String> {
    let host = url.split("://").nth(1)?.split(['/', ':', '?']).next()?;
    Some(match host {
        "localhost" | "127.0.0.1" => "localnet",
        host if host.contains("devnet") => "devnet",
        _ => "mainnet",
    }
    .to_string())
}

/// The values of the secrets that the job names: all of them, and no others.
fn values(spec: &JobSpec, given: &[(String, Source)]) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut values = BTreeMap::new();
    for (name, source) in given {
        if !spec.secrets.iter().any(|secret| secret.name == *name) {
            return Err(CliError::usage(format!("the job names no secret {name}")));
        }
        let refuse = |reason: &dyn std::fmt::Display| CliError::usage(format!("secret {name}: {reason}"));
        let value = match source {
            Source::Env(variable) => std::env::var_os(variable)
                .map(std::os::unix::ffi::OsStringExt::into_vec)
                .ok_or_else(|| refuse(&format!("there is no {variable} in the environment")))?,
            Source::File(path) => {
                let path = args::expanded(path)?;
                let len = fs::metadata(&path).map_err(|error| refuse(&format!("{}: {error}", path.display())))?.len();
                if len > MAX_SECRET_BYTES {
                    return Err(refuse(&format!("{len} bytes, where {MAX_SECRET_BYTES} are allowed")));
                }
                fs::read(&path).map_err(|error| refuse(&format!("{}: {error}", path.display())))?
            }
        };
        if values.insert(name.clone(), value).is_some() {
            return Err(refuse(&"it is given twice"));
        }
    }
    match spec.secrets.iter().find(|secret| !values.contains_key(&secret.name)) {
        Some(secret) => Err(CliError::usage(format!(
            "the job names the secret {0}: pass --secret {0}=@FILE or --secret {0}=env:VARIABLE",
            secret.name
        ))),
        None => Ok(values),
    }
}

pub fn sha256(path: &Path) -> io::Result<Hash> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut hash)?;
    Ok(Hash(hash.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> JobSpec {
        let mut spec = JobSpec::session(Hash([1; 32]));
        let secret = |name: &&str| iog_job::Secret { name: (*name).to_string(), env: None };
        spec.secrets = names.iter().map(secret).collect();
        spec
    }

    #[test]
    fn every_secret_has_a_value_and_no_other_comes_along() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        fs::write(&file, b"a\nb").unwrap();
        let given = [secret(&format!("TOKEN=@{}", file.display())).unwrap()];
        assert_eq!(values(&named(&["TOKEN"]), &given).unwrap()["TOKEN"], b"a\nb");
        assert!(values(&named(&[]), &given).unwrap_err().line().contains("names no secret TOKEN"));
        let missing = values(&named(&["TOKEN", "KEY"]), &given).unwrap_err();
        assert!(missing.line().contains("--secret KEY=@FILE"), "{missing}");
        let twice = [given[0].clone(), given[0].clone()];
        assert!(values(&named(&["TOKEN"]), &twice).is_err());
        for bad in ["TOKEN", "TOKEN=value", "=@x", "TOKEN=@", "TOKEN=env:"] {
            assert!(secret(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn relays_and_networks_are_known_by_their_urls() {
        assert_eq!(relay("http://10.0.0.1:80,7842").unwrap().quic_port, Some(7842));
        assert_eq!(relay("https://r.example").unwrap().quic_port, None);
        assert!(relay("r.example").is_err());
        assert!(relay("https://r.example,x").is_err());
        assert_eq!(network_of("http://127.0.0.1:8899").as_deref(), Some("localnet"));
        assert_eq!(network_of("https://api.devnet.solana.com").as_deref(), Some("devnet"));
        assert_eq!(network_of("https://x.example/?key=1").as_deref(), Some("mainnet"));
    }
}
