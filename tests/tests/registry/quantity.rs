//! How many GPUs one device key stands for: what its proof covers.

use iog_client::emission::accounts::DeviceRewards;
use iog_client::registry::accounts::{Device, HardwareClass};
use iog_client::registry::{ClassArgs, RegistryError};
use iog_client::staking::StakingError;
use iog_tests::world::{class_args, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS};
use iog_tests::World;

/// A class of this multiplier that is proved.
fn proved(world: &mut World, id: u16, multiplier_x100: u32) -> u16 {
    world.add_class(ClassArgs {
        multiplier_x100,
        ..class_args(id)
    });
    id
}

/// audit: proof H-1, audit: market H6: one key walks one table, whatever number it names: with 4,096 it scored as 4,096 GPUs, 99.975 % of an
/// hour against one honest device, and was hired as so many. Of a proved class a device is one GPU.
#[test]
fn one_proof_stands_for_one_gpu() {
    let mut world = World::ready();
    let h100 = proved(&mut world, 9, 1_000);
    for class_id in [CLASS_TEST, h100] {
        for quantity in [0, 2, 8, 4_096, u32::MAX] {
            let owner = world.wallet();
            world.register_operator(&owner);
            let cheat = world.unregistered(&owner, class_id);
            let register = world.register_device(&cheat, quantity);
            let signers = [&owner, &cheat.device_key];
            world.refuses(RegistryError::InvalidQuantity, register, &signers);
            assert!(world.find(&cheat.device).is_none());
        }
    }
    // Eight GPUs are eight keys with a stake each: 8 * 2,000 IO, and each proves for itself.
    let one = world.registered(h100, 1);
    let half = 100_000_000_000;
    let below = world.stake_ix(&one, half - 1).instruction();
    world.refuses(StakingError::BelowMinimum, below, &[&one.owner]);
    world.stake(&one, 2 * half);
    world.open_rewards(&one);
    world.edit::<Device>(&one.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    world.prove(&one);
    let anyone = world.wallet();
    let check_in = world.check_in_ix(&one).instruction();
    world.must(check_in, &[&anyone]);
    let rewards = world.read::<DeviceRewards>(&one.rewards);
    assert_eq!(rewards.pending[0].score, 50 + 200 * 1_000);
}

/// redteam 13: where a device may be many GPUs one function counts them: minimum stake and counters alike. It earns nothing.
#[test]
fn gpus_of_a_class_without_proofs_are_counted_alike_everywhere() {
    let mut world = World::ready();
    let one = world.registered(CLASS_UNPROVED, 8);
    let class = world.read::<HardwareClass>(&one.class);
    assert_eq!((class.gpus_active, class.devices), (8, 1));
    // 200 IO each, half of which opens the stake.
    let half = 8 * 10_000_000_000;
    let below = world.stake_ix(&one, half - 1).instruction();
    world.refuses(StakingError::BelowMinimum, below, &[&one.owner]);
    world.stake(&one, 2 * half);
    let over = world.overflow_ix(&one, 1).instruction();
    world.refuses(StakingError::NotOverflow, over, &[&one.owner]);
    world.open_rewards(&one);
    world.edit::<Device>(&one.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    world.mark_passed(&one);
    let anyone = world.wallet();
    let check_in = world.check_in_ix(&one).instruction();
    let nothing = iog_client::emission::EmissionError::ClassEarnsNothing;
    world.refuses(nothing, check_in, &[&anyone]);
}
