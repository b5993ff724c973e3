//! What a dollar of IOSD is worth to suppliers: the share of its IO, at the price of then, that was burned for IOSD and is not claimed.

use crate::{
    context::Context,
    error::Result,
    oracle::{self, EXCHANGE_AGE_SECS},
    output::{Record, Time},
};
use iog_client::{
    market::{accounts::CreditLine, instructions::UpdateCover},
    pda,
};
use iog_math::units::{mul_div_floor, BPS};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

/// A cover that is older counts no more (the market's `COVER_AGE_SECS`).
const COVER_AGE_SECS: i64 = 21_600;

/// The cover in basis points, unless it is too old.
pub fn known(line: &CreditLine, now: i64) -> Option<u64> {
    let fresh = line.cover_ts != 0 && now.saturating_sub(line.cover_ts) <= COVER_AGE_SECS;
    fresh.then_some(line.cover_bps.into())
}

/// What of `usd6` a supplier gets.
pub fn covered(usd6: u64, cover_bps: u64) -> Option<u64> {
    // floor: the supplier asks for no less
    mul_div_floor(usd6, cover_bps, BPS).ok()
}

pub fn record(line: &CreditLine, now: i64) -> Record {
    Record::new()
        .put("cover_bps", line.cover_bps)
        .put(
            "cover_ts",
            (line.cover_ts != 0).then_some(Time(line.cover_ts)),
        )
        .put("cover_counts", known(line, now).is_some())
}

pub async fn line(context: &Context) -> Result<CreditLine> {
    let hint = "this market takes no IOSD";
    context.get(&pda::market::credit_line(), hint).await
}

/// Has the cover reckoned at the price of now; anyone may.
pub async fn update(context: &Context, signer: &Keypair, given: Option<Pubkey>) -> Result<Record> {
    let price = oracle::usable_price(context, given, EXCHANGE_AGE_SECS).await?;
    let update = UpdateCover {
        escrow: pda::market::escrow(&pda::token::iosd_mint()),
        token_config: pda::token::config(),
        net_emission: pda::token::net_emission(),
        price_source: pda::token::price_source(),
        price: price.account,
    };
    context.submit(&[update.instruction()], signer, &[]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    /// redteam M7b
    #[test]
    fn a_cover_counts_for_six_hours() {
        let mut line: CreditLine = blank();
        line.cover_bps = 7_500;
        assert_eq!(known(&line, 100), None);
        line.cover_ts = 100;
        assert_eq!(known(&line, 100 + 21_600), Some(7_500));
        assert_eq!(known(&line, 100 + 21_601), None);
        assert_eq!(covered(1_000_001, 7_500), Some(750_000));
    }
}
