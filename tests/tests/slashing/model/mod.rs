//! Random sequences of every staking, slashing and restitution instruction with two devices and three wallets, against a reference in
//! plain integers: after each step every balance and every book is compared to the unit, and so is the code of each refusal.

mod choose;
mod compare;
mod machine;
mod paying;
mod reference;
mod rules;
mod sends;
mod state;

use std::collections::BTreeMap;

use iog_tests::Dice;

use choose::any;
use machine::Machine;

/// Runs, and steps of each.
const RUNS: u64 = 28;
const STEPS: u32 = 700;

/// Runs one sequence and counts what came of its steps.
fn run(seed: u64) -> BTreeMap<String, u32> {
    let mut dice = Dice(seed);
    // The caps of a network that starts, and the widest that governance may set.
    let caps = if seed.is_multiple_of(3) {
        (5_000, 10_000)
    } else {
        (1_000, 2_500)
    };
    let mut machine = Machine::new(caps);
    let mut outcomes = BTreeMap::new();
    for step in 0..STEPS {
        let action = any(&mut dice, &machine);
        if std::env::var_os("MODEL_TRACE").is_some() {
            println!("{seed} {step}: {action:?}");
        }
        *outcomes.entry(machine.step(action)).or_default() += 1;
    }
    outcomes
}

/// Each of these must have come of some step, or the sequences prove nothing about it.
const OUTCOMES: [&str; 91] = [
    "Accept: CoolingDown",
    "Accept: NotInvited",
    "Accept: OfferOutlived",
    "Accept: OfferTooLarge",
    "Accept: SelfCoStake",
    "Accept: TermsChanged",
    "Accept: missing",
    "Accept: ok",
    "Appeal: NotAppellant",
    "Appeal: WrongCaseState",
    "Appeal: missing",
    "Appeal: ok",
    "CloseRecord: RestitutionNeeded",
    "CloseRecord: missing",
    "CloseRecord: ok",
    "Decide: ok",
    "Fetch: NothingDue",
    "Fetch: missing",
    "Fetch: ok",
    "Finalize: CaseRuns",
    "Finalize: Paused",
    "Finalize: PaysRenter",
    "Finalize: missing",
    "Finalize: ok",
    "FinalizePay: CaseRuns",
    "FinalizePay: Paused",
    "FinalizePay: PaysNoRenter",
    "FinalizePay: missing",
    "FinalizePay: ok",
    "Increase: CoolingDown",
    "Increase: missing",
    "Increase: ok",
    "Leave: AlreadyLeaving",
    "Leave: CoolingDown",
    "Leave: NotCoStaker",
    "Leave: ok",
    "Offer: CoolingDown",
    "Offer: HasCoStaker",
    "Offer: InvalidShare",
    "Offer: OfferTooLarge",
    "Offer: ZeroAmount",
    "Offer: missing",
    "Offer: ok",
    "Offer: taken",
    "Overflow: CoolingDown",
    "Overflow: NotOverflow",
    "Overflow: ZeroAmount",
    "Overflow: ok",
    "Pause: ok",
    "ProposePay: AboveRentPaid",
    "ProposePay: ClaimTooLate",
    "ProposePay: Paused",
    "ProposePay: SlashAboveCap",
    "ProposePay: TooManyCases",
    "ProposePay: WrongRestitution",
    "ProposePay: WrongVerdict",
    "ProposePay: ZeroAmount",
    "ProposePay: missing",
    "ProposePay: ok",
    "Propose: SlashAboveCap",
    "Propose: OffenceInFuture",
    "Propose: Paused",
    "Propose: TooManyCases",
    "Propose: ZeroAmount",
    "Propose: missing",
    "Propose: ok",
    "Request: CoolingDown",
    "Request: ok",
    "Resolve: WrongCaseState",
    "Resolve: UpheldTooEarly",
    "Resolve: missing",
    "Resolve: ok",
    "Retract: missing",
    "Retract: ok",
    "SetCaps: ok",
    "Stake: BelowMinimum",
    "Stake: ok",
    "Stake: taken",
    "Warp: ok",
    "Withdraw: CoolDownNotOver",
    "Withdraw: HeldByCase",
    "Withdraw: NotRequested",
    "Withdraw: ZeroAmount",
    "Withdraw: ok",
    "WithdrawCase: MayNotWithdraw",
    "WithdrawCase: WrongCaseState",
    "WithdrawCase: missing",
    "WithdrawCase: ok",
    "WithdrawCo: CoStakeLocked",
    "WithdrawCo: HeldByCase",
    "WithdrawCo: ok",
];

#[test]
fn random_sequences_agree_with_the_reference_to_the_unit() {
    let runs: Vec<_> = (1..=RUNS)
        .map(|seed| std::thread::spawn(move || run(seed)))
        .collect();
    let mut total: BTreeMap<String, u32> = BTreeMap::new();
    for run in runs {
        for (outcome, count) in run.join().expect("the run's panic is above") {
            *total.entry(outcome).or_default() += count;
        }
    }
    for outcome in OUTCOMES {
        let count = total.get(outcome).copied().unwrap_or(0);
        assert!(count >= 3, "{outcome} {count} times: {total:#?}");
    }
}
