//! What keeps a cluster together: joins of further orders, and Ray's token, on their way to the devices.
//!
//! Each order of a cluster has an agent of its own; what they share lies in the folder of the first order, the root.

mod token;

use super::{
    folder::Folder,
    leased::Leased,
    state::{lock, Agent},
    wire::Stage,
    work::Failed,
};
use crate::error::Result;
use iog_job::{
    frame,
    ray::TOKEN,
    wire::{Joined, Verb},
    Hash, JobSpec, Key, Kind, SignedJoin,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::{sleep, timeout};

pub use token::{new_token, token_for};

const CLUSTER: &str = "cluster.json";
const JOINS: &str = "joins.json";
const LOOK: Duration = Duration::from_secs(2);
/// A device has found out by then whether a join holds, or says that it has not.
const ANSWER: Duration = Duration::from_secs(90);
const MAX_ANSWER_BYTES: usize = 4 << 10;

/// A lease's match.
type Match = (Key, i64);

/// What an order remembers of its cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    /// The order whose cluster it joined; none: its own.
    root: Option<Key>,
    /// Matches that are over, as they were seen last.
    departed: BTreeSet<Match>,
    /// The head's match and attempt when the next token was sent to it.
    told: Option<(i64, u32)>,
}

pub fn set_root(folder: &Folder, root: Key) -> Result<()> {
    let file = File {
        root: Some(root),
        ..File::default()
    };
    folder.write_json(CLUSTER, &file)
}

fn file(folder: &Folder) -> Result<File> {
    Ok(folder.read(CLUSTER)?.unwrap_or_default())
}

/// The folder of the order whose cluster this one is of.
pub fn root(folder: &Folder) -> Result<Folder> {
    match file(folder)?.root {
        Some(root) => Folder::open(&root),
        None => Ok(folder.clone()),
    }
}

pub fn joins(root: &Folder) -> Result<Vec<SignedJoin>> {
    Ok(root.read(JOINS)?.unwrap_or_default())
}

/// Keeps a join for the agents to send; one of the same order before it is replaced.
pub fn add_join(root: &Folder, join: SignedJoin) -> Result<()> {
    let mut all = joins(root)?;
    all.retain(|old| old.join.order != join.join.order);
    all.push(join);
    root.write_json(JOINS, &all)
}

/// An order that was taken away is no member any more, and its devices know the token.
pub fn leaves(root: &Folder, order: &Key) -> Result<()> {
    let mut all = joins(root)?;
    all.retain(|old| old.join.order != *order);
    root.write_json(JOINS, &all)?;
    token::make_next(root).map(|_| ())
}

/// Whether the order ends with its command: that of a cluster runs on the root's head alone.
pub fn ends(agent: &Agent) -> bool {
    let of_ray = |job: &JobSpec| job.kind == Kind::Ray && !job.command.is_empty();
    let own = file(&agent.folder).is_ok_and(|file| file.root.is_none());
    own && agent.job.as_ref().is_some_and(of_ray)
}

/// Whether the cluster's head is among this order's devices: place 0 of the root.
fn is_head(agent: &Agent, leased: &Leased) -> Result<bool> {
    Ok(leased.place == 0 && file(&agent.folder)?.root.is_none())
}

/// Of a further order: until the device knows that it belongs to the first one's mesh. Before the job, whose rank follows from it.
/// redteam mesh M2
pub async fn before(agent: &Agent, leased: &Leased) -> std::result::Result<(), Failed> {
    let Some(root) = file(&agent.folder)?.root else {
        return Ok(());
    };
    let all = joins(&Folder::open(&root)?)?;
    let own = all
        .into_iter()
        .find(|join| join.join.order == agent.order.order);
    let own = own.ok_or_else(|| {
        Failed::Said(format!(
            "the order joins the cluster of order {root}: its join is not made yet"
        ))
    })?;
    match send_join(agent, leased, own).await? {
        Joined::Yes => Ok(()),
        Joined::No(why) => Err(Failed::Said(format!(
            "the device does not let it join: {why}"
        ))),
        Joined::NotYet => Err(Failed::Said(
            "the device has not found the join on chain yet".into(),
        )),
    }
}

async fn send_join(
    agent: &Agent,
    leased: &Leased,
    join: SignedJoin,
) -> std::result::Result<Joined, Failed> {
    let (mut stream, _) = agent.open(leased, Verb::Join(join)).await?;
    let answer = frame::expect::<Joined, _>(&mut stream, MAX_ANSWER_BYTES);
    let answer = timeout(ANSWER, answer).await;
    answer
        .map_err(|_| Failed::Said("the device does not answer to a join".into()))?
        .map_err(Failed::from)
}

/// What was sent to a match.
#[derive(Default)]
struct Sent {
    joins: Vec<SignedJoin>,
    token: Hash,
}

/// Sends joins and tokens for as long as the agent lives.
pub async fn keep(agent: &Agent) {
    if agent.ticket.is_some() || agent.job.as_ref().is_none_or(|job| job.kind != Kind::Ray) {
        return std::future::pending().await;
    }
    let mut sent = BTreeMap::new();
    loop {
        if let Err(error) = look(agent, &mut sent).await {
            agent.note(&format!("the cluster: {error}"));
        }
        sleep(LOOK).await;
    }
}

async fn look(agent: &Agent, sent: &mut BTreeMap<Match, Sent>) -> std::result::Result<(), Failed> {
    let root = match root(&agent.folder) {
        Ok(root) if root.secret_path(TOKEN).exists() => root,
        // Before all is kept, and after the order's end.
        _ => return Ok(()),
    };
    token::departures(agent, &root)?;
    token::head(agent, &root).await?;
    let joins = joins(&root)?;
    let token = root.secret(TOKEN)?;
    let running = agent.leases().into_iter();
    let running = running.filter(|leased| leased.stage() == Stage::Running && delivered(leased));
    let running: Vec<_> = running
        .map(|leased| {
            let of = (leased.binding.lease, leased.binding.matched_ts);
            (leased, of, sent.remove(&of).unwrap_or_default())
        })
        .collect();
    let all = running.into_iter().map(|(leased, of, mut was)| {
        let (joins, token) = (&joins, &token);
        async move {
            if let Err(error) = tell(agent, &leased, &mut was, joins, token).await {
                agent.log(&leased, &format!("the cluster: {error}"));
            }
            (of, was)
        }
    });
    sent.extend(futures_util::future::join_all(all).await);
    Ok(())
}

fn delivered(leased: &Leased) -> bool {
    lock(&leased.state).delivered
}

/// Joins that this device has not heard, and the token if it is another than it has.
async fn tell(
    agent: &Agent,
    leased: &Leased,
    was: &mut Sent,
    joins: &[SignedJoin],
    token: &[u8],
) -> std::result::Result<(), Failed> {
    for join in joins {
        if was.joins.contains(join) {
            continue;
        }
        match send_join(agent, leased, join.clone()).await? {
            Joined::No(why) => agent.log(
                leased,
                &format!("order {} does not join: {why}", join.join.order),
            ),
            Joined::Yes => agent.log(leased, &format!("order {} joins", join.join.order)),
            Joined::NotYet => continue,
        }
        was.joins.push(join.clone());
    }
    was.joins.retain(|old| joins.contains(old));
    let hash = Hash(Sha256::digest(token).into());
    // The head's own goes by its starts.
    if was.token != hash && !is_head(agent, leased)? {
        token::send(agent, leased, token).await?;
        was.token = hash;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_its_own_root_until_it_joins() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::at(home.path().join("order"));
        assert_eq!(file(&folder).unwrap(), File::default());
        assert_eq!(root(&folder).unwrap().path(), folder.path());
        set_root(&folder, Key([7; 32])).unwrap();
        assert_eq!(file(&folder).unwrap().root, Some(Key([7; 32])));
    }
}
