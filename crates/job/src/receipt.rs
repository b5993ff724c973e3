//! The renter's word that it was served: one for each slot of ten minutes, which a dispute cannot take back. redteam 13

use crate::{
    ids::{Binding, Hash, Key, ParseError},
    statement::Signed,
};
use ed25519_dalek::{Signature, SigningKey, Verifier, VerifyingKey};

/// `0xff "iog:receipt" 1`, which no transaction begins with.
pub const RECEIPT_PREFIX: &[u8] = b"\xffiog:receipt\x01";
/// Hours of one receipt.
pub const RECEIPT_HOURS: usize = 24;
/// Slots of an hour.
pub const HOUR_SLOTS: u8 = 6;
/// Prefix, four keys, `matched_ts`, `first_hour`, masks, hash.
pub const RECEIPT_BYTES: usize = 13 + 4 * 32 + 8 + 4 + RECEIPT_HOURS + 32;

/// A day of one match's slots. The newest takes the place of all before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub genesis: Key,
    pub program: Key,
    pub order: Key,
    pub lease: Key,
    pub matched_ts: i64,
    /// The lease's hour, from 0, that the first mask stands for.
    pub first_hour: u32,
    /// For each hour: bit i is set where slot i was served.
    pub masks: [u8; RECEIPT_HOURS],
    /// SHA-256 of the log of the renter's checks; zeros for none.
    pub check_hash: Hash,
}

impl Receipt {
    /// One that acknowledges nothing yet.
    pub fn new(binding: &Binding, first_hour: u32) -> Self {
        Self {
            genesis: binding.genesis,
            program: binding.program,
            order: binding.order,
            lease: binding.lease,
            matched_ts: binding.matched_ts,
            first_hour,
            masks: [0; RECEIPT_HOURS],
            check_hash: Hash::default(),
        }
    }

    /// Acknowledges a slot (0 to 5) of an hour of the lease; false where the receipt has no place for it.
    pub fn acknowledge(&mut self, hour: u32, slot: u8) -> bool {
        match self.mask(hour) {
            Some(at) if slot < HOUR_SLOTS => {
                self.masks[at] |= 1 << slot;
                true
            }
            _ => false,
        }
    }

    pub fn acknowledges(&self, hour: u32, slot: u8) -> bool {
        let mask = self.mask(hour).and_then(|at| self.masks.get(at));
        mask.is_some_and(|mask| slot < HOUR_SLOTS && mask & (1 << slot) != 0)
    }

    fn mask(&self, hour: u32) -> Option<usize> {
        let at = usize::try_from(hour.checked_sub(self.first_hour)?).ok()?;
        (at < RECEIPT_HOURS).then_some(at)
    }

    /// The bytes that are signed, [`RECEIPT_BYTES`] of them.
    pub fn message(&self) -> Vec<u8> {
        let mut message = RECEIPT_PREFIX.to_vec();
        for key in [self.genesis, self.program, self.order, self.lease] {
            message.extend(key.0);
        }
        message.extend(self.matched_ts.to_le_bytes());
        message.extend(self.first_hour.to_le_bytes());
        message.extend(self.masks);
        message.extend(self.check_hash.0);
        message
    }

    /// Reads what [`Receipt::message`] wrote.
    ///
    /// # Errors
    /// If it is of another length or kind, or names a slot that no hour has.
    pub fn decode(message: &[u8]) -> Result<Self, ParseError> {
        let refuse = || ParseError("this is no receipt".into());
        let rest = message.strip_prefix(RECEIPT_PREFIX).ok_or_else(refuse)?;
        let (keys, rest) = rest.split_first_chunk::<128>().ok_or_else(refuse)?;
        let (matched, rest) = rest.split_first_chunk::<8>().ok_or_else(refuse)?;
        let (hour, rest) = rest.split_first_chunk::<4>().ok_or_else(refuse)?;
        let (masks, rest) = rest
            .split_first_chunk::<RECEIPT_HOURS>()
            .ok_or_else(refuse)?;
        let check: [u8; 32] = rest.try_into().map_err(|_| refuse())?;
        if masks.iter().any(|mask| mask >> HOUR_SLOTS != 0) {
            return Err(refuse());
        }
        let key = |at: usize| -> Result<Key, ParseError> {
            let bytes = keys.get(at * 32..(at + 1) * 32).ok_or_else(refuse)?;
            bytes.try_into().map(Key).map_err(|_| refuse())
        };
        Ok(Self {
            genesis: key(0)?,
            program: key(1)?,
            order: key(2)?,
            lease: key(3)?,
            matched_ts: i64::from_le_bytes(*matched),
            first_hour: u32::from_le_bytes(*hour),
            masks: *masks,
            check_hash: Hash(check),
        })
    }

    /// By the order's receipt key, which is on no device and no engineer's.
    pub fn sign(&self, key: &SigningKey) -> Signed {
        Signed::sign(&self.message(), key)
    }

    /// The receipt, if `key` signed it.
    ///
    /// # Errors
    /// If it is none, or another's.
    pub fn open(signed: &Signed, key: &Key) -> Result<Self, ParseError> {
        let refuse = |reason: &str| ParseError(format!("the receipt {reason}"));
        let message = hex::decode(&signed.message).map_err(|_| refuse("is not hexadecimal"))?;
        let mut signature = [0; 64];
        hex::decode_to_slice(&signed.signature, &mut signature)
            .map_err(|_| refuse("has no signature"))?;
        let key = VerifyingKey::from_bytes(&key.0).map_err(|_| refuse("is of no valid key"))?;
        key.verify(&message, &Signature::from_bytes(&signature))
            .map_err(|_| refuse("is not signed by that key"))?;
        Self::decode(&message)
    }

    pub fn is_of(&self, binding: &Binding) -> bool {
        *self
            == Self {
                masks: self.masks,
                check_hash: self.check_hash,
                ..Self::new(binding, self.first_hour)
            }
    }
}
