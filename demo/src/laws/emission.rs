//! The laws of the emission's books.

use super::{same, Books};
use crate::summary::Law;
use anyhow::{anyhow, Context, Result};
use iog_client::emission::types::PendingHour;
use iog_math::reward::reward;

/// Closing an hour books what it shares; minting and paying that are acts of their own. So the vault and what is due to be minted are what is
/// booked for devices and what they have not settled.
pub(super) fn of_the_emission(books: &Books) -> Result<Vec<Law>> {
    let m = &books.emission;
    let due = m.shared_units - m.minted_units;
    let paid = books
        .rewards
        .iter()
        .map(|rewards| rewards.claimed_units + rewards.co_claimed_units);
    Ok(vec![
        same(
            "emission scheduled == shared out + carried",
            m.scheduled_units,
            m.shared_units + m.enterprise_carry_units + m.community_carry_units,
        ),
        same(
            "emission minted == token's books of it",
            m.minted_units,
            books.token.emitted_units,
        ),
        same(
            "reward vault == minted - claimed",
            books.vault("reward vault"),
            m.minted_units - m.claimed_units,
        ),
        same(
            "reward vault + due to be minted == booked + unsettled",
            books.vault("reward vault") + due,
            m.booked_units + unsettled(books)?,
        ),
        same(
            "claims by device == claims booked",
            paid.sum(),
            m.claimed_units,
        ),
    ])
}

/// What devices have not settled of closed hours. At the limit for a point of score nothing is lost by rounding.
fn unsettled(books: &Books) -> Result<u64> {
    let pending = books.rewards.iter().flat_map(|rewards| {
        let count = usize::from(rewards.pending_count);
        rewards.pending.iter().take(count)
    });
    let closed = pending.filter(|pending| pending.hour < books.emission.next_hour);
    closed.map(|pending| worth(books, pending)).sum()
}

fn worth(books: &Books, pending: &PendingHour) -> Result<u64> {
    let place = usize::try_from(pending.hour)?.checked_sub(1);
    let hour = place.and_then(|place| books.ledger.hours.get(place));
    let hour = hour.with_context(|| format!("hour {} is not on the first page", pending.hour))?;
    let pool = if pending.pool == 0 {
        hour.enterprise
    } else {
        hour.community
    };
    reward(pending.score, pool.per_score_x64).map_err(|error| anyhow!("formula: {error:?}"))
}
