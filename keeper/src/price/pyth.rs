//! Pyth's programs on Solana: their addresses, their accounts, and the instructions that put a price there.
//!
//! Layouts from pyth-network/pyth-crosschain: `target_chains/solana/programs/{core-bridge,pyth-solana-receiver,pyth-push-oracle}`.
//! An update's message is too long for one transaction: the first half of it is staged in an account of ours, the second
//! transaction writes the rest, has the guardians' signatures verified, posts the price and closes the account again.

use super::PythUpdate;
use sha2::{Digest, Sha256};
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use solana_system_interface::{instruction::create_account_with_seed, program as system};

/// Owns what is posted, and checks that the price is in the signed message.
pub const RECEIVER: Pubkey = Pubkey::from_str_const("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
/// Has one account for each feed and shard, which never steps back in time.
pub const PUSH_ORACLE: Pubkey =
    Pubkey::from_str_const("pythWSnswVUd12oZpeFP8e9CVaEqJg25g1Vtc2biRsT");
/// Pyth's deployment of Wormhole's core bridge.
pub const WORMHOLE: Pubkey = Pubkey::from_str_const("HDwcJBJXjL9FpJ7UBsYBtaDjsBUhuLCUYoz3zr8SWWaQ");

/// Bytes of the message that the first transaction writes: with the creation of the account it is then nearly full.
pub const SPLIT: usize = 720;
/// Discriminator, status, write authority, version and length stand before the message.
const VAA_START: usize = 46;
/// `ProcessingStatus::Writing`.
const WRITING: u8 = 1;
/// Receiver's fee accounts, one for each number, share the load of writes.
const TREASURY: u8 = 0;
/// Of the account that messages are staged in: one at a time, found again after a restart.
const SEED: &str = "iog-price";
/// Discriminator and write authority stand before the level of verification in `PriceUpdateV2`.
const LEVEL: usize = 40;
const FULL: u8 = 1;

/// The push oracle's account of a feed.
pub fn feed_account(shard: u16, feed: &[u8; 32]) -> Pubkey {
    find(&[&shard.to_le_bytes(), feed], &PUSH_ORACLE)
}

/// Where this payer stages messages.
pub fn staging(payer: &Pubkey) -> Option<Pubkey> {
    Pubkey::create_with_seed(payer, SEED, &WORMHOLE).ok()
}

fn find(seeds: &[&[u8]], program: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(seeds, program).0
}

/// Price, exponent and time of a posted update, a `PriceUpdateV2`.
pub fn posted(data: &[u8]) -> Option<(u64, i32, i64)> {
    if data.get(LEVEL) != Some(&FULL) {
        return None;
    }
    // Behind the level: 32 bytes of feed id, price, confidence, exponent, time.
    let message = data.get(LEVEL..)?.get(33..)?;
    let price = i64::from_le_bytes(message.first_chunk().copied()?);
    let exponent = i32::from_le_bytes(message.get(16..)?.first_chunk().copied()?);
    let publish_ts = i64::from_le_bytes(message.get(20..)?.first_chunk().copied()?);
    Some((u64::try_from(price).ok()?, exponent, publish_ts))
}

/// Whether an account holds the first part of this message, and can take the rest.
pub fn is_staged(account: &[u8], vaa: &[u8]) -> bool {
    let Some((head, written)) = account.split_at_checked(VAA_START) else {
        return false;
    };
    let first = vaa.len().min(SPLIT);
    written.len() == vaa.len()
        && written.get(..first) == vaa.get(..first)
        && head.get(8) == Some(&WRITING)
}

/// Names what is staged.
pub fn digest(account: &[u8]) -> [u8; 8] {
    let hash: [u8; 32] = Sha256::digest(account).into();
    first(&hash)
}

/// How many bytes the staging account of a message has.
pub fn staged_len(update: &PythUpdate) -> usize {
    update.vaa.len().saturating_add(VAA_START)
}

fn first(hash: &[u8; 32]) -> [u8; 8] {
    hash.first_chunk().copied().unwrap_or_default()
}

/// Anchor's name of an instruction, before its arguments.
fn named(name: &str) -> Vec<u8> {
    let hash: [u8; 32] = Sha256::digest(format!("global:{name}")).into();
    first(&hash).to_vec()
}

/// Creates the account and writes the message's first part.
pub fn stage(payer: &Pubkey, update: &PythUpdate, rent_lamports: u64) -> Option<Vec<Instruction>> {
    let account = staging(payer)?;
    let space = u64::try_from(staged_len(update)).ok()?;
    let create = create_account_with_seed(
        payer,
        &account,
        payer,
        SEED,
        rent_lamports,
        space,
        &WORMHOLE,
    );
    let init = wormhole(named("init_encoded_vaa"), payer, &account, None);
    let part = update.vaa.get(..SPLIT).unwrap_or(&update.vaa);
    Some(vec![create, init, write(payer, &account, 0, part)?])
}

/// Writes the rest, has it verified, posts the price and closes the account.
pub fn post(payer: &Pubkey, update: &PythUpdate, shard: u16) -> Option<Vec<Instruction>> {
    let account = staging(payer)?;
    let mut instructions = Vec::new();
    let rest = update.vaa.get(SPLIT..).filter(|rest| !rest.is_empty());
    if let Some(rest) = rest {
        let at = u32::try_from(SPLIT).ok()?;
        instructions.push(write(payer, &account, at, rest)?);
    }
    let guardians = find(
        &[b"GuardianSet", &update.guardian_set.to_be_bytes()],
        &WORMHOLE,
    );
    let verify = named("verify_encoded_vaa_v1");
    instructions.push(wormhole(verify, payer, &account, Some(guardians)));
    instructions.push(update_price_feed(payer, &account, update, shard)?);
    instructions.push(close(payer)?);
    Some(instructions)
}

/// Takes the staging account's rent back.
pub fn close(payer: &Pubkey) -> Option<Instruction> {
    let mut close = wormhole(named("close_encoded_vaa"), payer, &staging(payer)?, None);
    if let Some(authority) = close.accounts.first_mut() {
        authority.is_writable = true;
    }
    Some(close)
}

fn write(payer: &Pubkey, account: &Pubkey, at: u32, part: &[u8]) -> Option<Instruction> {
    let mut data = named("write_encoded_vaa");
    data.extend(at.to_le_bytes());
    bytes(&mut data, part)?;
    Some(wormhole(data, payer, account, None))
}

fn wormhole(
    data: Vec<u8>,
    payer: &Pubkey,
    account: &Pubkey,
    guardians: Option<Pubkey>,
) -> Instruction {
    let mut accounts = vec![
        AccountMeta::new_readonly(*payer, true),
        AccountMeta::new(*account, false),
    ];
    accounts.extend(guardians.map(|set| AccountMeta::new_readonly(set, false)));
    Instruction {
        program_id: WORMHOLE,
        accounts,
        data,
    }
}

/// The push oracle has the receiver check the proof and write the price, unless a newer one stands there.
fn update_price_feed(
    payer: &Pubkey,
    account: &Pubkey,
    update: &PythUpdate,
    shard: u16,
) -> Option<Instruction> {
    let mut data = named("update_price_feed");
    bytes(&mut data, &update.message)?;
    data.extend(u32::try_from(update.proof.len()).ok()?.to_le_bytes());
    data.extend(update.proof.iter().flatten());
    data.push(TREASURY);
    data.extend(shard.to_le_bytes());
    data.extend(update.feed);
    Some(Instruction {
        program_id: PUSH_ORACLE,
        accounts: vec![
            AccountMeta::new(*payer, true),
            AccountMeta::new_readonly(RECEIVER, false),
            AccountMeta::new_readonly(*account, false),
            AccountMeta::new_readonly(find(&[b"config"], &RECEIVER), false),
            AccountMeta::new(find(&[b"treasury", &[TREASURY]], &RECEIVER), false),
            AccountMeta::new(feed_account(shard, &update.feed), false),
            AccountMeta::new_readonly(system::ID, false),
        ],
        data,
    })
}

/// Borsh's bytes: their number first.
fn bytes(data: &mut Vec<u8>, bytes: &[u8]) -> Option<()> {
    data.extend(u32::try_from(bytes.len()).ok()?.to_le_bytes());
    data.extend(bytes);
    Some(())
}
