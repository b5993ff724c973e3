use super::*;
use bytemuck::Zeroable;

const SLASHER: Address = Address::new_from_array([1; 32]);
const JUDGE: Address = Address::new_from_array([2; 32]);
const RESOLVER: Address = Address::new_from_array([3; 32]);

fn case(resolver: Address, judge: &Address) -> Result<SlashCase> {
    let mut case = SlashCase::zeroed();
    case.proposer = SLASHER;
    let claim = Claim {
        verdict: Address::new_from_array([9; 32]),
        resolver,
        usd6: 1,
    };
    case.claim(claim, judge)?;
    Ok(case)
}

fn refused<T>(result: Result<T>, error: StakingError) -> bool {
    result.err() == Some(error.into())
}

/// redteam 6f
#[test]
fn resolver_slasher_and_judge_of_a_restitution_are_three_keys() {
    assert!(case(RESOLVER, &JUDGE).is_ok_and(|case| case.pays_renter()));
    case(RESOLVER, &NOBODY).expect("no judge is named: nobody but the slasher decides");
    for (resolver, judge) in [(SLASHER, JUDGE), (JUDGE, JUDGE)] {
        assert!(refused(
            case(resolver, &judge),
            StakingError::ResolverHasRole
        ));
    }
    assert!(refused(
        case(RESOLVER, &SLASHER),
        StakingError::JudgeProposed
    ));
}

/// redteam 6f
#[test]
fn who_resolved_or_proposed_does_not_judge_after_a_change_of_roles() {
    let case = case(RESOLVER, &JUDGE).expect("three keys");
    case.require_judge(&JUDGE).expect("the same as before");
    assert!(refused(
        case.require_judge(&RESOLVER),
        StakingError::ResolverHasRole
    ));
    assert!(refused(
        case.require_judge(&SLASHER),
        StakingError::JudgeProposed
    ));
}

fn appealed() -> SlashCase {
    let mut case = SlashCase::zeroed();
    case.proposer = SLASHER;
    case.proposed_ts = 1_000;
    case.appeal(1_000).expect("open");
    case
}

/// audit: money M4
#[test]
fn who_proposed_a_case_that_burns_does_not_judge_it() {
    let case = appealed();
    assert!(!case.pays_renter());
    case.require_judge(&JUDGE).expect("another");
    assert!(refused(
        case.require_judge(&SLASHER),
        StakingError::JudgeProposed
    ));
}

/// audit: money M4
#[test]
fn upholding_takes_three_days_and_acquitting_none() {
    let mut upheld = appealed();
    assert!(refused(
        upheld.resolve(true, 260_199),
        StakingError::UpheldTooEarly
    ));
    assert!(upheld.is(CaseState::Appealed));
    upheld.resolve(true, 260_200).expect("three days");
    assert_eq!(upheld.outcome(260_200).ok(), Some(Outcome::Take));
    let mut rejected = appealed();
    rejected.resolve(false, 1_000).expect("at once");
    assert_eq!(rejected.outcome(1_000).ok(), Some(Outcome::Release));
}

/// redteam: M4, M5, roles
#[test]
fn an_upheld_case_that_nobody_carries_out_lapses() {
    let mut case = appealed();
    case.resolve(true, 300_000).expect("three days");
    assert_eq!(case.outcome(2_891_999).ok(), Some(Outcome::Take));
    assert_eq!(case.outcome(2_892_000).ok(), Some(Outcome::Release));
}

/// audit: money M5
#[test]
fn a_case_is_withdrawn_until_it_is_decided() {
    let mut open = SlashCase::zeroed();
    open.proposed_ts = 1_000;
    let mut decided = appealed();
    for case in [&mut open, &mut appealed()] {
        case.withdraw().expect("undecided");
        assert_eq!(case.outcome(1_000).ok(), Some(Outcome::Forget));
        assert!(refused(case.withdraw(), StakingError::WrongCaseState));
        assert!(refused(case.appeal(1_000), StakingError::WrongCaseState));
        assert!(refused(
            case.resolve(false, 1_000),
            StakingError::WrongCaseState
        ));
    }
    decided.resolve(false, 1_000).expect("appealed");
    assert!(refused(decided.withdraw(), StakingError::WrongCaseState));
}
