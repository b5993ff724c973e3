//! With everything paused, everybody still gets out what is theirs.

use super::programs::programs;
use iog_client::emission::accounts::DeviceRewards;
use iog_client::emission::EmissionError;
use iog_client::pda;
use iog_client::registry::accounts::{Attestation, Device};
use iog_client::token::instructions::{BurnIo, ReleaseVested};
use iog_client::token::TokenError;
use iog_client::treasury::accounts::FeeVault;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};

const IO: u64 = 100_000_000;
const COOL_DOWN: i64 = 1_209_600;
/// 0.25 USD, as the oracle says it.
const QUARTER: i64 = 25_000_000;
/// The bank's vesting that pays by the second.
const COMMUNITY: u8 = 5;

/// Pauses every bit of every program.
fn pause_all(world: &mut World) {
    let authority = world.authority.pubkey_of();
    for program in programs() {
        world.govern((program.pause)(authority, program.all));
    }
}

fn aged(world: &mut World) -> Supplier {
    let supplier = world.supplier(CLASS_TEST);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    supplier
}

#[test]
fn vested_io_is_released_and_io_burned() {
    let mut world = World::ready();
    pause_all(&mut world);
    world.advance(3_600);
    let bank = world.bank.insecure_clone();
    let (io, owner) = (world.io, bank.pubkey_of());
    let token = world.token_account(&owner, &io);
    let before = world.balance(&token);
    let release = ReleaseVested {
        signer: world.authority.pubkey_of(),
        vesting: pda::token::vesting(COMMUNITY),
        io_mint: io,
        beneficiary_token: token,
        associated: token,
    };
    world.govern(release.instruction());
    // An hour of 44,000,000 IO over 41 months of 2,629,800 seconds.
    assert_eq!(world.balance(&token), before + 146_909_066_626);
    let burn = BurnIo {
        owner,
        io_mint: io,
        from: token,
        amount: IO,
    };
    world.must(burn.instruction(), &[&bank]);
    world.check_supply();
}

#[test]
fn a_stake_is_withdrawn_whole() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    pause_all(&mut world);
    let before = world.balance(&supplier.owner_token);
    let request = world.unstake_ix(&supplier).instruction();
    world.must(request, &[&supplier.owner]);
    world.advance(COOL_DOWN);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    world.must(withdraw, &[&supplier.owner]);
    assert_eq!(world.balance(&supplier.owner_token), before + 200 * IO);
}

#[test]
fn hours_are_closed_settled_and_claimed_and_what_is_not_minted_waits() {
    let mut world = World::ready();
    let supplier = aged(&mut world);
    world.check_in(&supplier);
    world.next_hour();
    world.check_in(&supplier);
    world.close_hours(1);
    world.mint_due();
    world.next_hour();
    pause_all(&mut world);
    let before = world.balance(&supplier.owner_token);
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    world.govern(settle.clone());
    let claim = world.claim_ix(&supplier).instruction();
    world.govern(claim.clone());
    let paid = |world: &World| world.balance(&supplier.owner_token) - before;
    // The most that 20,100 points get in an hour.
    assert_eq!(paid(&world), 20_100_000_000);
    // The second hour is closed and booked; it cannot be minted now, and is not lost.
    let keeper = world.authority.insecure_clone();
    let close = world.close_ix(1).instruction();
    world.must(close, &[&keeper]);
    world.govern(settle);
    world.refuses(EmissionError::NotMintedYet, claim.clone(), &[&keeper]);
    let mint = world.mint_due_ix().instruction();
    world.refuses(TokenError::Paused, mint.clone(), &[&keeper]);
    let authority = world.authority.pubkey_of();
    for program in programs().iter().filter(|program| program.name == "token") {
        world.govern((program.resume)(authority, program.all));
    }
    world.must(mint, &[&keeper]);
    world.govern(claim);
    assert_eq!(paid(&world), 40_200_000_000);
    let rewards = world.read::<DeviceRewards>(&supplier.rewards);
    assert_eq!(rewards.claimed_units, 40_200_000_000);
    world.check_supply();
}

#[test]
fn orders_are_served_settled_ended_expired_and_closed() {
    let mut world = World::ready();
    let [one, two] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let renter = world.renter();
    let wealth = world.balance(&renter.token);
    let running = world.running(&renter, 1, 3, &[&one]);
    let waiting = world.book(&renter, CLASS_TEST, order_args(2, 2, 1));
    let open = world.book(&renter, CLASS_TEST, order_args(3, 1, 1));
    pause_all(&mut world);
    // What was booked before can still begin.
    world.match_device(&open, &two);
    world.accept(&open, &two);
    world.serve_hour(&[&one, &two], 6);
    world.expire_order(&waiting);
    let io = world.io;
    let fees = |world: &World| {
        world
            .read::<FeeVault>(&pda::treasury::fees(&io))
            .booked_units
    };
    assert_eq!(fees(&world), 0);
    let before = world.balance(&one.owner_token);
    world.settle_lease(&running, &one);
    world.settle_lease(&open, &two);
    world.withdraw(&one, Currency::Io);
    // An hour's rent less 25 basis points, rounded up; from both sides of both hours those fees.
    let earned = 400_801_604 - 1_002_005;
    assert_eq!(world.balance(&one.owner_token), before + earned);
    world.collect_fees(Currency::Io);
    assert_eq!(fees(&world), 4_008_018);
    world.end_early(&running, &renter);
    world.settle_lease(&running, &one);
    for (order, supplier) in [(running, &one), (open, &two)] {
        world.close_lease(&order, supplier);
        world.refund_rest(&order);
        world.close_order(&order);
    }
    world.refund(&waiting);
    world.close_order(&waiting);
    assert!([running, waiting, open]
        .iter()
        .all(|order| world.find(order).is_none()));
    world.check_escrow(Currency::Io);
    // All that is gone is two hours' rent with the fees on it, rounded down: what nobody served costs none.
    let price = 400_801_604;
    let gone = 2 * (price + price * 25 / 10_000);
    assert_eq!(world.balance(&renter.token), wealth - gone);
    world.govern(world.burn_fees_ix().instruction());
    assert_eq!(fees(&world), 0);
}

#[test]
fn fees_are_collected_burned_and_paid() {
    let mut world = World::ready();
    let (collector, source) = world.collector(1_000);
    let io = world.io;
    world.edit::<iog_client::treasury::accounts::Config>(&pda::treasury::config(), |config| {
        config.kept_share_bps.value = 5_000;
    });
    pause_all(&mut world);
    let key = collector.pubkey_of();
    let collect = world.collect_ix(&key, &source, &io, 1_000).instruction();
    world.must(collect, &[&collector]);
    world.govern(world.burn_fees_ix().instruction());
    let pay = world.incentive_ix(&key, &source, &io, 500).instruction();
    world.must(pay, &[&collector]);
    assert_eq!(world.balance(&source), 500);
}

#[test]
fn a_proof_that_is_under_way_ends_and_a_device_retires() {
    let mut world = World::ready();
    let supplier = world.supplier(CLASS_TEST);
    let mut prover = world.commit(&supplier);
    pause_all(&mut world);
    world.challenge(&supplier);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    world.finalize(&supplier);
    let epoch = u64::from(world.hour());
    let device = world.read::<Device>(&supplier.device);
    assert_eq!(device.last_pass_epoch, epoch);
    assert_eq!(
        world.read::<Attestation>(&supplier.attestation).epoch,
        epoch
    );
    world.heartbeat(&supplier);
    world.set_device_state(&supplier, 2);
    assert_eq!(world.read::<Device>(&supplier.device).state, 2);
}

/// Governance itself cannot be paused, or nobody could resume.
#[test]
fn governance_goes_on() {
    let mut world = World::ready();
    pause_all(&mut world);
    let authority = world.authority.pubkey_of();
    let successor = world.wallet();
    for program in programs() {
        world.govern((program.propose)(authority, successor.pubkey_of()));
        world.must((program.accept)(successor.pubkey_of()), &[&successor]);
        let resume = (program.resume)(successor.pubkey_of(), program.all);
        world.must(resume, &[&successor]);
        assert_eq!((program.roles)(&world).paused, 0);
    }
}

/// audit: money M2: a supplier of orders paid in IOSD has one way to be paid, and no pause stops any step of it.
#[test]
fn suppliers_of_iosd_orders_are_paid() {
    let mut world = World::ready();
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.credit_renter());
    let order = world.running_in(Currency::Iosd, &renter, 1, 2, &[&supplier]);
    for _ in 0..2 {
        world.serve_hour(&[&supplier], 6);
    }
    pause_all(&mut world);
    world.wind_up(&order, &[&supplier]);
    world.advance(2 * 86_400);
    world.post_price(QUARTER);
    world.claim_credit(&supplier);
    world.fund_credit(u64::MAX);
    let before = world.balance(&supplier.owner_token);
    world.pay_credit(&supplier);
    // Two hours at a dollar less 25 basis points are 1.995 USD; at 0.25 USD and twice 0.1 % of it, rounded down.
    let paid = world.balance(&supplier.owner_token) - before;
    assert_eq!(paid, 796_407_185);
    assert_eq!(world.credit_line().paid_units, paid);
}
