//! Who proposes and who decides: named a day ahead, removed at once, dropped by the guardian, and void after a hand-over.

use iog_client::staking::events::{SlashRoleDropped, SlashRoleSet};
use iog_client::staking::instructions::{
    AcceptAuthority, ApplySlashRole, DropSlashRole, ProposeAuthority, SetAppealAuthority,
    SetGuardian, SetSlasher,
};
use iog_client::staking::{Event, Role, SlashRole, StakingError as E};
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::World;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::stage::{said, Stage, DAY, IO};

const NOBODY: Pubkey = Pubkey::new_from_array([0; 32]);
const ROLES: [SlashRole; 2] = [SlashRole::Slasher, SlashRole::AppealAuthority];

fn set(world: &World, role: &SlashRole, key: Pubkey) -> Instruction {
    let authority = world.authority.pubkey_of();
    match role {
        SlashRole::Slasher => SetSlasher { authority, key }.instruction(),
        SlashRole::AppealAuthority => SetAppealAuthority { authority, key }.instruction(),
    }
}

fn apply(role: &SlashRole) -> Instruction {
    ApplySlashRole { role: role.clone() }.instruction()
}

fn drop(by: &Keypair, role: &SlashRole) -> Instruction {
    DropSlashRole {
        signer: by.pubkey_of(),
        role: role.clone(),
    }
    .instruction()
}

fn kept(world: &World, role: &SlashRole) -> Role {
    let config = world.staking_config();
    match role {
        SlashRole::Slasher => config.slasher,
        SlashRole::AppealAuthority => config.appeal_authority,
    }
}

fn said_set(role: &SlashRole, before: Pubkey, now: Role) -> Vec<iog_client::Event> {
    said(Event::SlashRoleSet(SlashRoleSet {
        role: role.clone() as u8,
        before,
        after: now.key,
        pending: now.pending,
        effective_ts: now.pending_ts,
    }))
}

fn refused(world: &mut World, instruction: Instruction, by: &Keypair, error: E) {
    world.refuses(error, instruction, &[by]);
}

/// audit: money M4
#[test]
fn naming_waits_a_day_and_removing_does_not() {
    let fresh = World::ready();
    let authority = fresh.authority.insecure_clone();
    for role in &ROLES {
        let mut world = fresh.clone();
        let empty = Role {
            key: NOBODY,
            pending: NOBODY,
            pending_ts: 0,
        };
        assert_eq!(kept(&world, role), empty, "nobody at first");
        let stranger = world.wallet();
        let [one, two] = [world.address(), world.address()];
        let mut theft = set(&world, role, one);
        theft.accounts[0].pubkey = stranger.pubkey_of();
        refused(&mut world, theft, &stranger, E::NotAuthority);

        let named = Role {
            pending: one,
            pending_ts: world.now() + 86_400,
            ..empty
        };
        let name = set(&world, role, one);
        let meta = world.govern(name);
        assert_eq!(meta.events, said_set(role, NOBODY, named));
        assert_eq!(kept(&world, role), named);
        world.advance(DAY - 1);
        refused(&mut world, apply(role), &stranger, E::TooEarly);
        world.advance(1);
        let meta = world.must(apply(role), &[&stranger]);
        let holds = Role { key: one, ..empty };
        assert_eq!(meta.events, said_set(role, NOBODY, holds));
        assert_eq!(kept(&world, role), holds);
        refused(&mut world, apply(role), &stranger, E::NothingScheduled);

        // The holder acts on while another waits; named anew, it drops the other.
        let (name, again) = (set(&world, role, two), set(&world, role, one));
        world.govern(name.clone());
        assert_eq!(
            (kept(&world, role).key, kept(&world, role).pending),
            (one, two)
        );
        world.govern(again);
        assert_eq!(kept(&world, role), holds);
        world.govern(name);
        let remove = set(&world, role, NOBODY);
        let meta = world.govern(remove);
        assert_eq!(meta.events, said_set(role, one, empty));
        assert_eq!(kept(&world, role), empty, "who waited is dropped, too");
        world.advance(DAY);
        refused(&mut world, apply(role), &authority, E::NothingScheduled);

        // Nobody applies it for a week: it has lapsed.
        let name = set(&world, role, two);
        world.govern(name);
        world.advance(8 * DAY + 1);
        refused(&mut world, apply(role), &authority, E::Lapsed);
    }
}

/// audit: money M4: proposer and judge are two keys at any moment, those included that wait: nobody swaps them and judges what it proposed.
#[test]
fn the_two_keys_differ_also_while_they_wait() {
    let mut world = World::ready();
    let court = world.court();
    let authority = world.authority.insecure_clone();
    let (slasher, judge) = (court.slasher.pubkey_of(), court.judge.pubkey_of());
    let [third, fourth] = [world.address(), world.address()];
    let held = [
        (SlashRole::Slasher, judge),
        (SlashRole::AppealAuthority, slasher),
    ];
    for (role, others) in &held {
        let swap = set(&world, role, *others);
        refused(&mut world, swap, &authority, E::RolesEqual);
    }
    for (role, other, key) in [(0, 1, third), (1, 0, fourth)] {
        let (name, both) = (
            set(&world, &ROLES[role], key),
            set(&world, &ROLES[other], key),
        );
        world.govern(name);
        refused(&mut world, both, &authority, E::RolesEqual);
    }
    // Both may be nobody.
    for role in &ROLES {
        let remove = set(&world, role, NOBODY);
        world.govern(remove);
        assert_eq!(kept(&world, role).key, NOBODY);
    }
}

/// audit: money L10: what is seen for a day can be dropped in that day, and by the guardian only dropped.
#[test]
fn guardian_and_authority_drop_who_waits() {
    let mut world = World::ready();
    let (guardian, stranger) = (world.wallet(), world.wallet());
    let authority = world.authority.insecure_clone();
    let appoint = SetGuardian {
        authority: authority.pubkey_of(),
        guardian: guardian.pubkey_of(),
    };
    world.govern(appoint.instruction());
    for role in &ROLES {
        for by in [&guardian, &authority] {
            refused(&mut world, drop(by, role), by, E::NothingScheduled);
            let key = world.address();
            let name = set(&world, role, key);
            world.govern(name.clone());
            refused(&mut world, drop(&stranger, role), &stranger, E::NotGuardian);
            let meta = world.must(drop(by, role), &[by]);
            let dropped = SlashRoleDropped {
                by: by.pubkey_of(),
                role: role.clone() as u8,
                dropped: key,
            };
            assert_eq!(meta.events, said(Event::SlashRoleDropped(dropped)));
            world.advance(DAY);
            refused(&mut world, apply(role), &authority, E::NothingScheduled);
            let mut theft = name;
            theft.accounts[0].pubkey = guardian.pubkey_of();
            refused(&mut world, theft, &guardian, E::NotAuthority);
        }
    }
}

/// audit: money L10: a successor starts with nobody named by its predecessor, and may name in the same second.
#[test]
fn a_successor_inherits_nobody_who_waits() {
    let mut world = World::ready();
    let (old, new) = (world.authority.insecure_clone(), world.wallet());
    let thief = world.address();
    for role in &ROLES[..1] {
        let name = set(&world, role, thief);
        world.govern(name);
    }
    let propose = ProposeAuthority {
        authority: old.pubkey_of(),
        successor: new.pubkey_of(),
    };
    world.govern(propose.instruction());
    let accept = AcceptAuthority {
        signer: new.pubkey_of(),
    };
    world.must(accept.instruction(), &[&new]);
    let own = world.address();
    let mut name = set(&world, &SlashRole::AppealAuthority, own);
    name.accounts[0].pubkey = new.pubkey_of();
    world.must(name, &[&new]);
    // A second later than a day, as scheduling counts from after the hand-over.
    world.advance(DAY + 1);
    refused(&mut world, apply(&ROLES[0]), &old, E::NothingScheduled);
    world.must(apply(&ROLES[1]), &[&old]);
    assert_eq!(kept(&world, &ROLES[0]).key, NOBODY);
    assert_eq!(kept(&world, &ROLES[1]).key, own);
}

#[test]
fn without_a_slasher_nobody_proposes() {
    let mut stage = Stage::new(200 * IO, 0);
    let nobody = set(&stage.world, &SlashRole::Slasher, NOBODY);
    stage.world.govern(nobody);
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

/// Who waits for the role of the slasher proposes nothing yet.
#[test]
fn who_waits_proposes_nothing() {
    let mut stage = Stage::new(200 * IO, 0);
    let next = stage.world.wallet();
    let name = set(&stage.world, &SlashRole::Slasher, next.pubkey_of());
    stage.world.govern(name);
    let old = std::mem::replace(&mut stage.court.slasher, next);
    expect_code(stage.try_propose(1), E::NotSlasher);
    stage.court.slasher = old;
    stage.propose(1);
}
