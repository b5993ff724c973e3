//! What was intended and what became of it, on disk before it happens: a keeper that is killed at any point knows which
//! transactions may still land.

mod chain;
mod entry;
mod lapses;
mod room;
mod signs;
#[cfg(test)]
mod tests;

pub use entry::{Caps, End, Gate, InFlight, Sending};
pub use lapses::Lapse;

use crate::{config::Role, error::Result};
use rusqlite::{params, Connection, OptionalExtension, Row};
use std::{
    path::Path,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A confirmed action is not sent again within this many slots, however old the snapshot is that asks for it.
const SETTLED_SLOTS: u64 = 150;
/// The first wait after a refusal, in chain seconds; it doubles up to the last.
const FIRST_HOLD_SECS: i64 = 15;
const LAST_HOLD_SECS: i64 = 3_600;
const HOUR_SECS: i64 = 3_600;
const DAY_SECS: i64 = 24 * HOUR_SECS;
const KEEP_SECS: i64 = 7 * 24 * 3_600;

const SCHEMA: &str = "
PRAGMA journal_mode = PERSIST;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS actions (
    key TEXT PRIMARY KEY, role TEXT NOT NULL, state TEXT NOT NULL, signature TEXT, last_valid_height INTEGER,
    slot INTEGER NOT NULL, ts INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, hold_until INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE IF NOT EXISTS costs (
    signature TEXT PRIMARY KEY, role TEXT NOT NULL, ts INTEGER NOT NULL, lamports INTEGER NOT NULL
) STRICT;
DROP TABLE IF EXISTS spending;
DROP TABLE IF EXISTS runs;
CREATE TABLE IF NOT EXISTS lapses (
    order_ TEXT NOT NULL, created_ts INTEGER NOT NULL, renter TEXT NOT NULL, ts INTEGER NOT NULL, PRIMARY KEY (order_, created_ts)
) STRICT;
CREATE TABLE IF NOT EXISTS signs (device TEXT NOT NULL, interval INTEGER NOT NULL, PRIMARY KEY (device, interval)) STRICT;
CREATE TABLE IF NOT EXISTS seen (device TEXT PRIMARY KEY, interval INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS bound (one INTEGER PRIMARY KEY, chain TEXT NOT NULL, since_ts INTEGER NOT NULL) STRICT;
PRAGMA user_version = 3;
";

/// The connection is behind a lock: SQLite takes one writer at a time anyway.
pub struct Outbox(Mutex<Connection>);

impl Outbox {
    /// Books that take so much of the disk, and no more.
    pub fn open(path: &Path, mib: u32) -> Result<Self> {
        let mut connection = Connection::open(path)?;
        connection.execute_batch(SCHEMA)?;
        room::take(&mut connection, mib)?;
        Self::with(connection)
    }

    fn with(connection: Connection) -> Result<Self> {
        connection.execute_batch(SCHEMA)?;
        connection.execute(
            "DELETE FROM actions WHERE state != 'sent' AND ts < (SELECT max(ts) FROM actions) - ?1",
            [KEEP_SECS],
        )?;
        Ok(Self(Mutex::new(connection)))
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half-made change: every change is one transaction.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the action may be tried at this chain time.
    pub fn gate(&self, key: &str, slot: u64, now: i64) -> Result<Gate> {
        let row = self
            .connection()
            .query_row(
                "SELECT state, slot, hold_until FROM actions WHERE key = ?1",
                [key],
                |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        unsigned(row, 1)?,
                        row.get::<_, i64>(2)?,
                    ))
                },
            )
            .optional()?;
        Ok(match row {
            None => Gate::Go,
            Some((state, settled, hold_until)) => match state.as_str() {
                "sent" => Gate::InFlight,
                "confirmed" | "raced" if slot < settled.saturating_add(SETTLED_SLOTS) => {
                    Gate::Closed
                }
                "refused" if now < hold_until => Gate::Closed,
                _ => Gate::Go,
            },
        })
    }

    /// Writes the intent down.
    pub fn intend(&self, key: &str, role: Role, slot: u64, now: i64) -> Result<()> {
        self.connection().execute(
            "INSERT INTO actions (key, role, state, slot, ts) VALUES (?1, ?2, 'intent', ?3, ?4)
             ON CONFLICT (key) DO UPDATE SET state = 'intent', signature = NULL, slot = ?3, ts = ?4",
            params![key, role.name(), signed(slot), now],
        )?;
        Ok(())
    }

    /// Writes a signed transaction down and books its cost, or refuses: false if spending would pass a cap.
    pub fn sending(&self, sending: &Sending<'_>, caps: &Caps, now: i64) -> Result<bool> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        transaction.execute(
            "DELETE FROM costs WHERE ts <= ?1",
            [now.saturating_sub(DAY_SECS)],
        )?;
        let passes = |spent: u64, cap: u64| spent.saturating_add(sending.lamports) > cap;
        let hour = spent(&transaction, None, now.saturating_sub(HOUR_SECS))?;
        let day = spent(
            &transaction,
            Some(sending.role),
            now.saturating_sub(DAY_SECS),
        )?;
        if passes(hour, caps.of_hour) || caps.of_role_a_day.is_some_and(|cap| passes(day, cap)) {
            return Ok(false);
        }
        let signature = sending.signature.to_string();
        transaction.execute(
            "INSERT OR REPLACE INTO costs (signature, role, ts, lamports) VALUES (?1, ?2, ?3, ?4)",
            params![
                signature,
                sending.role.name(),
                now,
                signed(sending.lamports)
            ],
        )?;
        transaction.execute(
            "UPDATE actions SET state = 'sent', role = ?2, signature = ?3, last_valid_height = ?4, ts = ?5 WHERE key = ?1",
            params![sending.key, sending.role.name(), signature, signed(sending.last_valid_height), now],
        )?;
        transaction.commit()?;
        Ok(true)
    }

    /// Writes an attempt's end down. What never landed cost nothing.
    pub fn ended(&self, key: &str, end: End, slot: u64, now: i64, note: &str) -> Result<()> {
        let mut connection = self.connection();
        let transaction = connection.transaction()?;
        if end == End::Expired {
            transaction.execute(
                "DELETE FROM costs WHERE signature = (SELECT signature FROM actions WHERE key = ?1)",
                [key],
            )?;
        }
        let refusal = i64::from(end == End::Refused);
        transaction.execute(
            "UPDATE actions SET state = ?2, slot = ?3, ts = ?4, note = ?5, attempts = (attempts + 1) * ?6 WHERE key = ?1",
            params![key, end.name(), signed(slot), now, note, refusal],
        )?;
        if end == End::Refused {
            let attempts: i64 = transaction.query_row(
                "SELECT attempts FROM actions WHERE key = ?1",
                [key],
                |row| row.get(0),
            )?;
            transaction.execute(
                "UPDATE actions SET hold_until = ?2 WHERE key = ?1",
                params![key, now.saturating_add(hold_secs(attempts))],
            )?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Transactions whose fate is open, after a restart or an unknown outcome.
    pub fn in_flight(&self) -> Result<Vec<InFlight>> {
        let connection = self.connection();
        let mut statement = connection.prepare(
            "SELECT key, role, signature, last_valid_height FROM actions WHERE state = 'sent' ORDER BY key",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(InFlight {
                key: row.get(0)?,
                role: parsed(row, 1)?,
                signature: parsed(row, 2)?,
                last_valid_height: unsigned(row, 3)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Lamports of the last hour of chain time.
    pub fn spent(&self, now: i64) -> Result<u64> {
        spent(&self.connection(), None, now.saturating_sub(HOUR_SECS))
    }

    /// What a role has spent in the last day of chain time.
    pub fn spent_today(&self, role: Role, now: i64) -> Result<u64> {
        spent(&self.connection(), Some(role), now.saturating_sub(DAY_SECS))
    }
}

fn spent(connection: &Connection, role: Option<Role>, since: i64) -> Result<u64> {
    Ok(connection.query_row(
        "SELECT coalesce(sum(lamports), 0) FROM costs WHERE ts > ?1 AND (?2 IS NULL OR role = ?2)",
        params![since, role.map(Role::name)],
        |row| unsigned(row, 0),
    )?)
}

fn hold_secs(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1).max(0)).unwrap_or(u32::MAX);
    let factor = 1i64.checked_shl(doublings.min(16)).unwrap_or(i64::MAX);
    FIRST_HOLD_SECS.saturating_mul(factor).min(LAST_HOLD_SECS)
}

/// SQLite's numbers are signed; slots, heights and lamports never come near the limit.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(row: &Row<'_>, index: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(index)?).unwrap_or(0))
}

fn parsed<T: FromStr>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    let text: String = row.get(index)?;
    text.parse().map_err(|_| {
        rusqlite::Error::FromSqlConversionFailure(
            index,
            rusqlite::types::Type::Text,
            format!("`{text}` is damaged").into(),
        )
    })
}
