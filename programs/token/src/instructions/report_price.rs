//! Reports of the price. Reporters sign them, anyone carries them: who needs a fresh price brings it along.

use crate::{
    events::PriceReported,
    state::{PriceFeed, SignedReport},
    TokenError,
};
use anchor_lang::prelude::*;
use iog_common::{
    ed25519::{self, ED25519},
    instructions::{previous, INSTRUCTIONS},
};

/// The feed's address, price and time.
const MESSAGE_LEN: usize = 48;

#[derive(Accounts)]
pub struct ReportPrice {
    #[account(mut, seeds = [b"price_feed"], bump = price_feed.bump)]
    pub price_feed: Account<PriceFeed>,
    /// CHECK: only the sysvar has this address.
    #[account(address = INSTRUCTIONS @ TokenError::NoSignatures)]
    pub instructions: UncheckedAccount,
}

/// Takes every report that the Ed25519 instruction right before this one proves. One that cannot be taken, or is not newer than its
/// reporter's last, is passed over: a reporter that signs nonsense, or was just removed, stops nobody who carries it beside others. Where
/// none was taken, the first refusal says why.
pub fn report_price(ctx: &mut Context<ReportPrice>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let address = *accounts.price_feed.account().address();
    let sysvar = accounts.instructions.account();
    let sysvar = sysvar.try_borrow().map_err(|_| TokenError::NoSignatures)?;
    let (program, data) = previous(&sysvar).ok_or(TokenError::NoSignatures)?;
    require!(program == ED25519, TokenError::NoSignatures);
    let count = ed25519::count(data);
    let (mut taken, mut refused) = (0u8, None);
    for index in 0..usize::from(count) {
        let report = report_at(data, index, &address).ok_or(TokenError::NotAReport)?;
        match accounts.price_feed.take(&report, now) {
            Ok(true) => taken = taken.saturating_add(1),
            Ok(false) => {}
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    if taken == 0 {
        return Err(refused.unwrap_or(TokenError::NothingNewer).into());
    }
    accounts.price_feed.record(now)?;
    let feed = &accounts.price_feed.feed;
    emit!(PriceReported {
        reports: taken,
        feed_ts: feed.feed_ts,
        median: feed.held_price,
        median_ts: feed.held_ts,
    });
    Ok(())
}

/// Report `index` of the Ed25519 instruction `data`, if it is for this feed.
fn report_at(data: &[u8], index: usize, feed: &Address) -> Option<SignedReport> {
    let (key, message) = ed25519::signed::<MESSAGE_LEN>(data, index)?;
    let (for_feed, rest) = message.split_first_chunk::<32>()?;
    let (price, rest) = rest.split_first_chunk::<8>()?;
    let ts = rest.first_chunk::<8>()?;
    (for_feed == feed.as_ref()).then(|| SignedReport {
        key,
        price: u64::from_le_bytes(*price),
        ts: i64::from_le_bytes(*ts),
    })
}
