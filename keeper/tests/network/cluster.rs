//! An order over several devices, and a lease that spoils the transaction of all.

use crate::{
    orders::parts,
    world::{count, done_kinds, World},
};
use iog_client::{market, pda};
use iog_keeper::config::Device;
use iog_keeper::Outcome;

#[tokio::test(flavor = "multi_thread")]
async fn leases_settle_together_and_a_bad_one_alone_is_left() {
    let world = World::new().await;
    world.join("supplier-b", "device-b").await;
    let mut keeper = world.keeper_with("keeper", |config| {
        config.devices.push(Device::new(world.key_file("device-b")));
        config.crank.withdraw_at_io_units = None;
    });
    let mint = pda::token::io_mint();
    let wish = market::OrderArgs {
        parts: parts(2),
        ..world.wish(2, [0; 32])
    };
    let order = world.book(wish).await;
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    for kind in ["match", "accept"] {
        assert_eq!(count(&kinds, kind), 2, "{kind} in {kinds:?}");
    }
    // Whoever did not accept last is counted as hired at once.
    assert_eq!(count(&kinds, "settle_lease"), 1, "{kinds:?}");
    let mut kinds = Vec::new();
    for _ in 0..7 {
        world.net.net.advance_secs(600).unwrap();
        kinds.extend(done_kinds(&keeper.tick().await.unwrap()));
    }
    assert_eq!(count(&kinds, "settle_leases"), 1, "{kinds:?}");
    assert_eq!(count(&kinds, "settle_lease"), 0, "{kinds:?}");

    // One supplier's account is damaged: its lease cannot be settled, the other's can.
    let damaged = pda::market::earnings(&mint, &world.address("supplier-b"));
    let sound = world.net.net.get_account(&damaged).unwrap().unwrap();
    let mut broken = sound.clone();
    broken.data[0] ^= 1;
    world.net.net.set_account(&damaged, broken).unwrap();
    let of = |device: &str| {
        let device = pda::registry::device(&world.address(device));
        pda::market::lease(&order, &device).to_string()
    };
    let mut settled = Vec::new();
    for _ in 0..6 {
        world.net.net.advance_secs(600).unwrap();
        let done = keeper.tick().await.unwrap();
        let alone = done.iter().filter(|done| done.action == "settle_lease");
        settled.extend(alone.cloned());
        assert!(done.iter().all(|done| done.action != "settle_leases"));
    }
    let outcome = |device: &str| {
        let mine = settled.iter().filter(|done| done.key.contains(&of(device)));
        mine.map(|done| done.outcome).collect::<Vec<_>>()
    };
    // At its end it is free, then the last hour is judged.
    let both = [Outcome::Done, Outcome::Done];
    assert_eq!(outcome("device-a"), both, "{settled:?}");
    assert!(!outcome("device-b").is_empty(), "{settled:?}");
    assert!(!outcome("device-b").contains(&Outcome::Done), "{settled:?}");

    world.net.net.set_account(&damaged, sound).unwrap();
    let mut kinds = Vec::new();
    for _ in 0..3 {
        world.net.net.advance_secs(600).unwrap();
        kinds.extend(done_kinds(&keeper.tick().await.unwrap()));
    }
    // The sound one was released and closed by itself.
    assert_eq!(count(&kinds, "close_lease"), 1, "{kinds:?}");
    assert!(world.read::<market::Order>(&order).is_none());
}
