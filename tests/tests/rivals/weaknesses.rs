//! What a rival's code got wrong.

use iog_client::emission::accounts::{DeviceRewards, LedgerPage};
use iog_client::market::ParameterId;
use iog_client::registry::accounts::{
    Attestation, Device, HardwareClass, Measurements, Operator, Windows,
};
use iog_client::staking::accounts::{DeviceStake, Offer, OwnerBook, SlashCase};
use iog_client::AccountData;
use iog_client::{decode, emission, encode, market, pda, registry, staking, token, treasury};
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS};
use iog_tests::{Meta, World};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::{aged, IO};

/// Everybody leaves with exactly what is booked, whatever anyone sent to the vaults meanwhile, in the middle of a cool-down too.
#[test]
fn a_donation_changes_no_amount_on_the_way_out() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    let vaults = [pda::staking::vault(), pda::emission::vault()];
    let donate = |world: &mut World| {
        for vault in vaults {
            world.donate(&vault, 123 * IO + 1);
        }
    };
    let before = world.balance(&supplier.owner_token);
    let request = world.unstake_ix(&supplier).instruction();
    donate(&mut world);
    world.must(request, &[&supplier.owner]);
    world.advance(7 * 86_400);
    donate(&mut world);
    world.advance(7 * 86_400);
    let withdraw = world.withdraw_ix(&supplier).instruction();
    world.must(withdraw, &[&supplier.owner]);
    assert_eq!(world.balance(&supplier.owner_token), before + 200 * IO);
    world.close_hours(1);
    world.mint_due();
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    world.govern(settle);
    let booked = world
        .read::<DeviceRewards>(&supplier.rewards)
        .owner_booked_units;
    world.govern(world.claim_ix(&supplier).instruction());
    let after = world.balance(&supplier.owner_token);
    assert_eq!(after, before + 200 * IO + booked);
    // 20,100 points at the most that a point may get here.
    assert_eq!(booked, 20_100_000_000);
    assert_eq!(world.balance(&vaults[0]), 2 * (123 * IO + 1));
}

/// The rival's queue holds 314 nodes and is searched from the front. Nothing here grows with the number of devices.
#[test]
fn the_four_hundredth_device_costs_what_the_first_did() {
    let mut world = World::ready();
    let owner = world.wallet();
    world.register_operator(&owner);
    let (mut registered, mut checked_in) = (Vec::new(), Vec::new());
    for _ in 0..400 {
        let supplier = world.unregistered(&owner, CLASS_TEST);
        let register = world.register_device(&supplier, 1);
        let meta = world.must(register, &[&owner, &supplier.device_key]);
        registered.push(meta.units);
        world.set_tier(&supplier, 2);
        world.stake(&supplier, 200 * IO);
        world.open_rewards(&supplier);
        world.edit::<Device>(&supplier.device, |device| {
            device.registered_ts = GENESIS_TS - 43_200;
        });
        checked_in.push(world.check_in(&supplier).units);
    }
    // Searching an address' bump takes one try or a few, the first devices' and the last ones' alike.
    for units in [&registered, &checked_in] {
        let cheapest = |units: &[u64]| *units.iter().min().expect("some");
        assert_eq!(cheapest(&units[..50]), cheapest(&units[350..]));
    }
    assert!(
        checked_in.iter().all(|units| *units <= 6_000),
        "{checked_in:?}"
    );
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    assert_eq!(page.hours[0].enterprise.total_score, 400 * 20_100);
    let operator = world.read::<Operator>(&pda::registry::operator(&owner.pubkey_of()));
    assert_eq!(operator.devices, 400);
}

#[test]
fn an_order_without_any_fee_is_settled_whole() {
    let mut world = World::ready();
    for id in [ParameterId::ReservationFeeBps, ParameterId::SupplierFeeBps] {
        let set = market::instructions::SetParameter {
            authority: world.authority.pubkey_of(),
            id,
            value: 0,
        };
        world.govern(set.instruction());
    }
    let supplier = world.supplier(CLASS_TEST);
    let renter = world.renter();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    let deposited = world
        .read::<market::accounts::Order>(&order)
        .deposited_units;
    let before = world.balance(&supplier.owner_token);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.withdraw(&supplier, Currency::Io);
    assert_eq!(world.balance(&supplier.owner_token) - before, deposited);
    let books = world.read::<market::accounts::Order>(&order);
    assert_eq!((books.paid_units, books.fee_units), (deposited, 0));
    world.check_order_books(&order);
}

#[track_caller]
fn has_event(what: &str, meta: &Meta) {
    assert!(!meta.events.is_empty(), "{what} says nothing");
    let token_moved = meta.logs.iter().any(|line| line.contains("TokenkegQ"));
    assert!(token_moved, "{what} moved no tokens: {:?}", meta.logs);
}

#[test]
fn every_movement_of_tokens_is_an_event() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let owner = supplier.owner.insecure_clone();
    world.set_tier(&supplier, 2);
    world.open_rewards(&supplier);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    let co = world.co_staker();
    let court = world.seated_court();
    let renter = world.renter();
    let step = |world: &mut World, what: &str, ix: Instruction| {
        let payer = world.authority.insecure_clone();
        let all = [&owner, &co.wallet, &renter.wallet, &payer];
        let signs = |key: &Pubkey| ix.accounts.iter().any(|m| m.is_signer && m.pubkey == *key);
        let mut signers = vec![&payer];
        signers.extend(
            all[..3]
                .iter()
                .copied()
                .filter(|key| signs(&key.pubkey_of())),
        );
        let meta = world
            .send_large(std::slice::from_ref(&ix), &signers)
            .unwrap();
        has_event(what, &meta);
    };
    let ix = world.stake_ix(&supplier, 300 * IO).instruction();
    step(&mut world, "stake", ix);
    let ix = world.increase_ix(&supplier, IO).instruction();
    step(&mut world, "increase_stake", ix);
    let ix = world.overflow_ix(&supplier, IO).instruction();
    step(&mut world, "withdraw_overflow", ix);
    let offer = world.offer_ix(&supplier, 100 * IO, 5_000).instruction();
    world.must(offer, &[&supplier.owner]);
    let ix = world
        .accept_offer_ix(&supplier, &co, 100 * IO, 5_000)
        .instruction();
    step(&mut world, "accept_offer", ix);
    world.check_in(&supplier);
    world.open_earnings(&supplier);
    world.list_device(&supplier, 0);
    world.post_price(25_000_000);
    let ix = world
        .create_order_ix(&renter, CLASS_TEST, order_args(1, 1, 1))
        .instruction();
    step(&mut world, "create_order", ix);
    let order = pda::market::order(&renter.wallet.pubkey_of(), 1);
    world.match_device(&order, &supplier);
    world.accept(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    let settled = world.settle_lease(&order, &supplier);
    assert!(!settled.events.is_empty(), "a settlement books");
    let ix = world
        .withdraw_earnings_ix(&supplier, Currency::Io)
        .instruction();
    step(&mut world, "withdraw_earnings", ix);
    let ix = world.collect_fees_ix(Currency::Io).instruction();
    step(&mut world, "collect_fees", ix);
    world.close_hours(1);
    let ix = world.mint_due_ix().instruction();
    step(&mut world, "mint_due", ix);
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    world.govern(settle);
    let ix = world.claim_ix(&supplier).instruction();
    step(&mut world, "claim", ix);
    let ix = world.claim_co_ix(&supplier, &co.token).instruction();
    step(&mut world, "claim_co", ix);
    let ix = treasury::instructions::BurnIoFees {
        fees: pda::treasury::fees(&world.io),
        vault: pda::treasury::vault(&world.io),
        io_mint: world.io,
        token_config: pda::token::config(),
    };
    step(&mut world, "burn_io_fees", ix.instruction());
    let case = world.propose_slash(&court, &supplier, IO);
    world.advance(30 * 86_400);
    let ix = world.finalize_slash_ix(&supplier, &case).instruction();
    step(&mut world, "finalize_slash", ix);
    let request = world.unstake_ix(&supplier).instruction();
    world.must(request, &[&supplier.owner]);
    world.advance(14 * 86_400);
    let ix = world.withdraw_co_ix(&supplier, &co).instruction();
    step(&mut world, "withdraw_co", ix);
    let ix = world.withdraw_ix(&supplier).instruction();
    step(&mut world, "withdraw", ix);
}

#[track_caller]
fn exact<T: AccountData>(world: &World, address: &Pubkey) {
    let data = world.account(address).data;
    let content: T = decode(&data).unwrap();
    assert_eq!(encode(&content), data, "{}", T::NAME);
}

/// Read field by field without padding and written back, every account has the bytes and the length that it had.
#[test]
fn accounts_are_as_long_as_what_they_hold() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let other = aged(&mut world, CLASS_COMMUNITY);
    let co = world.co_staker();
    world.co_stake(&supplier, &co, IO, 5_000);
    let offer = world.offer_ix(&other, IO, 1).instruction();
    world.must(offer, &[&other.owner]);
    let court = world.seated_court();
    let case = world.propose_slash(&court, &supplier, IO);
    let renter = world.renter();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.prove(&supplier);
    let open = registry::instructions::OpenMeasurements {
        payer: world.authority.pubkey_of(),
        device: supplier.device,
        measurements: supplier.measurements,
    };
    world.govern(open.instruction());
    let w = &world;
    exact::<emission::accounts::Config>(w, &pda::emission::config());
    exact::<LedgerPage>(w, &pda::emission::page(0));
    exact::<DeviceRewards>(w, &supplier.rewards);
    exact::<market::accounts::Config>(w, &pda::market::config());
    exact::<market::accounts::Escrow>(w, &pda::market::escrow(&w.io));
    exact::<market::accounts::Order>(w, &order);
    exact::<market::accounts::Lease>(w, &pda::market::lease(&order, &supplier.device));
    exact::<market::accounts::Occupancy>(w, &supplier.occupancy);
    exact::<market::accounts::PriceBook>(w, &supplier.price_book());
    exact::<market::accounts::RenterStats>(w, &renter.stats);
    exact::<market::accounts::Earnings>(w, &w.earnings_of(&supplier, Currency::Io));
    exact::<market::accounts::CreditLine>(w, &pda::market::credit_line());
    exact::<registry::accounts::Config>(w, &pda::registry::config());
    exact::<Windows>(w, &pda::registry::windows());
    exact::<HardwareClass>(w, &supplier.class);
    exact::<Operator>(w, &supplier.operator);
    exact::<Device>(w, &supplier.device);
    exact::<Attestation>(w, &supplier.attestation);
    exact::<Measurements>(w, &supplier.measurements);
    exact::<staking::accounts::Config>(w, &pda::staking::config());
    exact::<DeviceStake>(w, &supplier.stake);
    exact::<Offer>(w, &pda::staking::offer(&other.device));
    exact::<OwnerBook>(w, &pda::staking::owner_book(&other.owner.pubkey_of()));
    exact::<SlashCase>(w, &case);
    exact::<token::accounts::Config>(w, &pda::token::config());
    let minter = pda::token::minter(&pda::emission::minter_authority());
    exact::<token::accounts::Minter>(w, &minter);
    exact::<token::accounts::Vesting>(w, &pda::token::vesting(5));
    exact::<token::accounts::PriceSource>(w, &pda::token::price_source());
    exact::<treasury::accounts::Config>(w, &pda::treasury::config());
    exact::<treasury::accounts::FeeVault>(w, &pda::treasury::fees(&w.io));
}
