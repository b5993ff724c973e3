//! Who proposes and who decides, and the two parameters.

use iog_client::pda;
use iog_client::staking::accounts::Config;
use iog_client::staking::events::SlashRolesChanged;
use iog_client::staking::instructions::{ApplyParameter, SetParameter, SetSlashRoles};
use iog_client::staking::{Event, ParameterId, StakingError as E};
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::{Meta, World};
use solana_pubkey::Pubkey;

use crate::stage::{said, Stage, DAY, IO};

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);

fn roles(world: &World, slasher: Pubkey, appeal_authority: Pubkey) -> SetSlashRoles {
    SetSlashRoles {
        authority: world.authority.pubkey_of(),
        slasher,
        appeal_authority,
    }
}

fn named(world: &World) -> (Pubkey, Pubkey) {
    let config = world.staking_config();
    (config.slasher, config.appeal_authority)
}

#[test]
fn the_authority_names_two_different_keys() {
    let mut world = World::ready();
    assert_eq!(named(&world), (NOBODY, NOBODY), "nobody at first");
    let (one, two) = (world.address(), world.address());
    let meta = world.govern(roles(&world, one, two).instruction());
    let changed = SlashRolesChanged {
        slasher_before: NOBODY,
        slasher_after: one,
        appeal_authority_before: NOBODY,
        appeal_authority_after: two,
    };
    assert_eq!(meta.events, said(Event::SlashRolesChanged(changed)));
    assert_eq!(named(&world), (one, two));
    let authority = world.authority.insecure_clone();
    for equal in [one, two] {
        let both = roles(&world, equal, equal).instruction();
        world.refuses(E::RolesEqual, both, &[&authority]);
    }
    let stranger = world.wallet();
    let mut theft = roles(&world, two, one);
    theft.authority = stranger.pubkey_of();
    world.refuses(E::NotAuthority, theft.instruction(), &[&stranger]);
    assert_eq!(named(&world), (one, two));
    // Swapped in one step, and either of them nobody.
    for (slasher, judge) in [(two, one), (NOBODY, one), (two, NOBODY), (NOBODY, NOBODY)] {
        world.govern(roles(&world, slasher, judge).instruction());
        assert_eq!(named(&world), (slasher, judge));
    }
}

#[test]
fn without_a_slasher_nobody_proposes() {
    let mut stage = Stage::new(200 * IO, 0);
    let nobody = roles(&stage.world, NOBODY, stage.court.judge.pubkey_of());
    stage.world.govern(nobody.instruction());
    let keys = [
        stage.court.slasher.insecure_clone(),
        stage.court.judge.insecure_clone(),
        stage.world.authority.insecure_clone(),
        stage.one.owner.insecure_clone(),
    ];
    for slasher in keys {
        stage.court.slasher = slasher;
        expect_code(stage.try_propose(1), E::NotSlasher);
    }
    assert_eq!(stage.world.staking_config().cases, 0);
}

fn set(world: &World, id: ParameterId, value: u64) -> SetParameter {
    SetParameter {
        authority: world.authority.pubkey_of(),
        id,
        value,
    }
}

fn apply(world: &mut World, id: ParameterId) -> Meta {
    world.govern(ApplyParameter { id }.instruction())
}

fn caps(world: &World) -> (u64, u64) {
    let Config {
        case_cap_bps,
        month_cap_bps,
        ..
    } = world.read(&pda::staking::config());
    (case_cap_bps.value, month_cap_bps.value)
}

/// A fall protects stakers at once; a rise gives them a day. No case takes more than half, whatever governance wants.
#[test]
fn caps_fall_at_once_and_rise_after_a_day() {
    let mut stage = Stage::new(200 * IO, 0);
    let authority = stage.world.authority.insecure_clone();
    for (id, max) in [
        (ParameterId::CaseCapBps, 5_000),
        (ParameterId::MonthCapBps, 10_000),
    ] {
        let world = &mut stage.world;
        let over = set(world, id.clone(), max + 1).instruction();
        world.refuses(E::OutOfBounds, over, &[&authority]);
        let rise = set(world, id.clone(), max).instruction();
        world.govern(rise);
        assert_eq!(caps(world), (1_000, 2_500));
        let early = ApplyParameter { id: id.clone() }.instruction();
        world.advance(DAY - 1);
        world.refuses(E::TooEarly, early, &[&authority]);
        world.advance(1);
        apply(world, id.clone());
        let fall = set(world, id, if max == 5_000 { 1_000 } else { 2_500 });
        world.govern(fall.instruction());
        assert_eq!(caps(world), (1_000, 2_500));
    }
    let lower = set(&stage.world, ParameterId::CaseCapBps, 500).instruction();
    stage.world.govern(lower);
    expect_code(stage.try_propose(10 * IO + 1), E::SlashAboveCap);
    stage.propose(10 * IO);
    let lower = set(&stage.world, ParameterId::MonthCapBps, 750).instruction();
    stage.world.govern(lower);
    expect_code(stage.try_propose(5 * IO + 1), E::SlashAboveCap);
    stage.propose(5 * IO);
    let none = set(&stage.world, ParameterId::CaseCapBps, 0).instruction();
    stage.world.govern(none);
    stage.pass(31 * DAY);
    expect_code(stage.try_propose(1), E::SlashAboveCap);
}

/// What is scheduled binds nobody before it is applied.
#[test]
fn a_scheduled_rise_does_not_bind_yet() {
    let mut stage = Stage::new(200 * IO, 0);
    let rise = set(&stage.world, ParameterId::CaseCapBps, 2_000).instruction();
    stage.world.govern(rise);
    expect_code(stage.try_propose(20 * IO + 1), E::SlashAboveCap);
    stage.world.advance(DAY);
    expect_code(stage.try_propose(20 * IO + 1), E::SlashAboveCap);
    apply(&mut stage.world, ParameterId::CaseCapBps);
    stage.propose(40 * IO);
}
