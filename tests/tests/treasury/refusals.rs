//! Each of the treasury's errors, and each of a price's.

use super::stage::{auctioning, stage, Stage, IO, QUARTER, USD};
use iog_client::pda;
use iog_client::token::accounts::PriceSource;
use iog_client::treasury::accounts::{Config, FeeVault};
use iog_client::treasury::instructions::{AddFeeVault, Initialize};
use iog_client::treasury::{TreasuryError as T, ID};
use iog_localnet::pyth::{PriceAccount, Verification};
use iog_tests::world::{treasury_args, PubkeyOf, TOKEN_2022, TOKEN_PROGRAM};
use iog_tests::{cases, refusal, Case, Code, Outcome, World};
use solana_instruction::error::InstructionError;

pub fn initialize(world: &World) -> Initialize {
    Initialize {
        authority: world.authority.pubkey_of(),
        program_data: pda::program_data(&ID),
        args: treasury_args(),
    }
}

/// Sells at a price that is wrong in one way.
fn priced(change: impl FnOnce(&mut PriceAccount)) -> Outcome {
    let mut stage = auctioning();
    let mut price = PriceAccount::io_usd(QUARTER, 25_000, stage.world.now(), 0);
    change(&mut price);
    stage.world.set_price(&price);
    stage.try_sell(IO, 0)
}

/// Sells at bytes that are wrong.
fn spoilt(change: impl FnOnce(&mut Vec<u8>)) -> Outcome {
    let mut stage = auctioning();
    let address = stage.world.price;
    let mut account = stage.world.account(&address);
    change(&mut account.data);
    stage.world.set_account(&address, account);
    stage.try_sell(IO, 0)
}

fn errors() -> Vec<Case> {
    vec![
        refusal("a stranger initialises", T::NotUpgradeAuthority, |world| {
            *world = World::new();
            world.init_token();
            let stranger = world.wallet();
            let mut start = initialize(world);
            start.authority = stranger.pubkey_of();
            world.send(&[start.instruction()], &[&stranger])
        }),
        refusal("a stranger adds a currency", T::NotAuthority, |world| {
            let stranger = world.wallet();
            let mint = world.mint(&stranger, 6);
            let add = AddFeeVault {
                authority: stranger.pubkey_of(),
                mint,
                fees: pda::treasury::fees(&mint),
                vault: pda::treasury::vault(&mint),
            };
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a wallet that is no market collects", T::NotMarket, |_| {
            let mut stage = stage();
            stage.collector = stage.world.wallet();
            let io = stage.world.io;
            stage.world.give_io(&stage.collector.pubkey_of(), 100);
            let collect = stage.collect_ix(&io, 100);
            stage.world.send(&[collect], &[&stage.collector])
        }),
        refusal("another currency's mint", T::WrongMint, |_| {
            let mut stage = stage();
            let io = stage.world.io;
            let collector = stage.collector.pubkey_of();
            let source = iog_tests::world::ata(&collector, &io);
            let mut collect = stage.world.collect_ix(&collector, &source, &io, 1);
            collect.mint = stage.usdc;
            stage
                .world
                .send(&[collect.instruction()], &[&stage.collector])
        }),
        refusal("a fee of nothing", T::ZeroAmount, |_| {
            let mut stage = stage();
            let collect = stage.collect_ix(&stage.world.io, 0);
            stage.world.send(&[collect], &[&stage.collector])
        }),
        refusal("a burn before any fee", T::NothingToBurn, |_| {
            stage().burn()
        }),
        refusal("more than 64 bits hold", T::MathOverflow, |_| {
            let mut stage = stage();
            let io = stage.world.io;
            stage
                .world
                .edit::<FeeVault>(&pda::treasury::fees(&io), |fees| {
                    fees.collected_units = u64::MAX;
                });
            let collect = stage.collect_ix(&io, 1);
            stage.world.send(&[collect], &[&stage.collector])
        }),
        refusal(
            "more than the source holds",
            Code::anchor(TOKEN_PROGRAM, 1),
            |_| {
                let mut stage = stage();
                let collect = stage.collect_ix(&stage.world.io, u64::MAX);
                stage.world.send(&[collect], &[&stage.collector])
            },
        ),
        refusal("an auction of IO", T::NotAuctioned, |world| {
            let authority = world.authority.insecure_clone();
            let add = world.add_auction_ix(&world.io);
            world.send(&[add.instruction()], &[&authority])
        }),
    ]
}

fn auction_errors() -> Vec<Case> {
    vec![
        refusal("fees of nothing", T::LotTooSmall, |_| stage().try_open()),
        refusal("a second round", T::AuctionRunning, |_| {
            auctioning().try_open()
        }),
        refusal("a round after a short one", T::AuctionTooSoon, |_| {
            let mut stage = auctioning();
            stage.world.advance(3_599);
            stage.try_open()
        }),
        refusal("an hour without budget", T::SpendCapReached, |_| {
            let mut stage = stage();
            stage.collect(1_000 * USD);
            stage.set(|config| config.cap_per_hour_units.value = 99_999_999);
            stage.try_open()
        }),
        refusal("a sale before any round", T::NoAuction, |_| {
            stage().try_sell(IO, 0)
        }),
        refusal("a sale of dust", T::AmountTooSmall, |_| {
            auctioning().try_sell(421, 0)
        }),
        refusal("too little for the seller", T::PaysLessThanLimit, |_| {
            auctioning().try_sell(IO, 237_501)
        }),
        refusal("a sale without auctions", T::Paused, |_| {
            let mut stage = auctioning();
            stage.set(|config| config.paused = 1);
            stage.try_sell(IO, 0)
        }),
        refusal("nothing kept to hand back", T::NothingKept, |_| {
            stage().release()
        }),
        refusal(
            "an incentive out of nothing",
            T::IncentivesExhausted,
            |_| {
                let mut stage = auctioning();
                let usdc = stage.usdc;
                stage.pay(&usdc, 1)
            },
        ),
        refusal(
            "more IO than the seller has",
            Code::anchor(TOKEN_PROGRAM, 1),
            |_| {
                let mut stage = auctioning();
                stage.seller = stage.world.wallet();
                let wallet = stage.seller.pubkey_of();
                let usdc = stage.usdc;
                stage.world.give_io(&wallet, IO - 1);
                stage.world.token_account(&wallet, &usdc);
                stage.try_sell(IO, 0)
            },
        ),
    ]
}

fn price_errors() -> Vec<Case> {
    vec![
        refusal("a price of nobody's", T::PriceNotPyth, |_| {
            let mut stage = auctioning();
            let price = stage.world.price;
            stage.world.price = stage.world.counterfeit(&price);
            stage.try_sell(IO, 0)
        }),
        refusal("no price account", T::PriceNotPyth, |_| {
            let mut stage = auctioning();
            stage.world.price = stage.world.address();
            stage.try_sell(IO, 0)
        }),
        refusal("another account of Pyth's", T::PriceNotPyth, |_| {
            spoilt(|data| data[0] ^= 1)
        }),
        refusal("a truncated price", T::PriceNotPyth, |_| {
            spoilt(|data| data.truncate(120))
        }),
        refusal("a price of another receiver's", T::PriceNotPyth, |_| {
            let mut stage = auctioning();
            let other = stage.world.address();
            stage
                .world
                .edit::<PriceSource>(&pda::token::price_source(), |source| {
                    source.receiver = other;
                });
            stage.try_sell(IO, 0)
        }),
        refusal(
            "another account than the set one",
            T::PriceWrongAccount,
            |_| {
                let mut stage = auctioning();
                let other = stage.world.address();
                stage
                    .world
                    .edit::<PriceSource>(&pda::token::price_source(), |source| {
                        source.account = other;
                    });
                stage.try_sell(IO, 0)
            },
        ),
        refusal("another feed", T::PriceWrongFeed, |_| {
            priced(|price| price.feed_id[31] ^= 1)
        }),
        refusal("too few guardians", T::PriceNotVerified, |_| {
            priced(|price| price.verification = Verification::Partial { num_signatures: 18 })
        }),
        refusal("21 seconds old", T::PriceStale, |_| {
            priced(|price| price.publish_time -= 21)
        }),
        refusal("11 seconds before the newest", T::PriceOlder, |_| {
            let mut stage = auctioning();
            stage.sell(IO, 0);
            let now = stage.world.now();
            let older = PriceAccount::io_usd(QUARTER, 25_000, now - 11, 0);
            stage.world.set_price(&older);
            stage.try_sell(IO, 0)
        }),
        refusal("6 seconds ahead", T::PriceFromTheFuture, |_| {
            priced(|price| price.publish_time += 6)
        }),
        refusal("a price of zero", T::PriceNotPositive, |_| {
            priced(|price| price.price = 0)
        }),
        refusal("a negative average", T::PriceNotPositive, |_| {
            priced(|price| price.ema_price = -QUARTER)
        }),
        refusal("above 2 % of doubt", T::PriceUncertain, |_| {
            priced(|price| price.conf = 500_001)
        }),
        refusal("a doubtful average", T::PriceUncertain, |_| {
            priced(|price| price.ema_conf = 500_001)
        }),
        refusal(
            "a fifth and a bit above its average",
            T::PriceDeviates,
            |_| priced(|price| price.price = 30_000_001),
        ),
        refusal(
            "a fifth and a bit below its average",
            T::PriceDeviates,
            |_| priced(|price| price.price = 19_999_999),
        ),
        refusal("13 decimals", T::PriceExponent, |_| {
            priced(|price| price.exponent = -13)
        }),
        refusal("3 decimals", T::PriceExponent, |_| {
            priced(|price| price.exponent = -3)
        }),
    ]
}

#[test]
fn each_error_has_its_refusal() {
    let mut cases = errors();
    cases.extend(auction_errors());
    cases::cover(T::from_code, &cases, &[]);
    cases::run(&World::ready(), &cases);
}

#[test]
fn each_refusal_of_a_price_has_its_case() {
    let cases = price_errors();
    cases::cover_from(6_950, T::from_code, &cases, &[]);
    cases::run(&World::ready(), &cases);
}

/// At the bounds themselves a price is taken.
#[test]
fn the_bounds_of_a_price_are_inclusive() {
    let good: [fn(&mut PriceAccount); 6] = [
        |price| price.publish_time -= 20,
        |price| price.publish_time += 5,
        |price| (price.conf, price.ema_conf) = (500_000, 500_000),
        |price| price.price = 30_000_000,
        |price| price.price = 20_000_000,
        |price| {
            (price.price, price.ema_price, price.exponent) = (2_500, 2_500, -4);
            (price.conf, price.ema_conf) = (50, 50);
        },
    ];
    for (n, good) in good.into_iter().enumerate() {
        let outcome = priced(good);
        assert!(outcome.is_ok(), "{n}: {outcome:?}");
    }
}

#[test]
fn parameters_out_of_bounds_start_no_treasury() {
    let mut world = World::new();
    world.init_token();
    let authority = world.authority.insecure_clone();
    let wrong: [fn(&mut iog_client::treasury::ConfigArgs); 9] = [
        |args| args.kept_share_bps = 10_001,
        |args| args.min_lot = 0,
        |args| args.min_lot = 100_000_000_001,
        |args| args.cap_per_hour = 100_000_000_001,
        |args| args.cap_per_day = 1_000_000_000_001,
        |args| args.discount_bps = 5_001,
        |args| args.premium_bps = 1_001,
        |args| args.auction_secs = 599,
        |args| args.auction_secs = 3_601,
    ];
    for wrong in wrong {
        let mut start = initialize(&world);
        wrong(&mut start.args);
        world.refuses(T::OutOfBounds, start.instruction(), &[&authority]);
        assert!(world.find(&pda::treasury::config()).is_none());
    }
    let highest = iog_client::treasury::ConfigArgs {
        kept_share_bps: 10_000,
        min_lot: 100_000_000_000,
        cap_per_hour: 100_000_000_000,
        cap_per_day: 1_000_000_000_000,
        discount_bps: 5_000,
        premium_bps: 1_000,
        auction_secs: 3_600,
    };
    let lowest = iog_client::treasury::ConfigArgs {
        kept_share_bps: 0,
        min_lot: 1,
        cap_per_hour: 0,
        cap_per_day: 0,
        discount_bps: 0,
        premium_bps: 0,
        auction_secs: 600,
    };
    for (args, secs) in [(highest, 3_600), (lowest, 600)] {
        let mut world = world.clone();
        let mut start = initialize(&world);
        start.args = args;
        world.govern(start.instruction());
        let config = world.read::<Config>(&pda::treasury::config());
        assert_eq!(config.auction_secs.value, secs);
    }
}

#[test]
fn nothing_starts_twice() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let start = initialize(&world).instruction();
    world.refuses(Code::in_use(), start, &[&authority]);
    let add = AddFeeVault {
        authority: authority.pubkey_of(),
        mint: world.io,
        fees: pda::treasury::fees(&world.io),
        vault: pda::treasury::vault(&world.io),
    };
    world.refuses(Code::in_use(), add.instruction(), &[&authority]);
}

#[test]
fn a_mint_of_token_2022_has_no_vault() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let mint = world.mint(&authority, 6);
    let mut account = world.account(&mint);
    account.owner = TOKEN_2022;
    world.set_account(&mint, account);
    let add = AddFeeVault {
        authority: authority.pubkey_of(),
        mint,
        fees: pda::treasury::fees(&mint),
        vault: pda::treasury::vault(&mint),
    };
    let owner = Code::plain(ID, InstructionError::IllegalOwner);
    world.refuses(owner, add.instruction(), &[&authority]);
}

/// Nothing that could not be paid was taken before.
#[test]
fn a_seller_whose_io_is_not_enough_keeps_it_all() {
    let mut stage = auctioning();
    stage.world.post_price(QUARTER);
    let broke = Code::anchor(TOKEN_PROGRAM, 1);
    stage.set(|config| config.cap_per_hour_units.value = u64::MAX);
    let seller = stage.world.wallet();
    let wallet = seller.pubkey_of();
    let usdc = stage.usdc;
    stage.world.give_io(&wallet, 99 * IO);
    stage.world.token_account(&wallet, &usdc);
    stage.seller = seller;
    stage.refuses(broke, |stage: &mut Stage| stage.try_sell(100 * IO, 0));
    assert_eq!(stage.purse(), (99 * IO, 0));
}
