//! What the market refuses: each of its errors, and every wrong account.

use super::leases;
use iog_client::market::instructions::{AddEscrow, Initialize};
use iog_client::market::{ConfigArgs, MarketError as E, OrderArgs};
use iog_client::token::accounts::PriceSource;
use iog_client::{market, pda};
use iog_localnet::pyth::{PriceAccount, Verification};
use iog_tests::world::{class_args, order_args, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{cases, refusal, Case, Outcome, Supplier, World};
use solana_instruction::Instruction;

pub fn stage(world: &mut World) -> (Supplier, Renter) {
    (world.supplier(CLASS_TEST), world.renter())
}

pub fn send(world: &mut World, instruction: Instruction) -> Outcome {
    let keeper = world.authority.insecure_clone();
    world.send(&[instruction], &[&keeper])
}

pub fn create(world: &mut World, change: impl FnOnce(&mut OrderArgs)) -> Outcome {
    let renter = world.renter();
    let mut args = order_args(1, 1, 1);
    change(&mut args);
    let create = world.create_order_ix(&renter, CLASS_TEST, args);
    world.send(&[create.instruction()], &[&renter.wallet])
}

/// Creates an order at a price that is wrong in one way.
fn priced(world: &mut World, change: impl FnOnce(&mut PriceAccount)) -> Outcome {
    let mut price = PriceAccount::io_usd(25_000_000, 25_000, world.now(), world.slot());
    change(&mut price);
    world.set_price(&price);
    create(world, |_| {})
}

/// Matches a device to an order after a change to the supplier's side.
pub fn matching(
    world: &mut World,
    change: impl FnOnce(&mut World, &Supplier),
    terms: impl FnOnce(&mut OrderArgs),
) -> Outcome {
    let (supplier, renter) = stage(world);
    change(world, &supplier);
    let mut args = order_args(1, 1, 1);
    terms(&mut args);
    let order = world.book(&renter, CLASS_TEST, args);
    let matching = world.match_ix(&order, &supplier).instruction();
    send(world, matching)
}

fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&market::ID),
        args: ConfigArgs {
            reservation_fee_bps: 500,
            supplier_fee_bps: 500,
            network_fee_bps: 500,
        },
    }
}

fn initial_errors() -> Vec<Case> {
    vec![
        refusal("a stranger initialises", E::NotUpgradeAuthority, |world| {
            let stranger = world.wallet();
            let mut first = initialize(world);
            first.authority = stranger.pubkey_of();
            world.send(&[first.instruction()], &[&stranger])
        }),
        refusal("a reservation fee above 5 %", E::OutOfBounds, |world| {
            let mut first = initialize(world);
            first.args.reservation_fee_bps = 501;
            send(world, first.instruction())
        }),
        refusal("a supplier's fee above 5 %", E::OutOfBounds, |world| {
            let mut first = initialize(world);
            first.args.supplier_fee_bps = 501;
            send(world, first.instruction())
        }),
        refusal("a network fee above 5 %", E::OutOfBounds, |world| {
            let mut first = initialize(world);
            first.args.network_fee_bps = u16::MAX;
            send(world, first.instruction())
        }),
    ]
}

fn order_errors() -> Vec<Case> {
    vec![
        refusal("a stranger adds a currency", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let mint = world.mint(&stranger, 6);
            let add = AddEscrow {
                authority: stranger.pubkey_of(),
                mint,
                escrow: pda::market::escrow(&mint),
                vault: pda::market::vault(&mint),
            };
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a class without price", E::ClassNotOffered, |world| {
            let mut class = class_args(CLASS_TEST);
            class.base_price_usd6 = 0;
            world.update_class(class);
            create(world, |_| {})
        }),
        refusal("a disabled class", E::ClassNotOffered, |world| {
            let mut class = class_args(CLASS_TEST);
            class.enabled = false;
            world.update_class(class);
            create(world, |_| {})
        }),
        refusal("no GPU", E::InvalidGpus, |world| {
            create(world, |a| a.gpus = 0)
        }),
        refusal("4,097 GPUs", E::InvalidGpus, |world| {
            create(world, |a| a.gpus = 4_097)
        }),
        refusal("no hour", E::InvalidHours, |world| {
            create(world, |a| a.hours = 0)
        }),
        refusal("87,601 hours", E::InvalidHours, |world| {
            create(world, |a| a.hours = 87_601)
        }),
        refusal("tier 5", E::InvalidTier, |world| {
            create(world, |a| a.min_tier = 5)
        }),
        refusal("one unit above the limit", E::TotalAboveLimit, |world| {
            create(world, |a| a.max_total = 401_803_609 - 1)
        }),
        refusal("a total beyond 64 bits", E::MathOverflow, |world| {
            let mut class = class_args(CLASS_TEST);
            class.base_price_usd6 = 1_000_000_000;
            world.update_class(class);
            create(world, |a| (a.gpus, a.hours) = (4_096, 87_600))
        }),
        refusal("a price beyond 64 bits", E::MathOverflow, |world| {
            let mut class = class_args(CLASS_TEST);
            class.base_price_usd6 = u64::MAX;
            world.update_class(class);
            create(world, |_| {})
        }),
        refusal("a mint that is not IO", E::WrongMint, |world| {
            let renter = world.renter();
            let mut wrong = world.create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1));
            wrong.mint = world.mint(&renter.wallet, 8);
            world.send(&[wrong.instruction()], &[&renter.wallet])
        }),
    ]
}

fn price_errors() -> Vec<Case> {
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

#[test]
fn every_error_has_its_refusal() {
    let world = World::ready();
    let mut all = order_errors();
    all.extend(price_errors());
    all.extend(leases::match_errors());
    all.extend(leases::pair_errors());
    all.extend(leases::closing_errors());
    cases::run(&world, &all);
    let mut bare = World::new();
    bare.init_token();
    let first = initial_errors();
    cases::run(&bare, &first);
    all.extend(first);
    cases::cover(E::from_code, &all, &[]);
    cases::cover_from(6_950, E::from_code, &all, &[]);
}

/// At the bounds themselves nothing is refused.
#[test]
fn the_bounds_are_inclusive() {
    let mut bare = World::new();
    bare.init_token();
    let five_percent = initialize(&bare).instruction();
    bare.govern(five_percent);

    let world = World::ready();
    let good: [fn(&mut World) -> Outcome; 9] = [
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
        |w| create(w, |a| a.max_total = 401_803_609),
        |w| create(w, |a| a.min_tier = 4),
        |w| matching(w, |_, _| {}, |a| (a.min_tier, a.countries[7]) = (2, *b"DE")),
    ];
    for (n, good) in good.iter().enumerate() {
        let outcome = good(&mut world.clone());
        assert!(outcome.is_ok(), "{n}: {outcome:?}");
    }
}
