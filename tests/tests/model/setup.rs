//! The network that a run begins with.

use iog_client::emission::accounts::Config as EmissionConfig;
use iog_client::pda;
use iog_client::registry::instructions::OpenMeasurements;
use iog_client::token::accounts::{Config as TokenConfig, Minter};
use iog_tests::world::PubkeyOf;
use iog_tests::World;

use super::emission::{Emission, Rewards};
use super::machine::{Machine, CLASSES};
use super::minting::Token;
use super::reference::{Donations, Model};
use super::registry::{Class, Device, Registry, MEASURERS};
use super::staking::Stakes;

const IO: u64 = 100_000_000;
/// What each wallet has.
const WALLET: u64 = 20_000 * IO;
/// Three devices of the first class, one of the second; of one card each but for one of two.
const DEVICES: [(usize, u32); 4] = [(0, 1), (0, 2), (0, 1), (1, 1)];

/// What a run is about: how much a point of score gets, what an hour and what a day may mint, and for how long a lease exempts.
struct Limits {
    most: u64,
    cap: u64,
    window: u64,
    exempt_hours: u32,
    uptime_hours: u32,
}

fn limits(seed: u64) -> Limits {
    let planned = Limits {
        most: 2_500,
        cap: 250_000 * IO,
        window: 50_000_000 * IO,
        exempt_hours: 72,
        uptime_hours: 0,
    };
    match seed % 4 {
        // A lone device reaches its ceiling, two share all.
        0 => Limits {
            most: 12_000_000,
            exempt_hours: 24,
            ..planned
        },
        1 => planned,
        // The least cap of an hour: a backlog stands for hours.
        2 => Limits {
            most: u64::MAX,
            cap: 913_242_009_132,
            uptime_hours: 1,
            ..planned
        },
        // Half of what two hours emit in a day, which the program takes from nobody: the breaker decides.
        _ => Limits {
            most: u64::MAX,
            window: 2_283 * IO + 7,
            ..planned
        },
    }
}

/// Sets what the run is about behind the programs' backs; how it changes has tests of its own.
fn set(world: &mut World, limits: &Limits) {
    world.edit::<EmissionConfig>(&pda::emission::config(), |books| {
        books.max_per_score_units.value = limits.most;
        books.exempt_hours.value = limits.exempt_hours.into();
        books.min_uptime_hours.value = limits.uptime_hours.into();
    });
    let minter = pda::token::minter(&pda::emission::minter_authority());
    world.edit::<Minter>(&minter, |minter| {
        minter.cap_per_hour_units.value = limits.cap;
    });
    world.edit::<TokenConfig>(&pda::token::config(), |books| {
        let [emission, ..] = &mut books.windows;
        emission.limit_units.value = limits.window;
        emission.floor_units.value = limits.window;
    });
}

fn model(world: &World, limits: &Limits) -> Model {
    let now = world.now();
    let class = |pool, multiplier| Class {
        pool,
        multiplier,
        stake_multiplier: multiplier,
        waiting: None,
    };
    Model {
        now,
        registry: Registry {
            classes: vec![class(0, 100), class(1, 250)],
            devices: DEVICES
                .map(|(class, cards)| Device::new(class, cards.into(), now))
                .to_vec(),
            measurers: [None; MEASURERS],
            waiting: [None; MEASURERS],
            window: 0,
        },
        stakes: Stakes {
            of: vec![None; DEVICES.len()],
            offers: vec![None; DEVICES.len()],
            cos: vec![WALLET; 3],
            ..Stakes::default()
        },
        owners: vec![WALLET; DEVICES.len()],
        emission: Emission {
            exempt_hours: limits.exempt_hours,
            uptime_hours: limits.uptime_hours.into(),
            most: limits.most,
            rewards: vec![Rewards::default(); DEVICES.len()],
            next_hour: 1,
            ..Emission::default()
        },
        token: Token {
            setup_until: world.token_config().setup_until_ts,
            cap_per_hour: limits.cap,
            capacity: limits.window,
            ..Token::default()
        },
        donations: Donations::default(),
    }
}

/// Four devices of two classes without stakes, three co-stakers, five who may be named as measurers, a court and a renter.
pub fn machine(seed: u64) -> Machine {
    let limits = limits(seed);
    let mut world = World::ready();
    set(&mut world, &limits);
    let authority = world.authority.pubkey_of();
    let suppliers = DEVICES.map(|(class, cards)| {
        let supplier = world.registered(CLASSES[class], cards);
        world.open_rewards(&supplier);
        world.open_earnings(&supplier);
        let open = OpenMeasurements {
            payer: authority,
            device: supplier.device,
            measurements: supplier.measurements,
        };
        world.govern(open.instruction());
        supplier
    });
    let renter = world.renter();
    world.give_usd(&renter.wallet.pubkey_of(), 1_000_000_000_000);
    let cos = (0..3).map(|_| world.co_staker()).collect();
    let measurers = std::array::from_fn(|_| world.wallet());
    let court = world.seated_court();
    let model = model(&world, &limits);
    Machine {
        world,
        model,
        suppliers: suppliers.to_vec(),
        renter,
        orders: 0,
        cos,
        measurers,
        court,
    }
}
