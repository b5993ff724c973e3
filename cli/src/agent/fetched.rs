//! Inputs and archives that devices can have from elsewhere. redteam V2

use super::{state::Agent, work::Failed};
use iog_job::{wire::Refusal, Hash};
use iog_link::LinkError;
use std::collections::BTreeSet;

/// What lies at an address or on mirrors, and not here. redteam V2
pub fn fetched(agent: &Agent) -> Result<BTreeSet<Hash>, Failed> {
    let sources = agent.folder.sources()?;
    let is_here = |sha256: &Hash| sources.get(sha256).is_some_and(|path| path.exists());
    let mut elsewhere = elsewhere(agent);
    elsewhere.retain(|sha256| !is_here(sha256));
    Ok(elsewhere)
}

/// What devices may fetch themselves.
pub fn elsewhere(agent: &Agent) -> BTreeSet<Hash> {
    let inputs = agent.job.iter().flat_map(|job| &job.inputs);
    let by_address = inputs.filter(|input| input.url.is_some());
    let mirrors = agent.job.iter().flat_map(|job| &job.mirrors);
    let sealed = mirrors.flat_map(|mirrors| mirrors.sealed.keys().copied());
    by_address.map(|input| input.sha256).chain(sealed).collect()
}

/// The device is fetching it.
pub fn is_busy(failed: &Failed) -> bool {
    let Failed::Link(LinkError::Refused { code, .. }) = failed else {
        return false;
    };
    *code == Refusal::Busy
}
