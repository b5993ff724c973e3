//! What can go wrong in the arithmetic.

use core::fmt;

/// Why a formula has no answer. Nothing was rounded or clamped silently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
    /// The exact result does not fit its type, or a difference would be negative.
    Overflow,
    /// The divisor is zero.
    DivisionByZero,
    /// An argument lies outside the range that the formula is defined on.
    OutOfRange,
}

impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Overflow => "the result does not fit its type: use smaller amounts",
            Self::DivisionByZero => "division by zero",
            Self::OutOfRange => "an argument is outside its range",
        })
    }
}

impl core::error::Error for MathError {}

/// Result of a formula.
pub type Result<T> = core::result::Result<T, MathError>;
