//! Who moves a class's numbers, how far, and when.

mod bounds;
mod minimum;
mod prices;
mod setup;
mod terms;

use iog_client::pda;
use iog_client::registry::accounts::{Config, HardwareClass};
use iog_client::registry::instructions::{ApplyClass, DropClassTerms, ScheduleClass, UpdateClass};
use iog_client::registry::{ClassRates, ClassTerms};
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

pub const DAY: i64 = 86_400;
/// How long announced terms wait, and how long anyone may apply them afterwards.
pub const WEEK: i64 = 604_800;

pub fn class(world: &World, id: u16) -> HardwareClass {
    world.read(&pda::registry::class(id))
}

pub fn rates_of(world: &World, id: u16) -> ClassRates {
    let class = class(world, id);
    ClassRates {
        base_price_usd6: class.base_price_usd6,
        enabled: class.enabled == 1,
    }
}

pub fn terms_of(world: &World, id: u16) -> ClassTerms {
    let class = class(world, id);
    ClassTerms {
        multiplier_x100: class.multiplier_x100,
        proof_valid_hours: class.proof_valid_hours,
        rows: class.rows,
        tiles: class.tiles,
        waves: class.waves,
        commit_slots: class.commit_slots,
        reveal_slots: class.reveal_slots,
        max_cards: class.max_cards,
    }
}

/// The present terms of the test class with another multiplier.
fn times(world: &World, multiplier_x100: u32) -> ClassTerms {
    ClassTerms {
        multiplier_x100,
        ..terms_of(world, CLASS_TEST)
    }
}

pub fn update_ix(authority: &Pubkey, id: u16, rates: ClassRates) -> Instruction {
    UpdateClass {
        authority: *authority,
        class: pda::registry::class(id),
        rates,
    }
    .instruction()
}

pub fn schedule_ix(authority: &Pubkey, id: u16, terms: ClassTerms) -> Instruction {
    ScheduleClass {
        authority: *authority,
        class: pda::registry::class(id),
        terms,
    }
    .instruction()
}

pub fn apply_ix(id: u16) -> Instruction {
    let class = pda::registry::class(id);
    ApplyClass { class }.instruction()
}

pub fn drop_ix(signer: &Pubkey, id: u16) -> Instruction {
    DropClassTerms {
        signer: *signer,
        class: pda::registry::class(id),
    }
    .instruction()
}

/// Announces terms of the test class, by the authority.
fn schedule(world: &mut World, terms: ClassTerms) {
    let by = world.authority.pubkey_of();
    world.govern(schedule_ix(&by, CLASS_TEST, terms));
}

/// By anyone.
fn apply(world: &mut World) {
    let anyone = world.wallet();
    world.must(apply_ix(CLASS_TEST), &[&anyone]);
}

/// Gives the catalogue's role to a new wallet.
pub fn role(world: &mut World) -> Keypair {
    let role = world.wallet();
    world.edit::<Config>(&pda::registry::config(), |config| {
        config.catalog_authority.key = role.pubkey_of();
    });
    role
}
