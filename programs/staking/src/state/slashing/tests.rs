use super::*;

const CAPS: Caps = Caps {
    case_bps: 1_000,
    month_bps: 2_500,
};
const NOW: i64 = 100_000_000;

fn stake(owner: u64, co: u64) -> DeviceStake {
    let mut stake = DeviceStake::zeroed();
    stake.amount_units = owner;
    stake.co_amount_units = co;
    stake.caps = CAPS;
    stake.co_caps = CAPS;
    stake
}

fn refused(result: Result<()>, error: StakingError) -> bool {
    result.err() == Some(error.into())
}

/// redteam 6e
#[test]
fn restitution_counts_and_takes_the_owners_part_alone() {
    let mut stake = stake(1_000, 1_000);
    for above in [101, 200] {
        let held = stake.hold_from_owner(above, CAPS, NOW);
        assert!(refused(held, StakingError::SlashAboveCap), "{above}");
    }
    stake.hold_from_owner(100, CAPS, NOW).expect("a tenth");
    assert_eq!((stake.held_units, stake.co_held_units), (100, 0));
    let mut case = SlashCase::zeroed();
    case.owner_units = 100;
    stake.end(&case, Outcome::Take).expect("carried out");
    assert_eq!((stake.amount_units, stake.co_amount_units), (900, 1_000));
    // 25 % of the 900 that are left, less the 100 of this month
    stake.hold_from_owner(90, CAPS, NOW).expect("a tenth");
    assert!(refused(
        stake.hold_from_owner(36, CAPS, NOW),
        StakingError::SlashAboveCap
    ));
    stake.hold_from_owner(35, CAPS, NOW).expect("the rest");
    assert_eq!((stake.held_units, stake.open_cases), (125, 2));
}

#[test]
fn each_kind_of_case_counts_in_the_others_month() {
    let mut first_burn = stake(1_000, 1_000);
    assert_eq!(first_burn.hold(200, CAPS, NOW, NOW).ok(), Some((100, 100)));
    assert_eq!(first_burn.hold(200, CAPS, NOW, NOW).ok(), Some((100, 100)));
    // the owner bore 200 of its 250
    assert!(refused(
        first_burn.hold_from_owner(51, CAPS, NOW),
        StakingError::SlashAboveCap
    ));
    first_burn.hold_from_owner(50, CAPS, NOW).expect("the rest");

    let mut first_pay = stake(1_000, 0);
    first_pay.hold_from_owner(100, CAPS, NOW).expect("a tenth");
    first_pay.hold_from_owner(100, CAPS, NOW).expect("a tenth");
    assert!(refused(
        first_pay.hold(51, CAPS, NOW, NOW).map(|_| ()),
        StakingError::SlashAboveCap
    ));
    assert_eq!(first_pay.hold(50, CAPS, NOW, NOW).ok(), Some((50, 0)));
}

#[test]
fn a_fifth_case_in_thirty_days_is_refused() {
    let mut stake = stake(1_000, 0);
    for _ in 0..4 {
        stake.hold_from_owner(1, CAPS, NOW).expect("one of four");
    }
    assert!(refused(
        stake.hold_from_owner(1, CAPS, NOW + 2_591_999),
        StakingError::TooManyCases
    ));
    assert!(stake.hold_from_owner(1, CAPS, NOW + 2_592_000).is_ok());
}

/// audit: money M8
#[test]
fn who_came_after_the_offence_bears_nothing_and_counts_for_nothing() {
    let mut stake = stake(1_000, 1_000);
    stake.co_since_ts = NOW - 10;
    assert!(refused(
        stake.hold(1, CAPS, NOW + 1, NOW).map(|_| ()),
        StakingError::OffenceInFuture
    ));
    // a tenth of the owner's part, not of both
    assert!(refused(
        stake.hold(101, CAPS, NOW - 11, NOW).map(|_| ()),
        StakingError::SlashAboveCap
    ));
    assert_eq!(stake.hold(100, CAPS, NOW - 11, NOW).ok(), Some((100, 0)));
    assert_eq!(stake.hold(190, CAPS, NOW - 10, NOW).ok(), Some((90, 100)));
    assert_eq!((stake.held_units, stake.co_held_units), (190, 100));
}

/// audit: money M6
#[test]
fn a_case_keeps_to_the_lowest_of_the_caps_agreed_to_and_of_now() {
    let of = |case_bps, month_bps| Caps {
        case_bps,
        month_bps,
    };
    let raised = of(5_000, 10_000);
    for (opening, acceptance, now, case, month) in [
        (CAPS, CAPS, raised, 200, 500),
        (raised, CAPS, raised, 200, 500),
        (CAPS, raised, raised, 200, 500),
        (raised, raised, CAPS, 200, 500),
        (raised, raised, raised, 1_000, 2_000),
    ] {
        let mut stake = stake(1_000, 1_000);
        stake.caps = opening;
        stake.co_caps = acceptance;
        assert!(refused(
            stake.hold(case + 1, now, NOW, NOW).map(|_| ()),
            StakingError::SlashAboveCap
        ));
        let mut left = month;
        while left > 0 {
            let amount = case.min(left);
            stake.hold(amount, now, NOW, NOW).expect("within the caps");
            left -= amount;
        }
        assert!(stake.hold(1, now, NOW, NOW).is_err());
    }
    // the caps of an acceptance bind nobody who is not liable
    let mut late = stake(1_000, 1_000);
    late.caps = raised;
    late.co_since_ts = NOW;
    assert_eq!(late.hold(500, raised, NOW - 1, NOW).ok(), Some((500, 0)));
}

fn held(stake: &mut DeviceStake, amount: u64) -> SlashCase {
    let (owner_units, co_units) = stake.hold(amount, CAPS, NOW, NOW).expect("within the caps");
    let mut case = SlashCase::zeroed();
    case.owner_units = owner_units;
    case.co_units = co_units;
    case.proposed_ts = NOW;
    case
}

/// audit: money M5
#[test]
fn a_withdrawn_case_shields_nobody() {
    let mut stake = stake(1_000, 1_000);
    let cases = [1, 1, 3, 2].map(|amount| held(&mut stake, amount));
    assert!(refused(
        stake.hold(1, CAPS, NOW, NOW).map(|_| ()),
        StakingError::TooManyCases
    ));
    for case in &cases {
        stake.end(case, Outcome::Forget).expect("open");
    }
    assert_eq!((stake.held_units, stake.co_held_units), (0, 0));
    assert_eq!((stake.amount_units, stake.open_cases), (1_000, 0));
    // all of the month's cap is there again
    for amount in [200, 200, 100] {
        held(&mut stake, amount);
    }
    assert!(stake.hold(1, CAPS, NOW, NOW).is_err());
}

#[test]
fn a_released_case_counts_in_its_month_all_the_same() {
    let mut stake = stake(1_000, 0);
    for _ in 0..2 {
        let case = held(&mut stake, 100);
        stake.end(&case, Outcome::Release).expect("open");
    }
    assert!(refused(
        stake.hold(51, CAPS, NOW, NOW).map(|_| ()),
        StakingError::SlashAboveCap
    ));
    held(&mut stake, 50);
}
