//! What a compiler for SBF can get wrong, as pure functions: each reads operands from bytes and writes results to bytes.
//! The conformance program runs them on chain and the test beside them natively; the bytes, or the panics, must agree.
//!
//! Every function is kept out of line: inlined into its caller, the call that is to be tested would be gone.

mod calls;
mod collections;
mod control;
mod memory;
mod numbers;
mod text;
mod values;

pub use values::{Operands, Results};

/// Writes results for operands.
pub type Case = fn(&mut Operands, &mut Results);

/// The cases by op-code: the first byte of the program's instruction data. Append only.
pub const CASES: &[(&str, Case)] = &[
    ("u128 arithmetic", numbers::unsigned_wide),
    ("i128 arithmetic", numbers::signed_wide),
    ("division by one word", numbers::divide_by_word),
    ("words", numbers::words),
    ("narrow signed numbers", numbers::narrow),
    ("overflow checks", numbers::unchecked),
    ("calls with many arguments", calls::many_arguments),
    ("large values", calls::large_values),
    ("dynamic calls", calls::dynamic),
    ("slices", collections::slices),
    ("maps", collections::maps),
    ("strings", text::strings),
    ("overlapping copies", memory::overlaps),
    ("fills and comparisons", memory::fills),
    ("atomics", memory::atomics),
    ("match with many arms", control::many_arms),
    ("panics", control::panics),
];

/// Runs a case; `None` if there is no such op-code.
pub fn run(op: u8, operands: &[u8]) -> Option<Vec<u8>> {
    let (_, case) = CASES.get(usize::from(op))?;
    let mut results = Results::default();
    case(&mut Operands::new(operands), &mut results);
    Some(results.into_bytes())
}
