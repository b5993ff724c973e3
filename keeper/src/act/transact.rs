//! Transactions: simulate, write down, send, confirm, write down.

use super::{refused, Attempt};
use crate::{
    action::{Action, Planned},
    classify::classify,
    config::Role,
    done::Outcome,
    draft::{draft, Draft},
    error::Result,
    keeper::Keeper,
    outbox::{Caps, End, Sending},
    rules,
    snapshot::Snapshot,
};
use iog_tx::{AnySigner, Confirmed, TxError};
use solana_pubkey::Pubkey;

/// What the chain charges for each signature.
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;

enum Unsent {
    Capped,
    Failed(TxError),
}

impl Keeper {
    pub(super) async fn simulate(&self, action: &Action, snapshot: &Snapshot) -> Attempt {
        let draft = match self.draft(action, snapshot).await {
            Ok(draft) => draft,
            Err(note) => return Attempt::of(Outcome::Retry, note),
        };
        match self
            .sender()
            .dry_run(&draft.instructions, &self.payer())
            .await
        {
            Ok(simulation) => Attempt {
                units: Some(simulation.units_consumed),
                ..Attempt::of(Outcome::Simulated, "")
            },
            Err(error) => self.failed(&error).1,
        }
    }

    pub(super) async fn transact(
        &self,
        planned: &Planned,
        snapshot: &Snapshot,
        key: &str,
    ) -> Result<Attempt> {
        let (slot, now) = (snapshot.time.slot, snapshot.time.now);
        self.outbox.intend(key, planned.role, slot, now)?;
        let draft = match self.draft(&planned.action, snapshot).await {
            Ok(draft) => draft,
            Err(note) => return Ok(Attempt::of(Outcome::Retry, note)),
        };
        self.foretell(&planned.action, now)?;
        match self.send(planned.role, &draft, key, now).await? {
            Ok(confirmed) => {
                self.outbox
                    .ended(key, End::Confirmed, slot.max(confirmed.slot), now, "")?;
                Ok(Attempt {
                    outcome: Outcome::Done,
                    signature: Some(confirmed.signature),
                    units: confirmed.units_consumed,
                    note: String::new(),
                })
            }
            Err(Unsent::Capped) => Ok(Attempt::of(Outcome::Retry, "a spending cap is reached")),
            Err(Unsent::Failed(error)) => {
                let (end, attempt) = self.failed(&error);
                if let Some(end) = end {
                    self.outbox.ended(key, end, slot, now, &attempt.note)?;
                }
                Ok(attempt)
            }
        }
    }

    /// What shows life is in the books before it is on the chain: all else there was signed by somebody else.
    fn foretell(&self, action: &Action, now: i64) -> Result<()> {
        match action {
            Action::Heartbeat { device, .. } | Action::Commit { device, .. } => {
                self.outbox.signing(device, rules::beat_interval(now))
            }
            _ => Ok(()),
        }
    }

    async fn send(
        &self,
        role: Role,
        draft: &Draft,
        key: &str,
        now: i64,
    ) -> Result<std::result::Result<Confirmed, Unsent>> {
        let signer = draft
            .device
            .as_ref()
            .and_then(|device| self.devices.get(device));
        let signers: Vec<&AnySigner> = signer.into_iter().map(|key| key as &AnySigner).collect();
        let prepared = match self
            .sender()
            .prepare(&draft.instructions, &self.fee_payer, &signers)
            .await
        {
            Ok(prepared) => prepared,
            Err(error) => return Ok(Err(Unsent::Failed(error))),
        };
        let signatures = u64::try_from(prepared.transaction.signatures.len()).unwrap_or(u64::MAX);
        let fee = signatures
            .saturating_add(draft.checked_signatures)
            .saturating_mul(LAMPORTS_PER_SIGNATURE)
            .saturating_add(prepared.priority_fee_lamports());
        let sending = Sending {
            key,
            role,
            signature: prepared.signature,
            last_valid_height: prepared.last_valid_block_height,
            lamports: fee.saturating_add(draft.rent_lamports),
        };
        let caps = Caps {
            of_hour: self.config.spending_cap_lamports_per_hour,
            of_role_a_day: (role == Role::Price).then_some(self.config.price.lamports_per_day),
        };
        if !self.outbox.sending(&sending, &caps, now)? {
            return Ok(Err(Unsent::Capped));
        }
        Ok(self
            .sender()
            .submit(&prepared)
            .await
            .map_err(Unsent::Failed))
    }

    async fn draft(
        &self,
        action: &Action,
        snapshot: &Snapshot,
    ) -> std::result::Result<Draft, String> {
        let opening = match action {
            Action::Reveal { device, n, .. } => Some(self.opening(device, *n, snapshot)?),
            _ => None,
        };
        draft(action, snapshot, &self.payer(), opening)
            .ok_or_else(|| "an account is missing".into())
    }

    fn opening(
        &self,
        device: &Pubkey,
        n: u8,
        snapshot: &Snapshot,
    ) -> std::result::Result<Vec<u8>, String> {
        let view = snapshot
            .devices
            .get(device)
            .ok_or("the device is missing")?;
        let attestation = view
            .attestation
            .as_ref()
            .ok_or("the attestation is missing")?;
        let (seed, challenge) = (&attestation.seed, &attestation.challenge);
        self.provers.opening(device, seed, challenge, n)
    }

    /// What an error means, and what to write down; nothing for a transaction that may still land.
    fn failed(&self, error: &TxError) -> (Option<End>, Attempt) {
        let note = error.to_string();
        match error {
            TxError::Rejected(rejection) => {
                let (end, mut attempt) = refused(classify(rejection), note);
                attempt.signature = rejection.signature;
                (Some(end), attempt)
            }
            TxError::Unknown { signature } => {
                let mut attempt = Attempt::of(Outcome::Unknown, note);
                attempt.signature = Some(*signature);
                (None, attempt)
            }
            TxError::Rpc { .. } | TxError::Expired { .. } => {
                (Some(End::Expired), Attempt::of(Outcome::Retry, note))
            }
            TxError::Signing(_) => (Some(End::Refused), Attempt::of(Outcome::Refused, note)),
        }
    }
}
