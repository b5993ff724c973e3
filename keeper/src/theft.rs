//! Whether somebody else has a device key of this machine: a sign of life or an acceptance that this keeper did not make. Then jobs and link stop
//! until the operator has looked, and the heartbeats go on. A restored backup counts as this: books are not backed up. redteam X3

use crate::{error::Result, outbox::Outbox, rules::state, snapshot::Snapshot};
use solana_pubkey::Pubkey;
use std::{
    collections::BTreeSet,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};

pub struct Thefts {
    /// Says what was seen. The alarm lasts until the operator removes it.
    file: PathBuf,
    /// The file could not be written.
    unwritten: AtomicBool,
}

impl Thefts {
    pub fn open(file: PathBuf) -> Self {
        Self {
            file,
            unwritten: AtomicBool::new(false),
        }
    }

    pub fn alarmed(&self) -> bool {
        self.unwritten.load(Ordering::Relaxed) || self.file.exists()
    }

    /// Looks at what the chain has of these devices; true while the alarm lasts.
    pub fn look(
        &self,
        outbox: &Outbox,
        snapshot: &Snapshot,
        own: &BTreeSet<Pubkey>,
        since_ts: i64,
    ) -> Result<bool> {
        for device in own {
            if let Some(seen) = strange(outbox, snapshot, device, since_ts)? {
                self.alarm(device, &seen);
            }
        }
        Ok(self.alarmed())
    }

    fn alarm(&self, device: &Pubkey, seen: &str) {
        let text = format!(
            "{seen} of the device {device} that this keeper did not make: another keeper has its key. Jobs and link are stopped. Find the other keeper, then remove this file.\n"
        );
        tracing::error!(%device, seen, file = %self.file.display(), "a device key is used by somebody else: jobs and link stop");
        if let Err(error) = fs::write(&self.file, text) {
            tracing::error!(%error, "the alarm cannot be written: it lasts until this process ends");
            self.unwritten.store(true, Ordering::Relaxed);
        }
    }
}

/// What the chain has of a device that is not in the books. It is in them afterwards, so that one thing alarms once.
fn strange(
    outbox: &Outbox,
    snapshot: &Snapshot,
    device: &Pubkey,
    since_ts: i64,
) -> Result<Option<String>> {
    let Some(view) = snapshot.devices.get(device) else {
        return Ok(None);
    };
    let head = view.device.beat_head;
    let seen = outbox.seen(device)?;
    if seen.is_none_or(|seen| head > seen) {
        outbox.see(device, head)?;
        // Whatever was before these books may be of an older keeper on this machine.
        if seen.is_some() && !outbox.signed(device, head)? {
            return Ok(Some("a sign of life".into()));
        }
    }
    let hired = view
        .lease()
        .and_then(|address| Some((address, snapshot.leases.get(&address)?)));
    let Some((address, lease)) = hired else {
        return Ok(None);
    };
    let accepted = lease.state == state::LEASE_ACCEPTED && lease.accepted_ts > since_ts;
    let key = format!("accept/{address}/{}", lease.matched_ts);
    if !accepted || outbox.accepted(&key)? || outbox.seen_acceptance(&key)? {
        return Ok(None);
    }
    outbox.see_acceptance(&key)?;
    Ok(Some("an acceptance".into()))
}
