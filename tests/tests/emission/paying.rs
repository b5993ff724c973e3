//! Paying while the vault is short, and while nothing can be minted.

use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_client::token::instructions::{RemoveMinter, SetMinterCap};
use iog_client::token::TokenError;
use iog_tests::world::{expect_code, PubkeyOf, CLASS_TEST, RIGHT_EMISSION};
use iog_tests::{Code, Supplier, World};
use solana_instruction::error::InstructionError;

use super::co_staker::{claim_co, PART};
use super::minting::{mint, set_cap, token_pause, CAP};
use super::stage::*;

/// Two devices with an hour's reward booked for each, in full.
fn two_booked() -> (World, [Supplier; 2], u64) {
    let mut world = ready();
    let suppliers = [(); 2].map(|()| aged(&mut world, CLASS_TEST));
    for supplier in &suppliers {
        world.check_in(supplier);
    }
    world.set_time(start(2));
    world.close_hours(1);
    for supplier in &suppliers {
        settle(&mut world, supplier);
    }
    let each = share(SCORE, ENTERPRISE, 2 * SCORE);
    (world, suppliers, each)
}

/// redteam 11d: while the vault is short, who claims first is paid first; the rest stays booked and nobody loses a unit.
#[test]
fn claims_are_paid_as_far_as_is_minted() {
    let (mut world, [one, two], each) = two_booked();
    let anyone = world.authority.insecure_clone();
    let claims = [&one, &two].map(|s| world.claim_ix(s).instruction());
    for claim in &claims {
        world.refuses(E::NotMintedYet, claim.clone(), &[&anyone]);
    }
    let minted = each + each / 2;
    set_cap(&mut world, minted);
    assert_eq!(mint(&mut world), minted);
    let before = [&one, &two].map(|s| world.balance(&s.owner_token));
    for (supplier, paid) in [(&one, each), (&two, each / 2)] {
        claim(&mut world, supplier);
        let books = rewards(&world, supplier);
        assert_eq!(books.claimed_units, paid);
        assert_eq!(books.owner_booked_units, each - paid);
    }
    world.refuses(E::NothingToClaim, claims[0].clone(), &[&anyone]);
    world.refuses(E::NotMintedYet, claims[1].clone(), &[&anyone]);
    check_identities(&world, &[&one, &two], 1);
    world.set_time(start(3));
    assert_eq!(mint(&mut world), config(&world).shared_units - minted);
    claim(&mut world, &two);
    let after = [&one, &two].map(|s| world.balance(&s.owner_token));
    assert_eq!([after[0] - before[0], after[1] - before[1]], [each; 2]);
    check_identities(&world, &[&one, &two], 1);
}

/// redteam 11d: the role that lets the mint go on may claim in the same transaction; it gets what is booked for it and no more.
#[test]
fn who_resumes_the_mint_is_paid_first_and_takes_nothing_of_others() {
    let (mut world, [own, other], each) = two_booked();
    let authority = world.authority.insecure_clone();
    let pause = token_pause(&world, true);
    world.govern(pause);
    let mint_due = world.mint_due_ix().instruction();
    world.refuses(TokenError::Paused, mint_due.clone(), &[&authority]);
    let resume = token_pause(&world, false);
    let claim_own = world.claim_ix(&own).instruction();
    world
        .send_large(&[resume, mint_due, claim_own], &[&authority])
        .unwrap();
    claim(&mut world, &other);
    for supplier in [&own, &other] {
        assert_eq!(rewards(&world, supplier).claimed_units, each);
    }
    check_identities(&world, &[&own, &other], 1);
}

/// redteam 11d: a co-staker's part waits like the owner's, each for itself.
#[test]
fn co_stakers_wait_as_owners_do() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    let co = world.co_staker();
    world.co_stake(&supplier, &co, PART, 4_000);
    world.check_in(&supplier);
    world.set_time(start(2));
    world.close_hours(1);
    settle(&mut world, &supplier);
    let [owner_part, co_part] = [LONE * 6 / 10, LONE * 4 / 10];
    let anyone = world.authority.insecure_clone();
    let [to_owner, to_co] = [
        world.claim_ix(&supplier).instruction(),
        world.claim_co_ix(&supplier, &co.token).instruction(),
    ];
    for claim in [&to_owner, &to_co] {
        world.refuses(E::NotMintedYet, claim.clone(), &[&anyone]);
    }
    set_cap(&mut world, co_part + 7);
    assert_eq!(mint(&mut world), co_part + 7);
    let before = world.balance(&co.token);
    claim_co(&mut world, &supplier, &co);
    assert_eq!(world.balance(&co.token) - before, co_part);
    claim(&mut world, &supplier);
    assert_eq!(rewards(&world, &supplier).claimed_units, 7);
    world.refuses(E::NotMintedYet, to_owner, &[&anyone]);
    world.refuses(E::NothingToClaim, to_co, &[&anyone]);
    world.set_time(start(3));
    set_cap(&mut world, CAP);
    assert_eq!(mint(&mut world), owner_part - 7);
    claim(&mut world, &supplier);
    let books = rewards(&world, &supplier);
    assert_eq!(
        [books.claimed_units, books.co_claimed_units],
        [owner_part, co_part]
    );
    check_identities(&world, &[&supplier], 0);
}

/// audit: money H1, audit: money L6: neither the mint's bit, nor a cap of nothing, nor a minter that is gone keeps an hour open or a
/// device out; what is due waits.
#[test]
fn a_minter_that_is_gone_stops_no_hour() {
    let (mut world, [one, two], each) = two_booked();
    let authority = world.authority.insecure_clone();
    let minter = pda::token::minter(&pda::emission::minter_authority());
    let cap = |cap_per_hour| SetMinterCap {
        authority: authority.pubkey_of(),
        minter,
        cap_per_hour,
    };
    for low in [0, 500_000, CAP - 1] {
        let set = cap(low).instruction();
        world.refuses(TokenError::OutOfBounds, set, &[&authority]);
    }
    let remove = RemoveMinter {
        authority: authority.pubkey_of(),
        minter,
    };
    world.govern(remove.instruction());
    let mint_due = world.mint_due_ix().instruction();
    let missing = Code::plain(
        iog_client::emission::ID,
        InstructionError::AccountDataTooSmall,
    );
    let outcome = world.send(&[mint_due], &[&authority]);
    expect_code(outcome, missing);
    for hour in 2..=12 {
        world.check_in(&one);
        world.check_in(&two);
        world.set_time(start(hour + 1));
        world.close_hours(1);
    }
    settle(&mut world, &one);
    assert!(rewards(&world, &one).owner_booked_units > 11 * each - each / 10);
    check_identities(&world, &[&one, &two], 24);
    // Registered again it acts after 24 hours, and mints all that was shared meanwhile.
    world.register_minter(
        &pda::emission::minter_authority(),
        RIGHT_EMISSION,
        25_000_000_000_000,
    );
    world.advance(86_400);
    assert_eq!(mint(&mut world), config(&world).shared_units);
    claim(&mut world, &one);
    check_identities(&world, &[&one, &two], 24);
}
