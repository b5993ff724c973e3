//! Work on this machine: proofs.

use super::Attempt;
use crate::{
    action::{Action, Planned},
    done::Outcome,
    error::Result,
    keeper::Keeper,
    outbox::End,
    plan,
    provers::{Ask, Walk},
    rules,
    snapshot::{Local, ProofView, Snapshot},
};
use iog_pow::Node;
use iog_pow_gpu::{Backend, CardName};
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

impl Keeper {
    /// Work on this machine.
    pub(super) fn work(
        &self,
        planned: &Planned,
        snapshot: &Snapshot,
        key: &str,
    ) -> Result<Attempt> {
        let (slot, now) = (snapshot.time.slot, snapshot.time.now);
        let result = match &planned.action {
            Action::Prove {
                device,
                seed,
                commit,
            } => {
                let walk = self.walk(snapshot, device, seed, *commit);
                self.vitals.saw_proof(device, walk.as_ref().err().cloned());
                walk.map(|walk| {
                    self.provers.start(walk);
                    "walking".to_string()
                })
            }
            Action::Open { device, .. } => {
                let asked = self.ask(snapshot, device);
                let opened = asked.and_then(|ask| self.provers.open(ask));
                opened.map(|()| "opening".to_string())
            }
            _ => Err("it has no work on this machine".to_string()),
        };
        match result {
            Ok(note) => Ok(Attempt::of(Outcome::Done, note)),
            Err(note) => {
                self.outbox.intend(key, planned.role, slot, now)?;
                self.outbox.ended(key, End::Refused, slot, now, &note)?;
                Ok(Attempt::of(Outcome::Refused, note))
            }
        }
    }

    /// Frees the memory of proofs that are of no more use, and that of every device which serves an order. How they stand then.
    pub(crate) fn free_memory(
        &self,
        snapshot: &Snapshot,
        local: &Local,
    ) -> BTreeMap<Pubkey, ProofView> {
        for (device, seed) in plan::spent(snapshot, local) {
            self.provers.forget(&device, &seed);
        }
        for device in plan::serving(snapshot, local) {
            self.provers.release(&device);
            // What stood in the way of its last proof is of no matter by now.
            self.vitals.saw_proof(&device, None);
        }
        let proofs = self.provers.view();
        self.vitals.saw_proofs(&proofs);
        proofs
    }

    fn walk(
        &self,
        snapshot: &Snapshot,
        device: &Pubkey,
        seed: &[u8; 32],
        commit: Option<Node>,
    ) -> std::result::Result<Walk, String> {
        let view = snapshot
            .devices
            .get(device)
            .ok_or("the device is missing")?;
        let attestation = view.attestation.as_ref();
        // The class may have changed since the commit.
        let shape = match attestation.filter(|attestation| attestation.seed == *seed) {
            Some(attestation) => rules::shape(attestation),
            None => {
                let class = snapshot.class_of(&view.device);
                class.and_then(|class| rules::shape_of(class, rules::cards(&view.device)))
            }
        };
        let shape = shape.ok_or("the class's shape is not valid")?;
        Ok(Walk {
            device: *device,
            seed: *seed,
            shape,
            cards: self.cards_of(snapshot, device, shape.cards())?,
            commit,
        })
    }

    fn ask(&self, snapshot: &Snapshot, device: &Pubkey) -> std::result::Result<Ask, String> {
        let view = snapshot
            .devices
            .get(device)
            .ok_or("the device is missing")?;
        let attestation = view.attestation.as_ref();
        let attestation = attestation.ok_or("the attestation is missing")?;
        let shape = rules::shape(attestation).ok_or("the proof's shape is not valid")?;
        Ok(Ask {
            device: *device,
            seed: attestation.seed,
            shape,
            commit: attestation.commit,
            challenge: attestation.challenge,
            // Without them it is opened all the same, slowly.
            cards: self.cards_of(snapshot, device, shape.cards()).ok(),
            beside_job: snapshot.serving(view).is_some(),
        })
    }

    pub(crate) fn cards_of(
        &self,
        snapshot: &Snapshot,
        device: &Pubkey,
        count: u32,
    ) -> std::result::Result<Vec<CardName>, String> {
        if self.config.prover.backend == Backend::Cpu {
            return Ok(Vec::new());
        }
        self.cards.of(device, count, |other| {
            snapshot.devices.get(other).map_or(0, |view| {
                let class = snapshot.class_of(&view.device);
                let proves = class.is_some_and(rules::is_proved_class);
                match proves && !rules::is_terminated(&view.device) {
                    true => rules::cards(&view.device),
                    false => 0,
                }
            })
        })
    }
}
