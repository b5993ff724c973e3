//! The bit STAKING stops what brings stake in, and no way out. Those of cases are in the test of slashing.

use iog_client::staking::instructions::{Pause, Resume};
use iog_client::staking::StakingError as E;
use iog_tests::world::{PubkeyOf, CLASS_TEST};

use crate::stage::{Stage, COOL_DOWN, IO, MINIMUM, SHARE, WAIT, WALLET};

const STAKING: u8 = 1;

fn pause(stage: &mut Stage) {
    let pause = Pause {
        signer: stage.world.authority.pubkey_of(),
        actions: STAKING,
    };
    stage.world.govern(pause.instruction());
}

#[test]
fn it_stops_what_brings_stake_in() {
    let mut stage = Stage::staked(MINIMUM);
    let fresh = stage.world.registered(CLASS_TEST, 1);
    let offered = stage.world.registered(CLASS_TEST, 1);
    let Stage { world, one, co } = &mut stage;
    world.stake(&offered, MINIMUM);
    let offer = world.offer_ix(&offered, IO, SHARE).instruction();
    world.must(offer, &[&offered.owner]);
    let stopped = [
        (world.stake_ix(&fresh, MINIMUM).instruction(), &fresh.owner),
        (world.increase_ix(one, 1).instruction(), &one.owner),
        (world.offer_ix(one, IO, SHARE).instruction(), &one.owner),
        (
            world.accept_offer_ix(&offered, co, IO, SHARE).instruction(),
            &co.wallet,
        ),
    ];
    let mut paused = Stage {
        world: world.clone(),
        one: one.clone(),
        co: co.clone(),
    };
    pause(&mut paused);
    for (instruction, key) in &stopped {
        paused.world.refuses(E::Paused, instruction.clone(), &[key]);
    }
    paused.world.check_stakes(&[one, &offered]);
    let resume = Resume {
        authority: paused.world.authority.pubkey_of(),
        actions: STAKING,
    };
    paused.world.govern(resume.instruction());
    for (instruction, key) in &stopped {
        paused.world.must(instruction.clone(), &[key]);
    }
}

#[test]
fn every_way_out_and_every_case_stays_open() {
    let mut stage = Stage::co_staked(MINIMUM + 5, IO);
    let court = stage.world.court();
    let spare = stage.world.registered(CLASS_TEST, 1);
    stage.world.stake(&spare, MINIMUM);
    let offer = stage.world.offer_ix(&spare, IO, SHARE).instruction();
    stage.world.must(offer, &[&spare.owner]);
    pause(&mut stage);

    let retract = stage.world.retract_ix(&spare).instruction();
    stage.world.must(retract, &[&spare.owner]);
    let overflow = stage.world.overflow_ix(&stage.one, 5).instruction();
    stage.owner_does(overflow);
    let Stage { world, one, co } = &mut stage;
    let first = world.propose_slash(&court, one, 201_000);
    let second = world.propose_slash(&court, one, 201_000);
    let appeal = world.appeal_ix(&co.wallet, one, &first).instruction();
    world.must(appeal, &[&co.wallet]);
    let resolve = world.resolve_ix(&court, &first, false).instruction();
    world.must(resolve, &[&court.judge]);
    let close = world.finalize_slash_ix(one, &first).instruction();
    world.govern(close);
    stage.leave();
    stage.world.advance(WAIT);
    stage.request();
    stage.world.advance(2_592_000 - WAIT);
    let close = stage.world.finalize_slash_ix(&stage.one, &second);
    stage.world.govern(close.instruction());
    stage.world.advance(COOL_DOWN);
    let (own, co) = (stage.withdraw_ix(), stage.withdraw_co_ix());
    stage.owner_does(own);
    stage.world.govern(co);
    // The co-staker had 1 IO of 201.
    assert_eq!(stage.wallets(), (WALLET - 200_000, WALLET - 1_000));
    stage.world.check_stakes(&[&spare]);
}
