//! What is wrong with a job.

use std::fmt;

/// A job that no node would take: where it says so, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// Such as `env.LD_PRELOAD`; empty where the whole text is meant.
    pub field: String,
    pub reason: String,
    /// From 1, where the job was read from a text and the place is known.
    pub line: Option<usize>,
}

impl SpecError {
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            reason: reason.into(),
            line: None,
        }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        match self.field.is_empty() {
            true => f.write_str(&self.reason),
            false => write!(f, "{}: {}", self.field, self.reason),
        }
    }
}

impl std::error::Error for SpecError {}
