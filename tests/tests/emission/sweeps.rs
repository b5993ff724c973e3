//! Every place of every instruction, given every kind of wrong account.

use iog_client::emission::instructions::{
    CheckIn, Claim, CloseHour, OpenPage, OpenRewards, Settle,
};
use iog_client::pda;
use iog_tests::sweep::{self, Wrong};
use iog_tests::world::{PubkeyOf, CLASS_TEST, GENESIS_TS};

use super::stage::*;

const OWNED: &str = "only its own program creates such an account, at one address";
/// The recipient's account mostly is its associated one: one mark makes it writable in both places.
const TWICE: &str = "the same account stands in another place, and is writable there";

#[test]
fn every_kind_of_wrong_account_in_every_place() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.mark_passed(&supplier);
    let anyone = world.wallet();
    let fresh = world.registered(CLASS_TEST, 1);
    let open = OpenRewards {
        payer: anyone.pubkey_of(),
        device: fresh.device,
        rewards: fresh.rewards,
    };
    sweep::refused(&world, &open.instruction(), &[&anyone], &[]);
    let open = OpenPage {
        payer: anyone.pubkey_of(),
        page: pda::emission::page(1),
        index: 1,
    };
    sweep::refused(&world, &open.instruction(), &[&anyone], &[]);
    let check_in = world.check_in_ix(&supplier).instruction();
    let harmless = [
        (CheckIn::PAGE, Wrong::Copy, OWNED),
        (CheckIn::REWARDS, Wrong::Copy, OWNED),
        (CheckIn::STAKE, Wrong::Copy, OWNED),
    ];
    sweep::refused(&world, &check_in, &[], &harmless);
    world.govern(check_in);
    world.set_time(GENESIS_TS + 3_600);
    let close = world.close_ix(1).instruction();
    sweep::refused(
        &world,
        &close,
        &[],
        &[(CloseHour::PAGE, Wrong::Copy, OWNED)],
    );
    world.govern(close);
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    let harmless = [
        (Settle::PAGE, Wrong::Copy, OWNED),
        (Settle::REWARDS, Wrong::Copy, OWNED),
    ];
    sweep::refused(&world, &settle, &[], &harmless);
    world.govern(settle);
    let mint = world.mint_due_ix().instruction();
    sweep::refused(&world, &mint, &[], &[]);
    world.govern(mint);
    let claim = world.claim_ix(&supplier).instruction();
    let harmless = [
        (Claim::REWARDS, Wrong::Copy, OWNED),
        (Claim::OWNER_TOKEN, Wrong::ReadOnly, TWICE),
        (Claim::ASSOCIATED, Wrong::ReadOnly, TWICE),
    ];
    let authority = world.authority.insecure_clone();
    sweep::refused(&world, &claim, &[&authority], &harmless);
}
