//! When windows open, and what they bind.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::{Config, Windows};
use iog_client::registry::events::{WindowAnchored, WindowOpened};
use iog_client::registry::instructions::OpenWindow;
use iog_client::registry::{self, RegistryError};
use iog_tests::world::{try_commit, CLASS_TEST, GENESIS_TS};
use iog_tests::{Meta, World};
use sha2::{Digest, Sha256};

const HOUR: i64 = 3_600;

fn spread(secs: u64) -> World {
    let mut world = World::ready();
    world.edit::<Config>(&pda::registry::config(), |config| {
        config.window_spread_secs.value = secs;
    });
    world
}

fn open(world: &mut World) -> Meta {
    let anyone = world.wallet();
    world.must(OpenWindow {}.instruction(), &[&anyone])
}

fn opened(epoch: u64, slot: u64, slot_hash: [u8; 32]) -> Event {
    Event::Registry(registry::Event::WindowOpened(WindowOpened {
        epoch,
        slot,
        slot_hash,
    }))
}

fn anchored(epoch: u64, opens_ts: i64) -> Event {
    Event::Registry(registry::Event::WindowAnchored(WindowAnchored {
        epoch,
        opens_ts,
    }))
}

/// What the program must draw from the newest slot hash.
fn expected(world: &World, spread: u64) -> i64 {
    let hash = world.slot_hash(world.slot() - 1).unwrap();
    let epoch = u64::from(world.hour());
    let digest = Sha256::new()
        .chain_update("iog-window")
        .chain_update(hash)
        .chain_update(epoch.to_le_bytes())
        .finalize();
    let draw = u64::from_le_bytes(digest[..8].try_into().unwrap());
    let offset = i64::try_from(draw % (spread + 1)).unwrap();
    GENESIS_TS + (i64::from(world.hour()) - 1) * HOUR + offset
}

#[test]
fn the_first_call_draws_the_time_and_one_at_that_time_binds_the_hash() {
    let mut world = spread(600);
    world.advance_slots(3);
    let opens_ts = expected(&world, 600);
    assert!(opens_ts > world.now());
    let meta = open(&mut world);
    assert_eq!(meta.events, [anchored(1, opens_ts)]);
    let window = world.window().unwrap();
    assert_eq!((window.opens_ts, window.slot), (opens_ts, 0));
    assert_eq!(window.slot_hash, [0; 32]);

    // No proof begins in a window that is only anchored.
    let supplier = world.registered(CLASS_TEST, 1);
    let early = try_commit(&mut world, &supplier, [1; 16]);
    iog_tests::world::expect_code(early, RegistryError::WindowNotOpen);
    world.warp_to(opens_ts - 1);
    let anyone = world.wallet();
    world.refuses(
        RegistryError::WindowNotDue,
        OpenWindow {}.instruction(),
        &[&anyone],
    );
    world.warp_to(opens_ts);
    let slot = world.slot() - 1;
    let hash = world.slot_hash(slot).unwrap();
    let meta = open(&mut world);
    assert_eq!(meta.events, [opened(1, slot, hash)]);
    let window = world.window().unwrap();
    assert_eq!((window.opens_ts, window.slot), (opens_ts, slot));
    assert_eq!(window.slot_hash, hash);
    world.refuses(
        RegistryError::WindowAlreadyOpen,
        OpenWindow {}.instruction(),
        &[&anyone],
    );
    // Deadlines run from the slot in which it opened.
    world.advance_slots(749);
    try_commit(&mut world, &supplier, [1; 16]).expect("the last slot");
}

/// After an outage one call does both.
#[test]
fn a_late_first_call_opens_at_once() {
    let mut world = spread(600);
    world.advance(600);
    let opens_ts = expected(&world, 600);
    let slot = world.slot() - 1;
    let hash = world.slot_hash(slot).unwrap();
    let meta = open(&mut world);
    assert_eq!(meta.events, [anchored(1, opens_ts), opened(1, slot, hash)]);
}

#[test]
fn draws_are_spread_over_the_whole_range_and_stay_inside() {
    let mut world = spread(600);
    let mut offsets = Vec::new();
    for hour in 0..60 {
        let start = GENESIS_TS + hour * HOUR;
        let opens_ts = expected(&world, 600);
        open(&mut world);
        let window = world.window().unwrap();
        assert_eq!(window.opens_ts, opens_ts);
        let offset = window.opens_ts - start;
        assert!((0..=600).contains(&offset), "{offset}");
        offsets.push(offset);
        world.next_hour();
    }
    // 60 draws that all lie in one half would be one chance in 2^59.
    assert!(offsets.iter().any(|offset| *offset < 300), "{offsets:?}");
    assert!(offsets.iter().any(|offset| *offset > 300), "{offsets:?}");
}

/// An hour that was anchored and never opened has no window, and the next hour none of its time.
#[test]
fn an_anchor_binds_its_own_hour_only() {
    let mut world = spread(600);
    open(&mut world);
    world.next_hour();
    let anyone = world.wallet();
    let supplier = world.registered(CLASS_TEST, 1);
    let without = try_commit(&mut world, &supplier, [1; 16]);
    iog_tests::world::expect_code(without, RegistryError::WindowNotOpen);
    let meta = open(&mut world);
    let opens_ts = world.window().unwrap().opens_ts;
    assert_eq!(meta.events.first(), Some(&anchored(2, opens_ts)));
    assert!((GENESIS_TS + HOUR..=GENESIS_TS + HOUR + 600).contains(&opens_ts));
    // A day later its place in the ring is taken by the new hour's.
    world.warp_to(GENESIS_TS + 24 * HOUR);
    world.advance(600);
    world.must(OpenWindow {}.instruction(), &[&anyone]);
    let windows = world.read::<Windows>(&pda::registry::windows());
    assert_eq!(windows.ring[1].epoch, 25);
    assert!(windows.ring[1].slot > 0);
}

/// Governance that changes the spread moves no window that is anchored.
#[test]
fn a_changed_spread_leaves_an_anchored_window_alone() {
    let mut world = spread(600);
    open(&mut world);
    let opens_ts = world.window().unwrap().opens_ts;
    world.edit::<Config>(&pda::registry::config(), |config| {
        config.window_spread_secs.value = 0;
    });
    let anyone = world.wallet();
    world.refuses(
        RegistryError::WindowNotDue,
        OpenWindow {}.instruction(),
        &[&anyone],
    );
    assert_eq!(world.window().unwrap().opens_ts, opens_ts);
}
