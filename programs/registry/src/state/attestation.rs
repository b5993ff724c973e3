use super::HardwareClass;
use crate::{constants::ALL_OPENINGS, RegistryError};
use anchor_lang::prelude::*;
use iog_pow::Shape;

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
    /// Binds the walk to window, device, epoch, class and cards.
    pub seed: [u8; 32],
    pub challenge: [u8; 32],
    /// Root of the walk's tree: all that the device said before it knew the challenge.
    pub commit: [u8; 16],
    pub epoch: u64,
    pub commit_slot: u64,
    /// The second of the challenge's slots; 0 before it is recorded.
    pub challenge_slot: u64,
    /// The class's terms and the device's cards when the commit landed: a change of the class touches no proof that is under way.
    pub rows: u32,
    pub tiles: u32,
    pub waves: u32,
    pub cards: u32,
    pub reveal_slots: u32,
    /// Bit n is set when opening n is proved.
    pub revealed: u8,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 32],
}

impl Attestation {
    pub fn is(&self, state: AttestationState) -> bool {
        self.state == state as u8
    }

    /// A commit whose end nobody recorded: it counts as a failure when the next one replaces it.
    pub fn is_open(&self) -> bool {
        self.is(AttestationState::Committed) || self.is(AttestationState::Challenged)
    }

    /// Begins the proof of `epoch` by a walk of so many cards over `seed`, on the class's terms; one for each epoch.
    pub fn begin(
        &mut self,
        epoch: u64,
        slot: u64,
        seed: [u8; 32],
        cards: u32,
        class: &HardwareClass,
    ) -> Result<()> {
        // Later, not other: a clock that steps back over the hour's start must not open an hour a second time.
        require!(epoch > self.epoch, RegistryError::AlreadyCommitted);
        self.rows = class.rows;
        self.tiles = class.tiles;
        self.waves = class.waves;
        self.cards = cards;
        self.reveal_slots = class.reveal_slots;
        self.epoch = epoch;
        self.seed = seed;
        self.commit_slot = slot;
        self.challenge = [0; 32];
        self.challenge_slot = 0;
        self.revealed = 0;
        self.state = AttestationState::Committed as u8;
        Ok(())
    }

    /// The size of the walk that was committed.
    pub fn shape(&self) -> Result<Shape> {
        Shape::new(self.rows, self.tiles, self.waves, self.cards)
            .map_err(|_| RegistryError::InvalidClass.into())
    }

    /// The last slot for openings of a challenge whose second slot is `challenge_slot`.
    pub fn due_slot(&self, challenge_slot: u64) -> Result<u64> {
        challenge_slot
            .checked_add(u64::from(self.reveal_slots))
            .ok_or_else(|| RegistryError::MathOverflow.into())
    }

    /// Whether opening `n` is proved.
    pub fn is_revealed(&self, n: u8) -> bool {
        self.revealed & bit(n) != 0
    }

    pub fn mark_revealed(&mut self, n: u8) {
        self.revealed |= bit(n);
    }

    /// Challenged, and every opening proved: passed, whether or not anybody said so yet.
    pub fn is_proved(&self) -> bool {
        self.is(AttestationState::Challenged) && self.revealed == ALL_OPENINGS
    }
}

/// The bit of opening `n`, below 8.
fn bit(n: u8) -> u8 {
    1u8.checked_shl(u32::from(n)).unwrap_or(0)
}
