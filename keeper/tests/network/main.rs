//! Keepers against the programs on the embedded network.

mod absent;
mod auction;
mod board;
mod cards;
mod cluster;
mod credit;
mod disputes;
mod joins;
mod orders;
mod price;
mod processes;
mod replacement;
mod run;
mod window;
mod world;

use iog_client::{emission, market, pda, registry, treasury};
use iog_keeper::{Keeper, Outcome};
use iog_math::units::HOUR;
use iog_node::board::Stage;
use world::{count, done_kinds, done_kinds_but_timed, published, report, World, HOUR_NOW};

/// Proofs, check-in, order, board, heartbeats, settlement and closing: one device's life, by one keeper.
#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_does_everything_in_its_turn() {
    let world = World::new().await;
    let mut keeper = world.keeper("keeper");
    proves_and_checks_in(&world, &mut keeper).await;
    let order = world.order(1).await;
    serves(&world, &mut keeper, &order).await;

    // A restart in the middle of a lease repeats nothing.
    drop(keeper);
    let mut keeper = world.keeper("keeper");
    assert_eq!(done_kinds(&keeper.tick().await.unwrap()), [""; 0]);
    settles_and_closes(&world, &mut keeper, &order).await;
}

async fn proves_and_checks_in(world: &World, keeper: &mut Keeper) {
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    for (kind, times) in [
        ("anchor_window", 1),
        ("open_rewards", 1),
        ("prove", 1),
        ("commit", 1),
        ("record_challenge", 1),
        ("open", 1),
        ("reveal", 8),
        ("finish", 1),
        ("finalize", 0),
        ("check_in", 0),
    ] {
        assert_eq!(count(&kinds, kind), times, "{kind} in {kinds:?}");
    }
    let device: registry::Device = world.read(&world.device).unwrap();
    assert_eq!(
        (device.last_pass_epoch, device.pass_streak),
        (HOUR_NOW.into(), 1)
    );
    let rewards: emission::DeviceRewards =
        world.read(&pda::emission::rewards(&world.device)).unwrap();
    assert_eq!(rewards.last_hour, HOUR_NOW);
    assert_eq!(done_kinds(&keeper.tick().await.unwrap()), [""; 0]);
}

async fn serves(world: &World, keeper: &mut Keeper, order: &solana_pubkey::Pubkey) {
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    // The hour's proof was a heartbeat: the next is due in ten minutes.
    for kind in ["match", "accept"] {
        assert_eq!(count(&kinds, kind), 1, "{kind} in {kinds:?}");
    }
    let board = published(keeper.config());
    let lease = pda::market::lease(order, &world.device);
    let account: market::Lease = world.read(&lease).unwrap();
    let [on_board] = board.leases.as_slice() else {
        panic!("{board:?}");
    };
    assert_eq!(on_board.stage, Stage::Running);
    assert_eq!(on_board.binding.lease.0, lease.to_bytes());
    assert_eq!(on_board.binding.matched_ts, account.matched_ts);
    assert_eq!(on_board.engineer_key.0, orders::ENGINEER.to_bytes());
    let device: registry::Device = world.read(&world.device).unwrap();
    assert_eq!(on_board.tunnel_key.0, device.tunnel_key.to_bytes());
    assert_eq!(on_board.place, 0);
    assert_eq!(on_board.ends_ts, on_board.started_ts + HOUR);
    assert!(on_board.cards_free && !board.doubtful && !board.stolen);
}

async fn settles_and_closes(world: &World, keeper: &mut Keeper, order: &solana_pubkey::Pubkey) {
    let supplier = world.address("supplier-a");
    let (before, renter) = (world.io_of(&supplier), world.address("renter"));
    let renter_before = world.io_of(&renter);
    let escrowed = world.read::<market::Order>(order).unwrap().escrowed_units;
    let mut kinds = Vec::new();
    // The hour is judged when its last slot is over, and can be disputed for ten minutes.
    for _ in 0..8 {
        world.net.net.advance_secs(600).unwrap();
        kinds.extend(done_kinds(&keeper.tick().await.unwrap()));
    }
    // The device is free at the end; earnings and all fees leave with the release.
    for (kind, times) in [
        ("settle_lease", 2),
        ("collect_fees", 1),
        ("burn_fees", 1),
        ("withdraw_earnings", 1),
        ("refund", 1),
        ("mint_due", 1),
        ("close_lease", 1),
        ("close_order", 1),
        ("close_hour", 1),
    ] {
        assert_eq!(count(&kinds, kind), times, "{kind} in {kinds:?}");
    }
    assert!(count(&kinds, "heartbeat") >= 5, "{kinds:?}");
    assert!(world.read::<market::Order>(order).is_none());
    // Lease and order are closed; what the job left can be fetched for a day. redteam K3
    let board = published(keeper.config());
    assert_eq!(board.leases[0].stage, Stage::Kept);
    assert_eq!(
        board.leases[0].keep_until_ts,
        board.leases[0].ends_ts + 24 * HOUR
    );
    let paid = world.io_of(&supplier) - before;
    let fees: treasury::FeeVault = world
        .read(&pda::treasury::fees(&pda::token::io_mint()))
        .unwrap();
    assert_eq!(fees.booked_units, 0);
    let back = world.io_of(&renter) - renter_before;
    assert!(back <= 2, "fees that were rounded up: {back}");
    assert_eq!(
        paid + fees.burned_units + back,
        escrowed,
        "every unit of the escrow went to supplier, fire or renter"
    );
    let rewards: emission::DeviceRewards =
        world.read(&pda::emission::rewards(&world.device)).unwrap();
    assert!(rewards.owner_booked_units > 0);
}

/// What a keeper proves every hour is the sign of life that a check-in asks for.
#[tokio::test(flavor = "multi_thread")]
async fn a_device_earns_once_it_was_up_for_the_hours_before() {
    let world = World::with_uptime(2).await;
    let mut keeper = world.keeper("keeper");
    for hour in 1..=3u32 {
        let kinds = done_kinds(&keeper.tick().await.unwrap());
        assert_eq!(count(&kinds, "commit"), 1, "hour {hour}: {kinds:?}");
        let earns = usize::from(hour == 3);
        assert_eq!(count(&kinds, "finish"), earns, "hour {hour}: {kinds:?}");
        assert_eq!(
            count(&kinds, "finalize"),
            1 - earns,
            "hour {hour}: {kinds:?}"
        );
        world.net.net.advance_secs(3_600).unwrap();
    }
}

/// The device says no, because no engine runs its job: the order is refunded, and the device is free again. audit: market H1
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_does_not_start_is_undone() {
    let world = World::new().await;
    let mut keeper = world.keeper("keeper");
    keeper.tick().await.unwrap();
    let renter = world.address("renter");
    let before = world.io_of(&renter);
    let order = world.order(1).await;
    report(keeper.config(), |report| {
        report.trouble = Some("broken".into())
    });
    let kinds = done_kinds_but_timed(&keeper.tick().await.unwrap());
    assert_eq!(kinds, ["match", "decline"]);

    // The order does not take it again, and there is no other.
    world.net.net.advance_secs(181).unwrap();
    assert_eq!(done_kinds_but_timed(&keeper.tick().await.unwrap()), [""; 0]);
    world.net.net.advance_secs(1_020).unwrap();
    let kinds = done_kinds_but_timed(&keeper.tick().await.unwrap());
    assert_eq!(kinds, ["expire_order", "refund", "close_order"]);
    assert!(world.read::<market::Order>(&order).is_none());
    assert_eq!(world.io_of(&renter), before);
    let occupancy: market::Occupancy = world.read(&pda::market::occupancy(&world.device)).unwrap();
    assert_eq!(occupancy.lease, Default::default());
    let record = (
        occupancy.declined,
        occupancy.skipped,
        occupancy.resting_until_ts,
    );
    assert_eq!(record, (1, 0, 0), "a no costs nothing");
}

/// Two keepers with the same work: each action takes place once, and whoever comes second takes it as done.
#[tokio::test(flavor = "multi_thread")]
async fn two_keepers_race_in_peace() {
    let world = World::new().await;
    let (mut one, mut two) = (world.keeper("keeper"), world.keeper("supplier-b"));
    let (one, two) = tokio::join!(one.tick(), two.tick());
    let all = [one.unwrap(), two.unwrap()].concat();
    done_kinds(&all);
    let committed = all.iter().filter(|done| done.action == "commit");
    let committed = committed
        .filter(|done| done.outcome == Outcome::Done)
        .count();
    assert_eq!(committed, 1, "{all:#?}");
    let device: registry::Device = world.read(&world.device).unwrap();
    assert_eq!(
        (device.last_pass_epoch, device.pass_streak),
        (HOUR_NOW.into(), 1)
    );
    let rewards: emission::DeviceRewards =
        world.read(&pda::emission::rewards(&world.device)).unwrap();
    assert_eq!(rewards.pending_count, 1);
}

/// A dry run says what would be done and sends nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_changes_nothing() {
    let world = World::new().await;
    let mut config = world.keeper("keeper").config().clone();
    config.dry_run = true;
    let mut keeper = Keeper::open(config).unwrap();
    let done = keeper.tick().await.unwrap();
    let window = done
        .iter()
        .find(|done| done.action == "anchor_window")
        .unwrap();
    assert_eq!(
        (window.outcome, window.signature),
        (Outcome::Simulated, None)
    );
    let windows: registry::Windows = world.read(&pda::registry::windows()).unwrap();
    assert!(windows.ring.iter().all(|window| window.epoch == 0));
}

/// Killed again and again at whatever point a pass has reached, a keeper still proves its hour with no transaction twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_that_is_killed_at_any_point_repeats_nothing() {
    let world = World::new().await;
    let checked_in = || {
        let rewards = world.read(&pda::emission::rewards(&world.device));
        rewards.is_some_and(|rewards: emission::DeviceRewards| rewards.last_hour == HOUR_NOW)
    };
    let mut restarts = 0u64;
    // A life that finds a transaction written down and never handed over can only wait until it has expired.
    while !checked_in() {
        let mut keeper = world.keeper("keeper");
        // Each life is a little longer than the one before: they end in different places.
        let life = std::time::Duration::from_millis(20 + 15 * (restarts % 40));
        if let Ok(done) = tokio::time::timeout(life, keeper.tick()).await {
            done_kinds(&done.unwrap());
        }
        restarts += 1;
    }
    assert!(restarts > 3, "{restarts}");
    let device: registry::Device = world.read(&world.device).unwrap();
    assert_eq!(
        (device.last_pass_epoch, device.pass_streak),
        (HOUR_NOW.into(), 1)
    );
    let rewards: emission::DeviceRewards =
        world.read(&pda::emission::rewards(&world.device)).unwrap();
    assert_eq!(rewards.pending_count, 1);
    let rpc = world.net.sender.rpc();
    let payer = world.address("keeper");
    let sent = rpc.get_signatures_for_address(&payer).await.unwrap();
    let failed: Vec<_> = sent.iter().filter(|sent| sent.err.is_some()).collect();
    assert!(failed.is_empty(), "{failed:?}");
    // Window, rewards, commit, challenge, eight openings, the end with the check-in, the close of the hour before; and the two looks at the price that
    // the network's set-up had this wallet pay for. A heartbeat, unless a life ended before it and the next one had committed; and what a
    // dollar of IOSD is worth, if the set-up's price was still young.
    assert!((16..=18).contains(&sent.len()), "{sent:?}");
}
