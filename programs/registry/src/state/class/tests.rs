use super::*;
use bytemuck::Zeroable;

const WEEK: i64 = 604_800;
const T0: i64 = 1_000_000;

fn args() -> ClassArgs {
    ClassArgs {
        id: 7,
        name: [0; 32],
        pool: 0,
        vram_gb: 80,
        base_price_usd6: 1_520_000,
        enabled: true,
        multiplier_x100: 1_000,
        proof_valid_hours: 3,
        rows: 2_048,
        tiles: 8,
        waves: 3,
        commit_slots: 100,
        reveal_slots: 100,
        max_cards: 8,
    }
}

/// A class of the setup, in which terms hold at once.
fn class() -> HardwareClass {
    let mut class = HardwareClass::zeroed();
    class.start(&args(), T0 + 1, 0, T0).unwrap();
    class
}

fn times(multiplier_x100: u32) -> ClassTerms {
    ClassTerms {
        multiplier_x100,
        ..args().terms()
    }
}

fn added(change: fn(&mut ClassArgs)) -> Result<()> {
    let mut args = args();
    change(&mut args);
    HardwareClass::zeroed().start(&args, T0 + 1, 0, T0)
}

/// audit: proof M-5, redteam 12a
#[test]
fn a_rise_binds_a_week_later_and_raises_no_minimum_before() {
    let mut class = class();
    class.schedule(&times(1_200), false, 0, T0).unwrap();
    assert_eq!(class.stake_multiplier_x100(), 1_000);
    assert_eq!(
        class.apply(0, T0 + WEEK - 1),
        Err(GovernanceError::TooEarly.into())
    );
    assert_eq!(class.multiplier_x100, 1_000);
    assert_eq!(class.apply(0, T0 + WEEK), Ok(times(1_000)));
    assert_eq!(
        (class.multiplier_x100, class.stake_multiplier_x100()),
        (1_200, 1_200)
    );
    assert_eq!(
        class.apply(0, T0 + WEEK),
        Err(GovernanceError::NothingScheduled.into())
    );
}

/// audit: proof M-5, redteam 12a
#[test]
fn a_fall_lowers_the_minimum_at_once_and_the_score_a_week_later() {
    let mut class = class();
    class.schedule(&times(800), false, 0, T0).unwrap();
    assert_eq!(
        (class.multiplier_x100, class.stake_multiplier_x100()),
        (1_000, 800)
    );
    // taken back: whoever withdrew down to the lower minimum has a week
    class.schedule(&times(1_000), false, 0, T0 + 5).unwrap();
    assert_eq!(
        (class.pending_ts, class.stake_multiplier_x100()),
        (T0 + 5 + WEEK, 800)
    );
    assert_eq!(class.apply(0, T0 + 5 + WEEK), Ok(times(1_000)));
    assert_eq!(class.stake_multiplier_x100(), 1_000);
    // and the present terms, where the minimum is not below them, drop what waits
    class.schedule(&times(1_100), false, 0, T0).unwrap();
    class.schedule(&times(1_000), false, 0, T0 + 1).unwrap();
    assert_eq!(class.pending_ts, 0);
}

#[test]
fn one_change_waits_at_a_time_anew_and_lapses() {
    let mut class = class();
    class.schedule(&times(1_200), false, 0, T0).unwrap();
    class.schedule(&times(1_100), false, 0, T0 + 1_000).unwrap();
    assert_eq!(
        class.apply(0, T0 + WEEK),
        Err(GovernanceError::TooEarly.into())
    );
    assert_eq!(
        class.apply(0, T0 + 1_000 + 2 * WEEK + 1),
        Err(GovernanceError::Lapsed.into())
    );
    assert_eq!(class.apply(0, T0 + 1_000 + 2 * WEEK), Ok(times(1_000)));
    assert_eq!(class.multiplier_x100, 1_100);
    // a fifth of 1,100, rounded down, either way
    for (after, right) in [(1_320, true), (1_321, false), (880, true), (879, false)] {
        let mut class = class;
        assert_eq!(class.schedule(&times(after), true, 0, T0).is_ok(), right);
    }
}

/// redteam 12a
#[test]
fn the_first_multiplier_waits_too_after_the_setup() {
    let mut class = HardwareClass::zeroed();
    class.start(&args(), T0, 0, T0).unwrap();
    assert_eq!(
        (class.multiplier_x100, class.stake_multiplier_x100()),
        (0, 0)
    );
    assert_eq!(class.pending_ts, T0 + WEEK);
    let before = class.apply(0, T0 + WEEK).unwrap();
    assert_eq!(before, times(0));
    assert_eq!(class.terms(), times(1_000));

    let mut without = HardwareClass::zeroed();
    let args = ClassArgs {
        multiplier_x100: 0,
        ..args()
    };
    without.start(&args, T0, 0, T0).unwrap();
    assert_eq!(without.pending_ts, 0);
    assert_eq!(
        without.schedule(&times(1_000), false, 0, T0),
        Err(RegistryError::RateNotSet.into())
    );
    assert_eq!(without.schedule(&times(1_000), true, 0, T0), Ok(()));
}

/// redteam 2d
#[test]
fn a_class_is_proved_or_never() {
    let unproved = |args: &mut ClassArgs| {
        args.proof_valid_hours = 0;
        args.multiplier_x100 = 0;
    };
    assert_eq!(added(unproved), Ok(()));
    let refused = Err(RegistryError::InvalidClass.into());
    assert_eq!(added(|args| args.proof_valid_hours = 0), refused);
    for (hours, right) in [(1, false), (2, false), (3, true), (168, true), (169, false)] {
        let terms = ClassTerms {
            proof_valid_hours: hours,
            ..times(1_000)
        };
        assert_eq!(class().schedule(&terms, true, 0, T0).is_ok(), right);
    }
    let mut args = args();
    args.multiplier_x100 = 0;
    let mut proved = HardwareClass::zeroed();
    proved.start(&args, T0 + 1, 0, T0).unwrap();
    let proved_terms = proved.terms();
    unproved(&mut args);
    assert_eq!(proved.schedule(&args.terms(), true, 0, T0), refused);
    let mut never = HardwareClass::zeroed();
    never.start(&args, T0 + 1, 0, T0).unwrap();
    assert_eq!(never.schedule(&proved_terms, true, 0, T0), refused);
    assert!(proved.is_proved() && !never.is_proved());
}

/// audit: proof L-2
#[test]
fn only_tests_have_few_tiles() {
    let sized = |rows, tiles| {
        let terms = ClassTerms {
            rows,
            tiles,
            ..times(1_000)
        };
        class().schedule(&terms, true, 0, T0).is_ok()
    };
    for (rows, tiles, right) in [
        // a wave draws at most a quarter of the panels, whatever the size
        (2_048, 8, true),
        (2_048, 16, false),
        (2_048, 1, true),
        (256, 1, true),
        (224, 1, false),
        (65_504, 128, true),
        (65_536, 256, false),
        (65_536, 32_768, false),
        // and with 2^15 tiles or more the table is 4 GiB at least
        (8_388_608, 32_768, true),
        (8_388_576, 32_768, false),
        (8_388_608, 16_384, false),
        (157_286_400, 1 << 19, true),
        (157_286_400, 1 << 20, false),
        (330_301_440, 1 << 20, true),
        (1 << 31, 1 << 21, false),
    ] {
        assert_eq!(sized(rows, tiles), right, "{rows} rows, {tiles} tiles");
    }
    // what is never proved may have any shape
    let smallest = |args: &mut ClassArgs| {
        (args.proof_valid_hours, args.multiplier_x100) = (0, 0);
        (args.rows, args.tiles, args.waves, args.max_cards) = (32, 1, 1, 1);
    };
    assert_eq!(added(smallest), Ok(()));
}

/// audit: proof H-1
#[test]
fn at_most_eight_cards_walk_together() {
    for (max_cards, right) in [(0, false), (1, true), (8, true), (9, false)] {
        let terms = ClassTerms {
            max_cards,
            ..times(1_000)
        };
        assert_eq!(class().schedule(&terms, true, 0, T0).is_ok(), right);
    }
}

/// audit: money L10
#[test]
fn a_successor_inherits_no_terms_and_a_drop_leaves_the_minimum_down() {
    let nothing = Err(GovernanceError::NothingScheduled.into());
    let mut class = class();
    assert_eq!(class.drop_pending(), nothing);
    class.schedule(&times(800), false, 0, T0).unwrap();
    assert_eq!(class.apply(T0, T0 + WEEK), nothing);
    assert_eq!(class.apply(T0 - 1, T0 + WEEK), Ok(times(1_000)));
    // in the second of the hand-over the successor's own waits from the next one
    class.schedule(&times(900), false, T0, T0).unwrap();
    assert_eq!(class.pending_ts, T0 + 1 + WEEK);
    assert_eq!(class.stake_multiplier_x100(), 800);
    class.schedule(&times(700), false, T0, T0).unwrap();
    assert_eq!(class.drop_pending(), Ok(times(700)));
    assert_eq!(
        (class.multiplier_x100, class.stake_multiplier_x100()),
        (800, 700)
    );
    assert_eq!(class.apply(T0, T0 + 1 + WEEK), nothing);
    class.schedule(&times(800), false, T0, T0).unwrap();
    assert_eq!(class.pending_ts, T0 + 1 + WEEK);
}
