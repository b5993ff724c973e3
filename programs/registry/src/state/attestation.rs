use super::HardwareClass;
use crate::{constants::ALL_OPENINGS, RegistryError};
use anchor_lang::prelude::*;
use iog_pow::{Root, Shape, MAX_WAVES};

/// Where a device's proof of the current epoch stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum AttestationState {
    /// No proof yet.
    Empty = 0,
    Committed = 1,
    Challenged = 2,
    Passed = 3,
    Failed = 4,
}

/// A device's proof of one hour; the same account serves every hour.
#[account]
pub struct Attestation {
    pub device: Address,
    /// Binds the walk to window, device, epoch and class.
    pub seed: [u8; 32],
    pub challenge: [u8; 32],
    pub epoch: u64,
    pub commit_slot: u64,
    pub challenge_slot: u64,
    pub roots: [[u8; 20]; MAX_WAVES as usize],
    /// The class's terms when the commit landed: a change of the class touches no proof that is under way.
    pub waves: u32,
    pub rows: u32,
    pub lanes: u32,
    pub reveal_slots: u32,
    pub audit_modulus: u32,
    /// Bit n is set when opening n is proved.
    pub revealed: u8,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 24],
}

impl Attestation {
    pub fn is(&self, state: AttestationState) -> bool {
        self.state == state as u8
    }

    /// A commit whose end nobody recorded: it counts as a failure when the next one replaces it.
    pub fn is_open(&self) -> bool {
        self.is(AttestationState::Committed) || self.is(AttestationState::Challenged)
    }

    /// Stores the roots of `epoch` and the class's terms; one commit for each epoch.
    pub fn commit(
        &mut self,
        epoch: u64,
        slot: u64,
        seed: [u8; 32],
        roots: &[Root],
        class: &HardwareClass,
    ) -> Result<()> {
        // Later, not other: a clock that steps back over the hour's start must not open an hour a second time.
        require!(epoch > self.epoch, RegistryError::AlreadyCommitted);
        let kept = self
            .roots
            .get_mut(..roots.len())
            .ok_or(RegistryError::WrongRootCount)?;
        kept.copy_from_slice(roots);
        self.waves = u32::try_from(roots.len()).map_err(|_| RegistryError::WrongRootCount)?;
        self.rows = class.rows;
        self.lanes = class.lanes;
        self.reveal_slots = class.reveal_slots;
        self.audit_modulus = class.audit_modulus;
        self.epoch = epoch;
        self.seed = seed;
        self.commit_slot = slot;
        self.challenge = [0; 32];
        self.challenge_slot = 0;
        self.revealed = 0;
        self.state = AttestationState::Committed as u8;
        Ok(())
    }

    pub fn committed_roots(&self) -> Result<&[Root]> {
        usize::try_from(self.waves)
            .ok()
            .and_then(|waves| self.roots.get(..waves))
            .ok_or_else(|| RegistryError::WrongRootCount.into())
    }

    /// The size of the walk that was committed.
    pub fn shape(&self) -> Result<Shape> {
        Shape::new(self.rows, self.lanes, self.waves)
            .map_err(|_| RegistryError::InvalidClass.into())
    }

    /// Challenged, and every opening proved: passed, whether or not anybody said so yet.
    pub fn is_proved(&self) -> bool {
        self.is(AttestationState::Challenged) && self.all_revealed()
    }

    pub fn all_revealed(&self) -> bool {
        self.revealed == ALL_OPENINGS
    }
}
