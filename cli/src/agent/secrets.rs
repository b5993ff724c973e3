//! Values of secrets on their way to a device.

use super::{cluster, leased::Leased, state::Agent, work::Failed};
use iog_job::{
    frame,
    wire::{Answer, Done, Secrets, Verb},
};
use iog_link::LinkError;
use serde::Deserialize;
use std::collections::BTreeSet;

const MAX_ANSWER_BYTES: usize = 4 << 10;

/// What a device says to them.
#[derive(Deserialize)]
#[serde(untagged)]
enum Said {
    Refused(Answer),
    Done(Done),
}

/// Those that the device names, if the job names them.
pub async fn send(agent: &Agent, leased: &Leased, names: &[String]) -> Result<(), Failed> {
    let known = agent.job.iter().flat_map(|job| &job.secrets);
    let known: BTreeSet<&str> = known.map(|secret| secret.name.as_str()).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(name.as_str())) {
        return Err(Failed::Said(format!(
            "the device asks for a secret `{}`, which the job does not name",
            name.escape_debug()
        )));
    }
    let mut values = agent.folder.secrets(names)?;
    if let Some((name, value)) = cluster::token_for(agent, leased)? {
        if names.contains(&name) {
            values.0.insert(name, value);
        }
    }
    put(agent, leased, &values).await
}

/// Sends values; later ones take the place of earlier ones at the job's next start.
pub async fn put(agent: &Agent, leased: &Leased, values: &Secrets) -> Result<(), Failed> {
    let (mut stream, _) = agent.open(leased, Verb::Secrets).await?;
    frame::write(&mut stream, values).await?;
    match frame::expect::<Said, _>(&mut stream, MAX_ANSWER_BYTES).await? {
        Said::Refused(Answer::Refused { code, reason }) => {
            Err(LinkError::Refused { code, reason }.into())
        }
        Said::Refused(Answer::Admitted) | Said::Done(Done {}) => {
            agent.log(leased, "the secrets are there");
            Ok(())
        }
    }
}
