//! Orders that came to nothing while a device of this machine waited for them.

use super::{Outbox, DAY_SECS};
use crate::error::Result;
use iog_client::market::{Lease, Order};
use rusqlite::params;
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// An order that lapsed. Its address may come again, its time of creation does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapse {
    pub renter: Pubkey,
    pub order: Pubkey,
    pub created_ts: i64,
}

impl Lapse {
    pub fn of(lease: &Lease, order: &Order) -> Self {
        Self {
            renter: order.renter,
            order: lease.order,
            created_ts: order.created_ts,
        }
    }
}

impl Outbox {
    /// However many devices of this machine waited for it, an order lapses once.
    pub fn lapsed(&self, lapse: &Lapse, now: i64) -> Result<()> {
        let connection = self.connection();
        connection.execute(
            "INSERT OR IGNORE INTO lapses (order_, created_ts, renter, ts) VALUES (?1, ?2, ?3, ?4)",
            params![
                lapse.order.to_string(),
                lapse.created_ts,
                lapse.renter.to_string(),
                now
            ],
        )?;
        connection.execute(
            "DELETE FROM lapses WHERE ts <= ?1",
            [now.saturating_sub(DAY_SECS)],
        )?;
        Ok(())
    }

    /// How many of each renter's orders lapsed in the last day of chain time. redteam O1
    pub fn lapses(&self, now: i64) -> Result<BTreeMap<Pubkey, u32>> {
        let connection = self.connection();
        let mut statement = connection
            .prepare_cached("SELECT renter, count(*) FROM lapses WHERE ts > ?1 GROUP BY renter")?;
        let rows = statement.query_map([now.saturating_sub(DAY_SECS)], |row| {
            let orders = super::unsigned(row, 1)?;
            Ok((
                super::parsed(row, 0)?,
                u32::try_from(orders).unwrap_or(u32::MAX),
            ))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
