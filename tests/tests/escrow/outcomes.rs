//! What must have come of some step, or the sequences prove nothing about it.

/// Of instructions.
pub const OUTCOMES: [&str; 0] = [];

/// Beside their success.
pub const MARKS: [&str; 0] = [];
