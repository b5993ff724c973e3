//! A device whose machine is away, and what others do about it.

use crate::world::{count, done_kinds, World};
use iog_client::{market, pda};
use iog_keeper::Role;
use iog_math::units::HOUR;

/// It was alive in the last hour and does not answer: its place is freed, it rests and is off the market. When it has rested, its own key
/// lists it again; silent for more than six hours it is off once more. redteam 1a, 9b
#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_away_is_skipped_delisted_and_comes_back() {
    let world = World::new().await;
    let mut node = world.keeper_with("keeper", |config| config.roles = [Role::Node].into());
    let mut others = world.keeper_with("authority", |config| {
        config.roles = [Role::Scheduler, Role::Crank].into();
        config.devices.clear();
    });
    done_kinds(&others.tick().await.unwrap());
    done_kinds(&node.tick().await.unwrap());
    let order = world.order(1).await;
    let kinds = done_kinds(&others.tick().await.unwrap());
    assert_eq!(count(&kinds, "match"), 1, "{kinds:?}");
    world.net.net.advance_secs(91).unwrap();
    let kinds = done_kinds(&others.tick().await.unwrap());
    for kind in ["skip_device", "delist"] {
        assert_eq!(count(&kinds, kind), 1, "{kind} in {kinds:?}");
    }
    let place =
        || -> market::Occupancy { world.read(&pda::market::occupancy(&world.device)).unwrap() };
    assert_eq!((place().skipped, place().listed_gpus), (1, 0));
    assert!(world.read::<market::Order>(&order).is_some());

    // While it rests it stays away.
    let kinds = done_kinds(&node.tick().await.unwrap());
    assert_eq!(count(&kinds, "relist"), 0, "{kinds:?}");
    world.net.net.advance_secs(HOUR.unsigned_abs()).unwrap();
    done_kinds(&others.tick().await.unwrap());
    let kinds = done_kinds(&node.tick().await.unwrap());
    assert_eq!(count(&kinds, "relist"), 1, "{kinds:?}");
    assert_eq!(place().listed_gpus, 1);
    for (hours, listed_gpus) in [(5, 1), (2, 0)] {
        world
            .net
            .net
            .advance_secs(hours * HOUR.unsigned_abs())
            .unwrap();
        done_kinds(&others.tick().await.unwrap());
        assert_eq!(place().listed_gpus, listed_gpus, "{hours} hours more");
    }
}
