//! What is scheduled for a predecessor, and accounts that are none of the feed's.

use iog_client::token::instructions::{
    AcceptAuthority, ApplyPriceQuorum, ApplyReporter, DropPriceQuorum, DropReporter,
    ProposeAuthority,
};
use iog_client::token::TokenError as E;
use iog_tests::sweep;
use iog_tests::world::{expect_code, signed, PubkeyOf};

use super::naming::{set, set_quorum};
use super::stage::{silent, QUARTER};
use crate::setup::{refused, DAY};

/// What was scheduled before a successor accepted never applies.
#[test]
fn a_successor_inherits_no_reporter() {
    let mut stage = silent(5, 3);
    let world = &mut stage.world;
    world.advance(DAY);
    let key = world.key();
    set(world, 0, &key.pubkey_of());
    world.govern(set_quorum(world, 4).instruction());
    let successor = world.wallet();
    world.govern(
        ProposeAuthority {
            authority: world.authority.pubkey_of(),
            successor: successor.pubkey_of(),
        }
        .instruction(),
    );
    let accept = AcceptAuthority {
        signer: successor.pubkey_of(),
    };
    world.must(accept.instruction(), &[&successor]);
    world.advance(DAY);
    let anyone = world.wallet();
    for apply in [
        ApplyReporter { index: 0 }.instruction(),
        ApplyPriceQuorum {}.instruction(),
    ] {
        refused(world, E::NothingScheduled, apply, &[&anyone]);
    }
    let now = world.now();
    let report = signed(&key, QUARTER, now);
    expect_code(world.carry(&[report]), E::NotReporter);
}

#[test]
fn every_wrong_account_is_refused() {
    let mut world = silent(5, 3).world;
    world.advance(DAY);
    let (authority, key) = (world.authority.insecure_clone(), world.address());
    let signer = authority.pubkey_of();
    let name = world.set_reporter_ix(0, &key).instruction();
    sweep::refused(&world, &name, &[&authority], &[]);
    let quorum = set_quorum(&world, 4).instruction();
    sweep::refused(&world, &quorum, &[&authority], &[]);
    world.govern(name);
    world.govern(quorum);
    let drop = DropReporter { signer, index: 0 }.instruction();
    sweep::refused(&world, &drop, &[&authority], &[]);
    let drop = DropPriceQuorum { signer }.instruction();
    sweep::refused(&world, &drop, &[&authority], &[]);
    world.advance(DAY);
    for apply in [
        ApplyReporter { index: 0 }.instruction(),
        ApplyPriceQuorum {}.instruction(),
    ] {
        sweep::refused(&world, &apply, &[], &[]);
    }
}
