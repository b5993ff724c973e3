//! Slots, seconds and hashes.

use crate::START_TS;
use iog_localnet::{LocalNet, LocalNetError, RECENT_BLOCKS};
use solana_client::rpc_client::RpcClient;
use std::collections::HashSet;

pub fn starts_where_told(net: &LocalNet, rpc: &RpcClient) {
    let clock = net.clock().unwrap();
    assert_eq!(
        (clock.slot, clock.epoch, clock.unix_timestamp),
        (31, 0, START_TS)
    );
    assert_eq!(rpc.get_slot().unwrap(), 31);
    assert_contiguous(net, 31, 32);
}

pub fn small_steps_keep_slots_and_seconds_together(net: &LocalNet, rpc: &RpcClient) {
    net.warp_to_timestamp(START_TS + 100).unwrap();
    let before = net.clock().unwrap();
    let after = net.advance_slots(5).unwrap();
    assert_eq!(
        (after.slot, after.unix_timestamp),
        (before.slot + 5, START_TS + 102)
    );
    // Six seconds are fifteen slots of 400 ms.
    let after = net.advance_secs(6).unwrap();
    assert_eq!(
        (after.slot, after.unix_timestamp),
        (before.slot + 20, START_TS + 108)
    );
    assert_eq!(net.advance_secs(0).unwrap(), after);
    assert_eq!(net.clock().unwrap(), after);
    assert_eq!(rpc.get_slot().unwrap(), after.slot);
    let kept = usize::try_from(after.slot + 1).unwrap().min(512);
    assert_contiguous(net, after.slot, kept);
}

pub fn hours_pass_and_recent_slots_keep_hashes(net: &LocalNet, rpc: &RpcClient) {
    let before = net.clock().unwrap();
    let old_blockhash = rpc.get_latest_blockhash().unwrap();
    let old_hashes: HashSet<_> = net
        .slot_hashes()
        .unwrap()
        .into_iter()
        .map(|(_, hash)| hash)
        .collect();

    let after = net.advance_secs(3 * 3_600).unwrap();
    assert_eq!(after.unix_timestamp, before.unix_timestamp + 10_800);
    assert_eq!(after.slot, before.slot + 27_000);
    assert_eq!(rpc.get_slot().unwrap(), after.slot);
    assert_contiguous(net, after.slot, 512);
    assert!(net
        .slot_hashes()
        .unwrap()
        .iter()
        .all(|(_, hash)| !old_hashes.contains(hash)));
    assert!(!rpc
        .is_blockhash_valid(&old_blockhash, rpc.commitment())
        .unwrap());

    // The newest hash is the blockhash that clients sign with.
    let newest = net.slot_hashes().unwrap()[0];
    assert_eq!(newest, (after.slot, rpc.get_latest_blockhash().unwrap()));
    // Blocks, not slots, count towards the height: most slots were skipped.
    assert!(rpc.get_block_height().unwrap() < 1_000 + RECENT_BLOCKS);

    // Two epochs later.
    let far = net.advance_slots(2 * 432_000).unwrap();
    assert_eq!(far.slot, after.slot + 864_000);
    assert_eq!(far.unix_timestamp, after.unix_timestamp + 345_600);
    assert_eq!((far.epoch, rpc.get_epoch_info().unwrap().epoch), (2, 2));
}

pub fn time_does_not_run_back(net: &LocalNet) {
    let before = net.clock().unwrap();
    let now = before.unix_timestamp;
    let refused = net.warp_to_timestamp(now - 1).unwrap_err();
    assert!(
        matches!(refused, LocalNetError::Backwards { asked, now: at } if asked == now - 1 && at == now)
    );
    assert!(matches!(
        net.advance_slots(u64::MAX),
        Err(LocalNetError::TooFar)
    ));
    assert!(matches!(
        net.advance_secs(u64::MAX),
        Err(LocalNetError::TooFar)
    ));
    assert_eq!(net.clock().unwrap(), before);
}

/// The newest `count` slots up to `newest`, each with a hash of its own.
fn assert_contiguous(net: &LocalNet, newest: u64, count: usize) {
    let hashes = net.slot_hashes().unwrap();
    assert_eq!(hashes.len(), count);
    let slots: Vec<u64> = hashes.iter().map(|(slot, _)| *slot).collect();
    let expected: Vec<u64> = (0..=newest).rev().take(count).collect();
    assert_eq!(slots, expected);
    let distinct: HashSet<_> = hashes.iter().map(|(_, hash)| hash).collect();
    assert_eq!(distinct.len(), count);
}
