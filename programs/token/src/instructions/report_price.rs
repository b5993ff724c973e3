//! Reports of the price. Reporters sign them, anyone carries them: who needs a fresh price brings it along.

use crate::{
    events::PriceReported,
    state::{PriceFeed, SignedReport},
    TokenError,
};
use anchor_lang::prelude::*;
use iog_common::instructions::{previous, INSTRUCTIONS};

/// The native program that checks Ed25519 signatures. A transaction in which one is wrong does not run at all.
const ED25519: Address = anchor_lang::address!("Ed25519SigVerify111111111111111111111111111");
/// Behind the count and a byte of padding: 7 numbers of 16 bits for each signature.
const HEADER_LEN: usize = 2;
const OFFSETS_LEN: usize = 14;
/// The feed's address, price and time.
const MESSAGE_LEN: usize = 48;
/// Says that the bytes lie in the Ed25519 instruction itself.
const SAME_INSTRUCTION: u16 = u16::MAX;

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
    let count = data.first().copied().unwrap_or(0);
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

/// Report `index` of the Ed25519 instruction `data`, if all of its bytes lie in there and it is for this feed.
fn report_at(data: &[u8], index: usize, feed: &Address) -> Option<SignedReport> {
    let start = index.checked_mul(OFFSETS_LEN)?.checked_add(HEADER_LEN)?;
    let offsets = data.get(start..)?.first_chunk::<OFFSETS_LEN>()?;
    let number = |at: usize| -> Option<u16> {
        let bytes = offsets.get(at..)?.first_chunk::<2>()?;
        Some(u16::from_le_bytes(*bytes))
    };
    // signature at 0 (in instruction at 2), key at 4 (6), message at 8, its length at 10 (12)
    let inside = |at: usize| number(at) == Some(SAME_INSTRUCTION);
    if !(inside(2) && inside(6) && inside(12)) || usize::from(number(10)?) != MESSAGE_LEN {
        return None;
    }
    let key = data.get(usize::from(number(4)?)..)?.first_chunk::<32>()?;
    let message = data.get(usize::from(number(8)?)..)?;
    let message = message.first_chunk::<MESSAGE_LEN>()?;
    let (for_feed, rest) = message.split_first_chunk::<32>()?;
    let (price, rest) = rest.split_first_chunk::<8>()?;
    let ts = rest.first_chunk::<8>()?;
    (for_feed == feed.as_ref()).then(|| SignedReport {
        key: Address::new_from_array(*key),
        price: u64::from_le_bytes(*price),
        ts: i64::from_le_bytes(*ts),
    })
}
