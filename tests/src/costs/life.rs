//! The life of a network, in which every instruction of every program is sent.

use std::collections::BTreeMap;

use iog_client::registry::instructions::{
    CloseAttestation, SetSecurity, SetTunnelKey, UpdateClass, UpdateOperator,
};
use iog_client::registry::ClassRates;
use iog_client::token::instructions::{
    ApplyMinterCap, ApplyPriceSource, BurnIo, BurnIosd, InitializeExisting, MintEmission,
    MintNetEmission, RefundIosd, RemoveMinter, SetMinterCap, SetPriceSource, SettleIosd,
};
use iog_client::token::PriceSourceArgs;
use iog_client::{pda, token, treasury};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::hour::Size;
use crate::world::{
    ata, iosd_ata, limit_args, reveal_ix, set_state_ix, source_args, try_commit, PubkeyOf,
    CLASS_TEST, GENESIS_TS, MIN_AGE_SECS, RIGHT_EMISSION, RIGHT_IOSD, RIGHT_NET_EMISSION,
};
use crate::{Supplier, World};

/// One IO and one US dollar in base units.
const IO: u64 = 100_000_000;
const USD: u64 = 1_000_000;
/// 0.25 USD, as the oracle says it.
const QUARTER: i64 = 25_000_000;
const DAY: i64 = 86_400;
/// The least that a minter of emission may be given an hour: twice the schedule's first hour.
const EMISSION_CAP: u64 = 913_242_009_132;
const RIGHTS: u8 = RIGHT_EMISSION | RIGHT_NET_EMISSION | RIGHT_IOSD;
/// The largest proof: 8 cards of 157.5 GiB of rows, 2^20 tiles, 2^17 waves; and the bytes of its openings.
const CLASS_LARGEST: u16 = 9;
const LARGEST: Size = Size {
    rows: 330_301_440,
    tiles: 1 << 20,
    waves: 1 << 17,
    cards: 8,
};
const LARGEST_OPENING: usize = 816;

/// The life of a network; of each instruction the last call counts, and this life's before the others'.
pub fn instructions() -> BTreeMap<String, u64> {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    // After the first day new minters wait.
    let (key, minter) = world.plain_minter(RIGHTS, EMISSION_CAP);
    administer(&mut world, &supplier);
    serve(&mut world, &supplier);
    earn(&mut world, &supplier);
    unstake(&mut world, &supplier);
    tokens(&mut world, &key, &minter);
    fees(&mut world);
    super::governance::govern(&mut world);
    let mut costs = takeover();
    costs.extend(super::stakes::stakes());
    costs.extend(super::market::market());
    costs.extend(super::answers::answers());
    super::market::longest_dispute(&mut costs);
    costs.extend(super::prices::prices());
    costs.extend(world.costs().clone());
    costs
}

fn administer(world: &mut World, supplier: &Supplier) {
    let (authority, class) = (world.authority.pubkey_of(), supplier.class);
    world.advance(DAY);
    let update = UpdateClass {
        authority,
        class,
        rates: ClassRates {
            base_price_usd6: 999_999,
            enabled: true,
        },
    };
    world.govern(update.instruction());
    let attestor = world.attestor.insecure_clone();
    let set = SetSecurity {
        attestor: attestor.pubkey_of(),
        device: supplier.device,
        secure: true,
        evidence_hash: [1; 32],
    };
    world.must(set.instruction(), &[&attestor]);
    manage(world, supplier);
}

/// What an owner does with a device, and the end of another one.
fn manage(world: &mut World, supplier: &Supplier) {
    for state in [1, 0] {
        world.set_device_state(supplier, state);
    }
    let owner = &supplier.owner;
    let rename = UpdateOperator {
        authority: owner.pubkey_of(),
        operator: supplier.operator,
        name: [b'x'; 32],
    };
    world.must(rename.instruction(), &[owner]);
    let set = SetTunnelKey {
        owner: owner.pubkey_of(),
        device: supplier.device,
        tunnel_key: world.address(),
    };
    world.must(set.instruction(), &[owner]);
    world.set_platform(supplier, 1).unwrap();
    let old = world.registered(CLASS_TEST, 1);
    world.must(set_state_ix(&old, 2), &[&old.owner]);
    let close = CloseAttestation {
        owner: old.owner.pubkey_of(),
        device: old.device,
        attestation: old.attestation,
    };
    world.must(close.instruction(), &[&old.owner]);
}

/// Heartbeats in a row, a proof that is walked, and one of the largest shape that a class may have.
fn serve(world: &mut World, supplier: &Supplier) {
    for _ in 0..3 {
        world.heartbeat(supplier);
        world.advance(600);
    }
    world.prove(supplier);
    let large = super::hour::of(world, CLASS_LARGEST, LARGEST);
    try_commit(world, &large, [1; 16]).unwrap_or_else(|failure| panic!("{failure:?}"));
    world.challenge(&large);
    let mut dearest = 0;
    for n in 0..8 {
        let bytes = world.forge(&large, n, 0);
        assert_eq!(bytes.len(), LARGEST_OPENING);
        dearest = dearest.max(world.govern(reveal_ix(&large, n, bytes)).units);
    }
    world.set_cost("registry.reveal", dearest);
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
    world.mint_due();
    let claim = world.claim_ix(supplier).instruction();
    world.govern(claim);
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

fn tokens(world: &mut World, key: &Keypair, minter: &Pubkey) {
    let (authority, owner) = (world.authority.pubkey_of(), key.pubkey_of());
    let mint = MintEmission {
        minter_authority: owner,
        minter: *minter,
        io_mint: world.io,
        destination: world.give_io(&owner, IO),
        amount: IO,
    };
    world.must(mint.instruction(), &[key]);
    let burn = BurnIo {
        owner,
        io_mint: world.io,
        from: ata(&owner, &world.io),
        amount: IO,
    };
    world.must(burn.instruction(), &[key]);
    iosd(world, key, minter);
    let (minter, cap_per_hour) = (*minter, 2 * EMISSION_CAP);
    let set = SetMinterCap {
        authority,
        minter,
        cap_per_hour,
    };
    world.govern(set.instruction());
    let source = PriceSourceArgs {
        account: world.price,
        ..source_args()
    };
    let set = SetPriceSource { authority, source };
    world.govern(set.instruction());
    world.advance(DAY);
    world.govern(ApplyMinterCap { minter }.instruction());
    world.govern(ApplyPriceSource {}.instruction());
    world.govern(RemoveMinter { authority, minter }.instruction());
}

/// IOSD is made, spent and given back; a day later some of the burned IO is minted again.
fn iosd(world: &mut World, key: &Keypair, minter: &Pubkey) {
    let owner = key.pubkey_of();
    world.post_price(QUARTER);
    for _ in 0..2 {
        world.burn_for_iosd(key, 1_000 * IO);
    }
    let spend = BurnIosd {
        minter_authority: owner,
        minter: *minter,
        owner,
        iosd_mint: pda::token::iosd_mint(),
        from: iosd_ata(&owner),
        amount: 2 * USD,
    };
    world.must(spend.instruction(), &[key]);
    let refund = RefundIosd {
        minter_authority: owner,
        minter: *minter,
        iosd_mint: pda::token::iosd_mint(),
        to: iosd_ata(&owner),
        amount: USD,
    };
    world.must(refund.instruction(), &[key]);
    let settle = SettleIosd {
        minter_authority: owner,
        minter: *minter,
        amount: USD,
    };
    world.must(settle.instruction(), &[key]);
    world.advance(2 * DAY);
    let mint = MintNetEmission {
        minter_authority: owner,
        minter: *minter,
        io_mint: world.io,
        destination: ata(&owner, &world.io),
        amount: IO,
    };
    for _ in 0..2 {
        world.must(mint.instruction(), &[key]);
    }
}

/// Fees of both kinds, a sale that does not reach the lot's end, and an incentive. It takes the collection away from the market.
fn fees(world: &mut World) {
    let (collector, source) = world.collector(3 * IO);
    let key = collector.pubkey_of();
    let io = pda::token::io_mint();
    world.edit::<treasury::accounts::Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 5_000;
    });
    for _ in 0..2 {
        let collect = world.collect_ix(&key, &source, &io, IO);
        world.must(collect.instruction(), &[&collector]);
    }
    let pay = world.incentive_ix(&key, &source, &io, IO / 4);
    world.must(pay.instruction(), &[&collector]);
    let burn = world.burn_fees_ix().instruction();
    world.govern(burn);

    let usdc = world.usdc();
    let authority = world.authority.insecure_clone();
    let dollars = world.mint_to(&usdc, &authority, &key, 1_000 * USD);
    let collect = world.collect_ix(&key, &dollars, &usdc, 1_000 * USD);
    world.must(collect.instruction(), &[&collector]);
    let open = world.open_auction_ix(&usdc).instruction();
    world.govern(open);
    world.post_price(QUARTER);
    world.give_io(&key, 20 * IO);
    for _ in 0..2 {
        let sell = world.sell_ix(&key, &usdc, 10 * IO, 0);
        world.must(sell.instruction(), &[&collector]);
    }
}

/// A network on a mint that was handed over, of which the missing part of the genesis supply is minted.
fn takeover() -> BTreeMap<String, u64> {
    let mut world = World::new();
    let authority = world.authority.insecure_clone();
    let io_mint = world.mint(&authority, 8);
    let bank = world.bank.pubkey_of();
    world.mint_to(&io_mint, &authority, &bank, IO);
    let start = InitializeExisting {
        authority: authority.pubkey_of(),
        program_data: pda::program_data(&token::ID),
        io_mint,
        genesis_ts: GENESIS_TS,
        limits: limit_args(),
    };
    world.govern(start.instruction());
    world.costs().clone()
}
