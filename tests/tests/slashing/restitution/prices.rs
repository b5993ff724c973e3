//! A proposal reads the price, like all that values IO: each refusal of a price has its case.

use iog_client::staking::StakingError as E;
use iog_localnet::pyth::{PriceAccount, Verification};
use iog_tests::world::{source_args, PubkeyOf};
use iog_tests::{cases, refusal, Case, Outcome, World};
use solana_pubkey::Pubkey;

use super::stage::Stage;
use crate::stage::IO;

/// Proposes at a price of which something was changed.
fn at(world: &mut World, change: fn(&mut PriceAccount)) -> Outcome {
    let mut stage = staged(world);
    let (now, slot) = (stage.plain.world.now(), stage.plain.world.slot());
    let mut price = PriceAccount::io_usd(25_000_000, 25_000, now, slot);
    change(&mut price);
    stage.world().set_price(&price);
    stage.try_propose_now(IO)
}

/// The table's world is not needed: a lost dispute takes one of its own.
fn staged(world: &mut World) -> Stage {
    let stage = Stage::new();
    *world = stage.plain.world.clone();
    stage
}

/// With an account in the price's place.
fn with(world: &mut World, price: fn(&mut World) -> Pubkey) -> Outcome {
    let mut stage = staged(world);
    stage.world().post_price(25_000_000);
    let mut propose = stage.propose_ix(IO);
    propose.price = price(stage.world());
    let slasher = stage.plain.court.slasher.insecure_clone();
    stage.world().send(&[propose.instruction()], &[&slasher])
}

fn errors() -> Vec<Case> {
    vec![
        refusal("a wallet for a price", E::PriceNotPyth, |world| {
            with(world, |world| world.authority.pubkey_of())
        }),
        refusal("another account than set", E::PriceWrongAccount, |world| {
            let mut stage = staged(world);
            stage.world().post_price(25_000_000);
            let other = stage.world().address();
            pin(stage.world(), other);
            stage.try_propose_now(IO)
        }),
        refusal("another feed", E::PriceWrongFeed, |world| {
            at(world, |price| price.feed_id[0] ^= 1)
        }),
        refusal("a partial update", E::PriceNotVerified, |world| {
            at(world, |price| {
                price.verification = Verification::Partial { num_signatures: 5 };
            })
        }),
        refusal("61 seconds old", E::PriceStale, |world| {
            at(world, |price| price.publish_time -= 61)
        }),
        refusal("6 seconds ahead", E::PriceFromTheFuture, |world| {
            at(world, |price| price.publish_time += 6)
        }),
        refusal("for nothing", E::PriceNotPositive, |world| {
            at(world, |price| price.price = 0)
        }),
        refusal("uncertain by more than 2 %", E::PriceUncertain, |world| {
            at(world, |price| price.conf = 500_001)
        }),
        refusal(
            "a fifth and more off its average",
            E::PriceDeviates,
            |world| at(world, |price| price.price = 30_000_001),
        ),
        refusal("with three decimals", E::PriceExponent, |world| {
            at(world, |price| price.exponent = -3)
        }),
    ]
}

/// The source names one account.
fn pin(world: &mut World, account: Pubkey) {
    let address = iog_client::pda::token::price_source();
    world.edit::<iog_client::token::accounts::PriceSource>(&address, |source| {
        source.account = account;
    });
}

#[test]
fn each_refusal_of_a_price_has_its_case() {
    let all = errors();
    cases::run(&World::new(), &all);
    let newest = "a claim remembers no newest price: who proposes is not paid by the moment, and what the lease was paid bounds it";
    cases::cover_from(6_950, E::from_code, &all, &[(E::PriceOlder, newest)]);
    assert_eq!(source_args().account, Pubkey::default());
}
