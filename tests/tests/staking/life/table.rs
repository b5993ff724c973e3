//! The table: five words a line for a state, one for each of `INSTRUCTIONS`. `missing` and `taken` are accounts that are
//! not there or are there already; the other words are the program's errors.

pub fn rows() -> [(&'static str, &'static str); 36] {
    [
        (
            "none",
            "ok missing missing UninitializedAccount missing \
             missing missing missing missing missing \
             missing UninitializedAccount missing missing missing",
        ),
        (
            "half staked",
            "taken ok NotOverflow ok missing \
             missing NotCoStaker missing ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "staked",
            "taken ok ok ok missing \
             missing NotCoStaker missing ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "offered",
            "taken ok ok taken ok \
             ok NotCoStaker WrongRecipient ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "offered, unstaking",
            "taken CoolingDown CoolingDown taken ok \
             CoolingDown NotCoStaker WrongRecipient CoolingDown CoolDownNotOver \
             ok missing missing missing missing",
        ),
        (
            "offered, and staked anew",
            "taken ok ok taken ok \
             OfferOutlived NotCoStaker WrongRecipient ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "co-staked",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "co-leaving, in the wait",
            "taken ok ok HasCoStaker missing \
             missing AlreadyLeaving CoStakeLocked ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "co-leaving, in the cool-down",
            "taken ok ok HasCoStaker missing \
             missing AlreadyLeaving CoStakeLocked ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "co-unlocked",
            "taken ok ok HasCoStaker missing \
             missing AlreadyLeaving ok ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "co-staker gone",
            "taken ok ok ok missing \
             missing NotCoStaker WrongRecipient ok NotRequested \
             ok missing missing missing missing",
        ),
        (
            "unstaking",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing NotCoStaker missing CoolingDown CoolDownNotOver \
             ok missing missing missing missing",
        ),
        (
            "unlocked",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing NotCoStaker missing CoolingDown ok \
             ok missing missing missing missing",
        ),
        (
            "closed",
            "ok missing missing UninitializedAccount missing \
             missing missing missing missing missing \
             missing UninitializedAccount missing missing missing",
        ),
        (
            "co-staked, unstaking",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown CoStakeLocked CoolingDown CoolDownNotOver \
             ok missing missing missing missing",
        ),
        (
            "co-leaving, unstaking",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown CoStakeLocked CoolingDown CoolDownNotOver \
             ok missing missing missing missing",
        ),
        (
            "co-leaving, unlocked",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown ok CoolingDown ok \
             ok missing missing missing missing",
        ),
        (
            "co-staked, unlocked",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown ok CoolingDown ok \
             ok missing missing missing missing",
        ),
        (
            "co-staked, owner gone",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown ok CoolingDown ZeroAmount \
             ok missing missing missing missing",
        ),
        (
            "co-staker gone, unlocked",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing NotCoStaker WrongRecipient CoolingDown ok \
             ok missing missing missing missing",
        ),
        (
            "case open",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok ok WrongCaseState CaseRuns ok",
        ),
        (
            "case appealed",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState UpheldTooEarly CaseRuns ok",
        ),
        (
            "case upheld",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState WrongCaseState ok WrongCaseState",
        ),
        (
            "case upheld, lapsed",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState WrongCaseState ok WrongCaseState",
        ),
        (
            "case rejected",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState WrongCaseState ok WrongCaseState",
        ),
        (
            "case withdrawn",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState WrongCaseState ok WrongCaseState",
        ),
        (
            "case appealed, three days ago",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState ok CaseRuns ok",
        ),
        (
            "case due",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState WrongCaseState ok ok",
        ),
        (
            "case lapsed",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState WrongCaseState ok ok",
        ),
        (
            "appeal lapsed",
            "taken ok ok HasCoStaker missing \
             missing ok CoStakeLocked ok NotRequested \
             ok WrongCaseState WrongCaseState ok ok",
        ),
        (
            "unlocked, case open",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown ok CoolingDown ok \
             ok ok WrongCaseState CaseRuns ok",
        ),
        (
            "out but for what the case holds",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown HeldByCase CoolingDown HeldByCase \
             SlashAboveCap ok WrongCaseState CaseRuns ok",
        ),
        (
            "out, and the case finalised",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown ok CoolingDown ZeroAmount \
             SlashAboveCap missing missing missing missing",
        ),
        (
            "slashed whole",
            "taken ok NotOverflow OfferTooLarge missing \
             missing NotCoStaker missing ok NotRequested \
             SlashAboveCap missing missing missing missing",
        ),
        (
            "slashed whole, unlocked",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing NotCoStaker missing CoolingDown ok \
             SlashAboveCap missing missing missing missing",
        ),
        (
            "co-staked, slashed whole, owner unlocked",
            "taken CoolingDown CoolingDown CoolingDown missing \
             missing CoolingDown ok CoolingDown ZeroAmount \
             SlashAboveCap missing missing missing missing",
        ),
    ]
}
