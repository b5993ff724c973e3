//! Measurers and the attestor.

use super::super::measuring::{measure_ix, name, open_ix, set_measurer_ix, speed_test};
use super::super::roles::set_role_ix;
use super::govern;
use iog_client::registry::instructions::{SetMeasurer, SetParameter, SetSecurity};
use iog_client::registry::{ParameterId, RegistryError, RegistryRole, SpeedTest};
use iog_tests::world::{PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, Supplier, World};
use solana_keypair::Keypair;

/// A device with its account for measurements, and a measurer of it; two hours later.
fn stage(world: &mut World) -> (Supplier, Keypair) {
    let supplier = world.registered(CLASS_TEST, 1);
    let open = open_ix(world, &supplier);
    govern(world, open).expect("the account for measurements");
    let measurer = name(world, 1).remove(0);
    world.advance(7_200);
    (supplier, measurer)
}

/// The measurer brings a test after something of it was changed.
fn try_measure(world: &mut World, change: fn(&mut SpeedTest, i64)) -> Outcome {
    let (supplier, measurer) = stage(world);
    let now = world.now();
    let mut test = speed_test(world, 2);
    change(&mut test, now);
    let measure = measure_ix(&measurer, &supplier, test);
    world.send(&[measure], &[&measurer])
}

fn secure(world: &mut World, by: &Keypair, supplier: &Supplier) -> Outcome {
    let set = SetSecurity {
        attestor: by.pubkey_of(),
        device: supplier.device,
        secure: true,
        evidence_hash: [1; 32],
    };
    world.send(&[set.instruction()], &[by])
}

pub fn errors() -> Vec<Case> {
    let mut all = naming();
    all.extend(tests());
    all.extend(security());
    all
}

fn naming() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a stranger names a measurer", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let set = SetMeasurer {
                authority: stranger.pubkey_of(),
                index: 0,
                key: stranger.pubkey_of(),
            };
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal("a stranger sets the quorum", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let set = SetParameter {
                authority: stranger.pubkey_of(),
                id: ParameterId::Quorum,
                value: 3,
            };
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal("a tenth measurer", E::InvalidMeasurer, |world| {
            let key = world.address();
            let set = set_measurer_ix(world, 9, key);
            govern(world, set)
        }),
        refusal("one key in two places", E::InvalidMeasurer, |world| {
            let key = name(world, 1).remove(0).pubkey_of();
            let set = set_measurer_ix(world, 1, key);
            govern(world, set)
        }),
        refusal("a key that waits elsewhere", E::InvalidMeasurer, |world| {
            world.advance(86_400);
            let key = world.address();
            let set = set_measurer_ix(world, 0, key);
            govern(world, set).expect("named");
            let set = set_measurer_ix(world, 1, key);
            govern(world, set)
        }),
        refusal("three of six", E::InvalidQuorum, |world| {
            name(world, 5);
            let key = world.address();
            let set = set_measurer_ix(world, 5, key);
            govern(world, set)
        }),
        refusal(
            "a day after the end of time",
            E::GovernanceOverflow,
            |world| {
                world.set_time(i64::MAX);
                let key = world.address();
                let set = set_measurer_ix(world, 0, key);
                govern(world, set)
            },
        ),
    ]
}

fn tests() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("an owner measures itself", E::NotMeasurer, |world| {
            let (supplier, _) = stage(world);
            let test = speed_test(world, 4);
            let measure = measure_ix(&supplier.owner, &supplier, test);
            world.send(&[measure], &[&supplier.owner])
        }),
        refusal("the attestor measures", E::NotMeasurer, |world| {
            let (supplier, _) = stage(world);
            let attestor = world.attestor.insecure_clone();
            let measure = measure_ix(&attestor, &supplier, speed_test(world, 4));
            world.send(&[measure], &[&attestor])
        }),
        refusal("a measurer of before", E::NotMeasurer, |world| {
            let (supplier, measurer) = stage(world);
            let key = world.address();
            let set = set_measurer_ix(world, 0, key);
            govern(world, set).expect("another measurer");
            let measure = measure_ix(&measurer, &supplier, speed_test(world, 4));
            world.send(&[measure], &[&measurer])
        }),
        refusal("a test of the next second", E::SpeedTestInFuture, |world| {
            try_measure(world, |test, now| test.measured_ts = now + 1)
        }),
        refusal(
            "a test of an hour and a second ago",
            E::SpeedTestTooOld,
            |world| try_measure(world, |test, now| test.measured_ts = now - 3_601),
        ),
        refusal("a test at the start of time", E::SpeedTestTooOld, |world| {
            try_measure(world, |test, _| test.measured_ts = i64::MIN)
        }),
        refusal("the same test again", E::SpeedTestReplayed, |world| {
            let (supplier, measurer) = stage(world);
            let measure = measure_ix(&measurer, &supplier, speed_test(world, 4));
            world
                .send(std::slice::from_ref(&measure), &[&measurer])
                .expect("the first time");
            world.send(&[measure], &[&measurer])
        }),
        refusal("an older test", E::SpeedTestReplayed, |world| {
            let (supplier, measurer) = stage(world);
            let mut test = speed_test(world, 4);
            let measure = measure_ix(&measurer, &supplier, test);
            world.send(&[measure], &[&measurer]).expect("the newer");
            test.measured_ts -= 1;
            let measure = measure_ix(&measurer, &supplier, test);
            world.send(&[measure], &[&measurer])
        }),
    ]
}

fn security() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("an owner calls itself secure", E::NotAttestor, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            secure(world, &supplier.owner, &supplier)
        }),
        refusal("a measurer calls it secure", E::NotAttestor, |world| {
            let (supplier, measurer) = stage(world);
            secure(world, &measurer, &supplier)
        }),
        refusal("an attestor of before", E::NotAttestor, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let key = world.address();
            let set = set_role_ix(world, RegistryRole::Attestor, key);
            govern(world, set).expect("another attestor");
            let attestor = world.attestor.insecure_clone();
            secure(world, &attestor, &supplier)
        }),
    ]
}
