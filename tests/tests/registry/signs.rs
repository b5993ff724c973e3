//! Signs of life: the ring of heartbeats, and the second and slot of the last one.

use iog_client::registry::accounts::Device;
use iog_client::registry::instructions::Heartbeat;
use iog_tests::world::{PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};

fn device(world: &World, supplier: &Supplier) -> Device {
    world.read(&supplier.device)
}

fn last_sign(world: &World, supplier: &Supplier) -> (i64, u64) {
    let device = device(world, supplier);
    (device.last_sign_ts, device.last_sign_slot)
}

/// Whether the interval's bit is set.
fn beat(device: &Device, interval: i64) -> bool {
    let bit = usize::try_from(interval % 768).unwrap();
    device.beats[bit / 64] >> (bit % 64) & 1 == 1
}

#[test]
fn heartbeats_fill_a_ring_of_128_hours() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let first = GENESIS_TS / 600;
    for (interval, secs) in [(0, 0), (0, 599), (1, 0), (3, 300)] {
        world.set_time(GENESIS_TS + interval * 600 + secs);
        world.heartbeat(&supplier);
    }
    let content = device(&world, &supplier);
    assert_eq!(content.beat_head, first + 3);
    let served: Vec<bool> = (0..4).map(|n| beat(&content, first + n)).collect();
    assert_eq!(served, [true, true, false, true]);
    let ones = |device: &Device| device.beats.iter().map(|w| w.count_ones()).sum::<u32>();
    assert_eq!((ones(&content), content.beats_total), (3, 3));
    // A clock that steps back marks its interval and clears none.
    world.set_time(GENESIS_TS + 2 * 600);
    world.heartbeat(&supplier);
    let content = device(&world, &supplier);
    assert_eq!((content.beat_head, content.beats_total), (first + 3, 4));
    assert!((0..4).all(|n| beat(&content, first + n)));
    // An interval short of a whole turn the ring is cleared bit by bit, a whole turn later at once: one bit is left, and
    // the longest way round stays far below the default of 200,000 units.
    let payer = world.authority.insecure_clone();
    let mut total = 4;
    for (last, dearest) in [(3 + 767, 60_000), (3 + 767 + 768, 2_000)] {
        world.set_time(GENESIS_TS + last * 600);
        let instruction = Heartbeat {
            device_key: supplier.device_key.pubkey_of(),
            device: supplier.device,
        };
        let meta = world.must(instruction.instruction(), &[&payer, &supplier.device_key]);
        assert!(meta.units < dearest, "{} units", meta.units);
        assert!(meta.events.is_empty());
        let content = device(&world, &supplier);
        assert_eq!(content.beat_head, first + last);
        assert!(beat(&content, first + last));
        let kept = u32::from(last == 770) + 1;
        assert_eq!(ones(&content), kept);
        total += 1;
        assert_eq!(content.beats_total, total, "never reset");
    }
}

/// redteam 1d: the device keeps the second and the slot of its last sign, so that "since the match" can be told, and a halt of the chain
/// from silence. Heartbeats and commits are signs; nothing else is.
#[test]
fn a_device_keeps_second_and_slot_of_its_last_sign() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    assert_eq!(last_sign(&world, &supplier), (0, 0));
    world.set_time(GENESIS_TS + 301);
    world.heartbeat(&supplier);
    assert_eq!(
        last_sign(&world, &supplier),
        (GENESIS_TS + 301, world.slot())
    );
    // A second one in the same interval marks nothing and is a sign all the same.
    world.set_time(GENESIS_TS + 599);
    world.skip_slots(7);
    world.heartbeat(&supplier);
    assert_eq!(
        last_sign(&world, &supplier),
        (GENESIS_TS + 599, world.slot())
    );
    assert_eq!(device(&world, &supplier).beats_total, 1);
    // A commit, and not what others do about it.
    world.advance(60);
    world.commit(&supplier);
    let committed = (world.now(), world.slot());
    assert_eq!(last_sign(&world, &supplier), committed);
    world.advance(60);
    world.challenge(&supplier);
    world.set_device_state(&supplier, 1);
    world.set_device_state(&supplier, 0);
    assert_eq!(last_sign(&world, &supplier), committed);
}

/// redteam 1d: it never falls, though the clock may step back.
#[test]
fn the_last_sign_never_falls() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.set_time(GENESIS_TS + 1_000);
    world.heartbeat(&supplier);
    let slot = world.slot();
    world.set_time(GENESIS_TS + 900);
    world.advance_slots(5);
    world.heartbeat(&supplier);
    assert_eq!(
        last_sign(&world, &supplier),
        (GENESIS_TS + 1_000, slot + 5),
        "the second stands, the slot moves on"
    );
}
