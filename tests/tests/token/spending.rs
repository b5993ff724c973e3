//! Spending IOSD and getting it back: by a registered program, with the owner's signature, never more than was spent.

use iog_client::pda;
use iog_client::token::events::{IosdRefunded, IosdSpent};
use iog_client::token::instructions::{Pause, RemoveMinter};
use iog_client::token::{Event, TokenError, ID};
use iog_tests::world::{ata, iosd_ata, spl_2022, PubkeyOf, RIGHT_EMISSION, RIGHT_IOSD, TOKEN_2022};
use iog_tests::{Code, World};
use solana_instruction::error::InstructionError;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::setup::{
    burn_iosd, holder, only_event, refund_iosd, refused, settle_iosd, IO, IOSD, LEAST_CAP,
};

struct Stage {
    world: World,
    /// A minter of IOSD.
    key: Keypair,
    /// Has 24,950,000 units.
    owner: Keypair,
    wallet: Pubkey,
}

fn stage() -> Stage {
    let mut world = World::ready();
    let (key, _) = world.plain_minter(RIGHT_IOSD, 0);
    let owner = world.wallet();
    world.burn_for_iosd(&owner, 100 * IO);
    let wallet = owner.pubkey_of();
    Stage {
        world,
        key,
        owner,
        wallet,
    }
}

#[test]
fn it_is_spent_and_refunded_to_the_unit() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    let mint = pda::token::iosd_mint();
    let mut spent = 0;
    for amount in [10 * IOSD, 1] {
        let spend = burn_iosd(&key, &wallet, amount);
        let meta = world.must(spend.instruction(), &[&key, &owner]);
        let event = IosdSpent {
            minter: key.pubkey_of(),
            owner: wallet,
            amount,
            spent_before: spent,
            spent_after: spent + amount,
        };
        assert_eq!(only_event(&meta), Event::IosdSpent(event));
        spent += amount;
        assert_eq!(world.balance(&iosd_ata(&wallet)), 24_950_000 - spent);
        assert_eq!(world.supply(&mint), 24_950_000 - spent);
    }
    // The refund goes where the minter's program says.
    let other = holder(&mut world, 0);
    let mut refunded = 0;
    for (to, amount) in [(wallet, 4 * IOSD), (other.pubkey_of(), 6 * IOSD)] {
        let refund = refund_iosd(&key, &to, amount);
        let meta = world.must(refund.instruction(), &[&key]);
        let event = IosdRefunded {
            minter: key.pubkey_of(),
            destination: iosd_ata(&to),
            amount,
            refunded_before: refunded,
            refunded_after: refunded + amount,
        };
        assert_eq!(only_event(&meta), Event::IosdRefunded(event));
        refunded += amount;
    }
    assert_eq!(world.balance(&iosd_ata(&wallet)), 18_949_999);
    assert_eq!(world.balance(&iosd_ata(&other.pubkey_of())), 6 * IOSD);
    let books = world.token_config();
    assert_eq!(books.iosd_minted_units, 24_950_000);
    assert_eq!(
        (books.iosd_spent_units, books.iosd_refunded_units),
        (10_000_001, 10_000_000)
    );
    assert_eq!(books.burned_units, 100 * IO, "a refund brings no IO back");
    world.check_iosd_supply();
    world.check_supply();
}

#[test]
fn never_is_more_refunded_than_was_spent() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    let exceeds = TokenError::RefundExceedsSpent;
    let refund = |amount| refund_iosd(&key, &wallet, amount).instruction();
    refused(&mut world, exceeds, refund(1), &[&key]);
    let spend = |amount| burn_iosd(&key, &wallet, amount).instruction();
    world.must(spend(1_000), &[&key, &owner]);
    refused(&mut world, exceeds, refund(1_001), &[&key]);
    world.must(refund(400), &[&key]);
    refused(&mut world, exceeds, refund(601), &[&key]);
    world.must(refund(600), &[&key]);
    refused(&mut world, exceeds, refund(1), &[&key]);
    // What is spent anew can be refunded, and no more.
    world.must(spend(1), &[&key, &owner]);
    refused(&mut world, exceeds, refund(2), &[&key]);
    world.must(refund(1), &[&key]);
    assert_eq!(world.balance(&iosd_ata(&wallet)), 24_950_000);
}

#[test]
fn the_owner_must_sign_and_have_it() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    let spend = burn_iosd(&key, &wallet, 1);
    let mut unsigned = spend.instruction();
    unsigned.accounts[2].is_signer = false;
    let missing = Code::plain(ID, InstructionError::MissingRequiredSignature);
    refused(&mut world, missing, unsigned, &[&key]);
    // Neither the minter nor another holder signs for the owner.
    let mismatch = TokenError::NotOwner;
    let mut own = spend.clone();
    own.owner = key.pubkey_of();
    refused(&mut world, mismatch, own.instruction(), &[&key]);
    let other = holder(&mut world, 0);
    let mut foreign = spend.clone();
    foreign.owner = other.pubkey_of();
    refused(&mut world, mismatch, foreign.instruction(), &[&key, &other]);
    let nothing = burn_iosd(&key, &wallet, 0).instruction();
    refused(&mut world, TokenError::ZeroAmount, nothing, &[&key, &owner]);
    // Token-2022's InsufficientFunds
    let much = burn_iosd(&key, &wallet, 24_950_001).instruction();
    refused(
        &mut world,
        Code::anchor(TOKEN_2022, 1),
        much,
        &[&key, &owner],
    );
    let all = burn_iosd(&key, &wallet, 24_950_000).instruction();
    world.must(all, &[&key, &owner]);
    assert_eq!(world.supply(&pda::token::iosd_mint()), 0);
}

#[test]
fn a_delegate_spends_nothing() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    let delegate = holder(&mut world, 0);
    // Token-2022 lets the owner name a delegate who may burn; IOSD would change hands with what it pays for.
    let approve = spl_2022::approve(&iosd_ata(&wallet), &delegate.pubkey_of(), &wallet, 100);
    world.must(approve, &[&owner]);
    let mut spend = burn_iosd(&key, &wallet, 1);
    spend.owner = delegate.pubkey_of();
    let not_owner = TokenError::NotOwner;
    refused(
        &mut world,
        not_owner,
        spend.instruction(),
        &[&key, &delegate],
    );
    spend.owner = wallet;
    world.must(spend.instruction(), &[&key, &owner]);
}

#[test]
fn only_a_minter_of_iosd_handles_it() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    world.must(burn_iosd(&key, &wallet, 100).instruction(), &[&key, &owner]);
    let thief = world.wallet();
    // In another's name, without a name, and with another right.
    let not_minter = TokenError::NotMinter;
    let mut spend = burn_iosd(&key, &wallet, 1);
    let mut refund = refund_iosd(&key, &wallet, 1);
    (spend.minter_authority, refund.minter_authority) = (thief.pubkey_of(), thief.pubkey_of());
    refused(
        &mut world,
        not_minter,
        spend.instruction(),
        &[&thief, &owner],
    );
    refused(&mut world, not_minter, refund.instruction(), &[&thief]);
    let none = Code::plain(ID, InstructionError::AccountDataTooSmall);
    let spend = burn_iosd(&thief, &wallet, 1).instruction();
    refused(&mut world, none.clone(), spend, &[&thief, &owner]);
    let refund = refund_iosd(&thief, &wallet, 1).instruction();
    refused(&mut world, none.clone(), refund, &[&thief]);
    let (miner, _) = world.plain_minter(RIGHT_EMISSION, LEAST_CAP);
    let missing = TokenError::MissingRight;
    let spend = burn_iosd(&miner, &wallet, 1).instruction();
    refused(&mut world, missing, spend, &[&miner, &owner]);
    let refund = refund_iosd(&miner, &wallet, 1).instruction();
    refused(&mut world, missing, refund, &[&miner]);
    // A program that was removed refunds what is outstanding, and then no more.
    let remove = RemoveMinter {
        authority: world.authority.pubkey_of(),
        minter: pda::token::minter(&key.pubkey_of()),
    };
    world.govern(remove.instruction());
    let spend = burn_iosd(&key, &wallet, 1).instruction();
    refused(&mut world, missing, spend, &[&key, &owner]);
    let refund = refund_iosd(&key, &wallet, 100).instruction();
    world.must(refund, &[&key]);
    world.govern(remove.instruction());
    let refund = refund_iosd(&key, &wallet, 1).instruction();
    refused(&mut world, none, refund, &[&key]);
}

#[test]
fn a_refund_goes_to_an_account_for_iosd_only() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    world.must(burn_iosd(&key, &wallet, 100).instruction(), &[&key, &owner]);
    let good = refund_iosd(&key, &wallet, 1);
    let nothing = refund_iosd(&key, &wallet, 0).instruction();
    refused(&mut world, TokenError::ZeroAmount, nothing, &[&key]);
    let iosd_like = world.mint_2022(&owner, 6);
    let other = world.account_2022(&wallet, &iosd_like);
    // The same owner's account of another token: Token-2022's MintMismatch.
    let mut wrong = good.clone();
    wrong.to = other;
    refused(
        &mut world,
        Code::anchor(TOKEN_2022, 3),
        wrong.instruction(),
        &[&key],
    );
    // SPL Token's accounts are not Token-2022's.
    wrong.to = ata(&wallet, &world.io);
    let foreign = Code::plain(TOKEN_2022, InstructionError::IncorrectProgramId);
    refused(&mut world, foreign, wrong.instruction(), &[&key]);
    wrong.to = other;
    wrong.iosd_mint = iosd_like;
    let not_iosd = TokenError::WrongIosdMint;
    refused(&mut world, not_iosd, wrong.instruction(), &[&key]);
    let mut spend = burn_iosd(&key, &wallet, 1);
    (spend.iosd_mint, spend.from) = (iosd_like, other);
    refused(&mut world, not_iosd, spend.instruction(), &[&key, &owner]);
    world.must(good.instruction(), &[&key]);
}

#[test]
fn none_of_it_is_ever_paused() {
    let Stage {
        mut world,
        key,
        owner,
        wallet,
    } = stage();
    let pause = Pause {
        signer: world.authority.pubkey_of(),
        actions: 5,
    };
    world.govern(pause.instruction());
    world.must(burn_iosd(&key, &wallet, 3).instruction(), &[&key, &owner]);
    world.must(refund_iosd(&key, &wallet, 2).instruction(), &[&key]);
    world.must(settle_iosd(&key, 1).instruction(), &[&key]);
    let burn = world.burn_for_iosd_ix(&wallet, IO, 0).instruction();
    refused(&mut world, TokenError::Paused, burn, &[&owner]);
}
