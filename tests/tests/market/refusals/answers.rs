//! Refusals of answers to disputes: whatever is no receipt of this very lease, signed by the order's own key.

use iog_client::market::instructions::AnswerDispute;
use iog_client::market::MarketError as E;
use iog_client::price_report::ED25519_PROGRAM;
use iog_tests::world::{order_args, receipt_key, Currency, PubkeyOf, Receipt, Renter, CLASS_TEST};
use iog_tests::{refusal, Case, Code, Outcome, Supplier, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::disputes::disputed;
use super::{stage, waiting};

/// Sends these before an answer.
fn behind(
    world: &mut World,
    order: &Pubkey,
    supplier: &Supplier,
    before: &[Instruction],
) -> Outcome {
    let anyone = world.authority.insecure_clone();
    let mut all = before.to_vec();
    all.push(world.answer_ix(order, supplier).instruction());
    world.send(&all, &[&anyone])
}

/// An answer with a receipt that is changed and signed again.
fn changed(world: &mut World, change: impl FnOnce(&mut Receipt)) -> Outcome {
    let (supplier, _, order) = disputed(world);
    let mut receipt = world.receipt(&order, &supplier, &[0b11_1111]);
    change(&mut receipt);
    world.answer_with(&order, &supplier, &receipt, &receipt_key())
}

/// The check of a good receipt with the number at `place` set to `value`.
fn with_number(world: &mut World, place: usize, value: u16) -> Outcome {
    let (supplier, _, order) = disputed(world);
    let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
    let mut check = receipt.check(&receipt_key());
    let at = 2 + 2 * place;
    check.data[at..at + 2].copy_from_slice(&value.to_le_bytes());
    behind(world, &order, &supplier, &[check])
}

/// A good receipt, with an account that belongs to something else.
fn misplaced(
    world: &mut World,
    change: impl FnOnce(&mut AnswerDispute, &Supplier, &World),
) -> Outcome {
    let (supplier, _, order, check) = checked(world);
    let second = world.supplier(CLASS_TEST);
    let mut answer = world.answer_ix(&order, &supplier);
    change(&mut answer, &second, world);
    let anyone = world.authority.insecure_clone();
    world.send(&[check, answer.instruction()], &[&anyone])
}

fn checked(world: &mut World) -> (Supplier, Renter, Pubkey, Instruction) {
    let (supplier, renter, order) = disputed(world);
    let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
    (supplier, renter, order, receipt.check(&receipt_key()))
}

/// Moves nothing.
fn other(world: &World) -> Instruction {
    let from = world.authority.pubkey_of();
    solana_system_interface::instruction::transfer(&from, &from, 0)
}

pub fn cases() -> Vec<Case> {
    let mut all = carried();
    all.extend(signed());
    all.extend(others());
    all.extend(times());
    all
}

/// redteam link 13: the instruction before it proves nothing.
fn carried() -> Vec<Case> {
    vec![
        refusal("an answer without receipt", E::NoReceipt, |world| {
            let (supplier, _, order) = disputed(world);
            behind(world, &order, &supplier, &[])
        }),
        refusal("another program before it", E::NoReceipt, |world| {
            let (supplier, _, order, _) = checked(world);
            let other = other(world);
            behind(world, &order, &supplier, &[other])
        }),
        refusal("another program between", E::NoReceipt, |world| {
            let (supplier, _, order, check) = checked(world);
            let other = other(world);
            behind(world, &order, &supplier, &[check, other])
        }),
        refusal("no signature at all", E::NoReceipt, |world| {
            let (supplier, _, order, mut check) = checked(world);
            check.data = vec![0, 0];
            behind(world, &order, &supplier, &[check])
        }),
        refusal("two signatures", E::NoReceipt, |world| {
            let (supplier, _, order, mut check) = checked(world);
            // The same one twice: the second's numbers lie behind everything else.
            let numbers: Vec<u8> = check.data[2..16].to_vec();
            let shifted: Vec<u8> = numbers
                .chunks(2)
                .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                .flat_map(|n| match n {
                    16 | 80 | 112 => (n + 14).to_le_bytes(),
                    n => n.to_le_bytes(),
                })
                .collect();
            let body = check.data.split_off(16);
            check.data = [vec![2, 0], shifted.clone(), shifted, body].concat();
            behind(world, &order, &supplier, &[check])
        }),
        refusal("a signature by number", E::NoReceipt, |world| {
            with_number(world, 1, 0)
        }),
        refusal("a key by number", E::NoReceipt, |world| {
            with_number(world, 3, 0)
        }),
        refusal("a message by number", E::NoReceipt, |world| {
            with_number(world, 6, 0)
        }),
        refusal("a receipt cut short", not_signed(), |world| {
            with_number(world, 5, 202)
        }),
        refusal(
            "a receipt changed behind its signature",
            not_signed(),
            |world| {
                let (supplier, _, order, mut check) = checked(world);
                *check.data.last_mut().unwrap() ^= 1;
                behind(world, &order, &supplier, &[check])
            },
        ),
        refusal("another sysvar", E::NoReceipt, |world| {
            let (supplier, _, order, check) = checked(world);
            let mut answer = world.answer_ix(&order, &supplier).instruction();
            answer.accounts.last_mut().unwrap().pubkey =
                Pubkey::from_str_const("SysvarC1ock11111111111111111111111111111111");
            let anyone = world.authority.insecure_clone();
            world.send(&[check, answer], &[&anyone])
        }),
    ]
}

/// redteam link 13: signed by another key.
fn signed() -> Vec<Case> {
    vec![
        refusal("signed by the supplier", E::NotReceiptKey, |world| {
            let (supplier, _, order) = disputed(world);
            let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
            let key = supplier.device_key.insecure_clone();
            world.answer_with(&order, &supplier, &receipt, &key)
        }),
        refusal("signed by the renter's wallet", E::NotReceiptKey, |world| {
            let (supplier, renter, order) = disputed(world);
            let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
            world.answer_with(&order, &supplier, &receipt, &renter.wallet)
        }),
        refusal("an order without receipts", E::NotReceiptKey, |world| {
            let (supplier, renter) = stage(world);
            let mut args = order_args(1, 1, 3);
            args.receipt_key = Pubkey::default();
            let order = world.book(&renter, CLASS_TEST, args);
            world.match_device(&order, &supplier);
            world.accept(&order, &supplier);
            world.heartbeat(&supplier);
            world.advance(60);
            world.dispute(&order, &renter, &supplier);
            world.judge_rest(&order, &supplier);
            let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
            world.answer_with(&order, &supplier, &receipt, &receipt_key())
        }),
    ]
}

/// redteam link 13: old receipts, and those of other leases, orders, programs and networks.
fn others() -> Vec<Case> {
    vec![
        refusal("of another network", E::WrongReceipt, |world| {
            changed(world, |receipt| receipt.genesis[31] ^= 1)
        }),
        refusal("of another program", E::WrongReceipt, |world| {
            changed(world, |receipt| receipt.program = iog_client::token::ID)
        }),
        refusal("of another order", E::WrongReceipt, |world| {
            changed(world, |receipt| receipt.order = receipt.lease)
        }),
        refusal("of another lease", E::WrongReceipt, |world| {
            changed(world, |receipt| receipt.lease = receipt.order)
        }),
        refusal("of an older match", E::WrongReceipt, |world| {
            changed(world, |receipt| receipt.matched_ts -= 1)
        }),
        refusal("another kind of statement", E::WrongReceipt, |world| {
            changed(world, |receipt| receipt.prefix = *b"\xffiog:receipt\x02")
        }),
        refusal("of later slots", E::NothingAnswered, |world| {
            changed(world, |receipt| receipt.first_slot += 6)
        }),
        refusal("of earlier slots", E::NothingAnswered, |world| {
            changed(world, |receipt| receipt.first_slot -= 6)
        }),
        refusal("of slots that never come", E::NothingAnswered, |world| {
            changed(world, |receipt| receipt.first_slot = u32::MAX)
        }),
        refusal("of slots behind its end", E::NothingAnswered, |world| {
            changed(world, |receipt| {
                receipt.slots = [0xff; 18];
                // What is disputed began a minute before it: the first slot and the next stand for it.
                receipt.slots[0] = 0b1111_1100;
            })
        }),
        refusal("with another device", E::WrongDevice, |world| {
            misplaced(world, |answer, second, _| answer.device = second.device)
        }),
        refusal("into another's earnings", E::WrongRecipient, |world| {
            misplaced(world, |answer, second, world| {
                answer.earnings = world.earnings_of(second, Currency::Io);
            })
        }),
        refusal("out of another currency", E::WrongMint, |world| {
            misplaced(world, |answer, _, world| {
                answer.escrow = world.escrow_of(Currency::Usd);
            })
        }),
        refusal("for another renter", E::NotRenter, |world| {
            let stats = world.renter().stats;
            misplaced(world, |answer, _, _| answer.stats = stats)
        }),
        refusal("out of another order", E::WrongOrder, |world| {
            let renter = world.renter();
            let other = world.book(&renter, CLASS_TEST, order_args(9, 1, 1));
            misplaced(world, |answer, _, _| answer.order = other)
        }),
    ]
}

fn times() -> Vec<Case> {
    vec![
        refusal("an answer without dispute", E::NotDisputed, |world| {
            let (supplier, _, order) = waiting(world);
            let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
            world.answer_with(&order, &supplier, &receipt, &receipt_key())
        }),
        refusal("an answer before it is judged", E::SettleFirst, |world| {
            let (supplier, renter) = stage(world);
            let order = world.running(&renter, 1, 3, &[&supplier]);
            world.heartbeat(&supplier);
            world.dispute(&order, &renter, &supplier);
            let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
            world.answer_with(&order, &supplier, &receipt, &receipt_key())
        }),
        refusal("an answer behind the decision", E::NotDisputed, |world| {
            let (supplier, _, order) = disputed(world);
            world.resolve_dispute(&order, &supplier, 0);
            let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
            world.answer_with(&order, &supplier, &receipt, &receipt_key())
        }),
        refusal("the same answer twice", E::NotDisputed, |world| {
            let (supplier, _, order) = disputed(world);
            world.answer(&order, &supplier, &[0b11_1111]);
            let receipt = world.receipt(&order, &supplier, &[0b11_1111]);
            world.answer_with(&order, &supplier, &receipt, &receipt_key())
        }),
        refusal("an engineer key of a stranger", E::NotRenter, |world| {
            let (_, _, order) = waiting(world);
            let stranger = world.wallet();
            let mut set = world.set_engineer_key_ix(&order, Pubkey::default());
            set.renter = stranger.pubkey_of();
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal("the wallet as engineer key", E::KeysEqual, |world| {
            let (_, renter, order) = waiting(world);
            let set = world.set_engineer_key_ix(&order, renter.wallet.pubkey_of());
            world.send(&[set.instruction()], &[&renter.wallet])
        }),
        refusal("the receipt key as engineer key", E::KeysEqual, |world| {
            let (_, renter, order) = waiting(world);
            let set = world.set_engineer_key_ix(&order, receipt_key().pubkey_of());
            world.send(&[set.instruction()], &[&renter.wallet])
        }),
        refusal("an engineer key when all is over", E::OrderOver, |world| {
            let (supplier, renter, order) = waiting(world);
            world.cancel_order(&order, &renter);
            world.close_lease(&order, &supplier);
            let set = world.set_engineer_key_ix(&order, Pubkey::default());
            world.send(&[set.instruction()], &[&renter.wallet])
        }),
    ]
}

/// How the runtime refuses a transaction in which a signature does not fit.
fn not_signed() -> Code {
    Code::anchor(ED25519_PROGRAM, 2)
}
