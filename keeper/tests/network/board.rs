//! What link and jobs are told, and by whom it must be vouched for.

use crate::{
    run::free_address,
    world::{count, done_kinds, published, report, World},
};
use iog_client::{market, pda, registry};
use iog_keeper::{Keeper, KeeperError};
use iog_node::board::Stage;

/// The same node under another host's name: an endpoint of its own, which tells the same.
fn witness(world: &World) -> String {
    world.net.rpc_url.replace("127.0.0.1", "localhost")
}

/// redteam L2, V3
#[tokio::test(flavor = "multi_thread")]
async fn what_no_second_endpoint_tells_is_not_served() {
    let world = World::new().await;
    let silent = format!("http://localhost:{}", free_address().port());
    let open = |witnesses: Vec<String>| {
        world.keeper_with("keeper", |config| {
            config.single_rpc = false;
            config.witness_urls = witnesses;
        })
    };
    let mut alone = open(vec![silent.clone()]);
    let order = world.order(3).await;
    let kinds = done_kinds(&alone.tick().await.unwrap());
    assert_eq!(count(&kinds, "accept"), 1, "{kinds:?}");
    let board = published(alone.config());
    assert!(board.doubtful && board.leases.is_empty(), "{board:?}");

    drop(alone);
    let mut both = open(vec![silent.clone(), witness(&world)]);
    both.tick().await.unwrap();
    let board = published(both.config());
    assert!(!board.doubtful);
    assert_eq!(board.leases[0].stage, Stage::Running);
    assert_eq!(board.leases[0].binding.order.0, order.to_bytes());

    // What runs goes on when the witness falls silent.
    drop(both);
    let mut alone = open(vec![silent]);
    alone.tick().await.unwrap();
    let doubtful = published(alone.config());
    assert!(doubtful.doubtful);
    assert_eq!(doubtful.leases, board.leases);
}

/// Where the first endpoint is gone the next is asked, or the leases would be lost. redteam V3
#[tokio::test(flavor = "multi_thread")]
async fn beats_go_to_the_next_endpoint() {
    let world = World::new().await;
    let mut keeper = world.keeper_with("keeper", |config| {
        config.single_rpc = false;
        config.witness_urls = vec![witness(&world)];
        config.rpc_url = format!("http://127.0.0.1:{}", free_address().port());
    });
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    assert_eq!(count(&kinds, "commit"), 1, "{kinds:?}");
}

/// Field case 14: the same keys, and a chain that began anew.
#[tokio::test(flavor = "multi_thread")]
async fn books_of_another_chain_are_refused() {
    let (first, second) = (World::new().await, World::new().await);
    let mut keeper = first.keeper("keeper");
    keeper.tick().await.unwrap();
    let mut config = keeper.config().clone();
    drop(keeper);
    config.rpc_url = second.net.rpc_url.clone();
    let mut moved = Keeper::open(config).unwrap();
    let refused = moved.tick().await.unwrap_err();
    assert!(
        matches!(refused, KeeperError::OtherChain { .. }),
        "{refused}"
    );
    assert_eq!(refused.exit_code(), 2);
}

/// redteam X3: somebody else has the device's key. The heartbeats go on, link and jobs are stopped.
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_heartbeat_is_noticed() {
    let world = World::new().await;
    let mut node = world.keeper_with("keeper", |config| {
        config.roles = [iog_keeper::Role::Node].into()
    });
    let mut other = world.keeper("supplier-b");
    done_kinds(&other.tick().await.unwrap());
    // What was before its books may be an older keeper's.
    node.tick().await.unwrap();
    assert!(!published(node.config()).stolen);

    world.net.net.advance_secs(3_600).unwrap();
    let beat = registry::instructions::Heartbeat {
        device_key: world.address("device-a"),
        device: world.device,
    };
    world
        .send(beat.instruction(), &["supplier-a", "device-a"])
        .await;
    node.tick().await.unwrap();
    assert!(published(node.config()).stolen);
    let file = node.config().stolen_file();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains(&world.device.to_string()), "{text}");
    // It goes on beating, and the alarm lasts until somebody has looked.
    let beats = || {
        world
            .read::<registry::Device>(&world.device)
            .unwrap()
            .beats_total
    };
    let before = beats();
    world.net.net.advance_secs(2 * 3_600).unwrap();
    done_kinds(&node.tick().await.unwrap());
    assert_eq!(beats(), before + 1);
    assert!(published(node.config()).stolen);
    std::fs::remove_file(&file).unwrap();
    node.tick().await.unwrap();
    assert!(!published(node.config()).stolen);
}

/// redteam X3
#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_acceptance_is_noticed() {
    let world = World::new().await;
    let mut own = world.keeper_with("keeper", |config| {
        config.roles = [iog_keeper::Role::Node].into()
    });
    own.tick().await.unwrap();
    let order = world.order(1).await;
    let mut other = world.keeper("supplier-b");
    let kinds = done_kinds(&other.tick().await.unwrap());
    assert_eq!(count(&kinds, "accept"), 1, "{kinds:?}");
    assert!(!published(other.config()).stolen);
    own.tick().await.unwrap();
    assert!(published(own.config()).stolen);
    let lease = pda::market::lease(&order, &world.device);
    assert!(world.read::<market::Lease>(&lease).is_some());
}

/// redteam K6, O1: a host that cannot serve falls silent, by the job side's word.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_failed_stops_beating() {
    let world = World::new().await;
    let mut keeper = world.keeper("keeper");
    world.order(3).await;
    done_kinds(&keeper.tick().await.unwrap());
    let beats = || {
        world
            .read::<registry::Device>(&world.device)
            .unwrap()
            .beats_total
    };
    let binding = published(keeper.config()).leases[0].binding;
    let failed_ts = world.net.net.clock().unwrap().unix_timestamp;
    let fail = |since_ts: Option<i64>| {
        report(keeper.config(), |report| {
            report.leases = vec![iog_node::board::LeaseReport {
                binding,
                phase: None,
                host_failed_since_ts: since_ts,
                offer: None,
                receipts: Vec::new(),
                joins: Vec::new(),
            }];
        });
    };
    fail(Some(failed_ts));
    world.net.net.advance_secs(601).unwrap();
    let before = beats();
    let silent = done_kinds(&keeper.tick().await.unwrap());
    assert_eq!(
        (count(&silent, "heartbeat"), beats()),
        (0, before),
        "{silent:?}"
    );
    fail_cleared(&keeper);
    let repaired = done_kinds(&keeper.tick().await.unwrap());
    assert_eq!(
        (count(&repaired, "heartbeat"), beats()),
        (1, before + 1),
        "{repaired:?}"
    );
}

fn fail_cleared(keeper: &Keeper) {
    report(keeper.config(), |_| ());
}

/// redteam X4: the disk of the node's folder takes no board; the heartbeats go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_board_that_cannot_be_written_stops_no_heartbeat() {
    let world = World::new().await;
    let mut keeper = world.keeper("keeper");
    world.order(3).await;
    done_kinds(&keeper.tick().await.unwrap());
    let folder = keeper.config().node_dir().join("board");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "no folder").unwrap();
    world.net.net.advance_secs(600).unwrap();
    let kinds = done_kinds(&keeper.tick().await.unwrap());
    assert_eq!(count(&kinds, "heartbeat"), 1, "{kinds:?}");
}
