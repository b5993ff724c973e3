//! What measurers can do to a device: little, and never keep it from earning.

use iog_client::emission::accounts::DeviceRewards;
use iog_client::registry::accounts::{Device, HardwareClass};
use iog_client::registry::RegistryError;
use iog_tests::world::{CLASS_TEST, GENESIS_TS};
use iog_tests::World;

use super::{measure_ix, speed_test, tier_set, Stage};

/// Old enough to earn, with this multiplier and the stake for it.
fn earner(stage: &mut Stage, multiplier_x100: u32) {
    let Stage { world, one, .. } = stage;
    world.edit::<HardwareClass>(&one.class, |class| {
        class.multiplier_x100 = multiplier_x100;
        class.stake_multiplier_x100 = multiplier_x100;
    });
    world.stake(one, 2_000 * 100_000_000);
    world.open_rewards(one);
    world.edit::<Device>(&one.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
}

/// Score of the running hour's check-in.
fn score(stage: &Stage) -> u64 {
    let mut world = stage.world.clone();
    world.check_in(&stage.one);
    let rewards = world.read::<DeviceRewards>(&stage.one.rewards);
    rewards.pending[0].score
}

/// audit: proof M-4: one hot key said 0/0 of every rival, and its own device took the pool: 4,338 IO an hour. Now every measurer there is
/// may say so, and the device checks in in the same hour for a few points less.
#[test]
fn all_measurers_together_keep_nobody_from_earning() {
    let mut stage = Stage::new(3);
    earner(&mut stage, 100);
    for index in 0..3 {
        stage.find(index, 2);
    }
    assert_eq!(score(&stage), 20_100);
    stage.pass(1);
    for index in 0..3 {
        let mut nothing = speed_test(&stage.world, 0);
        nothing.report_hash = [0; 32];
        stage.post(index, nothing);
    }
    assert_eq!(score(&stage), 20_050);
}

/// redteam 12: every device has the lowest tier from its registration, without asking anybody.
#[test]
fn a_device_that_nobody_measured_earns() {
    let mut world = World::ready();
    let one = world.registered(CLASS_TEST, 1);
    let named = Vec::new();
    let mut stage = Stage { world, one, named };
    assert_eq!((stage.device().tier, stage.tier()), (1, 1));
    earner(&mut stage, 100);
    assert_eq!(score(&stage), 20_050);
}

/// redteam 12b: (quorum - 1) / 2 colluders move a tier no further than what an honest one found; a majority of the fresh moves all. The
/// price of both in points: 150 of 200,200 for an H100, 150 of 15,200 for an RTX 3060.
#[test]
fn a_minority_moves_nothing_and_a_majority_all() {
    // Measurers named, quorum, and how many lie.
    for (named, quorum, lie) in [(3, 3, 1), (5, 3, 1), (5, 5, 2), (9, 5, 2), (9, 9, 4)] {
        assert_eq!((quorum - 1) / 2, lie);
        for (honest, lied) in [(1, 4), (4, 0), (2, 3)] {
            let mut stage = Stage::new(0);
            let world = &mut stage.world;
            super::with_quorum(world, quorum);
            stage.named = super::name(world, named);
            // They wait until just the quorum is fresh.
            for index in 0..usize::try_from(quorum).unwrap() {
                let tier = if index < usize::try_from(lie).unwrap() {
                    lied
                } else {
                    honest
                };
                stage.find(index, tier);
            }
            assert_eq!(
                usize::from(stage.tier()),
                honest.max(1),
                "{lie} of {quorum}"
            );
            // One more of them, and they are the majority of the fresh.
            stage.pass(1);
            stage.find(usize::try_from(lie).unwrap(), lied);
            let moved = usize::from(stage.tier());
            assert_eq!(moved, lied.max(1), "{} of {quorum}", lie + 1);
        }
    }
    for (multiplier_x100, low, high) in [(1_000, 200_050, 200_200), (75, 15_050, 15_200)] {
        let mut stage = Stage::new(3);
        earner(&mut stage, multiplier_x100);
        assert_eq!(score(&stage), low);
        for index in 0..3 {
            stage.find(index, 4);
        }
        assert_eq!(score(&stage), high);
        let gain = (high - low) * 100_000 / low;
        // 0.075 % and 1 %
        assert_eq!(gain, if multiplier_x100 == 1_000 { 74 } else { 996 });
    }
}

/// redteam 12b: a device cannot hand in its best three of nine, nor keep a bad test to itself: whoever is named posts, and all count.
#[test]
fn a_device_chooses_no_measurer_and_hides_no_test() {
    let mut stage = Stage::new(5);
    // Three friends say 4.
    for index in 0..3 {
        stage.find(index, 4);
    }
    assert_eq!(stage.tier(), 4);
    // Two others need nobody's leave. The device's own key and its owner's measure nothing.
    stage.find(3, 1);
    let meta = stage.find(4, 1);
    assert_eq!(tier_set(&meta).fresh, 5);
    // With 3 of 5 the friends are a majority still: see above. One of them less, and they are none.
    stage.remove(0);
    stage.refresh();
    assert_eq!(stage.tier(), 1);
    let test = speed_test(&stage.world, 4);
    for key in [
        &stage.one.owner,
        &stage.one.device_key,
        &stage.world.attestor,
    ] {
        let mut world = stage.world.clone();
        let payer = world.wallet();
        let own = measure_ix(key, &stage.one, test);
        world.refuses(RegistryError::NotMeasurer, own, &[&payer, key]);
    }
}

/// redteam 12b: a quorum reached by waiting until others are stale is a quorum of what is fresh; a tier given so lasts no longer for it.
#[test]
fn waiting_for_others_to_grow_stale_needs_a_quorum_all_the_same() {
    let mut stage = Stage::new(5);
    for index in 0..3 {
        stage.find(index, 1);
    }
    stage.pass(30 * super::DAY + 1);
    // Two colluders alone: no quorum, and the honest tier stands.
    stage.find(3, 4);
    let meta = stage.find(4, 4);
    assert_eq!((tier_set(&meta).fresh, stage.tier()), (2, 1));
    // An honest third makes it, and they are the majority of three.
    stage.find(0, 1);
    assert_eq!(stage.tier(), 4);
    // The fourth is enough to undo it.
    stage.find(1, 1);
    assert_eq!(stage.tier(), 1);
}
