//! Prices of IO that no order is made at.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_client::token::accounts::PriceSource;
use iog_localnet::pyth::{PriceAccount, Verification};
use iog_tests::world::{order_args, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, World};

use super::create;

/// Creates an order at a price that is wrong in one way.
fn priced(world: &mut World, change: impl FnOnce(&mut PriceAccount)) -> Outcome {
    let mut price = PriceAccount::io_usd(25_000_000, 25_000, world.now(), world.slot());
    change(&mut price);
    world.set_price(&price);
    create(world, |_| {})
}

pub fn cases() -> Vec<Case> {
    vec![
        refusal("a price of nobody's", E::PriceNotPyth, |world| {
            let (forged, renter) = (world.price, world.renter());
            let mut create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            create.price = world.counterfeit(&forged);
            world.send(&[create.instruction()], &[&renter.wallet])
        }),
        refusal("no price account", E::PriceNotPyth, |world| {
            let renter = world.renter();
            let mut create = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            create.price = world.address();
            world.send(&[create.instruction()], &[&renter.wallet])
        }),
        refusal("another account of Pyth's", E::PriceNotPyth, |world| {
            let address = world.price;
            let mut account = world.account(&address);
            account.data[0] ^= 1;
            world.set_account(&address, account);
            create(world, |_| {})
        }),
        refusal("a truncated price", E::PriceNotPyth, |world| {
            let address = world.price;
            let mut account = world.account(&address);
            account.data.truncate(120);
            world.set_account(&address, account);
            create(world, |_| {})
        }),
        refusal("another feed", E::PriceWrongFeed, |w| {
            priced(w, |p| p.feed_id[0] ^= 1)
        }),
        refusal(
            "another account than the set one",
            E::PriceWrongAccount,
            |world| {
                let other = world.address();
                world.edit::<PriceSource>(&pda::token::price_source(), |source| {
                    source.account = other;
                });
                create(world, |_| {})
            },
        ),
        refusal(
            "a fifth and a bit above its average",
            E::PriceDeviates,
            |w| priced(w, |p| (p.price, p.ema_price) = (30_000_001, 25_000_000)),
        ),
        refusal(
            "a fifth and a bit below its average",
            E::PriceDeviates,
            |w| priced(w, |p| (p.price, p.ema_price) = (19_999_999, 25_000_000)),
        ),
        refusal("too few guardians", E::PriceNotVerified, |world| {
            priced(world, |p| {
                p.verification = Verification::Partial { num_signatures: 12 }
            })
        }),
        refusal("61 seconds old", E::PriceStale, |w| {
            priced(w, |p| p.publish_time -= 61)
        }),
        refusal("6 seconds ahead", E::PriceFromTheFuture, |w| {
            priced(w, |p| p.publish_time += 6)
        }),
        refusal("a price of zero", E::PriceNotPositive, |w| {
            priced(w, |p| p.price = 0)
        }),
        refusal("a negative price", E::PriceNotPositive, |w| {
            priced(w, |p| p.price = -1)
        }),
        refusal("a negative average", E::PriceNotPositive, |w| {
            priced(w, |p| p.ema_price = -1)
        }),
        refusal("above 2 % of doubt", E::PriceUncertain, |w| {
            priced(w, |p| p.conf = 500_001)
        }),
        refusal("doubt above the price", E::PriceUncertain, |w| {
            priced(w, |p| p.conf = u64::MAX)
        }),
        refusal("a doubtful average", E::PriceUncertain, |w| {
            priced(w, |p| p.ema_conf = 500_001)
        }),
        refusal("13 decimals", E::PriceExponent, |w| {
            priced(w, |p| p.exponent = -13)
        }),
        refusal("whole dollars", E::PriceExponent, |w| {
            priced(w, |p| p.exponent = 0)
        }),
        refusal("an exponent that wraps", E::PriceExponent, |w| {
            priced(w, |p| p.exponent = i32::MIN)
        }),
    ]
}

/// What lies on the bounds.
pub fn bounds() -> Vec<fn(&mut World) -> Outcome> {
    vec![
        |w| priced(w, |p| p.publish_time -= 60),
        |w| priced(w, |p| p.publish_time += 5),
        |w| priced(w, |p| (p.price, p.ema_price) = (30_000_000, 25_000_000)),
        |w| priced(w, |p| (p.price, p.ema_price) = (20_000_000, 25_000_000)),
        |w| priced(w, |p| (p.conf, p.ema_conf) = (500_000, 500_000)),
        |w| {
            priced(w, |p| {
                (p.price, p.ema_price, p.exponent, p.conf, p.ema_conf) = (2_500, 2_500, -4, 2, 2)
            })
        },
    ]
}
