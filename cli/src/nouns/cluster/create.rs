//! `cluster create`: an order of kind `ray`, followed until its head and workers are there.

use super::{
    book::{self, Cluster},
    status,
};
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market::order,
    nouns::order::{
        create::{self, Made, What},
        job::Job,
        wait::{self, Patience},
    },
};
use clap::Args;
use iog_job::{JobFile, Kind};
use serde_json::json;
use solana_pubkey::Pubkey;
use std::path::{Path, PathBuf};

/// redteam mesh M1
const TRUST: &str = "an order is as trustworthy as its worst device: every member of a Ray cluster can run code in every other's container and read all data; --one-owner takes the whole cluster from one supplier";

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    what: What,
    /// A Ray cluster without a command, which stands until it is ended; --job names one that has a command, or says more
    #[arg(long, required_unless_present = "job")]
    ray: bool,
    /// What it is called on this machine [default: ray- and the order's first letters]
    #[arg(long, value_parser = book::name)]
    name: Option<String>,
    /// Image with Ray in its PATH; without one devices use their operator's own
    #[arg(
        long,
        value_name = "REGISTRY/NAME@sha256:DIGEST",
        conflicts_with = "job"
    )]
    image: Option<String>,
    /// Constant sizes and rate between the devices; it costs its rate all the time. A job file says it itself
    #[arg(long, conflicts_with = "job")]
    private: bool,
    /// Print the token, too; else only where it lies
    #[arg(long)]
    show_token: bool,
    /// Leave the choice of devices to keepers, which begin 30 seconds after the order is made
    #[arg(long)]
    no_match: bool,
    /// Longest wait; the cluster stands when it is over
    #[arg(long, value_name = "SECS", default_value_t = 2_400)]
    wait_secs: u64,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    confirm::allowed(context, "a cluster")?;
    let file = terms.file()?;
    if let Some(name) = &terms.name {
        require_new(name)?;
    }
    let job = Job::of_file(context, &terms.what.work, &file)?;
    context.note(TRUST);
    let mut cluster = Cluster::new("");
    let booked = book(context, &terms, &job, &mut cluster).await?;
    if context.dry_run {
        context.out.one(&booked.record.extend(booked.receipt));
        return Ok(());
    }
    let Some(client) = &booked.client else {
        return Err(CliError::Refused(format!(
            "order {} was there before: see iog order show, and take another --id",
            booked.address
        )));
    };
    let made = order::find(context, &booked.address).await?;
    cluster.add(&booked.address, 0, super::span(&made));
    cluster.write()?;
    client.wake().await?;
    let patience = Patience {
        wait: true,
        no_match: terms.no_match,
        wait_secs: terms.wait_secs,
    };
    let signer = context.signer()?;
    let work = Some((client, Kind::Ray));
    let waited = wait::run(context, &booked.address, &patience, Some(&signer), work).await;
    waited.map_err(|error| of_cluster(&cluster, error))?;
    let record = status::record(context, &cluster, terms.show_token).await?;
    context.out.one(&record.extend(booked.receipt));
    context.note(&format!(
        "iog cluster connect {} leads this machine's ports to it",
        cluster.name
    ));
    Ok(())
}

/// The cluster is remembered before anything is sent: what an interrupted command left can be ended by its name.
async fn book(context: &Context, terms: &Terms, job: &Job, cluster: &mut Cluster) -> Result<Made> {
    let booked = create::book(context, &terms.what, job, |address| {
        cluster.name = match &terms.name {
            Some(name) => name.clone(),
            None => default_name(address),
        };
        require_new(&cluster.name)?;
        let gpus = u16::try_from(terms.what.booking.shape.gpus()).unwrap_or(u16::MAX);
        cluster.add(address, 0, gpus);
        cluster.write()
    })
    .await;
    if let Err(error) = &booked {
        // Of one whose fate is unknown the name is kept.
        if error.exit_code() != 5 && !cluster.orders.is_empty() {
            cluster.forget()?;
        }
    }
    booked
}

fn of_cluster(cluster: &Cluster, error: CliError) -> CliError {
    let code = error.exit_code();
    let text = format!(
        "{}; the cluster is called {1}: see iog cluster status {1}, or end it with iog cluster end {1}",
        error.line(),
        cluster.name
    );
    CliError::Other { text, code }
}

fn require_new(name: &str) -> Result<()> {
    match Cluster::exists(name)? {
        true => Err(CliError::usage(format!(
            "this machine has a cluster {name}: take another --name, or end it with iog cluster end {name}"
        ))),
        false => Ok(()),
    }
}

fn default_name(order: &Pubkey) -> String {
    let letters: String = order.to_string().chars().take(6).collect();
    format!("ray-{}", letters.to_lowercase())
}

impl Terms {
    /// The job that was named, or the plainest one.
    fn file(&self) -> Result<JobFile> {
        let refuse = |path: &Path, reason: &dyn std::fmt::Display| {
            CliError::usage(format!("cannot use the job {}: {reason}", path.display()))
        };
        if let Some(path) = &self.what.work.job {
            let path: PathBuf = args::expanded(path)?;
            let file = JobFile::read(&path).map_err(|error| refuse(&path, &error))?;
            return match file.kind {
                Kind::Ray => Ok(file),
                _ => Err(refuse(
                    &path,
                    &"it is no cluster: write kind: ray, or book it with iog order create",
                )),
            };
        }
        let mut job = json!({ "kind": "ray" });
        if let Some(image) = &self.image {
            job["image"] = json!(image);
        }
        if self.private {
            job["mesh"] = json!({ "private": true });
        }
        JobFile::parse(&job.to_string(), Path::new(""))
            .map_err(|error| CliError::usage(error.to_string()))
    }
}
