//! Devices of several cards, what their hour costs, and what goes on while they walk.

use crate::{
    run::{free_address, get},
    world::{count, done_kinds, World, CLASS},
};
use iog_client::{pda, registry};
use iog_keeper::config::Device;
use iog_keeper::{Keeper, Role};
use iog_math::units::HOUR;
use iog_migrations::Plan;
use solana_pubkey::Pubkey;
use tokio::sync::oneshot;

const HOUR_SECS: u64 = HOUR.unsigned_abs();

fn lamports(world: &World, address: &Pubkey) -> u64 {
    world
        .net
        .net
        .get_account(address)
        .unwrap()
        .unwrap()
        .lamports
}

/// One commit and one set of openings for all cards of a key: twelve signatures, whatever their number.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_of_three_cards_costs_what_one_of_one_costs() {
    let world = World::new().await;
    world.join_with("supplier-b", "device-b", 3).await;
    let device = pda::registry::device(&world.address("device-b"));
    let mut crank = world.keeper_with("authority", |config| {
        config.roles = [Role::Crank].into();
        config.devices.clear();
    });
    let mut node = world.keeper_with("supplier-b", |config| {
        config.roles = [Role::Node].into();
        config.devices = vec![Device::new(world.key_file("device-b"))];
    });
    let payer = world.address("supplier-b");
    for hour in 1..=2 {
        done_kinds(&crank.tick().await.unwrap());
        let before = lamports(&world, &payer);
        let kinds = done_kinds(&node.tick().await.unwrap());
        for (kind, times) in [("prove", 1), ("commit", 1), ("reveal", 8), ("finish", 1)] {
            assert_eq!(count(&kinds, kind), times, "{kind} in {kinds:?}");
        }
        if hour == 2 {
            assert_eq!(before - lamports(&world, &payer), 60_000, "{kinds:?}");
        }
        // A crank has nothing to end.
        let kinds = done_kinds(&crank.tick().await.unwrap());
        assert_eq!(count(&kinds, "finalize"), 0, "{kinds:?}");
        world.net.net.advance_secs(HOUR_SECS).unwrap();
    }
    let proved: registry::Device = world.read(&device).unwrap();
    assert_eq!((proved.proofs_passed, proved.pass_streak), (2, 2));
    let attestation: registry::Attestation =
        world.read(&pda::registry::attestation(&device)).unwrap();
    assert_eq!(attestation.cards, 3);
}

/// A walk of minutes is in no heartbeat's way.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_beats_while_it_walks() {
    let mut plan = Plan {
        min_uptime_hours: 0,
        ..Plan::local().unwrap()
    };
    for class in plan.classes.iter_mut().filter(|class| class.id == CLASS) {
        (class.rows, class.tiles, class.waves) = (16_384, 64, 131_072);
    }
    let world = World::with_plan(plan).await;
    let mut config = world.keeper("keeper").config().clone();
    let address = free_address();
    (config.listen, config.tick) = (Some(address), std::time::Duration::from_secs(1));
    config.prover.threads = 1;
    let mut keeper = Keeper::open(config).unwrap();
    let (end, told) = oneshot::channel::<()>();
    let running = tokio::spawn(async move {
        keeper.run(async { drop(told.await) }).await.unwrap();
    });

    let device = || world.read::<registry::Device>(&world.device).unwrap();
    for beats in 1..=2 {
        let walks = || get(address, "/metrics").contains("iog_keeper_walking 1\n");
        while device().beats_total < beats || !walks() {
            tokio::task::yield_now().await;
        }
        assert_eq!(device().beats_total, beats);
        // After two hours nobody could match it: it beats again at once.
        world.net.net.advance_secs(2 * HOUR_SECS).unwrap();
    }
    let attestation = pda::registry::attestation(&world.device);
    let attestation: registry::Attestation = world.read(&attestation).unwrap();
    assert_eq!(
        attestation.epoch, 0,
        "no commit, which is a sign of life, too"
    );
    // The end waits for no walk.
    end.send(()).unwrap();
    running.await.unwrap();
}
