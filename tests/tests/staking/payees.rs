//! Into which account a co-staker is paid: of its own choice where it signs, else its associated one.

use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, spl, PubkeyOf};
use iog_tests::Outcome;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::stage::{Stage, COOL_DOWN, IO, MINIMUM, WALLET};

const CO: u64 = 50 * IO;

/// The co-staker's time has come; it has a second account for IO.
fn unlocked() -> (Stage, Pubkey) {
    let mut stage = Stage::co_staked(MINIMUM, CO);
    stage.request();
    stage.world.advance(COOL_DOWN);
    let (io, co) = (stage.world.io, stage.co.wallet.pubkey_of());
    let second = stage.world.second_account(&co, &io);
    (stage, second)
}

fn pay(stage: &mut Stage, by: &Keypair, to: Pubkey, associated: Pubkey) -> Outcome {
    let mut paid = stage.world.withdraw_co_ix(&stage.one, &stage.co);
    paid.signer = by.pubkey_of();
    (paid.co_staker_token, paid.associated) = (to, associated);
    let payer = stage.world.authority.insecure_clone();
    stage.world.send(&[paid.instruction()], &[&payer, by])
}

/// audit: money L4: a griefer opens a second account for a pool that counts its associated one alone, and would pay its stake there.
#[test]
fn strangers_pay_into_the_associated_account_alone() {
    let (mut stage, second) = unlocked();
    let associated = stage.co.token;
    let stranger = stage.world.wallet();
    let owner = stage.one.owner.insecure_clone();
    for by in [&stranger, &owner] {
        let theirs = stage.one.owner_token;
        for named in [associated, second, theirs] {
            let outcome = pay(&mut stage, by, second, named);
            expect_code(outcome, E::NotAssociated);
        }
        let outcome = pay(&mut stage, by, associated, second);
        expect_code(outcome, E::NotAssociated);
        stage.holds(MINIMUM, CO);
        let mut stage = stage.clone();
        pay(&mut stage, by, associated, associated).unwrap();
        assert_eq!(stage.world.balance(&associated), WALLET);
    }
}

#[test]
fn who_signs_is_paid_where_it_likes() {
    let (mut stage, second) = unlocked();
    let (co, associated) = (stage.co.wallet.insecure_clone(), stage.co.token);
    for named in [associated, second, co.pubkey_of()] {
        let mut stage = stage.clone();
        pay(&mut stage, &co, second, named).unwrap();
        assert_eq!(stage.world.balance(&second), CO);
        assert_eq!(stage.world.balance(&associated), WALLET - CO);
    }
    // Into an account of its own, though.
    let theirs = stage.one.owner_token;
    let outcome = pay(&mut stage, &co, theirs, associated);
    expect_code(outcome, E::WrongRecipient);
}

/// redteam (associated accounts): who gave its associated account away is paid into any other of its own, by anyone: it neither loses its stake
/// to the new owner nor keeps the device's owner waiting for ransom.
#[test]
fn an_account_given_away_locks_nobody_out() {
    let (mut stage, second) = unlocked();
    let associated = stage.co.token;
    let (stranger, co) = (stage.world.wallet(), stage.co.wallet.insecure_clone());
    let gift = spl::give_away(&associated, &co.pubkey_of(), &stranger.pubkey_of());
    stage.world.must(gift, &[&co]);
    let outcome = pay(&mut stage, &stranger, associated, associated);
    expect_code(outcome, E::WrongRecipient);
    // That it was given away is shown by the account itself, and by no other.
    let outcome = pay(&mut stage, &stranger, second, second);
    expect_code(outcome, E::NotAssociated);
    pay(&mut stage, &stranger, second, associated).unwrap();
    assert_eq!(stage.world.balance(&second), CO);
    assert_eq!(stage.accepted(), 0);
    stage.holds(MINIMUM, 0);
}
