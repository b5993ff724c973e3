//! Who measures connections, and the tier that follows from what they find.

mod attacks;
mod naming;
mod tiers;
mod time;

use iog_client::pda;
use iog_client::registry::accounts::{Config, Device, Measurements};
use iog_client::registry::events::TierSet;
use iog_client::registry::instructions::{
    ApplyMeasurer, DropMeasurer, Measure, OpenMeasurements, RefreshTier, SetMeasurer,
};
use iog_client::registry::SpeedTest;
use iog_client::{events, registry};
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::{Meta, Supplier, World};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

pub const DAY: i64 = 86_400;
pub const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);
/// MB/s, down and up, that just reach each tier.
const TIERS: [(u32, u32); 5] = [(0, 0), (100, 10), (400, 300), (800, 600), (1_600, 1_200)];

pub fn set_measurer_ix(world: &World, index: u8, key: Pubkey) -> Instruction {
    let authority = world.authority.pubkey_of();
    SetMeasurer {
        authority,
        index,
        key,
    }
    .instruction()
}

pub fn apply_measurer_ix(index: u8) -> Instruction {
    ApplyMeasurer { index }.instruction()
}

pub fn drop_measurer_ix(signer: Pubkey, index: u8) -> Instruction {
    DropMeasurer { signer, index }.instruction()
}

/// As if the network had been set up with this quorum.
pub fn with_quorum(world: &mut World, quorum: u64) {
    world.edit::<Config>(&pda::registry::config(), |config| {
        config.quorum.value = quorum;
    });
}

/// Names `count` measurers in the first places, and gives them lamports for their fees.
pub fn name(world: &mut World, count: u8) -> Vec<Keypair> {
    let named: Vec<Keypair> = (0..count).map(|_| world.wallet()).collect();
    for (index, key) in (0..).zip(&named) {
        let set = set_measurer_ix(world, index, key.pubkey_of());
        world.govern(set);
    }
    named
}

pub fn open_ix(world: &World, supplier: &Supplier) -> Instruction {
    OpenMeasurements {
        payer: world.authority.pubkey_of(),
        device: supplier.device,
        measurements: pda::registry::measurements(&supplier.device),
    }
    .instruction()
}

pub fn measure_ix(by: &Keypair, supplier: &Supplier, test: SpeedTest) -> Instruction {
    Measure {
        measurer: by.pubkey_of(),
        device: supplier.device,
        measurements: pda::registry::measurements(&supplier.device),
        test,
    }
    .instruction()
}

pub fn refresh_ix(supplier: &Supplier) -> Instruction {
    RefreshTier {
        device: supplier.device,
        measurements: pda::registry::measurements(&supplier.device),
    }
    .instruction()
}

/// A test of now that just reaches `tier`.
pub fn speed_test(world: &World, tier: usize) -> SpeedTest {
    let (download_mbps, upload_mbps) = TIERS[tier];
    SpeedTest {
        download_mbps,
        upload_mbps,
        measured_ts: world.now(),
        report_hash: [7; 32],
    }
}

/// A device with its account for measurements, and those who measure it.
pub struct Stage {
    pub world: World,
    pub one: Supplier,
    pub named: Vec<Keypair>,
}

impl Clone for Stage {
    fn clone(&self) -> Self {
        Self {
            world: self.world.clone(),
            one: self.one.clone(),
            named: self.named.iter().map(Keypair::insecure_clone).collect(),
        }
    }
}

impl Stage {
    pub fn new(measurers: u8) -> Self {
        let mut world = World::ready();
        let named = name(&mut world, measurers);
        let one = world.registered(CLASS_TEST, 1);
        let open = open_ix(&world, &one);
        world.govern(open);
        Self { world, one, named }
    }

    /// Measurer `index` finds what just reaches `tier`.
    pub fn find(&mut self, index: usize, tier: usize) -> Meta {
        let test = speed_test(&self.world, tier);
        self.post(index, test)
    }

    pub fn post(&mut self, index: usize, test: SpeedTest) -> Meta {
        let by = self.named[index].insecure_clone();
        let measure = measure_ix(&by, &self.one, test);
        self.world.must(measure, &[&by])
    }

    /// By anyone; returns how many tests count.
    pub fn refresh(&mut self) -> u8 {
        let anyone = self.world.wallet();
        let meta = self.world.must(refresh_ix(&self.one), &[&anyone]);
        tier_set(&meta).fresh
    }

    pub fn device(&self) -> Device {
        self.world.read(&self.one.device)
    }

    /// The tier that counts now, as an order that asks for it finds it.
    pub fn tier(&self) -> u8 {
        let device = self.device();
        let age = self.world.now() - device.tier_ts;
        if age > 180 * DAY {
            1
        } else {
            device.tier.max(1)
        }
    }

    pub fn config(&self) -> Config {
        self.world.read(&pda::registry::config())
    }

    pub fn measurements(&self) -> Measurements {
        let address = pda::registry::measurements(&self.one.device);
        self.world.read(&address)
    }

    /// Moves on by seconds.
    pub fn pass(&mut self, secs: i64) {
        let now = self.world.now();
        self.world.set_time(now + secs);
    }

    pub fn remove(&mut self, index: u8) {
        let remove = set_measurer_ix(&self.world, index, NOBODY);
        self.world.govern(remove);
    }
}

/// The one event of the transaction.
pub fn tier_set(meta: &Meta) -> TierSet {
    match meta.events.as_slice() {
        [events::Event::Registry(registry::Event::TierSet(event))] => event.clone(),
        other => panic!("one TierSet, not {other:?}"),
    }
}
