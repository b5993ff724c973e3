//! Devices, renters and owners, and what the reference starts with.

use iog_client::market::accounts::Config;
use iog_client::registry::accounts::HardwareClass;
use iog_client::{pda, treasury};
use iog_tests::reference::{Device, Fees, Line, Model, Owner, Renter as RenterBooks, Treasury};
use iog_tests::world::{ata, PubkeyOf, Renter, CLASS_COMMUNITY, CLASS_TEST, CURRENCIES};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::action::Action;
use super::machine::Machine;

pub const CLASSES: [u16; 2] = [CLASS_TEST, CLASS_COMMUNITY];
const STAKES_PER_GPU: [u64; 2] = [20_000_000_000, 50_000_000_000];
/// Owner, class and GPUs of each device; the first two are one owner's.
const DEVICES: [(usize, usize, u32); 6] = [
    (0, 0, 1),
    (0, 0, 2),
    (1, 0, 1),
    (2, 1, 1),
    (3, 1, 3),
    (4, 0, 4),
];
const OWNERS: usize = 5;
const RENTERS: usize = 3;
const DAY: i64 = 86_400;
/// 2,000,000 IO, and as many dollars.
const RENTER_IO: u64 = 200_000_000_000_000;
const RENTER_USD: u64 = 2_000_000_000_000;
/// IO that each renter burns for IOSD.
const BURNED_IO: u64 = 10_000_000_000_000;
/// 0.25 dollars, at which IOSD is made.
const FIRST_USD8: u64 = 25_000_000;

/// A wallet with all three currencies.
fn renter(world: &mut World) -> Renter {
    let renter = world.renter();
    let address = renter.wallet.pubkey_of();
    world.give_io(&address, RENTER_IO);
    world.give_usd(&address, RENTER_USD);
    world.give_iosd(&renter, BURNED_IO);
    renter
}

/// The devices, staked and with a tier; their owners take every currency.
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
        world.set_tier(&supplier, 2);
        world.stake(&supplier, STAKES_PER_GPU[class] * u64::from(gpus));
        world.open_earnings(&supplier);
        let usd = world.usd;
        world.token_account(&supplier.owner.pubkey_of(), &usd);
        suppliers.push(supplier);
    }
    suppliers
}

/// The fees of the tests' market, with a network fee added, and what the treasury keeps.
fn configure(world: &mut World) -> Fees {
    world.edit::<Config>(&pda::market::config(), |config| {
        config.network_fee_bps.value = 7;
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

impl Machine {
    /// Six devices of two classes and five owners, and three renters with all three currencies.
    pub fn new() -> Self {
        let mut world = World::ready();
        let fee = configure(&mut world);
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
        let keeper = world.wallet();
        let now = world.now();
        let base = CLASSES.map(|class| {
            let class = world.read::<HardwareClass>(&pda::registry::class(class));
            class.base_price_usd6
        });
        let window = world.read::<Config>(&pda::market::config()).dispute_secs;
        let model = Model {
            now,
            usd8: FIRST_USD8,
            base,
            fee,
            window: i64::try_from(window.value).unwrap(),
            resolver: true,
            next_id: 1,
            renters: renters
                .iter()
                .map(|renter| RenterBooks {
                    tokens: CURRENCIES.map(|currency| world.balance(&renter.token_of(currency))),
                    ..RenterBooks::default()
                })
                .collect(),
            owners: owners
                .iter()
                .map(|owner| Owner {
                    tokens: [world.io, world.usd].map(|mint| world.balance(&ata(owner, &mint))),
                    ..Owner::default()
                })
                .collect(),
            devices: DEVICES
                .iter()
                .map(|(owner, class, gpus)| Device {
                    owner: *owner,
                    class: *class,
                    gpus: *gpus,
                    active: true,
                    staked: true,
                    ..Device::default()
                })
                .collect(),
            line: Line {
                burned: (burned, (now / DAY + 1) * DAY),
                ..Line::default()
            },
            treasury: Treasury {
                kept_bps: 3_000,
                ..Default::default()
            },
            ..Model::default()
        };
        let mut machine = Self {
            world,
            model,
            suppliers,
            owners,
            renters,
            keeper,
        };
        for device in 0..DEVICES.len() {
            machine.step(Action::List(device, 0));
        }
        machine
    }
}
