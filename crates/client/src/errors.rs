//! What a custom error code means.

use solana_pubkey::Pubkey;

/// Codes that Anchor's own checks end in, the same in every program.
const ANCHOR: &[(u32, &str, &str)] = &[
    (2000, "ConstraintMut", "An account must be writable"),
    (
        2001,
        "ConstraintHasOne",
        "An account does not belong to another one of the call",
    ),
    (
        2003,
        "ConstraintRaw",
        "A condition on the accounts does not hold",
    ),
    (
        2005,
        "ConstraintRentExempt",
        "An account holds too little rent",
    ),
    (2007, "ConstraintExecutable", "An account must be a program"),
    (
        2011,
        "ConstraintClose",
        "An account cannot be closed into itself",
    ),
    (
        2012,
        "ConstraintAddress",
        "An account has the wrong address",
    ),
    (2013, "ConstraintZero", "An account must be empty"),
    (2019, "ConstraintSpace", "An account has the wrong size"),
    (
        2020,
        "ConstraintAccountIsNone",
        "An optional account is needed here",
    ),
    (2500, "RequireViolated", "A condition does not hold"),
    (2501, "RequireEqViolated", "Two values must be equal"),
    (2502, "RequireKeysEqViolated", "Two addresses must be equal"),
    (2503, "RequireNeqViolated", "Two values must differ"),
    (2504, "RequireKeysNeqViolated", "Two addresses must differ"),
    (2505, "RequireGtViolated", "A value is too small"),
    (2506, "RequireGteViolated", "A value is too small"),
];

/// Name and message of the custom error `code` of `program`; `None` for other programs and unknown codes.
pub fn explain(program: &Pubkey, code: u32) -> Option<(&'static str, &'static str)> {
    crate::generated::error(program, code).or_else(|| {
        let ours = crate::PROGRAMS.iter().any(|(_, id)| id == program);
        let known = ANCHOR.iter().filter(|_| ours);
        known
            .into_iter()
            .find(|(known, _, _)| *known == code)
            .map(|(_, name, message)| (*name, *message))
    })
}
