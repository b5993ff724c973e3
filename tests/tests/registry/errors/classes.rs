//! Classes, and the roles of the catalogue and the attestor.

use super::super::catalog::{proof_of, rates_of, schedule_ix, update_ix};
use super::{anyone, govern};
use iog_client::pda;
use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::instructions::{
    AddClass, ApplyClass, SetConnectivity, SetRoles, SetSecurity,
};
use iog_client::registry::{ClassArgs, ClassRates, ProofTerms, RegistryError, SpeedTest};
use iog_tests::world::{class_args, PubkeyOf, CLASS_TEST};
use iog_tests::{refusal, Case, Outcome, World};

const DAY: i64 = 86_400;

fn try_add(world: &mut World, change: fn(&mut ClassArgs)) -> Outcome {
    let mut args = class_args(9);
    change(&mut args);
    let add = AddClass {
        authority: world.authority.pubkey_of(),
        class: pda::registry::class(9),
        args,
    };
    govern(world, add.instruction())
}

fn try_update(world: &mut World, change: fn(&mut ClassRates)) -> Outcome {
    let mut rates = rates_of(world, CLASS_TEST);
    change(&mut rates);
    world.advance(DAY);
    let by = world.authority.insecure_clone();
    let update = update_ix(&by.pubkey_of(), CLASS_TEST, rates);
    world.send(&[update], &[&by])
}

fn try_schedule(world: &mut World, change: fn(&mut ProofTerms)) -> Outcome {
    let mut proof = proof_of(world, CLASS_TEST);
    change(&mut proof);
    let by = world.authority.insecure_clone();
    let schedule = schedule_ix(&by.pubkey_of(), CLASS_TEST, proof);
    world.send(&[schedule], &[&by])
}

fn apply(world: &mut World) -> Outcome {
    let class = pda::registry::class(CLASS_TEST);
    anyone(world, ApplyClass { class }.instruction())
}

fn longer(proof: &mut ProofTerms) {
    proof.commit_slots += 1;
}

/// The attestor brings a speed test after something of it was changed.
fn try_attest(world: &mut World, change: fn(&mut SpeedTest, i64)) -> Outcome {
    let supplier = world.registered(CLASS_TEST, 1);
    world.advance(7_200);
    let now = world.now();
    let mut test = world.speed_test(&supplier, 2);
    change(&mut test, now);
    let attestor = world.attestor.insecure_clone();
    let set = SetConnectivity {
        attestor: attestor.pubkey_of(),
        device: supplier.device,
        test,
    };
    world.send(&[set.instruction()], &[&attestor])
}

pub fn errors() -> Vec<Case> {
    let mut all = shapes();
    all.extend(changes());
    all.extend(attestations());
    all
}

fn shapes() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a stranger adds a class", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let add = AddClass {
                authority: stranger.pubkey_of(),
                class: pda::registry::class(9),
                args: class_args(9),
            };
            world.send(&[add.instruction()], &[&stranger])
        }),
        refusal("a pool that does not exist", E::InvalidClass, |world| {
            try_add(world, |args| args.pool = 2)
        }),
        refusal("rows that are no panels", E::InvalidClass, |world| {
            try_add(world, |args| args.rows = 2_049)
        }),
        refusal("lanes that are no power of two", E::InvalidClass, |world| {
            try_add(world, |args| args.lanes = 65)
        }),
        refusal("too many waves", E::InvalidClass, |world| {
            try_add(world, |args| args.waves = 25)
        }),
        refusal("no time to commit", E::InvalidClass, |world| {
            try_add(world, |args| args.commit_slots = 0)
        }),
        refusal("no time to reveal", E::InvalidClass, |world| {
            try_add(world, |args| args.reveal_slots = 0)
        }),
        refusal(
            "openings that fit no transaction",
            E::InvalidClass,
            |world| try_add(world, |args| args.lanes = 1 << 23),
        ),
        refusal("a commit after its hour", E::InvalidClass, |world| {
            try_add(world, |args| args.commit_slots = 9_001)
        }),
        refusal("a reveal after its hour", E::InvalidClass, |world| {
            try_add(world, |args| args.reveal_slots = 9_001)
        }),
        refusal("hardly ever an audit", E::InvalidClass, |world| {
            try_add(world, |args| args.audit_modulus = 65)
        }),
        refusal("a multiplier of 0.04", E::RateOutOfBounds, |world| {
            try_add(world, |args| args.multiplier_x100 = 4)
        }),
        refusal("a multiplier of 100.01", E::RateOutOfBounds, |world| {
            try_add(world, |args| args.multiplier_x100 = 10_001)
        }),
        refusal(
            "a price below a tenth of a cent",
            E::RateOutOfBounds,
            |world| try_add(world, |args| args.base_price_usd6 = 999),
        ),
        refusal("a price above 1,000 USD", E::RateOutOfBounds, |world| {
            try_add(world, |args| args.base_price_usd6 = 1_000_000_001)
        }),
        refusal("a lottery of none", E::InvalidClass, |world| {
            try_add(world, |args| args.audit_modulus = 0)
        }),
    ]
}

fn changes() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("a stranger names roles", E::NotAuthority, |world| {
            let stranger = world.wallet();
            let set = SetRoles {
                authority: stranger.pubkey_of(),
                attestor: stranger.pubkey_of(),
                catalog_authority: stranger.pubkey_of(),
            };
            world.send(&[set.instruction()], &[&stranger])
        }),
        refusal(
            "a stranger changes a class",
            E::NotCatalogAuthority,
            |world| {
                let stranger = world.wallet();
                let rates = rates_of(world, CLASS_TEST);
                let update = update_ix(&stranger.pubkey_of(), CLASS_TEST, rates);
                world.send(&[update], &[&stranger])
            },
        ),
        refusal(
            "the attestor changes a proof",
            E::NotCatalogAuthority,
            |world| {
                let attestor = world.attestor.insecure_clone();
                let proof = proof_of(world, CLASS_TEST);
                let schedule = schedule_ix(&attestor.pubkey_of(), CLASS_TEST, proof);
                world.send(&[schedule], &[&attestor])
            },
        ),
        refusal(
            "a multiplier that rises by 21 %",
            E::RateMovesTooFar,
            |world| try_update(world, |rates| rates.multiplier_x100 = 121),
        ),
        refusal(
            "a multiplier that falls by 21 %",
            E::RateMovesTooFar,
            |world| try_update(world, |rates| rates.multiplier_x100 = 79),
        ),
        refusal(
            "a multiplier that is taken away",
            E::RateMovesTooFar,
            |world| try_update(world, |rates| rates.multiplier_x100 = 0),
        ),
        refusal("a price a unit too high", E::RateMovesTooFar, |world| {
            try_update(world, |rates| rates.base_price_usd6 = 1_200_001)
        }),
        refusal("a price a unit too low", E::RateMovesTooFar, |world| {
            try_update(world, |rates| rates.base_price_usd6 = 799_999)
        }),
        refusal(
            "a step on a class's first day",
            E::RateMovesTooSoon,
            |world| {
                world.set_time(world.now() + DAY - 1);
                let mut rates = rates_of(world, CLASS_TEST);
                rates.base_price_usd6 += 1;
                let by = world.authority.insecure_clone();
                let update = update_ix(&by.pubkey_of(), CLASS_TEST, rates);
                world.send(&[update], &[&by])
            },
        ),
        refusal("a multiplier beyond bounds", E::RateOutOfBounds, |world| {
            try_update(world, |rates| rates.multiplier_x100 = 10_001)
        }),
        refusal("a first price by the catalogue", E::RateNotSet, |world| {
            let by = super::super::catalog::role(world);
            world.edit::<HardwareClass>(&pda::registry::class(CLASS_TEST), |class| {
                class.base_price_usd6 = 0;
            });
            world.advance(DAY);
            let mut rates = rates_of(world, CLASS_TEST);
            rates.base_price_usd6 = 1_000;
            let update = update_ix(&by.pubkey_of(), CLASS_TEST, rates);
            world.send(&[update], &[&by])
        }),
        refusal("a proof without lanes", E::InvalidClass, |world| {
            try_schedule(world, |proof| proof.lanes = 0)
        }),
        refusal("a proof after its hour", E::InvalidClass, |world| {
            try_schedule(world, |proof| proof.reveal_slots = 9_001)
        }),
        refusal("nothing waits", E::NothingScheduled, apply),
        refusal("dropped, nothing waits", E::NothingScheduled, |world| {
            try_schedule(world, longer).expect("scheduled");
            try_schedule(world, |_| {}).expect("dropped");
            world.advance(DAY);
            apply(world)
        }),
        refusal("a second before a day is over", E::TooEarly, |world| {
            try_schedule(world, longer).expect("scheduled");
            world.set_time(world.now() + DAY - 1);
            apply(world)
        }),
        refusal("a second after a week more", E::Lapsed, |world| {
            try_schedule(world, longer).expect("scheduled");
            world.set_time(world.now() + 8 * DAY + 1);
            apply(world)
        }),
        refusal("a time at the end of time", E::MathOverflow, |world| {
            world.set_time(i64::MAX);
            try_schedule(world, longer)
        }),
    ]
}

fn attestations() -> Vec<Case> {
    use RegistryError as E;
    vec![
        refusal("an owner attests to itself", E::NotAttestor, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let set = SetConnectivity {
                attestor: supplier.owner.pubkey_of(),
                device: supplier.device,
                test: world.speed_test(&supplier, 4),
            };
            world.send(&[set.instruction()], &[&supplier.owner])
        }),
        refusal("an owner calls itself secure", E::NotAttestor, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let set = SetSecurity {
                attestor: supplier.owner.pubkey_of(),
                device: supplier.device,
                secure: true,
                evidence_hash: [1; 32],
            };
            world.send(&[set.instruction()], &[&supplier.owner])
        }),
        refusal("an attestor of before", E::NotAttestor, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let set = SetRoles {
                authority: world.authority.pubkey_of(),
                attestor: world.address(),
                catalog_authority: world.address(),
            };
            govern(world, set.instruction()).expect("another attestor");
            let attestor = world.attestor.insecure_clone();
            let set = SetConnectivity {
                attestor: attestor.pubkey_of(),
                device: supplier.device,
                test: world.speed_test(&supplier, 4),
            };
            world.send(&[set.instruction()], &[&attestor])
        }),
        refusal("a test of the next second", E::SpeedTestInFuture, |world| {
            try_attest(world, |test, now| test.measured_ts = now + 1)
        }),
        refusal(
            "a test of an hour and a second ago",
            E::SpeedTestTooOld,
            |world| try_attest(world, |test, now| test.measured_ts = now - 3_601),
        ),
        refusal("a test at the start of time", E::SpeedTestTooOld, |world| {
            try_attest(world, |test, _| test.measured_ts = i64::MIN)
        }),
        refusal("the same test again", E::SpeedTestReplayed, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            let attestor = world.attestor.insecure_clone();
            let set = SetConnectivity {
                attestor: attestor.pubkey_of(),
                device: supplier.device,
                test: world.speed_test(&supplier, 4),
            };
            let set = set.instruction();
            world
                .send(std::slice::from_ref(&set), &[&attestor])
                .expect("the first time");
            world.send(&[set], &[&attestor])
        }),
        refusal("an older test", E::SpeedTestReplayed, |world| {
            let supplier = world.registered(CLASS_TEST, 1);
            world.set_tier(&supplier, 1);
            let attestor = world.attestor.insecure_clone();
            let mut test = world.speed_test(&supplier, 4);
            test.measured_ts -= 2;
            let set = SetConnectivity {
                attestor: attestor.pubkey_of(),
                device: supplier.device,
                test,
            };
            world.send(&[set.instruction()], &[&attestor])
        }),
    ]
}
