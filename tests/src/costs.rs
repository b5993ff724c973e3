//! What each instruction costs in its common case, and how large the programs are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{bail, Context, Result};
use iog_client::registry::instructions::{SetDeviceState, UpdateClass};
use iog_client::registry::ClassArgs;
use iog_client::token::instructions::{BurnIo, MintEmission};
use iog_client::{pda, PROGRAMS};
use serde_json::{json, Value};

use crate::world::{
    ata, class_args, order_args, reveal_ix, so_path, try_commit, PubkeyOf, CLASS_TEST,
    MIN_AGE_SECS, RIGHT_EMISSION,
};
use crate::{Supplier, World};

/// One IO in base units.
const IO: u64 = 100_000_000;
/// Class with the largest proof that the network plans for: 78 GiB of rows, 2^22 lanes, 24 waves.
const CLASS_LARGEST: u16 = 9;
/// How to write a new snapshot.
const UPDATE: &str = "if that is meant: cargo xtask bench cu -o json";

/// One part in a hundred: the recipe's LLVM comes from a Debian suite that moves on, and another patch release is no change of ours.
const TOLERANCE: u64 = 100;

/// Sizes of programs in bytes and costs of instructions in compute units, both by name.
#[derive(Debug, PartialEq, Eq)]
pub struct Report {
    pub programs: BTreeMap<String, u64>,
    pub instructions: BTreeMap<String, u64>,
}

impl Report {
    /// Runs every instruction of every program; keys are fixed, so that every run gives the same numbers.
    pub fn measure() -> Result<Self> {
        let mut programs = BTreeMap::new();
        for (name, _) in PROGRAMS {
            let path = so_path(name);
            let bytes = fs::metadata(&path)
                .with_context(|| format!("iog_{name}.so: run cargo xtask build"))?
                .len();
            programs.insert((*name).to_string(), bytes);
        }
        Ok(Self {
            programs,
            instructions: instructions(),
        })
    }

    /// The snapshot in `bench/cu.json`.
    pub fn snapshot() -> Result<Self> {
        let path = snapshot_path();
        let text = fs::read_to_string(&path)
            .with_context(|| format!("no snapshot at {}: {UPDATE}", path.display()))?;
        let value: Value = serde_json::from_str(&text).context("bench/cu.json")?;
        let programs = numbers(&value["programs"], |entry| entry["bytes"].as_u64())?;
        let instructions = numbers(&value["instructions"], Value::as_u64)?;
        Ok(Self {
            programs,
            instructions,
        })
    }

    /// Writes the snapshot.
    pub fn save(&self) -> Result<()> {
        let sizes = self.programs.iter();
        let programs: BTreeMap<_, _> = sizes
            .map(|(name, n)| (name, json!({ "bytes": n })))
            .collect();
        let value = json!({ "programs": programs, "instructions": self.instructions });
        let path = snapshot_path();
        let text = serde_json::to_string_pretty(&value)? + "\n";
        fs::write(&path, text).with_context(|| format!("writing {}", path.display()))
    }

    /// Refuses instructions that cost over a hundredth more than `snapshot` says, and names that only one of the two has.
    pub fn check(&self, snapshot: &Self) -> Result<()> {
        let mut problems = Vec::new();
        for (name, units) in &self.instructions {
            match snapshot.instructions.get(name) {
                Some(allowed) if *units > allowed + allowed / TOLERANCE => {
                    problems.push(format!("{name}: {units} compute units, were {allowed}"));
                }
                Some(_) => {}
                None => problems.push(format!("{name} is not in the snapshot")),
            }
        }
        let gone = snapshot.instructions.keys();
        for name in gone.filter(|name| !self.instructions.contains_key(*name)) {
            problems.push(format!("{name} is in the snapshot only"));
        }
        if problems.is_empty() {
            return Ok(());
        }
        bail!("{}\n{UPDATE}", problems.join("\n"))
    }
}

/// `bench/cu.json` of the repository.
pub fn snapshot_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench/cu.json")
}

fn numbers(value: &Value, number: impl Fn(&Value) -> Option<u64>) -> Result<BTreeMap<String, u64>> {
    let entries = value.as_object().context("bench/cu.json")?;
    entries
        .iter()
        .map(|(name, entry)| Ok((name.clone(), number(entry).context("bench/cu.json")?)))
        .collect()
}

/// The life of a network; of each instruction the last call counts.
fn instructions() -> BTreeMap<String, u64> {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    administer(&mut world, &supplier);
    serve(&mut world, &supplier);
    earn(&mut world, &supplier);
    rent_out(&mut world, &supplier);
    unstake(&mut world, &supplier);
    tokens(&mut world);
    fees(&mut world);
    world.costs().clone()
}

fn administer(world: &mut World, supplier: &Supplier) {
    let update = UpdateClass {
        authority: world.authority.pubkey_of(),
        class: supplier.class,
        args: class_args(CLASS_TEST),
    };
    world.govern(update.instruction());
    for state in [1, 0] {
        let set = SetDeviceState {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            state,
        };
        world.must(set.instruction(), &[&supplier.owner]);
    }
}

/// Heartbeats in a row, and a proof of the largest class.
fn serve(world: &mut World, supplier: &Supplier) {
    for _ in 0..3 {
        world.heartbeat(supplier);
        world.advance(600);
    }
    world.prove(supplier);
    world.add_class(ClassArgs {
        rows: 163_840_000,
        lanes: 1 << 22,
        waves: 24,
        commit_slots: 9_000,
        ..class_args(CLASS_LARGEST)
    });
    let large = world.registered(CLASS_LARGEST, 1);
    let roots = (0..24).map(|wave| [wave; 20]).collect();
    try_commit(world, &large, roots).unwrap_or_else(|failure| panic!("{failure:?}"));
    world.challenge(&large);
    for n in 0..8 {
        let bytes = world.forge(&large, n, 0);
        world.govern(reveal_ix(&large, n, bytes));
    }
    world.finalize(&large);
}

/// An hour's check-in with the hour before to book, as in every hour of a device's life.
fn earn(world: &mut World, supplier: &Supplier) {
    world.advance(MIN_AGE_SECS);
    world.close_hours(48);
    for _ in 0..3 {
        world.check_in(supplier);
        world.next_hour();
        let close = world.close_ix(1).instruction();
        world.govern(close);
    }
    let settle = world.settle_rewards_ix(supplier, 0).instruction();
    world.govern(settle);
    let claim = world.claim_ix(supplier).instruction();
    world.govern(claim);
}

fn rent_out(world: &mut World, supplier: &Supplier) {
    let renter = world.renter();
    let expired = world.book(&renter, CLASS_TEST, order_args(1, 1, 4));
    world.advance(1_200);
    world.expire_order(&expired);
    let order = world.running(&renter, 2, 4, &[supplier]);
    world.serve_hour(&[supplier], 6);
    world.settle_lease(&order, supplier);
    world.serve_hour(&[supplier], 6);
    world.end_early(&order, &renter);
    // The second hour is what a settlement usually is; the first also pays the order's fees.
    world.settle_lease(&order, supplier);
    world.close_lease(&order, supplier);
    world.close_order(&order);
}

fn unstake(world: &mut World, supplier: &Supplier) {
    let increase = world.increase_ix(supplier, 1).instruction();
    world.must(increase, &[&supplier.owner]);
    let request = world.unstake_ix(supplier).instruction();
    world.must(request, &[&supplier.owner]);
    world.advance(1_209_600);
    let withdraw = world.withdraw_ix(supplier).instruction();
    world.must(withdraw, &[&supplier.owner]);
}

fn tokens(world: &mut World) {
    let key = world.wallet();
    let minter = world.register_minter(&key.pubkey_of(), RIGHT_EMISSION, IO);
    world.advance(86_400);
    let mint = MintEmission {
        minter_authority: key.pubkey_of(),
        minter,
        io_mint: world.io,
        destination: world.give_io(&key.pubkey_of(), IO),
        amount: IO,
    };
    world.must(mint.instruction(), &[&key]);
    let burn = BurnIo {
        owner: key.pubkey_of(),
        io_mint: world.io,
        from: ata(&key.pubkey_of(), &world.io),
        amount: IO,
    };
    world.must(burn.instruction(), &[&key]);
}

/// Last, because it takes the collection away from the market.
fn fees(world: &mut World) {
    let (collector, source) = world.collector(IO);
    let io = pda::token::io_mint();
    let collect = world.collect_ix(&collector.pubkey_of(), &source, &io, IO);
    world.must(collect.instruction(), &[&collector]);
    let burn = world.burn_fees_ix().instruction();
    world.govern(burn);
}
