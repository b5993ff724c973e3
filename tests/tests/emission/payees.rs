//! Whose account a claim may pay: the recipient's choice where it signs, else its associated one.

use iog_client::emission::EmissionError as E;
use iog_tests::world::PubkeyOf;
use iog_tests::{Supplier, World};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::co_staker::co_staked;
use super::stage::*;

/// Where the owner of a token account stands in its data, and where its amount.
const OWNER: std::ops::Range<usize> = 32..64;
const AMOUNT: std::ops::Range<usize> = 64..72;

/// An empty account for IO of the wallet's that is not its associated one: whoever pays the rent may open such.
fn another(world: &mut World, like: &Pubkey, wallet: &Pubkey) -> Pubkey {
    let account = world.address();
    world.copy_account(like, &account);
    let mut content = world.account(&account);
    content.data[OWNER].copy_from_slice(wallet.as_ref());
    content.data[AMOUNT].fill(0);
    world.set_account(&account, content);
    account
}

/// `SetAuthority`, as the token program carries it out.
fn give_away(world: &mut World, account: &Pubkey, to: &Pubkey) {
    let mut content = world.account(account);
    content.data[OWNER].copy_from_slice(to.as_ref());
    world.set_account(account, content);
}

/// A device with an hour's reward booked for owner and co-staker, half each, and minted.
fn earned() -> (World, Supplier, [(Keypair, Pubkey); 2], u64) {
    let (mut world, supplier, co) = co_staked(5_000);
    world.check_in(&supplier);
    world.set_time(start(2));
    world.close_hours(1);
    settle(&mut world, &supplier);
    world.mint_due();
    let recipients = [
        (supplier.owner.insecure_clone(), supplier.owner_token),
        (co.wallet, co.token),
    ];
    let half = share(SCORE, ENTERPRISE, SCORE) / 2;
    (world, supplier, recipients, half)
}

/// Who signs a claim, the account that is passed as associated, and the one that is paid.
struct Try {
    signer: Pubkey,
    associated: Pubkey,
    paid: Pubkey,
}

/// The owner's claim, or the co-staker's.
fn claim_ix(
    world: &World,
    supplier: &Supplier,
    co: bool,
    tried: &Try,
) -> solana_instruction::Instruction {
    if co {
        let mut claim = world.claim_co_ix(supplier, &tried.paid);
        (claim.signer, claim.associated) = (tried.signer, tried.associated);
        return claim.instruction();
    }
    let mut claim = world.claim_ix(supplier);
    (claim.signer, claim.associated) = (tried.signer, tried.associated);
    claim.owner_token = tried.paid;
    claim.instruction()
}

/// audit: money L4: a stranger cannot pay a vault that counts its associated account only into one that it does not count.
#[test]
fn strangers_pay_into_the_associated_account_and_recipients_where_they_like() {
    for which in [0, 1] {
        let (mut world, supplier, recipients, half) = earned();
        let (key, own) = &recipients[which];
        let stranger = world.wallet();
        let elsewhere = another(&mut world, own, &key.pubkey_of());
        for associated in [elsewhere, *own] {
            let tried = Try {
                signer: stranger.pubkey_of(),
                associated,
                paid: elsewhere,
            };
            let claim = claim_ix(&world, &supplier, which == 1, &tried);
            world.refuses(E::NotAssociated, claim, &[&stranger]);
        }
        // Nor by naming the recipient without its signature.
        let mut signed = world.clone();
        let tried = Try {
            signer: key.pubkey_of(),
            associated: *own,
            paid: elsewhere,
        };
        let mut claim = claim_ix(&world, &supplier, which == 1, &tried);
        signed.must(claim.clone(), &[key]);
        assert_eq!(signed.balance(&elsewhere), half);
        claim.accounts[0].is_signer = false;
        assert!(world.send(&[claim], &[&stranger]).is_err());
        let before = world.balance(own);
        let tried = Try {
            signer: stranger.pubkey_of(),
            associated: *own,
            paid: *own,
        };
        let claim = claim_ix(&world, &supplier, which == 1, &tried);
        world.must(claim, &[&stranger]);
        assert_eq!(world.balance(own) - before, half);
    }
}

/// audit: money L4, redteam (associated accounts): who hands its associated account to somebody else is paid into any account of its own, by
/// anyone, and nobody is paid in its place.
#[test]
fn an_account_given_away_locks_nobody_out() {
    for which in [0, 1] {
        let (mut world, supplier, recipients, half) = earned();
        let (key, own) = &recipients[which];
        let stranger = world.wallet();
        let elsewhere = another(&mut world, own, &key.pubkey_of());
        give_away(&mut world, own, &stranger.pubkey_of());
        let mut tried = Try {
            signer: stranger.pubkey_of(),
            associated: *own,
            paid: *own,
        };
        let claim = claim_ix(&world, &supplier, which == 1, &tried);
        world.refuses(E::WrongRecipient, claim, &[&stranger]);
        // An account that is not the associated one proves nothing.
        tried.paid = elsewhere;
        tried.associated = elsewhere;
        let claim = claim_ix(&world, &supplier, which == 1, &tried);
        world.refuses(E::NotAssociated, claim, &[&stranger]);
        tried.associated = *own;
        let claim = claim_ix(&world, &supplier, which == 1, &tried);
        world.must(claim, &[&stranger]);
        assert_eq!(world.balance(&elsewhere), half);
    }
}

/// redteam (associated accounts): a former co-staker that gives its account away keeps neither its successor nor the one after from earning, for
/// ransom.
#[test]
fn a_former_co_staker_takes_no_ransom() {
    let (mut world, supplier, recipients, half) = earned();
    let (former, own) = &recipients[1];
    let stranger = world.wallet();
    give_away(&mut world, own, &stranger.pubkey_of());
    let new = world.co_staker();
    world.edit::<iog_client::staking::accounts::DeviceStake>(&supplier.stake, |stake| {
        stake.co_staker = new.wallet.pubkey_of();
    });
    world.check_in(&supplier);
    let books = rewards(&world, &supplier);
    assert_eq!(
        (books.former_co_staker, books.former_booked_units),
        (former.pubkey_of(), half)
    );
    let like = new.token;
    let elsewhere = another(&mut world, &like, &former.pubkey_of());
    let tried = Try {
        signer: stranger.pubkey_of(),
        associated: *own,
        paid: elsewhere,
    };
    let claim = claim_ix(&world, &supplier, true, &tried);
    world.must(claim, &[&stranger]);
    assert_eq!(world.balance(&elsewhere), half);
    assert_eq!(rewards(&world, &supplier).former_booked_units, 0);
}
