//! The specification that a lease's job is, and what of it is not there yet.

use super::{lacks, Lease};
use crate::{
    board::BoardLease,
    jobs::{disk::on_disk, share, store::wanted},
    policy::refuses_image,
};
use iog_job::{
    wire::{Need, Needs},
    Hash, JobSpec, Offer, MAX_INPUTS,
};
use std::{io, sync::Arc};

impl Lease {
    /// Takes the specification that the order names, if this node runs it.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn take_spec(
        self: &Arc<Self>,
        board: &BoardLease,
        spec: JobSpec,
    ) -> Result<(), String> {
        if let Some(old) = self.spec() {
            let same = old.hash().ok() == spec.hash().ok();
            return same
                .then_some(())
                .ok_or_else(|| "another job came before".into());
        }
        self.judge(board, &spec)?;
        let kept = self.write(move |lease| {
            lease.store.write("spec.json", &spec)?;
            let lacks = lacks(&lease.store, Some(&spec));
            let mut state = lease.state();
            state.lacks = lacks;
            state.spec = Some(Arc::new(spec));
            drop(state);
            lease.tell();
            Ok(())
        });
        kept.await
            .map_err(|_| "the node cannot keep it".to_string())
    }

    /// Whether a job is what was ordered and offered, and what the operator allows.
    fn judge(&self, board: &BoardLease, spec: &JobSpec) -> Result<(), String> {
        let hash = spec.hash().map_err(|error| error.to_string())?;
        if board.command_hash.is_none() {
            return Err("the order names no job: it is a session".into());
        }
        if hash != board.command_hash || spec.image_hash() != board.image_hash {
            return Err("it is not the job that the order names".into());
        }
        spec.validate().map_err(|error| error.to_string())?;
        let share = self.share(board);
        let disk = share::limits(&share, &spec.resources).disk_bytes;
        let bytes = wanted(spec).into_values().fold(0, u64::saturating_add);
        if spec.inputs.len() > MAX_INPUTS || bytes > disk {
            return Err("inputs and image are larger than the ordered disk".into());
        }
        if let Some(offer) = self.books().offer {
            offer.covers(spec).map_err(|exceeds| exceeds.to_string())?;
        }
        let settings = &self.ctx.settings;
        if spec
            .platform
            .is_some_and(|asked| asked != self.ctx.capacity.platform)
        {
            return Err("the machine is of another platform".into());
        }
        let own = settings.policy.own_renters.contains(&board.renter);
        if !own && !self.ctx.health().strangers {
            return Err("the engine takes only jobs of its operator".into());
        }
        let refused = settings.policy.refuses_offer(&Offer::from(spec));
        let image = spec.image.as_ref();
        let reference = image.and_then(|image| image.reference.as_deref());
        let takes = settings.engine.takes();
        refused
            .or_else(|| refuses_image(&takes, image.is_some(), reference))
            .or_else(|| share.refuses(&spec.resources))
            .map_or(Ok(()), Err)
    }

    /// What a job lacks to start.
    pub fn needs(&self, spec: &JobSpec) -> Needs {
        let secrets = spec.secrets.iter().map(|secret| secret.name.clone());
        let state = self.state();
        Needs {
            inputs: state.lacks.values().copied().collect(),
            secrets: secrets
                .filter(|name| !state.secrets.contains(name))
                .collect(),
        }
    }

    /// Looks how much of an input is there, after some of it came.
    ///
    /// # Errors
    /// None but the runtime's.
    pub async fn look_at(self: &Arc<Self>, sha256: Hash, len: u64) -> io::Result<()> {
        let lease = Arc::clone(self);
        on_disk(move || {
            let have = lease.store.have(&sha256);
            let mut state = lease.state();
            match have {
                Some(have) => state.lacks.insert(sha256, Need { sha256, len, have }),
                None => state.lacks.remove(&sha256),
            };
            drop(state);
            lease.tell();
            Ok(())
        })
        .await
    }
}
