//! Receipts: what a renter signs of slots in which it was served, and answers to disputes that carry one.

use iog_client::market::instructions::{AnswerDispute, SetEngineerKey};
use iog_client::{market, pda, receipt};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use crate::world::{Meta, Outcome, PubkeyOf, Supplier, World};

/// The genesis hash of the chain that tests run on.
pub const GENESIS_HASH: [u8; 32] = [0x47; 32];

/// Signs receipts of every order that names no other key.
pub fn receipt_key() -> Keypair {
    Keypair::new_from_array([5; 32])
}

/// What a receipt says, part by part.
#[derive(Clone)]
pub struct Receipt {
    pub prefix: [u8; 13],
    pub genesis: [u8; 32],
    pub program: Pubkey,
    pub order: Pubkey,
    pub lease: Pubkey,
    pub matched_ts: i64,
    pub first_slot: u32,
    pub slots: [u8; 18],
    pub check_hash: [u8; 32],
}

impl Receipt {
    /// The bytes that are signed: the prefix, four addresses, time and number little-endian, slots, the hash of the renter's log.
    pub fn message(&self) -> [u8; 203] {
        let parts: [&[u8]; 9] = [
            &self.prefix,
            &self.genesis,
            self.program.as_ref(),
            self.order.as_ref(),
            self.lease.as_ref(),
            &self.matched_ts.to_le_bytes(),
            &self.first_slot.to_le_bytes(),
            &self.slots,
            &self.check_hash,
        ];
        parts.concat().try_into().unwrap()
    }

    /// Has it checked, as `key` signed it.
    pub fn check(&self, key: &Keypair) -> Instruction {
        let message = self.message();
        let signature = key.sign_message(&message);
        receipt::check(&key.pubkey(), &signature.into(), &message)
    }
}

impl World {
    /// A receipt for a lease as it now is, of the day that begins with its first slot; `masks` are those of its first hours, a bit for each
    /// slot that begins in them.
    pub fn receipt(&self, order: &Pubkey, supplier: &Supplier, masks: &[u8]) -> Receipt {
        let lease = self.lease(order, supplier);
        let start = lease.started_ts.max(self.order(order).started_ts);
        let first_slot = u32::try_from((start + 599) / 600).unwrap();
        let slots = masks.iter().enumerate().flat_map(|(hour, mask)| {
            let named = (0..6).filter(move |bit| mask >> bit & 1 == 1);
            named.map(move |bit| first_slot + u32::try_from(6 * hour).unwrap() + bit)
        });
        self.receipt_of(order, supplier, first_slot, slots)
    }

    /// A receipt of the day that begins with `first_slot`, for these slots of unix time.
    pub fn receipt_of(
        &self,
        order: &Pubkey,
        supplier: &Supplier,
        first_slot: u32,
        named: impl IntoIterator<Item = u32>,
    ) -> Receipt {
        let mut slots = [0; 18];
        for slot in named {
            let at = slot - first_slot;
            slots[usize::try_from(at / 8).unwrap()] |= 1 << (at % 8);
        }
        Receipt {
            prefix: *b"\xffiog:receipt\x01",
            genesis: GENESIS_HASH,
            program: market::ID,
            order: *order,
            lease: pda::market::lease(order, &supplier.device),
            matched_ts: self.lease(order, supplier).matched_ts,
            first_slot,
            slots,
            check_hash: [3; 32],
        }
    }

    pub fn answer_ix(&self, order: &Pubkey, supplier: &Supplier) -> AnswerDispute {
        let resolve = self.resolve_dispute_ix(order, supplier, 0);
        AnswerDispute {
            order: resolve.order,
            lease: resolve.lease,
            device: supplier.device,
            escrow: resolve.escrow,
            earnings: resolve.earnings,
            stats: resolve.stats,
        }
    }

    /// Answers a dispute with a receipt that `key` signed; anyone sends it.
    pub fn answer_with(
        &mut self,
        order: &Pubkey,
        supplier: &Supplier,
        receipt: &Receipt,
        key: &Keypair,
    ) -> Outcome {
        let answer = self.answer_ix(order, supplier).instruction();
        let anyone = self.authority.insecure_clone();
        self.send(&[receipt.check(key), answer], &[&anyone])
    }

    /// Answers a dispute with these masks of the lease's first hours.
    pub fn answer(&mut self, order: &Pubkey, supplier: &Supplier, masks: &[u8]) -> Meta {
        let receipt = self.receipt(order, supplier, masks);
        self.answer_with(order, supplier, &receipt, &receipt_key())
            .unwrap()
    }

    pub fn set_engineer_key_ix(&self, order: &Pubkey, engineer_key: Pubkey) -> SetEngineerKey {
        SetEngineerKey {
            renter: self.order(order).renter,
            order: *order,
            engineer_key,
        }
    }

    /// Gives a device's tunnel another key.
    pub fn set_tunnel_key(&mut self, supplier: &Supplier, tunnel_key: Pubkey) -> Meta {
        let set = iog_client::registry::instructions::SetTunnelKey {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            tunnel_key,
        };
        self.must(set.instruction(), &[&supplier.owner])
    }

    /// Says what a device runs on.
    pub fn set_platform(&mut self, supplier: &Supplier, platform: u8) -> Outcome {
        let set = iog_client::registry::instructions::SetPlatform {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            platform,
        };
        self.send(&[set.instruction()], &[&supplier.owner])
    }
}
