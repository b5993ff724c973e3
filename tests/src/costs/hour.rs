//! An idle hour of a device of eight cards, in the transactions that its keeper sends: each behind a limit and a price of its compute units.

use std::collections::{BTreeMap, HashSet};

use iog_client::registry::ClassArgs;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_transaction::Transaction;

use crate::world::{
    class_args, commit_ix, finalize_ix, packet_len, reveal_ix, PubkeyOf, MIN_AGE_SECS,
};
use crate::{Supplier, World};

/// Cards of the device whose hour is measured.
pub const CARDS: u32 = 8;
/// A host of eight H100: 75 GiB of rows on each card, 2^19 tiles in each of 23,363 waves.
const CLASS_H100: u16 = 10;
const H100: Size = Size {
    rows: 157_286_400,
    tiles: 1 << 19,
    waves: 23_363,
    cards: CARDS,
};
/// Eight times the minimum of multiplier 10: 16,000 IO.
const STAKE: u64 = 1_600_000_000_000;
/// What the validators' cost model (solana-cost-model 4.2) charges a block besides compute units: a signature, a write lock, and a unit for
/// four bytes of instruction data. The some hundred units for the bytes of the accounts that are loaded are left out.
const SIGNATURE_UNITS: u64 = 720;
const WRITE_LOCK_UNITS: u64 = 300;
const DATA_BYTES_A_UNIT: u64 = 4;

/// What is walked, and on how many cards.
#[derive(Clone, Copy)]
pub struct Size {
    pub rows: u32,
    pub tiles: u32,
    pub waves: u32,
    pub cards: u32,
}

/// A transaction of the hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How often it is sent.
    pub times: u64,
    /// Compute units that ran, those of the two instructions of the budget included.
    pub units: u64,
    /// What a block is charged for it.
    pub block_units: u64,
    /// On the wire.
    pub bytes: u64,
    /// What the fee payer paid for one.
    pub lamports: u64,
}

impl Sent {
    /// The dearer of two in every respect; both are counted.
    fn and(self, other: Self) -> Self {
        Self {
            times: self.times + other.times,
            units: self.units.max(other.units),
            block_units: self.block_units.max(other.block_units),
            bytes: self.bytes.max(other.bytes),
            lamports: self.lamports.max(other.lamports),
        }
    }
}

/// The transactions of an hour, by what is in them.
pub type Hour = BTreeMap<String, Sent>;

/// What an hour costs its fee payer.
pub fn lamports(hour: &Hour) -> u64 {
    hour.values().map(|sent| sent.times * sent.lamports).sum()
}

/// A registered device of a new class of this shape.
pub fn of(world: &mut World, class_id: u16, size: Size) -> Supplier {
    world.add_class(ClassArgs {
        rows: size.rows,
        tiles: size.tiles,
        waves: size.waves,
        max_cards: size.cards,
        multiplier_x100: 1_000,
        commit_slots: 9_000,
        ..class_args(class_id)
    });
    world.registered(class_id, size.cards)
}

/// From the commit to the check-in, as in any hour of a device's life: the hour before waits to be booked.
pub fn idle() -> Hour {
    let mut world = World::ready();
    let device = of(&mut world, CLASS_H100, H100);
    world.stake(&device, STAKE);
    world.open_rewards(&device);
    world.advance(MIN_AGE_SECS);
    world.next_hour();
    world.close_hours(48);
    world.check_in(&device);
    world.next_hour();
    world.close_hours(1);
    world.open_window();

    let payer = world.wallet();
    let before = world.lamports(&payer.pubkey_of());
    let mut hour = Hour::new();
    let signers = [&payer, &device.device_key];
    let commit = commit_ix(&device, [1; 16]);
    note(
        &mut hour,
        "commit",
        budgeted(&mut world, &[commit], &signers),
    );
    // Both slots of the challenge are recorded.
    world.advance_slots(66);
    let record = world.record_challenge_ix(&device);
    let sent = budgeted(&mut world, &[record], &[&payer]);
    note(&mut hour, "record_challenge", sent);
    for n in 0..8 {
        let opening = world.forge(&device, n, 0);
        let reveal = reveal_ix(&device, n, opening);
        note(
            &mut hour,
            "reveal",
            budgeted(&mut world, &[reveal], &[&payer]),
        );
    }
    let end = [
        finalize_ix(&device),
        world.check_in_ix(&device).instruction(),
    ];
    let sent = budgeted(&mut world, &end, &[&payer]);
    note(&mut hour, "finalize + check_in", sent);
    assert_eq!(
        before - world.lamports(&payer.pubkey_of()),
        lamports(&hour),
        "the hour's lamports"
    );
    hour
}

fn note(hour: &mut Hour, name: &str, sent: Sent) {
    let all = hour.get(name).map_or(sent, |before| before.and(sent));
    hour.insert(name.into(), all);
}

/// Sends as the network's own sender does, at a price of nothing a unit: what is asked for more is a matter of the day.
fn budgeted(world: &mut World, instructions: &[Instruction], signers: &[&Keypair]) -> Sent {
    let mut all = vec![
        ComputeBudgetInstruction::set_compute_unit_limit(200_000),
        ComputeBudgetInstruction::set_compute_unit_price(0),
    ];
    all.extend_from_slice(instructions);
    let payer = signers[0].pubkey_of();
    let before = world.lamports(&payer);
    let transaction = world.signed(&all, signers);
    let outcome = world.send(&all, signers);
    let units = outcome
        .unwrap_or_else(|failure| panic!("{failure:?}"))
        .units;
    Sent {
        times: 1,
        units,
        block_units: units + overhead(&transaction),
        bytes: as_u64(packet_len(&transaction)),
        lamports: before - world.lamports(&payer),
    }
}

/// What a block is charged for a transaction besides its compute units.
fn overhead(transaction: &Transaction) -> u64 {
    let message = &transaction.message;
    let places = 0..message.account_keys.len();
    let reserved = None::<&HashSet<Pubkey>>;
    let written =
        places.filter(|place| message.is_maybe_writable_with_reserved_addresses(*place, reserved));
    let data: usize = message.instructions.iter().map(|ix| ix.data.len()).sum();
    SIGNATURE_UNITS * as_u64(transaction.signatures.len())
        + WRITE_LOCK_UNITS * as_u64(written.count())
        + as_u64(data) / DATA_BYTES_A_UNIT
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).expect("64 bits")
}
