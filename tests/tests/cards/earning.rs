//! What eight cards behind one key stake and earn.

use iog_client::emission::accounts::{Config, DeviceRewards};
use iog_client::emission::EmissionError;
use iog_client::pda;
use iog_client::registry::accounts::{Attestation, Device, HardwareClass};
use iog_client::registry::RegistryError;
use iog_tests::world::{expect_code, try_commit, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};

const IO: u64 = 100_000_000;
/// 95 % of the first hour's 4,566.21004566 IO.
const ENTERPRISE: u64 = 433_789_954_337;
/// Tier 1: 50 + 200 * 100 for each card.
const SCORE_OF_8: u64 = 160_050;
const SCORE_OF_1: u64 = 20_050;

/// A registered device of so many cards that is old enough to earn, with this stake.
fn aged(world: &mut World, cards: u32, stake: u64) -> Supplier {
    let supplier = world.registered(CLASS_TEST, cards);
    world.stake(&supplier, stake);
    world.open_rewards(&supplier);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    supplier
}

fn rewards(world: &World, supplier: &Supplier) -> DeviceRewards {
    world.read::<DeviceRewards>(&supplier.rewards)
}

fn check_in(world: &mut World, supplier: &Supplier) {
    let check_in = world.check_in_ix(supplier).instruction();
    world.govern(check_in);
}

/// audit: proof H-1: one key of 4,096 GPUs proved one of them. Now its cards are frozen at the commit, all of them walk in it, and so many
/// count: eight cards get eight times the compute score of one, from one commit and one set of openings.
#[test]
fn eight_cards_that_walked_together_score_as_eight() {
    let mut world = World::ready();
    world.edit::<Config>(&pda::emission::config(), |books| {
        books.max_per_score_units.value = u64::MAX;
    });
    let eight = aged(&mut world, 8, 1_600 * IO);
    let one = aged(&mut world, 1, 200 * IO);
    for (supplier, cards) in [(&eight, 8), (&one, 1)] {
        let mut prover = world.commit(supplier);
        let attestation = world.read::<Attestation>(&supplier.attestation);
        assert_eq!(attestation.cards, cards);
        world.challenge(supplier);
        for n in 0..8 {
            world.reveal(supplier, &mut prover, n);
        }
        world.finalize(supplier);
        let device = world.read::<Device>(&supplier.device);
        assert_eq!((device.proofs_passed, device.last_pass_epoch), (1, 1));
        check_in(&mut world, supplier);
    }
    world.next_hour();
    world.close_hours(1);
    let total = SCORE_OF_8 + SCORE_OF_1;
    let per_score = (u128::from(ENTERPRISE) << 64) / u128::from(total);
    for (supplier, score) in [(&eight, SCORE_OF_8), (&one, SCORE_OF_1)] {
        assert_eq!(rewards(&world, supplier).pending[0].score, score);
        let settle = world.settle_rewards_ix(supplier, 0).instruction();
        world.govern(settle);
        let share = u64::try_from((u128::from(score) * per_score) >> 64).unwrap();
        assert_eq!(rewards(&world, supplier).owner_booked_units, share);
    }
    assert_eq!(rewards(&world, &eight).owner_booked_units, 385_497_402_507);
}

/// The stake follows the cards: a unit less than 200 IO for each of the eight earns nothing.
#[test]
fn each_card_is_staked_for() {
    let mut world = World::ready();
    let eight = aged(&mut world, 8, 1_600 * IO - 1);
    world.mark_passed(&eight);
    let anyone = world.wallet();
    let check_in = world.check_in_ix(&eight).instruction();
    world.refuses(EmissionError::NotStaked, check_in.clone(), &[&anyone]);
    let more = world.increase_ix(&eight, 1).instruction();
    world.must(more, &[&eight.owner]);
    world.must(check_in, &[&anyone]);
}

/// Terms that allow fewer cards than a device has end its proofs, and so its pay, until it is registered anew.
#[test]
fn more_cards_than_the_terms_allow_earn_nothing() {
    let mut world = World::ready();
    let eight = aged(&mut world, 8, 1_600 * IO);
    world.edit::<HardwareClass>(&eight.class, |class| class.max_cards = 4);
    world.open_window();
    let outcome = try_commit(&mut world, &eight, [1; 16]);
    expect_code(outcome, RegistryError::InvalidQuantity);
    let anyone = world.wallet();
    let check_in = world.check_in_ix(&eight).instruction();
    world.refuses(EmissionError::NoProofOfWork, check_in, &[&anyone]);
}
