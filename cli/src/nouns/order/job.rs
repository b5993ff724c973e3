//! From a job in a file to what the order names and this machine keeps.

use super::{
    moves,
    work::{values, Work},
};
use crate::{
    agent::{
        chain,
        client::Client,
        cluster, endpoints,
        folder::{Check, Folder, OrderFile, ENGINEER, RECEIPT},
        new_key,
    },
    args,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use ed25519_dalek::SigningKey;
use iog_client::market::{self, accounts::Order, types::OrderArgs};
use iog_job::{Hash, JobFile, JobSpec, Key, Kind, Platform, Resolved, SpecError};
use iog_link::RelayAddr;
use sha2::{Digest, Sha256};
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

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
    witness_urls: Vec<String>,
    trust_endpoint: bool,
    relays: Vec<RelayAddr>,
    relay_only: bool,
    ends: bool,
    check: Check,
    /// The order whose cluster this one joins.
    root: Option<Key>,
}

impl Job {
    /// Reads and checks all that the job needs, before any money moves.
    pub fn of(context: &Context, work: &Work) -> Result<Self> {
        let path = work.job.as_ref().map(|path| args::expanded(path));
        let Some(path) = path.transpose()? else {
            return Self::made(context, work, |_, _| Ok(()));
        };
        Self::made(context, work, |job, salt| {
            let resolved = resolved(&path, salt)?;
            job.take(resolved, work)
        })
    }

    /// As [`Self::of`], of a job that this program wrote.
    pub fn of_file(context: &Context, work: &Work, file: &JobFile) -> Result<Self> {
        Self::made(context, work, |job, salt| {
            let resolved = file.resolve(salt);
            let resolved = resolved
                .map_err(|error| CliError::usage(format!("cannot make the job: {error}")))?;
            job.take(resolved, work)
        })
    }

    /// The job of an order that was booked here, for a further order of its cluster: files, secrets and all but the salt are the same.
    pub fn again(context: &Context, work: &Work, root: &Folder) -> Result<Self> {
        let order = root.order()?;
        let found = root.job()?;
        let mut spec = found.ok_or_else(|| {
            CliError::usage("this machine has no job of the cluster's first order")
        })?;
        Self::made(context, work, |job, salt| {
            spec.salt = salt;
            let names: Vec<String> = spec
                .secrets
                .iter()
                .map(|secret| secret.name.clone())
                .collect();
            for name in names {
                let value = root.secret(&name)?;
                job.secrets.insert(name, value);
            }
            job.sources = root.sources()?;
            job.platform = job.platform.or(spec.platform);
            job.spec = spec;
            job.from_file = true;
            job.root = Some(order.order);
            job.relays = order.relays.clone();
            job.relay_only = order.relay_only;
            job.network = order.network.clone();
            job.witness_urls = order.witness_urls.clone();
            job.trust_endpoint = order.trust_endpoint;
            job.check = order.check;
            Ok(())
        })
    }

    fn made(
        context: &Context,
        work: &Work,
        read: impl FnOnce(&mut Self, Hash) -> Result<()>,
    ) -> Result<Self> {
        let salt = Hash(new_key().to_bytes());
        let network = super::work::network(context)?;
        let mut job = Self {
            spec: JobSpec::session(salt),
            sources: BTreeMap::new(),
            secrets: BTreeMap::new(),
            warnings: Vec::new(),
            from_file: false,
            foreign: work.engineer_key,
            receipt_key: work.receipt_key,
            platform: work.platform,
            keys: [new_key(), new_key()],
            witness_urls: super::work::witnesses(context, work, network.as_deref())?,
            trust_endpoint: work.trust_endpoint,
            network,
            relays: work.relay.clone(),
            relay_only: work.relay_only,
            ends: false,
            check: work.check,
            root: None,
        };
        read(&mut job, salt)?;
        job.check_endpoints(&context.url)?;
        Ok(job)
    }

    /// Who names the devices gets what is sent to them. redteam link L2
    fn check_endpoints(&mut self, url: &str) -> Result<()> {
        if self.foreign.is_some()
            || endpoints::believed(url, &self.witness_urls, self.trust_endpoint)
        {
            return Ok(());
        }
        if !self.spec.secrets.is_empty() {
            return Err(endpoints::alone());
        }
        self.warnings.push("one endpoint alone says which devices serve the order, and could name one of its own: name another with --witness-url, of somebody else".into());
        Ok(())
    }

    /// Everything that a device would refuse is refused here, before it is paid for. field cases 5, 9, 17, 25
    fn take(&mut self, resolved: Resolved, work: &Work) -> Result<()> {
        // The agent reads them from anywhere.
        let absolute = |(hash, path): (Hash, PathBuf)| Ok((hash, args::expanded(&path)?));
        self.sources = resolved
            .sources
            .into_iter()
            .map(absolute)
            .collect::<Result<_>>()?;
        self.spec = resolved.spec;
        self.warnings = resolved.warnings;
        self.from_file = true;
        self.spec.end_when_done |= work.end_when_done;
        self.ends = work.end_when_done;
        if self.spec.end_when_done && !self.ends {
            self.warnings.push("the job says end_when_done: pass --end-when-done to have the order ended with this key, else end it with iog order end".into());
        }
        self.secrets = values(&self.spec, &work.secret)?;
        self.platform = self.platform.or(self.spec.platform);
        let moves = moves::warnings(&self.spec, &self.relays, self.network.as_deref());
        self.warnings.extend(moves);
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
            let hash = self
                .spec
                .hash()
                .map_err(|error| CliError::usage(error.to_string()))?;
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
        for url in &self.witness_urls {
            chain::same_genesis(&context.of_endpoint(url), &genesis).await?;
        }
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
        if let Some(root) = self.root {
            cluster::set_root(&folder, root)?;
        }
        folder.set_order(&OrderFile {
            version: 1,
            order,
            program: chain::key(&market::ID),
            genesis,
            rpc_url: context.url.clone(),
            witness_urls: self.witness_urls.clone(),
            trust_endpoint: self.trust_endpoint,
            commitment: format!("{:?}", context.sender.commitment().commitment).to_lowercase(),
            network: self.network.clone(),
            relays: self.relays.clone(),
            relay_only: self.relay_only,
            ends_with: if self.ends {
                Some(args::expanded(context.keypair())?)
            } else {
                None
            },
            check: self.check,
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
            .put("warnings", self.warnings.clone())
    }
}

fn resolved(path: &Path, salt: Hash) -> Result<Resolved> {
    let refuse = |error: SpecError| {
        CliError::usage(format!("cannot use the job {}: {error}", path.display()))
    };
    JobFile::read(path)
        .and_then(|file| file.resolve(salt))
        .map_err(refuse)
}

/// What is told of a job before it is booked.
pub fn warnings_of(context: &Context, path: &Path) -> Result<Vec<String>> {
    // As an order has one: without a salt no job is accepted.
    let salt = Hash(new_key().to_bytes());
    let resolved = resolved(&args::expanded(path)?, salt)?;
    let network = super::work::network(context)?;
    let moves = moves::warnings(&resolved.spec, &[], network.as_deref());
    Ok([resolved.warnings, moves].concat())
}

pub fn sha256(path: &Path) -> io::Result<Hash> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut hash)?;
    Ok(Hash(hash.finalize().into()))
}

#[cfg(test)]
mod tests;
