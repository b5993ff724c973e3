//! Wrong accounts in the places of a case that pays a renter.

use iog_client::pda;
use iog_client::staking::instructions::{
    CloseRestitution, FetchRestitution, FinalizeRestitution, ProposeRestitution,
};
use iog_client::staking::{StakingError as E, ID};
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::{swaps, Code};
use solana_instruction::error::InstructionError;

use super::stage::{lose, Stage};
use crate::stage::{IO, MONTH};

const COPY: &str =
    "programs alone write such bytes, and cases, stakes and restitutions are found by no other address";

fn plain(code: InstructionError) -> Code {
    Code::plain(ID, code)
}

fn seeds() -> Code {
    plain(InstructionError::InvalidSeeds)
}

#[test]
fn every_kind_of_wrong_account_in_every_place() {
    let mut stage = Stage::new();
    stage.world().post_price(25_000_000);
    let slasher = stage.plain.court.slasher.insecure_clone();
    let propose = stage.propose_ix(IO).instruction();
    let any = "the source takes any account of its receiver, and these are the bytes of one";
    let source = "the token program alone writes such bytes, and of sources there is one";
    let harmless = [
        (ProposeRestitution::PRICE_SOURCE, Wrong::Copy, source),
        (ProposeRestitution::PRICE, Wrong::Copy, any),
    ];
    sweep::refused(&stage.plain.world, &propose, &[&slasher], &harmless);
    let case = stage.propose(IO);
    stage.plain.pass(MONTH);
    let finalize = stage.finalize_ix(&case);
    let harmless = [
        (FinalizeRestitution::STAKE, Wrong::Copy, COPY),
        (FinalizeRestitution::CASE, Wrong::Copy, COPY),
        (FinalizeRestitution::RESTITUTION, Wrong::Copy, COPY),
    ];
    sweep::refused(&stage.plain.world, &finalize, &[], &harmless);
    stage.finalize(&case);
    let fetch = stage.fetch_ix(&stage.renter.token);
    let both = "the account stands in both places, writable in the other";
    let harmless = [
        (FetchRestitution::RESTITUTION, Wrong::Copy, COPY),
        (FetchRestitution::RENTER_TOKEN, Wrong::ReadOnly, both),
        (FetchRestitution::ASSOCIATED, Wrong::ReadOnly, both),
    ];
    let authority = stage.plain.world.authority.insecure_clone();
    sweep::refused(&stage.plain.world, &fetch, &[&authority], &harmless);
    stage.try_fetch().unwrap();
    stage.plain.pass(super::stage::CLAIM);
    let close = stage.close_ix();
    let harmless = [(CloseRestitution::RESTITUTION, Wrong::Copy, COPY)];
    sweep::refused(&stage.plain.world, &close, &[], &harmless);
}

#[test]
fn anothers_accounts_end_in_their_own_codes() {
    let mut stage = Stage::new();
    let renter = stage.renter.clone();
    let world = stage.world();
    let other = world.supplier(CLASS_TEST);
    let order = lose(world, &other, &renter, 2);
    let theirs = pda::market::verdict(&pda::market::lease(&order, &other.device));
    world.post_price(25_000_000);
    let slasher = stage.plain.court.slasher.insecure_clone();
    let propose = stage.propose_ix(IO).instruction();
    let wrong = [
        (
            "another's stake",
            ProposeRestitution::STAKE,
            other.stake,
            E::WrongVerdict.into(),
        ),
        (
            "another's verdict",
            ProposeRestitution::VERDICT,
            theirs,
            seeds(),
        ),
        (
            "another's restitution",
            ProposeRestitution::RESTITUTION,
            pda::staking::restitution(&theirs),
            seeds(),
        ),
        (
            "the next number",
            ProposeRestitution::CASE,
            pda::staking::slash_case(1),
            seeds(),
        ),
        (
            "the token's config",
            ProposeRestitution::PRICE_SOURCE,
            pda::token::config(),
            plain(InstructionError::InvalidAccountData),
        ),
    ];
    swaps::refused(&stage.plain.world, &propose, &[&slasher], &wrong);

    let case = stage.propose(IO);
    let burns = stage.plain.propose(IO);
    stage.plain.pass(MONTH);
    let payer = stage.plain.world.authority.insecure_clone();
    let finalize = stage.finalize_ix(&case);
    let owner = other.owner.pubkey_of();
    let wrong = [
        (
            "another proposer",
            FinalizeRestitution::PROPOSER,
            owner,
            E::WrongCase.into(),
        ),
        (
            "another owner",
            FinalizeRestitution::OWNER,
            owner,
            E::NotOwner.into(),
        ),
        (
            "another's stake",
            FinalizeRestitution::STAKE,
            other.stake,
            E::NotOwner.into(),
        ),
        (
            "a case that burns",
            FinalizeRestitution::CASE,
            burns,
            E::PaysNoRenter.into(),
        ),
    ];
    swaps::refused(&stage.plain.world, &finalize, &[&payer], &wrong);
    stage.finalize(&case);

    let fetch = stage.fetch_ix(&stage.renter.token);
    let (vault, theft) = (pda::staking::vault(), stage.plain.one.owner_token);
    let usd = stage.plain.world.usd;
    let wrong = [
        (
            "the owner's account",
            FetchRestitution::RENTER_TOKEN,
            theft,
            E::WrongRecipient.into(),
        ),
        (
            "the vault itself",
            FetchRestitution::RENTER_TOKEN,
            vault,
            Code::anchor(ID, 2_040),
        ),
        ("another vault", FetchRestitution::VAULT, theft, seeds()),
        (
            "another mint",
            FetchRestitution::IO_MINT,
            usd,
            E::WrongMint.into(),
        ),
    ];
    swaps::refused(&stage.plain.world, &fetch, &[&payer], &wrong);
    stage.try_fetch().unwrap();
    stage.plain.pass(super::stage::CLAIM);
    let close = stage.close_ix();
    let wrong = [(
        "a thief of the rent",
        CloseRestitution::PAYER,
        owner,
        E::WrongRecipient.into(),
    )];
    swaps::refused(&stage.plain.world, &close, &[&payer], &wrong);
}
