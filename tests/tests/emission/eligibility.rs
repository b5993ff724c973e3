//! Who may check in: each missing condition is its own refusal.

use iog_client::emission::accounts::{Config, LedgerPage};
use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_client::registry::accounts::Device;
use iog_tests::world::{class_args, expect_code, CLASS_TEST, GENESIS_TS};
use iog_tests::{refusal, Case, Outcome, Supplier, World};
use solana_instruction::Instruction;

use super::stage;

/// A device that may check in, now.
pub fn eligible(world: &mut World) -> Supplier {
    let supplier = stage::aged(world, CLASS_TEST);
    world.mark_passed(&supplier);
    supplier
}

pub fn send(world: &mut World, instruction: Instruction) -> Outcome {
    let anyone = world.authority.insecure_clone();
    world.send(&[instruction], &[&anyone])
}

/// Checks a device in after something was changed.
fn checking_in(world: &mut World, change: impl FnOnce(&mut World, &Supplier)) -> Outcome {
    let supplier = eligible(world);
    change(world, &supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    send(world, check_in)
}

fn fail(world: &mut World, supplier: &Supplier, bits: u64) {
    world.edit::<Device>(&supplier.device, |device| {
        (device.last_fail_epoch, device.fail_bits) = (1, bits);
    });
}

pub fn errors() -> Vec<Case> {
    vec![
        refusal("a paused device", E::DeviceNotActive, |world| {
            checking_in(world, |world, supplier| {
                world.set_device_state(supplier, 1);
            })
        }),
        refusal(
            "a class without multiplier",
            E::ClassEarnsNothing,
            |world| {
                checking_in(world, |world, _| {
                    let mut class = class_args(CLASS_TEST);
                    class.multiplier_x100 = 0;
                    world.update_class(class);
                })
            },
        ),
        refusal("no proof", E::NoProofOfWork, |world| {
            checking_in(world, |world, supplier| {
                world.edit::<Device>(&supplier.device, |device| device.last_pass_epoch = 0);
            })
        }),
        refusal("the proof of the hour before", E::NoProofOfWork, |world| {
            checking_in(world, |world, _| world.set_time(GENESIS_TS + 3_600))
        }),
        refusal("a stake on its way out", E::NotStaked, |world| {
            checking_in(world, |world, supplier| {
                let request = world.unstake_ix(supplier).instruction();
                world.must(request, &[&supplier.owner]);
            })
        }),
        refusal(
            "a stake below a minimum that has risen",
            E::NotStaked,
            |world| {
                checking_in(world, |world, _| {
                    let mut class = class_args(CLASS_TEST);
                    class.multiplier_x100 = 101;
                    world.update_class(class);
                })
            },
        ),
        refusal(
            "four failures in twelve hours",
            E::TooManyFailures,
            |world| {
                checking_in(world, |world, supplier| {
                    fail(world, supplier, 0b1000_0000_0111)
                })
            },
        ),
        refusal("no sign of life in an hour before", E::NotUp, |world| {
            checking_in(world, |world, _| {
                world.edit::<Config>(&pda::emission::config(), |config| {
                    config.min_uptime_hours.value = 1;
                });
            })
        }),
        refusal("a second too young", E::TooNew, |world| {
            checking_in(world, |world, supplier| {
                world.edit::<Device>(&supplier.device, |device| {
                    device.registered_ts = GENESIS_TS - 43_199;
                });
            })
        }),
        refusal("before the start", E::BeforeGenesis, |world| {
            let supplier = eligible(world);
            let check_in = world.check_in_ix(&supplier).instruction();
            world.set_time(GENESIS_TS - 1);
            send(world, check_in)
        }),
        refusal("twice in an hour", E::AlreadyCheckedIn, |world| {
            checking_in(world, |world, supplier| {
                world.check_in(supplier);
                world.set_time(GENESIS_TS + 3_599);
            })
        }),
        refusal("a total beyond 64 bits", E::MathOverflow, |world| {
            checking_in(world, |world, _| {
                let page = pda::emission::page(0);
                world.edit::<LedgerPage>(&page, |page| {
                    page.hours[0].enterprise.total_score = u64::MAX;
                });
            })
        }),
    ]
}

#[test]
fn three_failures_and_exactly_twelve_hours_of_age_are_eligible() {
    let world = stage::planned();
    for bits in [0b111, 0b1_0000_0000_0111] {
        let outcome = checking_in(&mut world.clone(), |w, s| fail(w, s, bits));
        assert!(outcome.is_ok(), "{bits:b}: {outcome:?}");
    }
}

/// docs/registry.md: an hour without a commit earns nothing and counts nothing; a commit that nobody saw through is a failure.
#[test]
fn hours_without_a_commit_are_no_failures_and_unresolved_commits_are() {
    let mut world = stage::planned();
    let supplier = stage::aged(&mut world, CLASS_TEST);
    world.edit::<Device>(&supplier.device, |device| device.last_pass_epoch = 0);
    for _ in 0..6 {
        let check_in = world.check_in_ix(&supplier).instruction();
        expect_code(send(&mut world, check_in), E::NoProofOfWork);
        world.next_hour();
    }
    world.prove(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    send(&mut world, check_in).expect("six silent hours are no failures");
    for failed in 1..=4 {
        world.next_hour();
        world.commit(&supplier);
        world.next_hour();
        world.prove(&supplier);
        let device = world.read::<Device>(&supplier.device);
        assert_eq!(device.proofs_failed, failed);
        let check_in = world.check_in_ix(&supplier).instruction();
        let outcome = send(&mut world, check_in);
        if failed < 4 {
            outcome.expect("fewer than four");
        } else {
            expect_code(outcome, E::TooManyFailures);
        }
    }
    // The first failure lies in hour 8, the fourth in hour 14: from hour 20 on three are left of the last twelve.
    for hour in 16..=20 {
        world.next_hour();
        assert_eq!(world.hour(), hour);
        world.close_hours(8);
        world.prove(&supplier);
        let check_in = world.check_in_ix(&supplier).instruction();
        let outcome = send(&mut world, check_in);
        if hour < 20 {
            expect_code(outcome, E::TooManyFailures);
        } else {
            outcome.expect("three of twelve");
        }
    }
}
