//! Windows that open later than their hour begins.

use super::world::{count, done_kinds, World, HOUR_NOW};
use iog_client::{emission, pda, registry};
use iog_migrations::Plan;

/// The hour's start anchors the window; nothing is walked before it opens; the same keeper opens it when its time has come.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_anchored_and_opened_when_it_is_due() {
    let world = World::with_plan(Plan {
        min_uptime_hours: 0,
        window_spread_secs: 600,
        ..Plan::local().unwrap()
    })
    .await;
    let mut keeper = world.keeper("keeper");
    let mut kinds = done_kinds(&keeper.tick().await.unwrap());
    let windows: registry::Windows = world.read(&pda::registry::windows()).unwrap();
    let window = windows
        .ring
        .iter()
        .find(|window| window.epoch == u64::from(HOUR_NOW));
    let window = window.expect("anchored by the first pass");
    // One draw in 601 falls on the first second, and a few on those that the pass took.
    if window.slot == 0 {
        assert_eq!(count(&kinds, "anchor_window"), 1, "{kinds:?}");
        for early in ["open_window", "prove", "commit"] {
            assert_eq!(count(&kinds, early), 0, "{early} in {kinds:?}");
        }
        world.net.net.warp_to_timestamp(window.opens_ts).unwrap();
        kinds.extend(done_kinds(&keeper.tick().await.unwrap()));
        assert_eq!(count(&kinds, "open_window"), 1, "{kinds:?}");
    }
    for (kind, times) in [("anchor_window", 1), ("prove", 1), ("finish", 1)] {
        assert_eq!(count(&kinds, kind), times, "{kind} in {kinds:?}");
    }
    let device: registry::Device = world.read(&world.device).unwrap();
    assert_eq!(
        (device.last_pass_epoch, device.proofs_passed),
        (HOUR_NOW.into(), 1)
    );
    let rewards: emission::DeviceRewards =
        world.read(&pda::emission::rewards(&world.device)).unwrap();
    assert_eq!(rewards.last_hour, HOUR_NOW);
}
