//! How much of a refund is paid at once: IOSD comes back in parts where the token program's window of refunds is nearly full.

use crate::{
    context::Context, error::Result, market::currency::Pay, nouns::token::outstanding_iosd,
};
use iog_client::{
    market::accounts::Order,
    pda,
    token::{accounts::Config, types::Window},
};
use iog_math::breaker::{capacity, Bucket};

/// The window of refunds, and how long any takes to leak (the token program's `WINDOW_SECS`).
const REFUND_WINDOW: usize = 3;
const WINDOW_SECS: i64 = 86_400;

/// What one refund pays of what is due: of IOSD at most half of what the window lets through, the other half is for others.
pub async fn paid_at_once(context: &Context, order: &Order, due: u64) -> Result<u64> {
    if Pay::of(order.currency)? != Pay::Iosd {
        return Ok(due);
    }
    let books: Config = context.config(&pda::token::config()).await?;
    let now = context.time().await?.now;
    let outstanding = outstanding_iosd(&books);
    let window = books.windows.get(REFUND_WINDOW);
    let rest = window.map_or(Ok(0), |window| rest(window, outstanding, now))?;
    Ok(due.min(rest.div_ceil(2)))
}

/// What the window lets through, and what passes beside it because it was spent lately.
fn rest(window: &Window, outstanding: u64, now: i64) -> Result<u64> {
    let size = capacity(
        window.limit_units.value,
        window.share_bps.value,
        window.floor_units.value,
        outstanding,
    )?;
    let level = |units: u64, at_ts: i64| {
        let bucket = Bucket {
            level: units,
            at_ts,
        };
        bucket.drained(size, WINDOW_SECS, now)
    };
    let filled = level(window.level_units, window.at_ts)?.level;
    let credit = level(window.credit_units, window.credit_ts)?.level;
    Ok(size.saturating_sub(filled).saturating_add(credit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    /// audit: money L7
    #[test]
    fn what_the_window_has_left_is_halved() {
        let mut books: Config = blank();
        let window = &mut books.windows[REFUND_WINDOW];
        window.limit_units.value = 1_000;
        window.share_bps.value = 5_000;
        window.floor_units.value = 100;
        // half of what is outstanding
        assert_eq!(rest(window, 1_000, 0).unwrap(), 500);
        (window.level_units, window.at_ts) = (400, 0);
        assert_eq!(rest(window, 1_000, 0).unwrap(), 100);
        (window.credit_units, window.credit_ts) = (50, 0);
        assert_eq!(rest(window, 1_000, 0).unwrap(), 150);
        // a day later both have leaked out
        assert_eq!(rest(window, 1_000, 86_400).unwrap(), 500);
    }
}
