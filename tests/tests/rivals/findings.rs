//! What an audit of a settlement program found.

use iog_client::emission::accounts::{DeviceRewards, LedgerPage};
use iog_client::emission::EmissionError;
use iog_client::registry::accounts::Device;
use iog_client::staking::StakingError;
use iog_client::{emission, pda, staking};
use iog_tests::world::{class_args, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Code, Supplier, World};
use solana_pubkey::Pubkey;

use super::{age, aged, IO};

/// What is refused leaves its place free: the hour, the offer, the order.
#[test]
fn a_refused_attempt_uses_nothing_up() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let anyone = world.authority.insecure_clone();
    let check_in = world.check_in_ix(&supplier).instruction();
    world.refuses(EmissionError::NoProofOfWork, check_in.clone(), &[&anyone]);
    world.mark_passed(&supplier);
    world.govern(check_in);

    let co = world.co_staker();
    let offer = world.offer_ix(&supplier, IO, 5_000).instruction();
    world.must(offer, &[&supplier.owner]);
    for (amount, bps) in [(IO - 1, 5_000), (IO, 5_001), (0, 0)] {
        let accept = world
            .accept_offer_ix(&supplier, &co, amount, bps)
            .instruction();
        world.refuses(StakingError::TermsChanged, accept, &[&co.wallet]);
    }
    let accept = world
        .accept_offer_ix(&supplier, &co, IO, 5_000)
        .instruction();
    world.must(accept, &[&co.wallet]);
    assert_eq!(world.device_stake(&supplier).co_amount_units, IO);
}

/// Without a condition its evidence is not needed: no heartbeat while no uptime is asked for, no lease without an order, no second
/// page while all hours lie on one, no court for a stake that is not slashed.
#[test]
fn what_is_not_asked_for_need_not_be_given() {
    let mut world = World::ready();
    // Connected and staked, but never listed in the market.
    let supplier = world.registered(CLASS_TEST, 1);
    world.set_tier(&supplier, 2);
    world.stake(&supplier, 200 * IO);
    world.open_rewards(&supplier);
    age(&mut world, &supplier);
    assert_eq!(world.read::<Device>(&supplier.device).beat_head, 0);
    assert!(world.find(&supplier.occupancy).is_none());
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier);
    assert!(check_in.lease.is_none() && check_in.order.is_none());
    assert!(check_in.previous_page.is_none());
    world.govern(check_in.instruction());
    let request = world.unstake_ix(&supplier).instruction();
    world.must(request, &[&supplier.owner]);
}

/// A vault in its customer's place: refused, and nothing is booked.
#[test]
fn a_vault_is_nobodys_own_account() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    let co = world.co_staker();
    world.co_stake(&supplier, &co, IO, 5_000);
    world.check_in(&supplier);
    world.set_time(GENESIS_TS + 3_600);
    world.close_hours(1);
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    world.govern(settle);
    let before = (
        world.device_stake(&supplier),
        world.staking_config(),
        world.read::<DeviceRewards>(&supplier.rewards),
        world.read::<emission::accounts::Config>(&pda::emission::config()),
    );
    let twice = |program| Code::anchor(program, 2040);
    let mut increase = world.increase_ix(&supplier, IO);
    increase.owner_token = pda::staking::vault();
    let owner = &supplier.owner;
    world.refuses(twice(staking::ID), increase.instruction(), &[owner]);
    let mut overflow = world.overflow_ix(&supplier, 1);
    overflow.owner_token = pda::staking::vault();
    world.refuses(twice(staking::ID), overflow.instruction(), &[owner]);
    let mut claim = world.claim_ix(&supplier);
    claim.signer = owner.pubkey_of();
    claim.owner_token = pda::emission::vault();
    world.refuses(twice(emission::ID), claim.instruction(), &[owner]);
    let mut claim = world.claim_co_ix(&supplier, &pda::emission::vault());
    claim.signer = owner.pubkey_of();
    world.refuses(twice(emission::ID), claim.instruction(), &[owner]);
    let after = (
        world.device_stake(&supplier),
        world.staking_config(),
        world.read::<DeviceRewards>(&supplier.rewards),
        world.read::<emission::accounts::Config>(&pda::emission::config()),
    );
    assert!(before == after);
}

/// The class' multiplier and pool change in mid-hour: who has checked in keeps its score and pool, who comes later has the new.
#[test]
fn a_changed_class_leaves_the_hours_check_ins_alone() {
    let mut world = World::ready();
    let [early, late] = [(); 2].map(|()| aged(&mut world, CLASS_TEST));
    world.check_in(&early);
    let mut class = class_args(CLASS_TEST);
    class.multiplier_x100 = 50;
    class.pool = 1;
    world.update_class(class);
    world.check_in(&late);
    let pending = |supplier: &Supplier| {
        let rewards = world.read::<DeviceRewards>(&supplier.rewards);
        (rewards.pending[0].score, rewards.pending[0].pool)
    };
    assert_eq!(
        [pending(&early), pending(&late)],
        [(20_100, 0), (10_100, 1)]
    );
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    let totals = (
        page.hours[0].enterprise.total_score,
        page.hours[0].community.total_score,
    );
    assert_eq!(totals, (20_100, 10_100));
}

/// Vaults belong to addresses without a key, lend no delegate and can be closed by nobody; the mint can freeze nobody.
#[test]
fn no_key_reaches_a_vault_past_its_program() {
    let world = World::ready();
    let io = world.io;
    for vault in [
        pda::staking::vault(),
        pda::emission::vault(),
        pda::market::vault(&io),
        pda::market::credit_vault(),
        pda::treasury::vault(&io),
        pda::token::vesting_vault(),
    ] {
        let data = world.account(&vault).data;
        assert_eq!(data.len(), 165, "of SPL Token, without extensions");
        assert_eq!(data[..32], io.to_bytes());
        let owner = Pubkey::new_from_array(data[32..64].try_into().unwrap());
        assert!(!owner.is_on_curve(), "{vault} belongs to a key");
        assert!(!vault.is_on_curve());
        assert_eq!(data[72..76], [0; 4], "{vault} has a delegate");
        assert_eq!(data[129..133], [0; 4], "{vault} can be closed");
    }
    let mint = world.account(&io).data;
    let authority = Pubkey::new_from_array(mint[4..36].try_into().unwrap());
    assert_eq!(authority, pda::token::mint_authority());
    assert!(!authority.is_on_curve());
    assert_eq!(mint[46..50], [0; 4], "somebody may freeze");
}
