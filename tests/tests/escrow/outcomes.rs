//! What must have come of some step, or the sequences prove nothing about it.

pub const OUTCOMES: [&str; 0] = [];
