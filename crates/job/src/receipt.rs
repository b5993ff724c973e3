//! The renter's word that it was served: one for each slot of ten minutes, which a dispute cannot take back. redteam 13

use crate::{
    ids::{Binding, Hash, Key, ParseError},
    statement::Signed,
};
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};

/// `0xff "iog:receipt" 1`, which no transaction begins with.
pub const RECEIPT_PREFIX: &[u8] = b"\xffiog:receipt\x01";
/// Slots of one receipt: a day of them, ten minutes each.
pub const RECEIPT_SLOTS: u32 = 144;
/// Eight slots a byte.
const SLOT_BYTES: usize = 18;
/// Prefix, four keys, `matched_ts`, `first_slot`, slots, hash.
pub const RECEIPT_BYTES: usize = 13 + 4 * 32 + 8 + 4 + SLOT_BYTES + 32;

/// A day of one match's slots, those of the clock: unix time divided by 600. What was signed so stays true however an order's prices and
/// ends cut the hours of its leases. One that acknowledges no less takes the place of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub genesis: Key,
    pub program: Key,
    pub order: Key,
    pub lease: Key,
    pub matched_ts: i64,
    /// The slot that the first bit stands for.
    pub first_slot: u32,
    /// Bit `i % 8` of byte `i / 8` is set where slot `first_slot + i` was served.
    pub slots: [u8; SLOT_BYTES],
    /// SHA-256 of the log of the renter's checks; zeros for none.
    pub check_hash: Hash,
}

impl Receipt {
    /// One that acknowledges nothing yet.
    pub fn new(binding: &Binding, first_slot: u32) -> Self {
        Self {
            genesis: binding.genesis,
            program: binding.program,
            order: binding.order,
            lease: binding.lease,
            matched_ts: binding.matched_ts,
            first_slot,
            slots: [0; SLOT_BYTES],
            check_hash: Hash::default(),
        }
    }

    /// The first slot of the day of UTC that a slot lies in: where agents let their receipts begin, so that each is the next one's beginning.
    pub fn day_of(slot: u32) -> u32 {
        slot - slot % RECEIPT_SLOTS
    }

    /// Acknowledges a slot; false where the receipt has no place for it.
    pub fn acknowledge(&mut self, slot: u32) -> bool {
        let place = self.place(slot);
        let byte = place.and_then(|(at, bit)| Some((self.slots.get_mut(at)?, bit)));
        match byte {
            Some((byte, bit)) => {
                *byte |= bit;
                true
            }
            None => false,
        }
    }

    pub fn acknowledges(&self, slot: u32) -> bool {
        let byte = self.place(slot);
        byte.is_some_and(|(at, bit)| self.slots.get(at).is_some_and(|byte| byte & bit != 0))
    }

    fn place(&self, slot: u32) -> Option<(usize, u8)> {
        let at = slot.checked_sub(self.first_slot)?;
        let byte = usize::try_from(at / 8).ok()?;
        (at < RECEIPT_SLOTS).then_some((byte, 1 << (at % 8)))
    }

    /// The slots that it acknowledges.
    pub fn acknowledged(&self) -> impl Iterator<Item = u32> + '_ {
        let all = (0..RECEIPT_SLOTS).filter_map(|at| self.first_slot.checked_add(at));
        all.filter(|slot| self.acknowledges(*slot))
    }

    /// It acknowledges whatever the other one does.
    pub fn covers(&self, other: &Self) -> bool {
        other.acknowledged().all(|slot| self.acknowledges(slot))
    }

    /// The bytes that are signed, [`RECEIPT_BYTES`] of them.
    pub fn message(&self) -> Vec<u8> {
        let mut message = RECEIPT_PREFIX.to_vec();
        for key in [self.genesis, self.program, self.order, self.lease] {
            message.extend(key.0);
        }
        message.extend(self.matched_ts.to_le_bytes());
        message.extend(self.first_slot.to_le_bytes());
        message.extend(self.slots);
        message.extend(self.check_hash.0);
        message
    }

    /// Reads what [`Receipt::message`] wrote.
    ///
    /// # Errors
    /// If it is of another length or kind.
    pub fn decode(message: &[u8]) -> Result<Self, ParseError> {
        let refuse = || ParseError("this is no receipt".into());
        let rest = message.strip_prefix(RECEIPT_PREFIX).ok_or_else(refuse)?;
        let (keys, rest) = rest.split_first_chunk::<128>().ok_or_else(refuse)?;
        let (matched, rest) = rest.split_first_chunk::<8>().ok_or_else(refuse)?;
        let (first, rest) = rest.split_first_chunk::<4>().ok_or_else(refuse)?;
        let (slots, rest) = rest.split_first_chunk().ok_or_else(refuse)?;
        let check: [u8; 32] = rest.try_into().map_err(|_| refuse())?;
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
            first_slot: u32::from_le_bytes(*first),
            slots: *slots,
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
        // As strictly as the chain's program: else a key of small order, under which anything is signed, made receipts that answer nothing.
        key.verify_strict(&message, &Signature::from_bytes(&signature))
            .map_err(|_| refuse("is not signed by that key"))?;
        Self::decode(&message)
    }

    pub fn is_of(&self, binding: &Binding) -> bool {
        *self
            == Self {
                slots: self.slots,
                check_hash: self.check_hash,
                ..Self::new(binding, self.first_slot)
            }
    }
}
