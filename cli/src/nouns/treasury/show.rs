use super::auction::{factor_bps, is_live, next_ts, spendable};
use crate::{
    context::Context,
    error::Result,
    oracle,
    output::{Cell, Record, Time},
};
use iog_client::{
    pda,
    treasury::accounts::{Auction, Config, FeeVault},
};
use iog_math::{
    oracle::PricePoint,
    units::{Io, Usd6, BPS},
};
use solana_pubkey::Pubkey;

pub async fn run(context: &Context) -> Result<()> {
    let config: Config = context.config(&pda::treasury::config()).await?;
    let vaults = context.list::<FeeVault>(&[]).await?;
    let auctions = context.list::<Auction>(&[]).await?;
    let now = context.time().await?.now;
    // Without a price the offer is only known as a share of it.
    let price = match auctions.is_empty() {
        true => None,
        false => oracle::usable_price(context, None, oracle::EXCHANGE_AGE_SECS)
            .await
            .ok(),
    };
    let point = price.map(|price| price.point);
    let mut shown = Vec::new();
    for (_, auction) in &auctions {
        shown.push(auction_record(auction, &config, point.as_ref(), now)?);
    }
    context.out.one(
        &Record::new()
            .put("authority", config.authority)
            .put("kept_share_bps", config.kept_share_bps.value)
            .put("auctions_paused", config.paused & 1 != 0)
            .put(
                "vaults",
                vaults
                    .iter()
                    .map(|(_, vault)| vault_record(vault, &config.io_mint))
                    .collect::<Vec<_>>(),
            )
            .put("auctions", shown),
    );
    Ok(())
}

fn vault_record(fees: &FeeVault, io_mint: &Pubkey) -> Record {
    let amount = |units: u64| -> Cell {
        match (fees.mint == *io_mint, fees.decimals) {
            (true, _) => Io(units).into(),
            (false, 6) => Usd6(units).into(),
            // A currency that no auction takes: base units say no less.
            (false, _) => units.to_string().into(),
        }
    };
    let sum = [
        fees.booked_units,
        fees.burned_units,
        fees.spent_units,
        fees.kept_units,
        fees.paid_units,
    ];
    let sum = sum
        .iter()
        .try_fold(0u64, |sum, part| sum.checked_add(*part));
    Record::new()
        .put("mint", fees.mint)
        .put("collected", amount(fees.collected_units))
        .put("booked", amount(fees.booked_units))
        .put("burned", amount(fees.burned_units))
        .put("spent", amount(fees.spent_units))
        .put("kept", amount(fees.kept_units))
        .put("paid", amount(fees.paid_units))
        .put("holds", sum == Some(fees.collected_units))
        .put("vault", pda::treasury::vault(&fees.mint))
}

fn auction_record(
    auction: &Auction,
    config: &Config,
    point: Option<&PricePoint>,
    now: i64,
) -> Result<Record> {
    let live = is_live(auction, now);
    let factor = live.then(|| factor_bps(auction, now)).transpose()?;
    let reference = point.and_then(|point| Some((point.reference().ok()?, point.exponent)));
    let offer = factor.zip(reference).map(|(factor, (price, exponent))| {
        let offer = u128::from(price) * u128::from(factor) / u128::from(BPS);
        oracle::usd(u64::try_from(offer).unwrap_or(u64::MAX), exponent)
    });
    let ends = auction.opened_ts.saturating_add(auction.length_secs);
    let left = ends.saturating_sub(now).max(0).unsigned_abs();
    let next = next_ts(auction);
    Ok(Record::new()
        .put("mint", auction.mint)
        .put("round", auction.round)
        .put("live", live)
        .put("lot", live.then_some(Usd6(auction.lot_units)))
        .put("left", live.then_some(Usd6(auction.left_units)))
        .put("offer_bps_of_price", factor)
        .put("offer_usdc_per_io", offer)
        .put("secs_left", live.then_some(left))
        .put("next_from", next.filter(|_| !live).map(Time))
        .put("spendable", Usd6(spendable(auction, config, now)?))
        .put("io_burned_in_all", Io(auction.io_burned_total_units)))
}
