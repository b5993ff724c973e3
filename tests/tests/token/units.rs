//! Compute units of what users and settlements call most.

use iog_tests::world::PubkeyOf;
use iog_tests::World;

use crate::setup::{
    burn_iosd, holder, mint_emission, mint_net_emission, refund_iosd, settle_iosd, DAY, IO, IOSD,
    LEAST_CAP,
};

/// Each on its own, at its most usual: the accounts exist, the price is fresh, a month's burns stream.
#[test]
fn they_stay_within_their_budgets() {
    let mut world = World::ready();
    let (key, _) = world.plain_minter(7, LEAST_CAP);
    let owner = holder(&mut world, 100_000 * IO);
    let wallet = owner.pubkey_of();
    for _ in 0..31 {
        world.post_price(25_000_000);
        let burn = world.burn_for_iosd_ix(&wallet, 1_000 * IO, 249 * IOSD);
        world.must(burn.instruction(), &[&owner]);
        world.advance(DAY);
    }
    let mint = mint_net_emission(&world, &key, IO).instruction();
    world.must(mint, &[&key]);
    world.post_price(25_000_000);
    let burn = world.burn_for_iosd_ix(&wallet, IO, 1).instruction();
    let spend = burn_iosd(&key, &wallet, 2 * IOSD).instruction();
    let refund = refund_iosd(&key, &wallet, IOSD).instruction();
    let settle = settle_iosd(&key, IOSD).instruction();
    let emission = mint_emission(&world, &key, IO).instruction();
    for (name, most, instruction, signers) in [
        ("burn_io_for_iosd", 25_000, burn, vec![&owner]),
        ("burn_iosd", 12_000, spend, vec![&key, &owner]),
        ("refund_iosd", 12_000, refund, vec![&key]),
        ("settle_iosd", 5_000, settle, vec![&key]),
        ("mint_emission", 8_000, emission, vec![&key]),
    ] {
        let units = world.must(instruction, &signers).units;
        println!("{name}: {units}");
        assert!(units <= most, "{name} takes {units} compute units");
    }
    // After a month in which nobody called, 31 days end at once.
    world.advance(40 * DAY);
    let late = mint_net_emission(&world, &key, IO).instruction();
    let units = world.must(late, &[&key]).units;
    println!("mint_net_emission: {units}");
    assert!(units <= 20_000, "{units}");
    world.advance(40 * DAY);
    world.post_price(25_000_000);
    let late = world.burn_for_iosd_ix(&wallet, IO, 1).instruction();
    let units = world.must(late, &[&owner]).units;
    println!("burn_io_for_iosd after a month: {units}");
    assert!(units <= 25_000, "{units}");
}
