//! Devices, renters and owners, and what the reference starts with.

use std::collections::BTreeMap;

use iog_client::market::accounts::{Config, PriceBook};
use iog_client::market::Location;
use iog_client::registry::accounts::{Device as DeviceAccount, HardwareClass};
use iog_client::{pda, treasury};
use iog_tests::reference::{
    Class, Device, Fees, Line, Model, Owner, Renter as RenterBooks, Resolver, Treasury, CREDIT,
};
use iog_tests::world::{
    ata, PubkeyOf, Renter, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED, CURRENCIES, GENESIS_TS,
};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::action::Action;
use super::machine::Machine;

pub const CLASSES: [u16; 3] = [CLASS_TEST, CLASS_COMMUNITY, CLASS_UNPROVED];
const STAKES_PER_GPU: [u64; 3] = [20_000_000_000, 50_000_000_000, 20_000_000_000];
/// Owner, class and GPUs of each device.
const DEVICES: [(usize, usize, u32); 8] = [
    (0, 0, 1),
    (0, 0, 1),
    (1, 0, 2),
    (2, 1, 1),
    (3, 1, 1),
    (1, 2, 1),
    (4, 2, 2),
    (4, 2, 4),
];
pub const OWNERS: usize = 5;
const RENTERS: usize = 3;
const DAY: i64 = 86_400;
/// 10,000,000 IO, and 20,000,000 dollars.
const RENTER_IO: u64 = 1_000_000_000_000_000;
const RENTER_USD: u64 = 20_000_000_000_000;
/// IO that each renter burns for IOSD.
const BURNED_IO: u64 = 10_000_000_000_000;
/// 0.25 dollars, at which IOSD is made.
const FIRST_USD8: u64 = 25_000_000;
const TIER: u8 = 2;
const RESOLVER_SOL: u64 = 10_000_000_000;

/// A wallet with all three currencies.
fn renter(world: &mut World) -> Renter {
    let renter = world.renter();
    let address = renter.wallet.pubkey_of();
    world.give_io(&address, RENTER_IO);
    world.give_usd(&address, RENTER_USD);
    world.give_iosd(&renter, BURNED_IO);
    renter
}

/// The devices, staked and with a tier; their owners take every currency. The first is secure.
fn supply(world: &mut World) -> Vec<Supplier> {
    let mut suppliers: Vec<Supplier> = Vec::new();
    for (index, (owner, class, gpus)) in DEVICES.into_iter().enumerate() {
        let sibling = DEVICES[..index].iter().position(|other| other.0 == owner);
        let supplier = match sibling {
            Some(sibling) => {
                let wallet = suppliers[sibling].owner.insecure_clone();
                world.add_device(&wallet, CLASSES[class], gpus)
            }
            None => world.registered(CLASSES[class], gpus),
        };
        world.set_tier(&supplier, TIER);
        world.stake(&supplier, STAKES_PER_GPU[class] * u64::from(gpus));
        world.open_earnings(&supplier);
        let usd = world.usd;
        world.token_account(&supplier.owner.pubkey_of(), &usd);
        suppliers.push(supplier);
    }
    let first = suppliers[0].device;
    world.edit::<DeviceAccount>(&first, |device| device.secure = 1);
    suppliers
}

/// The fees of the tests' market, with a network fee added, and what the treasury keeps.
fn configure(world: &mut World) -> Fees {
    world.edit::<Config>(&pda::market::config(), |config| {
        config.network_fee_bps.value = 7;
        config.dispute_secs.value = 86_400;
    });
    world.edit::<treasury::accounts::Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 3_000;
    });
    let config = world.read::<Config>(&pda::market::config());
    Fees {
        reservation: config.reservation_fee_bps.value,
        supplier: config.supplier_fee_bps.value,
        network: config.network_fee_bps.value,
        usd_extra: config.usd_extra_fee_bps.value,
        points: config.points_per_usd.value,
    }
}

/// Every factor of a price counts: its book is set behind the program's back, and read as it then is.
fn class(world: &mut World, id: u16) -> Class {
    let address = pda::market::price_book(id);
    world.edit::<PriceBook>(&address, |book| {
        book.kink_bps = 4_000;
        (book.slope1_bps, book.slope2_bps) = (1_500, 20_000);
        book.tier_bps = [9_000, 9_500, 10_000, 11_000, 12_000];
        (book.peak_bps, book.peak_hours) = (11_500, 0b1111 << 18);
        book.commitment_bps = [9_500, 9_000, 8_000];
        book.locations[3] = Location {
            country: *b"DE",
            factor_bps: 10_300,
        };
    });
    let book = world.read::<PriceBook>(&address);
    let class = world.read::<HardwareClass>(&pda::registry::class(id));
    Class {
        base: class.base_price_usd6,
        enabled: class.enabled == 1,
        proof_hours: class.proof_valid_hours.into(),
        max_cards: class.max_cards,
        kink: book.kink_bps.into(),
        slopes: [book.slope1_bps, book.slope2_bps].map(u64::from),
        tiers: book.tier_bps.map(u64::from),
        peak: book.peak_bps.into(),
        peak_hours: book.peak_hours,
        commitments: book.commitment_bps.map(u64::from),
        location: (*b"DE", 10_300),
        online: book.online_gpus,
        hired: book.hired_gpus,
        utilisation: book.utilisation_bps.into(),
        moved: book.moved_ts,
    }
}

fn devices() -> Vec<Device> {
    let devices = DEVICES.iter().enumerate();
    let device = |(index, (owner, class, gpus)): (usize, &(usize, usize, u32))| Device {
        owner: *owner,
        class: *class,
        gpus: *gpus,
        secure: index == 0,
        tier: TIER,
        ..Device::default()
    };
    devices.map(device).collect()
}

fn model(world: &mut World, renters: &[Renter], owners: &[Pubkey], burned: u64) -> Model {
    let fee = configure(world);
    let classes = CLASSES.map(|id| class(world, id)).to_vec();
    let config = world.read::<Config>(&pda::market::config());
    let tokens = |renter: &Renter| RenterBooks {
        tokens: CURRENCIES.map(|currency| world.balance(&renter.token_of(currency))),
        ..RenterBooks::default()
    };
    let owner = |owner: &Pubkey| Owner {
        tokens: [world.io, world.usd].map(|mint| world.balance(&ata(owner, &mint))),
        ..Owner::default()
    };
    let now = world.now();
    let renters: Vec<RenterBooks> = renters.iter().map(tokens).collect();
    let line = Line {
        burned: (burned, (now / DAY + 1) * DAY),
        made: renters.iter().map(|renter| renter.tokens[CREDIT]).sum(),
        cover: (10_000, 0),
        ..Line::default()
    };
    Model {
        now,
        slot: world.slot(),
        genesis: GENESIS_TS,
        usd8: FIRST_USD8,
        classes,
        fee,
        window: i64::try_from(config.dispute_secs.value).unwrap(),
        resolver: Resolver {
            who: 1,
            next: None,
            setup_until: config.setup_until_ts,
        },
        next_id: 1,
        lamports: vec![0; renters.len() + 1],
        renters,
        owners: owners.iter().map(owner).collect(),
        devices: devices(),
        line,
        treasury: Treasury {
            kept_bps: 3_000,
            ..Default::default()
        },
        ..Model::default()
    }
}

impl Machine {
    /// Eight devices of three classes and five owners, and three renters with all three currencies.
    pub fn new() -> Self {
        let mut world = World::ready();
        // Four hours behind the start there is room for failures before now.
        world.advance(4 * 3_600 + 137);
        let before = world.supply(&world.io);
        let renters: Vec<Renter> = (0..RENTERS).map(|_| renter(&mut world)).collect();
        let burned = before - world.supply(&world.io);
        let suppliers = supply(&mut world);
        let owners: Vec<Pubkey> = (0..OWNERS)
            .map(|owner| {
                let device = DEVICES.iter().position(|device| device.0 == owner);
                suppliers[device.unwrap()].owner.pubkey_of()
            })
            .collect();
        let (keeper, second) = (world.wallet(), world.wallet());
        let first = world.resolver.pubkey_of();
        world.fund(&first, RESOLVER_SOL);
        let mut machine = Self {
            model: model(&mut world, &renters, &owners, burned),
            world,
            suppliers,
            owners,
            renters,
            keeper,
            second,
            marks: BTreeMap::new(),
        };
        for device in 0..DEVICES.len() {
            machine.step(Action::List(device, 0, 0b111));
            machine.step(Action::Beat(device));
            machine.step(Action::Prove(device));
        }
        machine
    }
}
