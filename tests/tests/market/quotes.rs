//! One formula for the price: the program's quote, its orders and `iog_math::pricing` agree on every factor.

use iog_client::market::accounts::PriceBook;
use iog_client::market::{Location, PriceBookArgs, Quote, QuoteArgs};
use iog_client::pda;
use iog_client::registry::accounts::HardwareClass;
use iog_math::market::order_cost;
use iog_math::oracle::PricePoint;
use iog_math::pricing::{self, Booking, Terms};
use iog_tests::world::{order_args, price_book_args, Currency, CLASS_UNPROVED, CURRENCIES};
use iog_tests::{Dice, World};

use super::stage::{HOUR, QUARTER};

/// A class of machines, so that few devices are many GPUs.
const CLASS: u16 = CLASS_UNPROVED;

/// A price book whose every factor shows.
fn rich_args() -> PriceBookArgs {
    let mut locations = price_book_args().locations;
    for (place, (country, factor_bps)) in
        locations
            .iter_mut()
            .zip([(*b"DE", 11_003), (*b"US", 12_007), (*b"IN", 8_009)])
    {
        *place = Location {
            country,
            factor_bps,
        };
    }
    PriceBookArgs {
        kink_bps: 2_000,
        slope1_bps: 3_001,
        slope2_bps: 9_007,
        tier_bps: [9_001, 10_000, 10_501, 11_003, 13_007],
        peak_bps: 12_011,
        // The hours from 1 to 2 and from 23 to 24.
        peak_hours: 1 << 1 | 1 << 23,
        commitment_bps: [9_801, 9_503, 9_007],
        locations,
    }
}

/// A world in which the class has such a book and three of five GPUs are hired.
fn stage() -> World {
    let mut world = World::ready();
    let renter = world.renter();
    let (one, two) = (world.cluster(CLASS, 3), world.cluster(CLASS, 2));
    let order = world.book(&renter, CLASS, order_args(1, 3, 100));
    world.match_device(&order, &one);
    world.accept(&order, &one);
    let _ = two;
    set_book(&mut world, rich_args());
    world
}

/// Sets factors behind the program's back, however far they move.
fn set_book(world: &mut World, args: PriceBookArgs) {
    world.edit::<PriceBook>(&pda::market::price_book(CLASS), |book| {
        book.kink_bps = args.kink_bps;
        book.slope1_bps = args.slope1_bps;
        book.slope2_bps = args.slope2_bps;
        book.tier_bps = args.tier_bps;
        book.peak_bps = args.peak_bps;
        book.peak_hours = args.peak_hours;
        book.commitment_bps = args.commitment_bps;
        book.locations = args.locations;
    });
}

/// What the formula says, from the accounts.
fn expected(world: &World, args: &QuoteArgs) -> u64 {
    let book = world.price_book(CLASS);
    let class = world.read::<HardwareClass>(&pda::registry::class(CLASS));
    let utilisation = pricing::utilisation_at(
        book.utilisation_bps,
        book.moved_ts,
        book.hired_gpus,
        book.online_gpus,
        world.now(),
    );
    let terms = Terms {
        base_usd6: class.base_price_usd6,
        kink_bps: book.kink_bps,
        slope1_bps: book.slope1_bps,
        slope2_bps: book.slope2_bps,
        tier_bps: book.tier_bps,
        peak_bps: book.peak_bps,
        peak_hours: book.peak_hours,
        commitment_bps: book.commitment_bps,
        locations: book.locations.map(|location| pricing::Location {
            country: location.country,
            factor_bps: location.factor_bps,
        }),
    };
    let booking = Booking {
        hours: args.hours,
        min_tier: args.min_tier,
        countries: &args.countries,
        now: world.now(),
    };
    pricing::quote(&terms, utilisation.unwrap(), &booking).unwrap()
}

/// The quote of a currency: its own price, and fees in its units.
fn in_currency(args: &QuoteArgs, price_usd6: u64, currency: Currency) -> Quote {
    let posted = PricePoint {
        price: 25_000_000,
        conf: 25_000,
        ema_price: 25_000_000,
        ema_conf: 25_000,
        exponent: -8,
    };
    let (units, fee_bps) = match currency {
        Currency::Io => (posted.io_for_usd6(price_usd6).unwrap(), 25),
        Currency::Usd => (price_usd6, 225),
        Currency::Iosd => (price_usd6, 25),
    };
    let cost = order_cost(units, args.gpus, args.hours, fee_bps, 0).unwrap();
    Quote {
        price_usd6,
        price_per_gpu_hour_units: units,
        rent_units: cost.rent,
        renter_fee_units: cost.renter_fee,
        network_fee_units: 0,
        total_units: cost.total,
        match_lamports: 20_000 * u64::from(args.gpus),
        cover_bps: 10_000,
        cover_ts: 0,
    }
}

#[test]
fn quotes_are_the_formula_in_every_currency() {
    let mut world = stage();
    let mut dice = Dice(7);
    for round in 0..60 {
        world.advance(1 + i64::try_from(dice.below(5_000)).unwrap());
        world.post_price(QUARTER);
        let mut countries = [[0; 2]; 8];
        for place in countries.iter_mut().take(dice.index(4)) {
            *place = dice.pick(&[*b"DE", *b"US", *b"IN", *b"FR"]);
        }
        let args = QuoteArgs {
            gpus: 1 + u32::try_from(dice.below(20)).unwrap(),
            hours: dice.pick(&[1, 23, 24, 167, 168, 719, 720]),
            min_tier: dice.pick(&[0, 1, 2, 3, 4]),
            countries,
        };
        let price = expected(&world, &args);
        for currency in CURRENCIES {
            let quote = world.quote(currency, CLASS, args);
            assert_eq!(quote, in_currency(&args, price, currency), "round {round}");
        }
    }
}

/// What was quoted is what an order of the same second costs.
#[test]
fn orders_cost_what_was_quoted() {
    let mut world = stage();
    let renter = world.credit_renter();
    let mut id = 10;
    for (hours, min_tier, country) in [(1, 0, *b"US"), (24, 2, *b"DE"), (200, 4, *b"IN")] {
        world.advance(4_321);
        world.post_price(QUARTER);
        let mut args = order_args(0, 2, hours);
        args.min_tier = min_tier;
        args.countries[5] = country;
        let asked = QuoteArgs {
            gpus: 2,
            hours,
            min_tier,
            countries: args.countries,
        };
        for currency in CURRENCIES {
            id += 1;
            args.id = id;
            let quote = world.quote(currency, CLASS, asked);
            args.max_total = quote.total_units;
            let order = world.book_in(currency, &renter, CLASS, args);
            let books = world.order(&order);
            assert_eq!(books.deposited_units, quote.total_units);
            assert_eq!(books.rates[0].price_usd6[0], quote.price_usd6);
            let units = books.rates[0].price_per_gpu_hour_units[0];
            assert_eq!(units, quote.price_per_gpu_hour_units);
            assert_eq!(books.spare_units, 0);
            let rent = world.rent(1_104);
            assert_eq!(world.lamports(&order), rent + quote.match_lamports);
        }
    }
}

/// Literal prices of a dollar under one factor each.
#[test]
fn each_factor_counts_once() {
    let mut world = World::ready();
    let one = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    let neutral = price_book_args();
    let rich = rich_args();
    let mut day = one;
    day.hours = 24;
    let mut ultra = one;
    ultra.min_tier = 4;
    let mut two = one;
    (two.countries[0], two.countries[7]) = (*b"IN", *b"US");
    let mut elsewhere = one;
    (elsewhere.countries[0], elsewhere.countries[1]) = (*b"IN", *b"FR");
    let cases: [(PriceBookArgs, QuoteArgs, u64); 6] = [
        (neutral, one, 1_000_000),
        (
            PriceBookArgs {
                commitment_bps: rich.commitment_bps,
                ..neutral
            },
            day,
            980_100,
        ),
        (
            PriceBookArgs {
                tier_bps: rich.tier_bps,
                ..neutral
            },
            ultra,
            1_300_700,
        ),
        // The dearest of those named, so that a cheap one beside it saves nothing.
        (
            PriceBookArgs {
                locations: rich.locations,
                ..neutral
            },
            two,
            1_200_700,
        ),
        (
            PriceBookArgs {
                locations: rich.locations,
                ..neutral
            },
            elsewhere,
            1_000_000,
        ),
        (rich, one, 900_100),
    ];
    for (n, (book, args, price)) in cases.into_iter().enumerate() {
        set_book(&mut world, book);
        let quote = world.quote(Currency::Usd, CLASS, args);
        assert_eq!(quote.price_usd6, price, "case {n}");
    }
}

/// Hours of the day in UTC, from their first second to their last.
#[test]
fn the_hour_of_the_booking_decides_on_the_peak() {
    let mut world = World::ready();
    let one = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 1,
        countries: [[0; 2]; 8],
    };
    set_book(&mut world, rich_args());
    for (secs, price) in [
        (HOUR - 1, 1_000_000),
        (HOUR, 1_201_100),
        (2 * HOUR - 1, 1_201_100),
        (2 * HOUR, 1_000_000),
        (23 * HOUR, 1_201_100),
        (24 * HOUR - 1, 1_201_100),
        (24 * HOUR, 1_000_000),
        (49 * HOUR, 1_201_100),
    ] {
        world.set_time(iog_tests::world::GENESIS_TS + secs);
        let quote = world.quote(Currency::Usd, CLASS, one);
        assert_eq!(quote.price_usd6, price, "{secs}");
    }
}
