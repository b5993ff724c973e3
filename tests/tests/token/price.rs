//! Which prices IO is burned at: every refusal at its boundary, and what needs no price at all.

use iog_client::pda;
use iog_client::token::accounts::PriceSource;
use iog_client::token::TokenError;
use iog_localnet::pyth::{PriceAccount, Verification};
use iog_tests::world::{PubkeyOf, RIGHT_IOSD};
use iog_tests::{cases, refusal, Case, Outcome, World};

use crate::setup::{burn, burn_iosd, holder, refund_iosd, refused, release, seen, DAY, IO, IOSD};

/// 0.25 USD.
const PRICE: i64 = 25_000_000;
/// A million dollars: what was seen bounds nothing.
const HIGH: u64 = 1_000_000_000_000_000_000;

/// A burn of 100 IO at a price that was fresh and certain before it was spoilt.
fn at(world: &mut World, spoil: impl FnOnce(&mut PriceAccount)) -> Outcome {
    seen(world, HIGH);
    let mut price = world.fresh_price(PRICE);
    spoil(&mut price);
    world.set_price(&price);
    burn_at(world)
}

fn burn_at(world: &mut World) -> Outcome {
    let owner = holder(world, 100 * IO);
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 100 * IO, 0);
    world.send(&[burn.instruction()], &[&owner])
}

/// As [`at`], with the account's bytes spoilt.
fn with_bytes(world: &mut World, spoil: impl FnOnce(&mut Vec<u8>)) -> Outcome {
    world.post_price(PRICE);
    let address = world.price;
    let mut account = world.account(&address);
    spoil(&mut account.data);
    world.set_account(&address, account);
    burn_at(world)
}

fn accounts() -> Vec<Case> {
    use TokenError as E;
    vec![
        refusal("another owner's account", E::PriceNotPyth, |world| {
            world.post_price(PRICE);
            let real = world.price;
            world.price = world.counterfeit(&real);
            burn_at(world)
        }),
        refusal("no account", E::PriceNotPyth, |world| {
            world.price = world.address();
            burn_at(world)
        }),
        refusal("a wallet", E::PriceNotPyth, |world| {
            world.price = world.wallet().pubkey_of();
            burn_at(world)
        }),
        refusal("another kind of account", E::PriceNotPyth, |world| {
            with_bytes(world, |bytes| bytes[0] ^= 1)
        }),
        refusal("an account of zeros", E::PriceNotPyth, |world| {
            with_bytes(world, |bytes| bytes.fill(0))
        }),
        refusal("an empty account", E::PriceNotPyth, |world| {
            with_bytes(world, Vec::clear)
        }),
        // The average's confidence ends at byte 125.
        refusal("cut off by a byte", E::PriceNotPyth, |world| {
            with_bytes(world, |bytes| bytes.truncate(124))
        }),
        refusal("cut off after the feed", E::PriceNotPyth, |world| {
            with_bytes(world, |bytes| bytes.truncate(73))
        }),
        refusal("cut off within the feed", E::PriceWrongFeed, |world| {
            with_bytes(world, |bytes| bytes.truncate(72))
        }),
        refusal("cut off before the level", E::PriceNotVerified, |world| {
            with_bytes(world, |bytes| bytes.truncate(40))
        }),
        refusal("not the pinned account", E::PriceWrongAccount, |world| {
            let pinned = world.price;
            world.edit::<PriceSource>(&pda::token::price_source(), |source| {
                source.account = pinned;
            });
            world.post_price(PRICE);
            let copy = world.address();
            world.copy_account(&pinned, &copy);
            world.price = copy;
            burn_at(world)
        }),
        refusal("another feed", E::PriceWrongFeed, |world| {
            at(world, |price| price.feed_id[31] ^= 1)
        }),
        refusal("some of the signatures", E::PriceNotVerified, |world| {
            at(world, |price| {
                price.verification = Verification::Partial { num_signatures: 12 };
            })
        }),
        refusal(
            "a level that does not exist",
            E::PriceNotVerified,
            |world| with_bytes(world, |bytes| bytes[40] = 2),
        ),
    ]
}

fn numbers() -> Vec<Case> {
    use TokenError as E;
    vec![
        refusal("21 seconds old", E::PriceStale, |world| {
            at(world, |price| price.publish_time -= 21)
        }),
        refusal("from before time", E::PriceStale, |world| {
            at(world, |price| price.publish_time = i64::MIN)
        }),
        refusal("11 seconds before the newest", E::PriceOlder, |world| {
            at(world, |_| ()).expect("the newest");
            let mut older = world.fresh_price(PRICE);
            older.publish_time -= 11;
            world.set_price(&older);
            burn_at(world)
        }),
        refusal("6 seconds ahead", E::PriceFromTheFuture, |world| {
            at(world, |price| price.publish_time += 6)
        }),
        refusal("at the end of time", E::PriceFromTheFuture, |world| {
            at(world, |price| price.publish_time = i64::MAX)
        }),
        refusal("a spot of zero", E::PriceNotPositive, |world| {
            at(world, |price| price.price = 0)
        }),
        refusal("a negative spot", E::PriceNotPositive, |world| {
            at(world, |price| price.price = -PRICE)
        }),
        refusal("an average of zero", E::PriceNotPositive, |world| {
            at(world, |price| price.ema_price = 0)
        }),
        refusal("a negative average", E::PriceNotPositive, |world| {
            at(world, |price| price.ema_price = i64::MIN)
        }),
        refusal("a unit above 2 % of the spot", E::PriceUncertain, |world| {
            at(world, |price| price.conf = 500_001)
        }),
        refusal(
            "a unit above 2 % of the average",
            E::PriceUncertain,
            |world| at(world, |price| price.ema_conf = 500_001),
        ),
        refusal("no idea of the spot", E::PriceUncertain, |world| {
            at(world, |price| price.conf = u64::MAX)
        }),
        refusal("no idea of the average", E::PriceUncertain, |world| {
            at(world, |price| price.ema_conf = u64::MAX)
        }),
        refusal(
            "a unit above 120 % of the average",
            E::PriceDeviates,
            |world| at(world, |price| price.price = 30_000_001),
        ),
        refusal(
            "a unit below 80 % of the average",
            E::PriceDeviates,
            |world| at(world, |price| price.price = 19_999_999),
        ),
        refusal("13 decimals", E::PriceExponent, |world| {
            at(world, |price| price.exponent = -13)
        }),
        refusal("3 decimals", E::PriceExponent, |world| {
            at(world, |price| price.exponent = -3)
        }),
        refusal("a positive exponent", E::PriceExponent, |world| {
            at(world, |price| price.exponent = i32::MAX)
        }),
        refusal("the lowest exponent", E::PriceExponent, |world| {
            at(world, |price| price.exponent = i32::MIN)
        }),
        // 9.2 * 10^14 USD for one IO: more IOSD than 64 bits count
        refusal("more than can be counted", E::MathOverflow, |world| {
            at(world, |price| {
                (price.price, price.ema_price) = (i64::MAX, i64::MAX);
                price.exponent = -4;
            })
        }),
    ]
}

#[test]
fn each_refusal_of_a_price_has_its_code() {
    let cases: Vec<Case> = accounts().into_iter().chain(numbers()).collect();
    cases::cover_from(6_950, TokenError::from_code, &cases, &[]);
    cases::run(&World::ready(), &cases);
}

#[test]
fn the_last_price_within_each_bound_is_taken() {
    type Spoil = fn(&mut PriceAccount);
    // IOSD for 100 IO at the lower price less twice the wider confidence.
    let taken: [(&str, u64, Spoil); 11] = [
        ("as it is", 25_000_000, |_| ()),
        ("20 seconds old", 25_000_000, |price| {
            price.publish_time -= 20
        }),
        ("5 seconds ahead", 25_000_000, |price| {
            price.publish_time += 5
        }),
        ("2 % of the spot", 24_000_000, |price| price.conf = 500_000),
        ("2 % of the average", 24_000_000, |price| {
            price.ema_conf = 500_000
        }),
        ("20 % above the average", 25_000_000, |price| {
            price.price = 30_000_000
        }),
        ("20 % below the average", 20_000_000, |price| {
            price.price = 20_000_000
        }),
        ("a lower average", 24_000_000, |price| {
            price.ema_price = 24_000_000
        }),
        // the wider interval, of the higher price
        ("both at once", 20_000_000 - 1_000_000, |price| {
            price.price = 20_000_000;
            price.ema_conf = 500_000;
        }),
        ("12 decimals", 25_000_000, |price| {
            (price.price, price.ema_price) = (250_000_000_000, 250_000_000_000);
            price.exponent = -12;
        }),
        ("4 decimals", 25_000_000, |price| {
            (price.price, price.ema_price) = (2_500, 2_500);
            price.exponent = -4;
        }),
    ];
    let ready = World::ready();
    for (what, iosd, spoil) in taken {
        let mut world = ready.clone();
        at(&mut world, spoil).unwrap_or_else(|failure| panic!("{what}: {failure:?}"));
        assert_eq!(world.token_config().iosd_minted_units, iosd, "{what}");
    }
}

#[test]
fn a_refused_price_changes_nothing() {
    let mut world = World::ready();
    let owner = holder(&mut world, 100 * IO);
    let burn = world.burn_for_iosd_ix(&owner.pubkey_of(), 100 * IO, 0);
    world.advance(21);
    let burn = burn.instruction();
    refused(&mut world, TokenError::PriceStale, burn, &[&owner]);
}

#[test]
fn no_price_stops_an_exit() {
    let mut world = World::ready();
    let (key, _) = world.plain_minter(RIGHT_IOSD, 0);
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100 * IO);
    // Ten days old, of nobody's, gone: none of these takes a price account at all.
    world.advance(10 * DAY);
    let price = world.price;
    world.set_account(&price, Default::default());
    assert!(world.find(&price).is_none());
    let bank = world.bank.insecure_clone();
    world.must(burn(&world, IO).instruction(), &[&bank]);
    world.govern(release(&world).instruction());
    let wallet = owner.pubkey_of();
    let spend = burn_iosd(&key, &wallet, 5 * IOSD).instruction();
    world.must(spend, &[&key, &owner]);
    world.must(refund_iosd(&key, &wallet, 5 * IOSD).instruction(), &[&key]);
    // What needs one is refused, and says why.
    let burn = world.burn_for_iosd_ix(&wallet, IO, 0).instruction();
    refused(&mut world, TokenError::PriceNotPyth, burn, &[&owner]);
}
