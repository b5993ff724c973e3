//! Which chain the books are of.

use super::Outbox;
use crate::error::Result;
use rusqlite::{params, OptionalExtension};

/// Which chain, and since when the books know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub chain: String,
    pub since_ts: i64,
}

impl Outbox {
    /// Binds new books to a chain; what they are bound to.
    pub fn bind(&self, chain: &str, now: i64) -> Result<Bound> {
        let connection = self.connection();
        connection.execute(
            "INSERT INTO bound (one, chain, since_ts) VALUES (1, ?1, ?2) ON CONFLICT (one) DO NOTHING",
            params![chain, now],
        )?;
        let bound = connection.query_row("SELECT chain, since_ts FROM bound", [], |row| {
            Ok(Bound {
                chain: row.get(0)?,
                since_ts: row.get(1)?,
            })
        });
        // There is a row: it was just put there.
        let bound = bound.optional()?;
        Ok(bound.unwrap_or(Bound {
            chain: chain.into(),
            since_ts: now,
        }))
    }
}
