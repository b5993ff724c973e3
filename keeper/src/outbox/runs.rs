//! Jobs that were submitted, until their output is fetched.

use super::{parsed, Outbox};
use crate::error::Result;
use solana_pubkey::Pubkey;

/// A job that was submitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    pub lease: Pubkey,
    pub order: Pubkey,
    pub collected: bool,
}

impl Outbox {
    pub fn run_started(&self, lease: &Pubkey, order: &Pubkey) -> Result<()> {
        self.connection().execute(
            "INSERT OR IGNORE INTO runs (lease, order_) VALUES (?1, ?2)",
            [lease.to_string(), order.to_string()],
        )?;
        Ok(())
    }

    pub fn run_collected(&self, lease: &Pubkey) -> Result<()> {
        self.connection().execute(
            "UPDATE runs SET collected = 1 WHERE lease = ?1",
            [lease.to_string()],
        )?;
        Ok(())
    }

    pub fn runs(&self) -> Result<Vec<Run>> {
        let connection = self.connection();
        let mut statement =
            connection.prepare("SELECT lease, order_, collected FROM runs ORDER BY lease")?;
        let rows = statement.query_map([], |row| {
            Ok(Run {
                lease: parsed(row, 0)?,
                order: parsed(row, 1)?,
                collected: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
