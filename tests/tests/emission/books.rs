//! Nothing is paid twice, lost, or kept from anybody.

use iog_client::emission::EmissionError as E;
use iog_client::{emission, pda};
use iog_tests::world::{order_args, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Code, World};

use super::stage::*;

#[test]
fn an_hour_is_closed_minted_and_paid_exactly_once() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    let authority = world.authority.insecure_clone();
    let early = world.close_ix(48).instruction();
    world.refuses(E::NothingToClose, early, &[&authority]);
    world.set_time(GENESIS_TS + 7_199);
    world.close_hours(48);
    assert_eq!(config(&world).scheduled_units, FIRST);
    assert_eq!(config(&world).shared_units, LONE);
    let again = world.close_ix(48).instruction();
    world.refuses(E::NothingToClose, again, &[&authority]);
    settle(&mut world, &supplier);
    let again = world.settle_rewards_ix(&supplier, 0).instruction();
    world.refuses(E::HoursNotClosed, again, &[&authority]);
    world.mint_due();
    let again = world.mint_due_ix().instruction();
    world.refuses(E::NothingDue, again, &[&authority]);
    claim(&mut world, &supplier);
    let again = world.claim_ix(&supplier).instruction();
    world.refuses(E::NothingToClaim, again, &[&authority]);
    // A check-in of a closed hour can no longer be made: the running hour is taken from the clock.
    world.check_in(&supplier);
    assert_eq!(rewards(&world, &supplier).pending[0].hour, 2);
    check_identities(&world, &[&supplier], 0);
}

/// Claims go by the books: what somebody sends to the vault pays nobody, before the mint or after. redteam 11d
#[test]
fn donations_to_the_vault_are_nobodys() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    let vault = pda::emission::vault();
    world.donate(&vault, 10 * LONE + 777);
    world.check_in(&supplier);
    world.set_time(GENESIS_TS + 3_600);
    world.close_hours(1);
    settle(&mut world, &supplier);
    let claim_ix = world.claim_ix(&supplier).instruction();
    let anyone = world.authority.insecure_clone();
    world.refuses(E::NotMintedYet, claim_ix, &[&anyone]);
    world.mint_due();
    assert_eq!(config(&world).minted_units, LONE);
    claim(&mut world, &supplier);
    assert_eq!(world.balance(&vault), 10 * LONE + 777);
}

/// A device at work need not prove its memory in the hour, and scores five more. A match alone, or an acceptance that starts no
/// order, frees nobody: either can be had for nothing and is refunded.
#[test]
fn a_device_at_work_is_exempt_from_proof() {
    let mut world = planned();
    let [supplier, other] = [(); 2].map(|()| aged(&mut world, CLASS_TEST));
    world.mark_passed(&supplier);
    world.mark_passed(&other);
    world.set_time(GENESIS_TS + 3_600);
    let renter = world.renter();
    let authority = world.authority.insecure_clone();
    let refused = |world: &mut World| {
        let check_in = world.check_in_ix(&supplier).instruction();
        world.refuses(E::NoProofOfWork, check_in, &[&authority]);
    };
    refused(&mut world);
    let unfilled = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
    world.match_device(&unfilled, &supplier);
    refused(&mut world);
    world.match_device(&unfilled, &other);
    world.accept(&unfilled, &supplier);
    refused(&mut world);
    world.advance(1_200);
    world.expire_order(&unfilled);
    refused(&mut world);
    world.close_lease(&unfilled, &supplier);
    refused(&mut world);

    world.running(&renter, 2, 1, &[&supplier]);
    world.govern(world.check_in_ix(&supplier).instruction());
    assert_eq!(rewards(&world, &supplier).pending[0].score, SCORE + 5);
}

#[test]
fn pages_and_rewards_funded_beforehand_can_be_opened() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.fund(&supplier.rewards, 1);
    world.open_rewards(&supplier);
    world.fund(&pda::emission::page(1), 890_880);
    world.open_page(1);
    let again = emission::instructions::OpenPage {
        payer: world.authority.pubkey_of(),
        page: pda::emission::page(1),
        index: 1,
    };
    let authority = world.authority.insecure_clone();
    world.refuses(Code::in_use(), again.instruction(), &[&authority]);
    let again = emission::instructions::OpenRewards {
        payer: authority.pubkey_of(),
        device: supplier.device,
        rewards: supplier.rewards,
    };
    world.refuses(Code::in_use(), again.instruction(), &[&authority]);
}

/// A recipient that cannot be paid keeps its booking, and nobody else waits for it.
#[test]
fn a_frozen_recipient_blocks_only_itself() {
    let mut world = planned();
    let [one, two] = [(); 2].map(|()| aged(&mut world, CLASS_TEST));
    for supplier in [&one, &two] {
        world.check_in(supplier);
    }
    world.set_time(GENESIS_TS + 3_600);
    world.close_hours(1);
    world.mint_due();
    let mut frozen = world.account(&one.owner_token);
    frozen.data[108] = 2;
    world.set_account(&one.owner_token, frozen);
    for supplier in [&one, &two] {
        settle(&mut world, supplier);
    }
    let authority = world.authority.insecure_clone();
    let claim_one = world.claim_ix(&one).instruction();
    assert!(world.send(&[claim_one], &[&authority]).is_err());
    claim(&mut world, &two);
    assert!(rewards(&world, &one).owner_booked_units > 0);
    assert_eq!(rewards(&world, &two).owner_booked_units, 0);
}
