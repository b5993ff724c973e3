//! `order compare`: the same job by two owners. A hash shows that what arrived is what the device sent; that it was computed, only a second
//! run on another owner's device shows. redteam S6

use super::{download::list, which::One};
use crate::{
    agent::{
        chain::pubkey,
        client::{short, Client},
        wire::LeaseView,
    },
    args,
    context::Context,
    error::{CliError, Result},
    output::Record,
};
use clap::Args;
use iog_job::{wire::OutputFile, Hash, JobSpec, Phase};
use solana_pubkey::Pubkey;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

type Files = BTreeMap<PathBuf, OutputFile>;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    one: One,
    /// Address of the order that had the job run again
    #[arg(value_parser = args::pubkey)]
    other: Pubkey,
    /// Lease of the other order [default: the only one]
    #[arg(long, value_name = "LEASE")]
    other_lease: Option<String>,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    let other = One {
        order: terms.other,
        lease: terms.other_lease,
    };
    let clients = [terms.one.client()?, other.client()?];
    same_job(&clients)?;
    let leases = [
        over(context, &terms.one, &clients[0]).await?,
        over(context, &other, &clients[1]).await?,
    ];
    let owners = [
        owner(context, &clients[0], &leases[0]).await?,
        owner(context, &clients[1], &leases[1]).await?,
    ];
    if owners[0] == owners[1] {
        return Err(CliError::Refused(format!(
            "both devices belong to {}: only another owner's tells something; book the job again until it runs elsewhere",
            owners[0]
        )));
    }
    let files = [
        list(context, &clients[0], &leases[0]).await?.files,
        list(context, &clients[1], &leases[1]).await?.files,
    ];
    let (records, differ) = compared(&files);
    context.out.many(&records, "neither left a file");
    match differ {
        0 => Ok(()),
        differ => Err(CliError::Refused(format!(
            "{differ} of {} files differ: one of {} and {} did not compute them, or the job does not give the same result twice",
            records.len(),
            owners[0],
            owners[1]
        ))),
    }
}

/// Two orders of one job differ in their salts alone.
fn same_job(clients: &[Client; 2]) -> Result<()> {
    let bare = |client: &Client| {
        let job = client.folder.job()?.map(|job| JobSpec {
            salt: Hash::default(),
            ..job
        });
        job.ok_or_else(|| {
            CliError::usage(format!(
                "this machine has no job of order {}: compare where both were booked",
                client.order
            ))
        })
    };
    match bare(&clients[0])? == bare(&clients[1])? {
        true => Ok(()),
        false => Err(CliError::usage(
            "the two orders are of different jobs: book the same job file with the same inputs twice",
        )),
    }
}

async fn over(context: &Context, one: &One, client: &Client) -> Result<LeaseView> {
    let lease = one.ready(context, client, false).await?;
    match lease.phase.as_ref().is_some_and(Phase::is_over) {
        true => Ok(lease),
        false => Err(CliError::Refused(format!(
            "the job of lease {} is not over: see iog order status {}",
            short(&lease.binding.lease),
            one.order
        ))),
    }
}

async fn owner(context: &Context, client: &Client, lease: &LeaseView) -> Result<Pubkey> {
    let context = context.of_endpoint(&client.folder.order()?.rpc_url);
    let (_, device) = context.device(&pubkey(&lease.binding.device)).await?;
    Ok(device.owner)
}

/// A line for each file, and how many are not the same.
fn compared([one, other]: &[Files; 2]) -> (Vec<Record>, usize) {
    let hash = |files: &Files, path: &PathBuf| files.get(path).map(|file| file.sha256);
    let paths: BTreeSet<&PathBuf> = one.keys().chain(other.keys()).collect();
    let mut differ = 0usize;
    let mut records = Vec::new();
    for path in paths {
        let (first, second) = (hash(one, path), hash(other, path));
        differ = differ.saturating_add(usize::from(first != second));
        let text = |hash: Option<Hash>| hash.map(|hash| hash.to_string());
        records.push(
            Record::new()
                .put("path", path.display().to_string())
                .put("same", first == second)
                .put("sha256", text(first))
                .put("other_sha256", text(second)),
        );
    }
    (records, differ)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::testing::folder;
    use iog_job::Key;

    fn files(all: &[(&str, u8)]) -> Files {
        let file = |(path, hash): &(&str, u8)| {
            let file = OutputFile {
                path: (*path).into(),
                len: 1,
                sha256: Hash([*hash; 32]),
                executable: false,
            };
            (PathBuf::from(path), file)
        };
        all.iter().map(file).collect()
    }

    /// redteam S6
    #[test]
    fn files_that_differ_or_are_missing_are_told() {
        let one = files(&[("a", 1), ("b", 2), ("c", 3)]);
        assert_eq!(compared(&[one.clone(), one.clone()]).1, 0);
        let other = files(&[("a", 1), ("b", 9), ("d", 4)]);
        let (records, differ) = compared(&[one, other]);
        assert_eq!((records.len(), differ), (4, 3));
        let told = serde_json::to_value(&records).unwrap();
        let same: Vec<bool> = told
            .as_array()
            .unwrap()
            .iter()
            .map(|record| record["same"].as_bool().unwrap())
            .collect();
        assert_eq!(same, [true, false, false, false]);
        assert!(told[2]["other_sha256"].is_null() && told[3]["sha256"].is_null());
    }

    #[test]
    fn only_runs_of_one_job_are_compared() {
        let home = tempfile::tempdir().unwrap();
        let client = |name: &str, salt: u8, command: &str| {
            let folder = folder(&home.path().join(name));
            let mut spec = JobSpec::session(Hash([salt; 32]));
            spec.command = vec![command.to_string()];
            folder.set_job(&spec, &BTreeMap::new()).unwrap();
            Client {
                folder,
                order: Key([salt; 32]),
            }
        };
        same_job(&[client("a", 1, "x"), client("b", 2, "x")]).unwrap();
        let other = same_job(&[client("a", 1, "x"), client("c", 3, "y")]);
        assert_eq!(other.unwrap_err().exit_code(), 2);
        let bare = Client {
            folder: folder(&home.path().join("d")),
            order: Key([4; 32]),
        };
        let none = same_job(&[client("a", 1, "x"), bare]).unwrap_err();
        assert!(none.line().contains("has no job of order"), "{none}");
    }
}
