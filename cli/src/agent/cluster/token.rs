//! Ray's token: one for the cluster, a new one after each departure, from the head's next start on. redteam mesh M4

use super::{delivered, file, is_head, root, Match, CLUSTER};
use crate::{
    agent::{
        folder::Folder,
        leased::Leased,
        new_key, secrets,
        state::{lock, Agent},
        wire::Stage,
        work::Failed,
    },
    error::{CliError, Result},
};
use base64::{engine::general_purpose::STANDARD, Engine};
use iog_job::{ray::TOKEN, wire::Secrets, Kind, Phase};
use std::{collections::BTreeMap, fs, sync::Mutex};

/// The token that is used from the head's next start on.
const NEXT: &str = "RAY_AUTH_TOKEN.next";

/// The look at the cluster and the delivery to a new head change the same file.
static ONE: Mutex<()> = Mutex::new(());

/// 48 hexadecimal digits.
pub fn new_token() -> Vec<u8> {
    let bytes: [u8; 32] = new_key().to_bytes();
    hex::encode(bytes.get(..24).unwrap_or(&bytes)).into_bytes()
}

/// The cluster's token for a device that asks for its secrets: a head that is new begins with the next one. redteam mesh M4
pub fn token_for(agent: &Agent, leased: &Leased) -> Result<Option<(String, String)>> {
    if agent.job.as_ref().is_none_or(|job| job.kind != Kind::Ray) {
        return Ok(None);
    }
    let root = root(&agent.folder)?;
    if is_head(agent, leased)? {
        // The one whose place it takes may not have been missed yet.
        departures(agent, &root)?;
        promote(agent, &root)?;
    }
    Ok(Some((TOKEN.into(), STANDARD.encode(root.secret(TOKEN)?))))
}

/// The next token is the one that counts from now on.
fn promote(agent: &Agent, root: &Folder) -> Result<()> {
    let _one = lock(&ONE);
    let (next, token) = (root.secret_path(NEXT), root.secret_path(TOKEN));
    if !next.exists() {
        return Ok(());
    }
    fs::rename(&next, &token)
        .map_err(|error| CliError::usage(format!("cannot use {}: {error}", token.display())))?;
    let mut file = file(&agent.folder)?;
    file.told = None;
    agent.folder.write_json(CLUSTER, &file)?;
    agent.note("the cluster's head starts with a new token");
    Ok(())
}

pub async fn send(agent: &Agent, leased: &Leased, token: &[u8]) -> std::result::Result<(), Failed> {
    let value = (TOKEN.to_string(), STANDARD.encode(token));
    secrets::put(agent, leased, &Secrets([value].into())).await
}

/// Whether there was none yet.
pub fn make_next(root: &Folder) -> Result<bool> {
    let new = !root.secret_path(NEXT).exists();
    if new {
        root.set_secret(NEXT, &new_token())?;
    }
    Ok(new)
}

/// Whoever was of the cluster and is not any more knows the token: the head's next start has another. redteam mesh M4
pub fn departures(agent: &Agent, root: &Folder) -> Result<()> {
    let _one = lock(&ONE);
    let leases = agent.leases();
    let runs = leases.iter().any(|leased| leased.stage() == Stage::Running);
    let mut file = file(&agent.folder)?;
    // The cluster's own end is no departure; that of a further order is. Before the chain was looked at all matches seem over.
    if !agent.view().looked || (!runs && file.root.is_none()) {
        return Ok(());
    }
    let over = leases
        .iter()
        .filter(|leased| leased.stage() == Stage::Kept)
        .map(|leased| (of(leased), leased.place));
    let over: BTreeMap<Match, u16> = over.collect();
    let new: Vec<u16> = over
        .iter()
        .filter(|(of, _)| !file.departed.contains(of))
        .map(|(_, place)| *place)
        .collect();
    let was_head = file.root.is_none() && new.contains(&0);
    if was_head {
        // It was given the next one, too.
        root.set_secret(NEXT, &new_token())?;
    }
    if was_head || (!new.is_empty() && make_next(root)?) {
        file.told = None;
        agent.note("a device left the cluster: its head's next start has a new token");
    }
    let departed = over.into_keys().collect();
    if file.departed == departed {
        return Ok(());
    }
    file.departed = departed;
    agent.folder.write_json(CLUSTER, &file)
}

fn of(leased: &Leased) -> Match {
    (leased.binding.lease, leased.binding.matched_ts)
}

/// The head is given the next token while it runs with this one; when it has started anew, the others get it.
pub async fn head(agent: &Agent, root: &Folder) -> std::result::Result<(), Failed> {
    if !root.secret_path(NEXT).exists() || file(&agent.folder)?.root.is_some() {
        return Ok(());
    }
    let leases = agent.leases();
    let mut heads = leases.iter().filter(|leased| {
        leased.place == 0 && leased.stage() == Stage::Running && delivered(leased)
    });
    let Some(leased) = heads.next() else {
        return Ok(());
    };
    let last = lock(&leased.book).last.clone();
    let Some(status) = last.filter(|status| matches!(status.phase, Phase::Running { .. })) else {
        return Ok(());
    };
    let run = (leased.binding.matched_ts, status.run.attempt);
    match file(&agent.folder)?.told {
        Some(told) if told != run => promote(agent, root)?,
        Some(_) => {}
        None => {
            let next = root.secret(NEXT)?;
            send(agent, leased, &next).await?;
            told(agent, root, &next, run)?;
        }
    }
    Ok(())
}

/// Remembers that the head has the next token, if that is still the next one.
fn told(agent: &Agent, root: &Folder, next: &[u8], run: (i64, u32)) -> Result<()> {
    let _one = lock(&ONE);
    if root.secret(NEXT).is_ok_and(|now| now == next) {
        let mut file = file(&agent.folder)?;
        file.told = Some(run);
        agent.folder.write_json(CLUSTER, &file)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (new_token(), new_token());
        assert_eq!(one.len(), 48);
        assert!(one.iter().all(u8::is_ascii_hexdigit));
        assert_ne!(one, other);
    }
}
