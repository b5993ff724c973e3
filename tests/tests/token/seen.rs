//! IOSD is made at no more than the program has seen to be the price. redteam M7a, audit: money L1

use iog_client::pda;
use iog_client::token::accounts::NetEmission;
use iog_client::token::events::PriceObserved;
use iog_client::token::instructions::ObservePrice;
use iog_client::token::{Event, TokenError as E};
use iog_localnet::pyth::PriceAccount;
use iog_tests::world::PubkeyOf;
use iog_tests::{Meta, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::setup::{holder, only_event, refused, HOUR, IO};

/// A network whose program has seen nothing yet, and a holder of IO.
fn stage() -> (World, Keypair) {
    let mut world = World::ready();
    world.edit::<NetEmission>(&pda::token::net_emission(), |books| {
        for sight in &mut books.sights {
            (sight.first_ts, sight.lowest_usd12) = (0, 0);
        }
    });
    let owner = holder(&mut world, 1_000_000 * IO);
    (world, owner)
}

fn post(world: &mut World, usd8: i64, age: i64) {
    let mut price = world.fresh_price(usd8);
    price.publish_time -= age;
    put(world, &price);
}

/// Only the oracle's account changes: what the program has seen is what these tests are about.
fn put(world: &mut World, price: &PriceAccount) {
    let address = world.price;
    world.set_account(&address, price.to_account());
}

fn observe_ix(world: &World) -> Instruction {
    ObservePrice { price: world.price }.instruction()
}

/// Anyone shows the program a price of now.
fn observe(world: &mut World, usd8: i64) -> Meta {
    post(world, usd8, 0);
    let anyone = world.wallet();
    world.must(observe_ix(world), &[&anyone])
}

fn burn_ix(world: &World, owner: &Keypair) -> Instruction {
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 100 * IO, 0);
    burn.instruction()
}

/// What 100 IO make at a price of now.
fn makes(world: &mut World, owner: &Keypair, usd8: i64) -> u64 {
    post(world, usd8, 0);
    let burn = burn_ix(world, owner);
    let before = world.token_config().iosd_minted_units;
    world.must(burn, &[owner]);
    world.token_config().iosd_minted_units - before
}

#[test]
fn the_first_price_is_only_recorded_and_iosd_made_an_hour_later() {
    let (mut world, owner) = stage();
    post(&mut world, 25_000_000, 0);
    let burn = burn_ix(&world, &owner);
    refused(&mut world, E::PriceNotSeen, burn.clone(), &[&owner]);
    let meta = observe(&mut world, 25_000_000);
    let seen = PriceObserved {
        average: 250_000_000_000,
        lowest: 250_000_000_000,
    };
    assert_eq!(only_event(&meta), Event::PriceObserved(seen));
    world.advance(HOUR - 1);
    post(&mut world, 25_000_000, 0);
    refused(&mut world, E::PriceNotSeen, burn, &[&owner]);
    world.advance(1);
    assert_eq!(makes(&mut world, &owner, 25_000_000), 25_000_000);
}

/// redteam M7a: one lying price for a minute took nine tenths of the line. At 1,000 USD for an hour or a day it makes a fifth more than before.
#[test]
fn a_lie_makes_a_fifth_more_at_most() {
    let (mut world, owner) = stage();
    observe(&mut world, 25_000_000);
    world.advance(HOUR);
    // Spot and average of the liar, 4,000 times too high.
    let lie = 100_000_000_000;
    assert_eq!(makes(&mut world, &owner, lie), 30_000_000);
    for hour in 2..=24 {
        world.advance(HOUR);
        assert_eq!(makes(&mut world, &owner, lie), 30_000_000, "hour {hour}");
    }
    // Then the last true price is a day old: a day is the time to pause it, bit 4.
    world.advance(1);
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), IO / 100, 0);
    post(&mut world, lie, 0);
    world.must(burn.instruction(), &[&owner]);
    assert_eq!(world.token_config().iosd_minted_units, 730_000_000);
}

/// A fall is followed at once, and the lowest of the day binds until it is a day old.
#[test]
fn the_lowest_of_a_day_binds() {
    let (mut world, owner) = stage();
    observe(&mut world, 25_000_000);
    world.advance(HOUR);
    observe(&mut world, 10_000_000);
    let meta = observe(&mut world, 25_000_000);
    let seen = PriceObserved {
        average: 250_000_000_000,
        lowest: 100_000_000_000,
    };
    assert_eq!(only_event(&meta), Event::PriceObserved(seen));
    assert_eq!(makes(&mut world, &owner, 25_000_000), 12_000_000);
    assert_eq!(makes(&mut world, &owner, 11_000_000), 11_000_000);
    world.advance(23 * HOUR);
    observe(&mut world, 25_000_000);
    world.advance(HOUR);
    assert_eq!(makes(&mut world, &owner, 25_000_000), 12_000_000);
    world.advance(1);
    assert_eq!(makes(&mut world, &owner, 25_000_000), 25_000_000);
}

/// The average counts, not the spot; an observation may be a minute old, IOSD is made at 20 seconds.
#[test]
fn the_average_is_seen_at_a_minute_at_most() {
    let (mut world, owner) = stage();
    let mut price = world.fresh_price(25_000_000);
    (price.ema_price, price.publish_time) = (24_000_000, price.publish_time - 60);
    put(&mut world, &price);
    let anyone = world.wallet();
    let observe = observe_ix(&world);
    let meta = world.must(observe.clone(), &[&anyone]);
    let seen = PriceObserved {
        average: 240_000_000_000,
        lowest: 240_000_000_000,
    };
    assert_eq!(only_event(&meta), Event::PriceObserved(seen));
    world.advance(1);
    refused(&mut world, E::PriceStale, observe, &[&anyone]);
    world.advance(HOUR);
    post(&mut world, 25_000_000, 21);
    let burn = burn_ix(&world, &owner);
    refused(&mut world, E::PriceStale, burn.clone(), &[&owner]);
    post(&mut world, 25_000_000, 20);
    world.must(burn, &[&owner]);
}

/// audit: money L1, redteam P7: who burns cannot choose the best price of a minute once a newer was used; 10 seconds back are allowed, so that
/// nobody shuts others out by using each newest.
#[test]
fn a_price_older_than_the_newest_used_makes_nothing() {
    let (mut world, owner) = stage();
    observe(&mut world, 25_000_000);
    world.advance(HOUR);
    assert_eq!(makes(&mut world, &owner, 23_750_000), 23_750_000);
    let burn = burn_ix(&world, &owner);
    post(&mut world, 25_000_000, 11);
    refused(&mut world, E::PriceOlder, burn.clone(), &[&owner]);
    post(&mut world, 25_000_000, 10);
    world.must(burn, &[&owner]);
    let books = world.read::<NetEmission>(&pda::token::net_emission());
    assert_eq!(books.newest_price_ts, world.now());
}
