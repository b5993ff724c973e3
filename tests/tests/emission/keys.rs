//! Nobody's key decides who earns: not the measurers', not the catalogue's, not the emission's own authority at once.

use iog_client::emission::accounts::Config;
use iog_client::emission::instructions::{ApplyParameter, SetParameter};
use iog_client::emission::{EmissionError as E, Parameter, ParameterId};
use iog_client::registry::accounts::{Device, HardwareClass};
use iog_client::registry::instructions::{
    ApplyClass, Measure, OpenMeasurements, ScheduleClass, SetMeasurer, UpdateClass,
};
use iog_client::registry::{ClassRates, ClassTerms, RegistryError, SpeedTest};
use iog_tests::world::{expect_code, PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_instruction::Instruction;

use super::stage::*;

const WEEK: i64 = 604_800;

/// The score that a check-in of now would have, or its refusal.
fn score(world: &World, supplier: &Supplier) -> Result<u64, iog_tests::Code> {
    let mut world = world.clone();
    let hour = world.hour();
    open_missing(&mut world, hour);
    world.mark_passed(supplier);
    let check_in = world.check_in_ix(supplier).instruction();
    let anyone = world.wallet();
    world
        .send(&[check_in], &[&anyone])
        .map(|_| rewards(&world, supplier).pending[0].score)
        .map_err(|failure| failure.code())
}

/// audit: proof M-4: one signature, `set_connectivity(0, 0)`, shut a rival out. Tier 0 is none: it counts as 1, as without any measurement.
#[test]
fn a_measurement_of_nothing_shuts_nobody_out() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.set_tier(&supplier, 2);
    assert_eq!(score(&world, &supplier), Ok(SCORE + 50));
    world.set_tier(&supplier, 0);
    assert_eq!(score(&world, &supplier), Ok(SCORE));
    // A whole quorum of measurers that finds no connection takes the score of a tier, 50 points each, and no more.
    world.set_tier(&supplier, 4);
    assert_eq!(score(&world, &supplier), Ok(SCORE + 150));
    let authority = world.authority.pubkey_of();
    let open = OpenMeasurements {
        payer: authority,
        device: supplier.device,
        measurements: supplier.measurements,
    };
    world.govern(open.instruction());
    let measurers = [(); 3].map(|()| world.wallet());
    for (index, measurer) in (0..).zip(&measurers) {
        let name = SetMeasurer {
            authority,
            index,
            key: measurer.pubkey_of(),
        };
        world.govern(name.instruction());
    }
    world.advance(60);
    for measurer in &measurers {
        let measure = Measure {
            measurer: measurer.pubkey_of(),
            device: supplier.device,
            measurements: supplier.measurements,
            test: SpeedTest {
                download_mbps: 0,
                upload_mbps: 0,
                measured_ts: world.now() - 10,
                report_hash: [7; 32],
            },
        };
        world.must(measure.instruction(), &[measurer]);
    }
    assert_eq!(world.read::<Device>(&supplier.device).tier, 1);
    assert_eq!(score(&world, &supplier), Ok(SCORE));
}

/// A tier is good for 180 days.
#[test]
fn a_tier_that_nobody_confirms_lapses() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.set_tier(&supplier, 3);
    let given = world.now();
    world.set_time(given + 180 * 86_400);
    assert_eq!(score(&world, &supplier), Ok(SCORE + 100));
    world.set_time(given + 180 * 86_400 + 1);
    assert_eq!(score(&world, &supplier), Ok(SCORE));
}

fn schedule(world: &World, multiplier_x100: u32) -> Instruction {
    let class = world.read::<HardwareClass>(&iog_client::pda::registry::class(CLASS_TEST));
    let schedule = ScheduleClass {
        authority: world.authority.pubkey_of(),
        class: iog_client::pda::registry::class(CLASS_TEST),
        terms: ClassTerms {
            multiplier_x100,
            proof_valid_hours: class.proof_valid_hours,
            rows: class.rows,
            tiles: class.tiles,
            waves: class.waves,
            commit_slots: class.commit_slots,
            reveal_slots: class.reveal_slots,
            max_cards: class.max_cards,
        },
    };
    schedule.instruction()
}

fn apply() -> Instruction {
    let class = iog_client::pda::registry::class(CLASS_TEST);
    ApplyClass { class }.instruction()
}

/// audit: proof M-5, redteam 12a: a rise of a hundredth made everybody ineligible who had staked the minimum, at once, but who knew. Now the
/// stake is asked for on the day on which the score rises, a week after it was announced.
#[test]
fn a_rise_of_the_multiplier_unstakes_nobody_before_its_date() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    assert_eq!(world.device_stake(&supplier).amount_units, 20_000_000_000);
    let rise = schedule(&world, 101);
    world.govern(rise);
    let due = world.now() + WEEK;
    assert_eq!(score(&world, &supplier), Ok(SCORE));
    let anyone = world.wallet();
    for time in [due - 86_400, due - 1] {
        world.set_time(time);
        world.refuses(RegistryError::TooEarly, apply(), &[&anyone]);
        assert_eq!(score(&world, &supplier), Ok(SCORE));
    }
    world.set_time(due);
    assert_eq!(score(&world, &supplier), Ok(SCORE), "nobody has applied it");
    world.govern(apply());
    assert_eq!(score(&world, &supplier), Err(E::NotStaked.into()));
    // Two IO more, and it scores by the new one.
    let more = world.increase_ix(&supplier, 200_000_000).instruction();
    world.must(more, &[&supplier.owner]);
    assert_eq!(score(&world, &supplier), Ok(SCORE + 200));
}

/// redteam 12a: a fall binds scores a week later too, so that no fall of all others raises one's own at once; only the minimum stake falls.
#[test]
fn a_fall_of_the_multiplier_binds_scores_a_week_later() {
    let mut world = planned();
    let mut class = iog_tests::world::class_args(CLASS_TEST);
    class.multiplier_x100 = 1_000;
    world.update_class(class);
    let supplier = aged(&mut world, CLASS_TEST);
    let fall = schedule(&world, 800);
    world.govern(fall);
    let due = world.now() + WEEK;
    let overflow = |units| world.overflow_ix(&supplier, units).instruction();
    let (out, too_much) = (overflow(40_000_000_000), overflow(40_000_000_001));
    let refusal = iog_client::staking::StakingError::NotOverflow;
    world.refuses(refusal, too_much, &[&supplier.owner]);
    world.must(out, &[&supplier.owner]);
    assert_eq!(score(&world, &supplier), Ok(200_050));
    world.set_time(due - 1);
    expect_code(
        world.send(&[apply()], &[&world.authority.insecure_clone()]),
        RegistryError::TooEarly,
    );
    assert_eq!(score(&world, &supplier), Ok(200_050));
    world.set_time(due);
    world.govern(apply());
    assert_eq!(score(&world, &supplier), Ok(160_050));
    // Nothing else that may change at once touches the score.
    let rates = UpdateClass {
        authority: world.authority.pubkey_of(),
        class: supplier.class,
        rates: ClassRates {
            base_price_usd6: 1_000_000,
            enabled: false,
        },
    };
    world.govern(rates.instruction());
    assert_eq!(score(&world, &supplier), Ok(160_050));
}

/// A parameter, how its account says what it is, and its bounds.
type Weekly = (fn() -> ParameterId, fn(&Config) -> Parameter, u64, [u64; 2]);

/// redteam 10a, 11a: what moves earnings from some to others waits a week, up and down.
#[test]
fn exemption_and_ceiling_change_a_week_later_and_within_bounds() {
    let weekly: [Weekly; 2] = [
        (
            || ParameterId::ExemptHours,
            |books| books.exempt_hours,
            72,
            [24, 168],
        ),
        (
            || ParameterId::MaxPerScoreUnits,
            |books| books.max_per_score_units,
            2_500,
            [100, 1_000_000],
        ),
    ];
    for (id, read, value, [least, most]) in weekly {
        for target in [value - 1, value + 1, least, most] {
            let mut world = planned();
            let authority = world.authority.insecure_clone();
            let set = |value| {
                let authority = authority.pubkey_of();
                let id = id();
                SetParameter {
                    authority,
                    id,
                    value,
                }
                .instruction()
            };
            for beyond in [least - 1, most + 1, 0, u64::MAX] {
                world.refuses(E::OutOfBounds, set(beyond), &[&authority]);
            }
            world.govern(set(target));
            let apply = ApplyParameter { id: id() }.instruction();
            world.set_time(start(1) + WEEK - 1);
            world.refuses(E::TooEarly, apply.clone(), &[&authority]);
            assert_eq!(read(&config(&world)).value, value);
            world.set_time(start(1) + WEEK);
            world.govern(apply);
            let after = read(&config(&world));
            assert_eq!((after.value, after.pending_ts), (target, 0));
        }
    }
}
