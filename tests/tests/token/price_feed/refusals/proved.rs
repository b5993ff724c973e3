//! Reports whose signatures are not where they must be, or prove nothing.

use iog_client::price_report::{self, ED25519_PROGRAM};
use iog_client::token::instructions::ReportPrice;
use iog_client::token::TokenError as E;
use iog_tests::world::{signed, signed_for, PubkeyOf};
use iog_tests::{refusal, Case, Code, Outcome, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::five;
use crate::price_feed::stage::QUARTER;

/// Sends `before`, then the taking of reports, then `after`.
fn around(world: &mut World, before: &[Instruction], after: &[Instruction]) -> Outcome {
    let anyone = world.authority.insecure_clone();
    let mut all = before.to_vec();
    all.push(ReportPrice {}.instruction());
    all.extend_from_slice(after);
    world.send(&all, &[&anyone])
}

pub fn checked(world: &mut World) -> Instruction {
    let keys = five(world);
    let now = world.now();
    price_report::check(&[signed(&keys[0], QUARTER, now)]).unwrap()
}

/// Moves nothing.
fn other(world: &World) -> Instruction {
    let from = world.authority.pubkey_of();
    solana_system_interface::instruction::transfer(&from, &from, 0)
}

/// The Ed25519 instruction of a good report with the number at `place` (0 signature's offset, 1 its instruction, 2 and 3 the key's, 4, 5
/// and 6 offset, length and instruction of the message) set to `value`.
fn with_number(world: &mut World, place: usize, value: u16) -> Outcome {
    let mut check = checked(world);
    let at = 2 + 2 * place;
    check.data[at..at + 2].copy_from_slice(&value.to_le_bytes());
    around(world, &[check], &[])
}

pub fn cases() -> Vec<Case> {
    vec![
        refusal("nothing before it", E::NoSignatures, |world| {
            five(world);
            around(world, &[], &[])
        }),
        refusal("another program before it", E::NoSignatures, |world| {
            five(world);
            let other = other(world);
            around(world, &[other], &[])
        }),
        refusal("another program between", E::NoSignatures, |world| {
            let (check, other) = (checked(world), other(world));
            around(world, &[check, other], &[])
        }),
        refusal("the signatures behind it", E::NoSignatures, |world| {
            let (check, other) = (checked(world), other(world));
            around(world, &[other], &[check])
        }),
        refusal("another sysvar", E::NoSignatures, |world| {
            let check = checked(world);
            let mut take = ReportPrice {}.instruction();
            take.accounts[1].pubkey =
                Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
            let anyone = world.authority.insecure_clone();
            world.send(&[check, take], &[&anyone])
        }),
        refusal("no signature at all", E::NothingNewer, |world| {
            let mut check = checked(world);
            check.data = vec![0, 0];
            around(world, &[check], &[])
        }),
        refusal("a report for another account", E::NotAReport, |world| {
            let keys = five(world);
            let (feed, now) = (world.address(), world.now());
            world.carry(&[signed_for(&keys[0], &feed, QUARTER, now)])
        }),
        // 0 is the Ed25519 instruction's own number, and yet not how it must be said.
        refusal("a signature by number", E::NotAReport, |world| {
            with_number(world, 1, 0)
        }),
        refusal("a key by number", E::NotAReport, |world| {
            with_number(world, 3, 0)
        }),
        refusal("a message by number", E::NotAReport, |world| {
            with_number(world, 6, 0)
        }),
        refusal("a signature that is wrong", not_signed(), |world| {
            let keys = five(world);
            let mut report = signed(&keys[0], QUARTER, world.now());
            report.price += 1;
            world.carry(&[report])
        }),
        refusal("a message cut short", not_signed(), |world| {
            with_number(world, 5, 47)
        }),
    ]
}

/// How the runtime refuses a transaction in which a signature does not fit.
fn not_signed() -> Code {
    Code::anchor(ED25519_PROGRAM, 2)
}
