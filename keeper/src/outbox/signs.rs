//! What this keeper signed with its device keys, so that what somebody else signed is noticed. redteam X3

use super::{Outbox, KEEP_SECS};
use crate::error::Result;
use iog_math::slots::SLOT_SECS;
use rusqlite::{params, OptionalExtension};
use solana_pubkey::Pubkey;

impl Outbox {
    /// Writes down, before it is sent, that a device shows a sign of life.
    pub fn signing(&self, device: &Pubkey, interval: i64) -> Result<()> {
        let connection = self.connection();
        let device = device.to_string();
        connection.execute(
            "INSERT OR IGNORE INTO signs (device, interval) VALUES (?1, ?2)",
            params![device, interval],
        )?;
        connection.execute(
            "DELETE FROM signs WHERE device = ?1 AND interval < ?2",
            params![device, interval.saturating_sub(KEEP_SECS / SLOT_SECS)],
        )?;
        Ok(())
    }

    /// Whether a sign of life that the chain has for an interval may be this keeper's. It may have landed a little after it was sent.
    pub fn signed(&self, device: &Pubkey, interval: i64) -> Result<bool> {
        Ok(self.connection().query_row(
            "SELECT EXISTS (SELECT 1 FROM signs WHERE device = ?1 AND interval BETWEEN ?2 - 1 AND ?2)",
            params![device.to_string(), interval],
            |row| row.get(0),
        )?)
    }

    /// Whether this keeper sent an acceptance.
    pub fn accepted(&self, key: &str) -> Result<bool> {
        Ok(self.connection().query_row(
            "SELECT EXISTS (SELECT 1 FROM actions WHERE key = ?1 AND signature IS NOT NULL)",
            [key],
            |row| row.get(0),
        )?)
    }

    /// Whether an acceptance that it did not send has alarmed before.
    pub fn seen_acceptance(&self, key: &str) -> Result<bool> {
        Ok(self.connection().query_row(
            "SELECT EXISTS (SELECT 1 FROM seen WHERE device = ?1)",
            [key],
            |row| row.get(0),
        )?)
    }

    pub fn see_acceptance(&self, key: &str) -> Result<()> {
        self.connection().execute(
            "INSERT OR IGNORE INTO seen (device, interval) VALUES (?1, 0)",
            [key],
        )?;
        Ok(())
    }

    /// The newest sign of life of a device that is accounted for; nothing for a device that these books have not seen.
    pub fn seen(&self, device: &Pubkey) -> Result<Option<i64>> {
        let found = self
            .connection()
            .query_row(
                "SELECT interval FROM seen WHERE device = ?1",
                [device.to_string()],
                |row| row.get(0),
            )
            .optional()?;
        Ok(found)
    }

    pub fn see(&self, device: &Pubkey, interval: i64) -> Result<()> {
        self.connection().execute(
            "INSERT INTO seen (device, interval) VALUES (?1, ?2)
             ON CONFLICT (device) DO UPDATE SET interval = ?2",
            params![device.to_string(), interval],
        )?;
        Ok(())
    }
}
