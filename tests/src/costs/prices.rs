//! Where prices come from, who may mint, and the resolver: named, dropped, named again and given; and reports of a quorum.

use std::collections::BTreeMap;

use iog_client::market::instructions::{ApplyResolver, DropResolver};
use iog_client::pda;
use iog_client::token::instructions::{
    ApplyPriceQuorum, ApplyReporter, DropMinter, DropPriceQuorum, DropPriceSource, DropReporter,
    ObservePrice, RemoveMinter, RestoreMinter, SetPriceQuorum, SetPriceSource,
};
use iog_client::token::PriceSourceArgs;
use iog_client::treasury::accounts::Config;
use iog_client::treasury::instructions::ReleaseKept;
use solana_instruction::Instruction;
use solana_keypair::Keypair;

use crate::world::{signed, source_args, PubkeyOf, RIGHT_IOSD};
use crate::World;

const DAY: i64 = 86_400;
const IO: u64 = 100_000_000;
/// 0.25 USD, as the oracle says it, and as reporters do.
const QUARTER: i64 = 25_000_000;
const QUARTER_REPORTED: u64 = 2_500_000_000;

pub fn prices() -> BTreeMap<String, u64> {
    let mut world = World::ready();
    world.post_price(QUARTER);
    let observe = ObservePrice { price: world.price };
    world.govern(observe.instruction());
    // On the day of the initialisation reporters are named at once.
    let keys = world.price_by_quorum(5, 5);
    minters(&mut world);
    kept(&mut world);
    roles(&mut world);
    report(&mut world, &keys);
    world.costs().clone()
}

/// A minter that is removed and returns, and one that is dropped while it waits.
fn minters(world: &mut World) {
    let authority = world.authority.pubkey_of();
    let (_, minter) = world.plain_minter(RIGHT_IOSD, 0);
    world.edit(
        &minter,
        |minter: &mut iog_client::token::accounts::Minter| {
            minter.outstanding_iosd_units = 1;
        },
    );
    let signer = authority;
    let restore = RestoreMinter {
        authority,
        minter,
        rights: RIGHT_IOSD,
        cap_per_hour: 0,
    };
    world.govern(RemoveMinter { authority, minter }.instruction());
    world.advance(DAY);
    world.govern(restore.instruction());
    world.govern(DropMinter { signer, minter }.instruction());
    world.govern(restore.instruction());
}

fn roles(world: &mut World) {
    let (authority, key) = (world.authority.pubkey_of(), world.address());
    let (signer, index) = (authority, 8);
    let source = PriceSourceArgs {
        account: key,
        ..source_args()
    };
    let resolver = key;
    let named: [(Instruction, Instruction); 4] = [
        (
            world.set_reporter_ix(index, &key).instruction(),
            DropReporter { signer, index }.instruction(),
        ),
        (
            SetPriceQuorum {
                authority,
                quorum: 6,
            }
            .instruction(),
            DropPriceQuorum { signer }.instruction(),
        ),
        (
            SetPriceSource { authority, source }.instruction(),
            DropPriceSource { signer }.instruction(),
        ),
        (
            iog_client::market::instructions::SetResolver {
                authority,
                resolver,
            }
            .instruction(),
            DropResolver { signer }.instruction(),
        ),
    ];
    world.advance(DAY);
    for (set, drop) in &named {
        for instruction in [set, drop, set] {
            world.govern(instruction.clone());
        }
    }
    world.advance(DAY);
    world.govern(ApplyReporter { index }.instruction());
    world.govern(ApplyPriceQuorum {}.instruction());
    world.govern(ApplyResolver {}.instruction());
}

/// Kept IO goes back to be burned, called as the market would.
fn kept(world: &mut World) {
    let (collector, source) = world.collector(2 * IO);
    let (key, io) = (collector.pubkey_of(), pda::token::io_mint());
    world.edit(&pda::treasury::config(), |config: &mut Config| {
        config.kept_share_bps.value = 5_000;
    });
    let collect = world.collect_ix(&key, &source, &io, IO);
    world.must(collect.instruction(), &[&collector]);
    let release = ReleaseKept {
        market_authority: key,
        fees: pda::treasury::fees(&io),
    };
    world.must(release.instruction(), &[&collector]);
}

/// Five reports in one transaction.
fn report(world: &mut World, keys: &[Keypair]) {
    for wait in [1, 300] {
        world.advance(wait);
        let now = world.now();
        let reports: Vec<_> = keys
            .iter()
            .map(|key| signed(key, QUARTER_REPORTED, now))
            .collect();
        let sent = world
            .carry(&reports)
            .unwrap_or_else(|failure| panic!("refused: {failure:?}"));
        world.set_cost("token.report_price", sent.units);
    }
}
