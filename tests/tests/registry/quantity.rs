//! How many GPUs one device key stands for: as many as its proof covers.

use iog_client::emission::accounts::DeviceRewards;
use iog_client::emission::EmissionError;
use iog_client::registry::accounts::{Device, HardwareClass};
use iog_client::registry::{ClassArgs, RegistryError};
use iog_client::staking::StakingError;
use iog_tests::world::{class_args, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS};
use iog_tests::{Supplier, World};

/// A class of this multiplier that is proved by up to so many cards.
fn proved(world: &mut World, id: u16, multiplier_x100: u32, max_cards: u32) -> u16 {
    world.add_class(ClassArgs {
        multiplier_x100,
        max_cards,
        ..class_args(id)
    });
    id
}

/// Registered long enough to check in.
fn aged(world: &mut World, supplier: &Supplier) {
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
}

/// audit: proof H-1, audit: market H6: one key walked one table, whatever number it named: with 4,096 it scored as 4,096 GPUs, 99.975 % of an
/// hour against one honest device, and was hired as so many. A device is as many GPUs as walk together in one commit.
#[test]
fn a_key_stands_for_the_cards_that_may_walk_together() {
    let mut world = World::ready();
    let four = proved(&mut world, 9, 1_000, 4);
    for (class_id, most) in [(CLASS_TEST, 8), (four, 4)] {
        for quantity in [0, most + 1, 4_096, u32::MAX] {
            let owner = world.wallet();
            world.register_operator(&owner);
            let cheat = world.unregistered(&owner, class_id);
            let register = world.register_device(&cheat, quantity);
            let signers = [&owner, &cheat.device_key];
            world.refuses(RegistryError::InvalidQuantity, register, &signers);
            assert!(world.find(&cheat.device).is_none());
        }
        let mut gpus = 0;
        for quantity in 1..=most {
            world.registered(class_id, quantity);
            gpus += u64::from(quantity);
        }
        let class = world.read::<HardwareClass>(&iog_client::pda::registry::class(class_id));
        assert_eq!(class.gpus_active, gpus);
    }
}

/// audit: proof H-1, redteam 13: eight cards of one proof have eight minimum stakes and eight scores, connectivity but one.
#[test]
fn eight_cards_stake_and_score_as_eight() {
    let mut world = World::ready();
    let h100 = proved(&mut world, 9, 1_000, 8);
    let one = world.registered(h100, 8);
    // 8 * 2,000 IO, half of which opens the stake.
    let half = 800_000_000_000;
    let below = world.stake_ix(&one, half - 1).instruction();
    world.refuses(StakingError::BelowMinimum, below, &[&one.owner]);
    world.stake(&one, 2 * half - 1);
    world.open_rewards(&one);
    aged(&mut world, &one);
    world.prove(&one);
    let anyone = world.wallet();
    let check_in = world.check_in_ix(&one).instruction();
    world.refuses(EmissionError::NotStaked, check_in.clone(), &[&anyone]);
    let over = world.overflow_ix(&one, 1).instruction();
    world.refuses(StakingError::NotOverflow, over, &[&one.owner]);
    let add = world.increase_ix(&one, 1).instruction();
    world.must(add, &[&one.owner]);
    world.must(check_in, &[&anyone]);
    let rewards = world.read::<DeviceRewards>(&one.rewards);
    assert_eq!(rewards.pending[0].score, 50 + 200 * 1_000 * 8);
}

/// A class that takes fewer cards shuts out the devices that are more, from its next window on; what it took it counts still.
#[test]
fn fewer_cards_a_walk_shut_the_larger_devices_out() {
    let mut world = World::ready();
    let (eight, four) = (
        world.registered(CLASS_TEST, 8),
        world.registered(CLASS_TEST, 4),
    );
    world.update_class(ClassArgs {
        max_cards: 4,
        ..class_args(CLASS_TEST)
    });
    world.open_window();
    let refused = iog_tests::world::try_commit(&mut world, &eight, [1; 16]);
    iog_tests::world::expect_code(refused, RegistryError::InvalidQuantity);
    world.prove(&four);
    assert_eq!(world.read::<Device>(&eight.device).proofs_failed, 0);
    // It leaves as the eight that it came as.
    world.set_device_state(&eight, 2);
    let class = world.read::<HardwareClass>(&eight.class);
    assert_eq!((class.gpus_active, class.devices), (4, 1));
}

/// redteam 13: where a device may be many GPUs one function counts them: minimum stake and counters alike. It earns nothing.
#[test]
fn gpus_of_a_class_without_proofs_are_counted_alike_everywhere() {
    let mut world = World::ready();
    let one = world.registered(CLASS_UNPROVED, 9);
    let class = world.read::<HardwareClass>(&one.class);
    assert_eq!((class.gpus_active, class.devices), (9, 1));
    // 200 IO each, half of which opens the stake.
    let half = 9 * 10_000_000_000;
    let below = world.stake_ix(&one, half - 1).instruction();
    world.refuses(StakingError::BelowMinimum, below, &[&one.owner]);
    world.stake(&one, 2 * half);
    let over = world.overflow_ix(&one, 1).instruction();
    world.refuses(StakingError::NotOverflow, over, &[&one.owner]);
    world.open_rewards(&one);
    aged(&mut world, &one);
    world.mark_passed(&one);
    let anyone = world.wallet();
    let check_in = world.check_in_ix(&one).instruction();
    world.refuses(EmissionError::ClassEarnsNothing, check_in, &[&anyone]);
}
