//! Into which account a renter is paid: of its own choice where it signs, else its associated one.

use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, spl, PubkeyOf};
use iog_tests::Outcome;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::stage::Stage;
use crate::stage::IO;

const AMOUNT: u64 = 6 * IO;

/// A sum is owed to the renter, who has a second account for IO.
fn owed() -> (Stage, Pubkey) {
    let mut stage = Stage::new();
    stage.take(AMOUNT);
    let (io, renter) = (stage.plain.world.io, stage.renter.wallet.pubkey_of());
    let second = stage.world().second_account(&renter, &io);
    (stage, second)
}

fn fetch(stage: &mut Stage, by: &Keypair, to: Pubkey, associated: Pubkey) -> Outcome {
    let mut fetch = stage.paying().fetch_ix(&stage.plain.world, &to);
    fetch.signer = by.pubkey_of();
    fetch.associated = associated;
    let payer = stage.plain.world.authority.insecure_clone();
    stage.world().send(&[fetch.instruction()], &[&payer, by])
}

/// audit: money L4
#[test]
fn strangers_pay_into_the_associated_account_and_the_renter_where_it_likes() {
    let (stage, second) = owed();
    let (renter, associated) = (stage.renter.wallet.insecure_clone(), stage.renter.token);
    let before = stage.plain.world.balance(&associated);
    let mut strange = stage.clone();
    let stranger = strange.world().wallet();
    for (to, named) in [(second, associated), (second, second), (associated, second)] {
        let outcome = fetch(&mut strange, &stranger, to, named);
        expect_code(outcome, E::NotAssociated);
    }
    assert_eq!(strange.owed(), (AMOUNT, AMOUNT));
    fetch(&mut strange, &stranger, associated, associated).unwrap();
    assert_eq!(strange.plain.world.balance(&associated) - before, AMOUNT);
    let mut own = stage;
    fetch(&mut own, &renter, second, associated).unwrap();
    assert_eq!(own.plain.world.balance(&second), AMOUNT);
    own.books(0);
}

/// redteam (associated accounts)
#[test]
fn a_renter_who_gave_its_account_away_is_paid_all_the_same() {
    let (mut stage, second) = owed();
    let (renter, associated) = (stage.renter.wallet.insecure_clone(), stage.renter.token);
    let stranger = stage.world().wallet();
    let gift = spl::give_away(&associated, &renter.pubkey_of(), &stranger.pubkey_of());
    stage.world().must(gift, &[&renter]);
    let outcome = fetch(&mut stage, &stranger, associated, associated);
    expect_code(outcome, E::WrongRecipient);
    fetch(&mut stage, &stranger, second, associated).unwrap();
    assert_eq!(stage.plain.world.balance(&second), AMOUNT);
}
