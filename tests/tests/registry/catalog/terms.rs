//! A class's terms, multiplier and proof: one change at a time, 7 days ahead, applied by anyone for 7 days more.

use iog_client::events::Event;
use iog_client::pda;
use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::events::{ClassTermsChanged, ClassTermsDropped, ClassTermsScheduled};
use iog_client::registry::{self, ClassTerms, RegistryError};
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::{Code, World};

use super::{apply, apply_ix, class, drop_ix, role, schedule, schedule_ix, terms_of, times, WEEK};

fn other() -> ClassTerms {
    ClassTerms {
        multiplier_x100: 120,
        proof_valid_hours: 24,
        rows: 4_096,
        tiles: 16,
        waves: 2,
        commit_slots: 500,
        reveal_slots: 200,
        max_cards: 4,
    }
}

/// redteam 12a, audit: proof M-5: what is announced holds a week later, and both sides know the date.
#[test]
fn terms_wait_a_week_and_then_anyone_applies_them() {
    let mut world = World::ready();
    let by = role(&mut world);
    let (address, before) = (
        pda::registry::class(CLASS_TEST),
        terms_of(&world, CLASS_TEST),
    );
    let schedule = schedule_ix(&by.pubkey_of(), CLASS_TEST, other());
    let meta = world.must(schedule, &[&by]);
    let effective_ts = world.now() + WEEK;
    let scheduled = ClassTermsScheduled {
        class: address,
        by: by.pubkey_of(),
        terms: before,
        pending: other(),
        stake_multiplier_x100: 100,
        effective_ts,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ClassTermsScheduled(
            scheduled
        ))]
    );
    assert_eq!(terms_of(&world, CLASS_TEST), before);
    let anyone = world.wallet();
    for early in [world.now(), effective_ts - 1] {
        world.set_time(early);
        world.refuses(RegistryError::TooEarly, apply_ix(CLASS_TEST), &[&anyone]);
    }
    world.set_time(effective_ts);
    let meta = world.must(apply_ix(CLASS_TEST), &[&anyone]);
    let changed = ClassTermsChanged {
        class: address,
        before,
        after: other(),
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ClassTermsChanged(changed))]
    );
    assert_eq!(terms_of(&world, CLASS_TEST), other());
    assert_eq!(class(&world, CLASS_TEST).stake_multiplier_x100, 120);
    let nothing = RegistryError::NothingScheduled;
    world.refuses(nothing, apply_ix(CLASS_TEST), &[&anyone]);
}

#[test]
fn a_second_change_replaces_the_first_and_waits_its_own_week() {
    let mut world = World::ready();
    let first = times(&world, 110);
    let second = ClassTerms { waves: 1, ..first };
    schedule(&mut world, first);
    world.advance(WEEK - 1);
    schedule(&mut world, second);
    world.advance(1);
    let anyone = world.wallet();
    world.refuses(RegistryError::TooEarly, apply_ix(CLASS_TEST), &[&anyone]);
    world.advance(WEEK - 1);
    apply(&mut world);
    assert_eq!(terms_of(&world, CLASS_TEST), second);
}

/// The present terms drop what waits.
#[test]
fn what_was_announced_can_be_dropped() {
    let mut world = World::ready();
    let (now, by) = (
        terms_of(&world, CLASS_TEST),
        world.authority.insecure_clone(),
    );
    schedule(&mut world, other());
    let meta = world.must(schedule_ix(&by.pubkey_of(), CLASS_TEST, now), &[&by]);
    let dropped = ClassTermsScheduled {
        class: pda::registry::class(CLASS_TEST),
        by: by.pubkey_of(),
        terms: now,
        pending: now,
        stake_multiplier_x100: 100,
        effective_ts: 0,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ClassTermsScheduled(
            dropped
        ))]
    );
    world.advance(WEEK);
    let anyone = world.wallet();
    let nothing = RegistryError::NothingScheduled;
    world.refuses(nothing, apply_ix(CLASS_TEST), &[&anyone]);
    assert_eq!(terms_of(&world, CLASS_TEST), now);
}

#[test]
fn a_change_lapses_a_week_later() {
    let mut world = World::ready();
    schedule(&mut world, other());
    world.set_time(world.now() + 2 * WEEK);
    let mut late = world.clone();
    apply(&mut world);
    late.advance(1);
    let anyone = late.wallet();
    late.refuses(RegistryError::Lapsed, apply_ix(CLASS_TEST), &[&anyone]);
    // Announced again it waits its own week.
    schedule(&mut late, other());
    late.advance(WEEK);
    apply(&mut late);
    assert_eq!(terms_of(&late, CLASS_TEST), other());
}

/// redteam 12a: five falls of a fifth on five days running are five changes of which one waits.
#[test]
fn five_falls_in_five_days_are_one_fall_a_week_later() {
    let mut world = World::ready();
    let by = role(&mut world);
    for _ in 0..5 {
        let down = times(&world, 80);
        world.must(schedule_ix(&by.pubkey_of(), CLASS_TEST, down), &[&by]);
        let further = schedule_ix(&by.pubkey_of(), CLASS_TEST, times(&world, 79));
        world.refuses(RegistryError::RateMovesTooFar, further, &[&by]);
        world.advance(super::DAY);
        assert_eq!(class(&world, CLASS_TEST).multiplier_x100, 100);
    }
    world.advance(WEEK - super::DAY);
    apply(&mut world);
    // At the old pace this was 32.
    assert_eq!(class(&world, CLASS_TEST).multiplier_x100, 80);
}

/// Bounds may have been narrowed by an upgrade since the change was announced.
#[test]
fn bounds_are_checked_again_when_terms_are_applied() {
    let mut world = World::ready();
    let address = pda::registry::class(CLASS_TEST);
    let now = world.now();
    let wide = ClassTerms {
        tiles: 1 << 23,
        ..other()
    };
    world.edit::<HardwareClass>(&address, |class| {
        class.pending = wide;
        class.pending_ts = now;
    });
    let anyone = world.wallet();
    let code = Code::from(RegistryError::InvalidClass);
    world.refuses(code, apply_ix(CLASS_TEST), &[&anyone]);
}

/// audit: money L10: the guardian drops what waits, and sets nothing. A minimum stake that fell with the announcement stays down, until the
/// present terms are announced and have waited their week.
#[test]
fn the_guardian_drops_announced_terms() {
    let mut world = World::ready();
    let [guardian, stranger] = [(); 2].map(|()| world.wallet());
    let set = registry::instructions::SetGuardian {
        authority: world.authority.pubkey_of(),
        guardian: guardian.pubkey_of(),
    };
    world.govern(set.instruction());
    let catalog = role(&mut world);
    let (key, before) = (guardian.pubkey_of(), terms_of(&world, CLASS_TEST));
    let drop = drop_ix(&key, CLASS_TEST);
    let nothing = RegistryError::NothingScheduled;
    world.refuses(nothing, drop.clone(), &[&guardian]);
    let lower = times(&world, 80);
    schedule(&mut world, lower);
    for by in [&stranger, &catalog] {
        let refused = drop_ix(&by.pubkey_of(), CLASS_TEST);
        world.refuses(RegistryError::NotGuardian, refused, &[by]);
    }
    let meta = world.must(drop, &[&guardian]);
    let dropped = ClassTermsDropped {
        class: pda::registry::class(CLASS_TEST),
        by: key,
        dropped: lower,
        stake_multiplier_x100: 80,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ClassTermsDropped(dropped))]
    );
    world.advance(WEEK);
    let anyone = world.wallet();
    world.refuses(nothing, apply_ix(CLASS_TEST), &[&anyone]);
    assert_eq!(terms_of(&world, CLASS_TEST), before);
    let refused = schedule_ix(&key, CLASS_TEST, before);
    let code = RegistryError::NotCatalogAuthority;
    world.refuses(code, refused, &[&guardian]);
    assert_eq!(class(&world, CLASS_TEST).stake_multiplier_x100, 80);
    schedule(&mut world, before);
    world.advance(WEEK);
    apply(&mut world);
    assert_eq!(class(&world, CLASS_TEST).stake_multiplier_x100, 100);
}
