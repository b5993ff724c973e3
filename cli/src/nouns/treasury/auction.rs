//! The auction that buys IO. Its rules are restated on the client's accounts; the treasury decides.

use crate::{
    args,
    chain::{open_token_account, token_account, token_amount},
    confirm,
    context::Context,
    error::{CliError, Result},
    oracle,
    output::{Record, Time},
};
use clap::Args;
use iog_client::{
    events::Event,
    pda,
    treasury::{
        self,
        accounts::{Auction, Config},
        instructions::{OpenAuction, SellIo},
    },
};
use iog_math::{
    auction::{fill, Fill, Terms},
    units::{mul_div_ceil, whole_periods, Io, Usd6, BPS, HOUR},
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const DAY: i64 = 86_400;

#[derive(Args, Debug)]
pub struct Currency {
    /// Mint of the dollars to spend [default: the only auction's]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    mint: Option<Pubkey>,
}

#[derive(Args, Debug)]
pub struct Sale {
    /// IO to sell at most
    #[arg(long, value_name = "IO", value_parser = args::io)]
    amount: Io,
    /// USDC that must be paid at least
    #[arg(long, value_name = "USDC", conflicts_with = "slippage_bps", value_parser = args::dollars)]
    min_usdc: Option<Usd6>,
    /// How much less USDC than quoted may be paid, in basis points
    #[arg(long, value_name = "BPS", default_value = "100", value_parser = args::slippage)]
    slippage_bps: u64,
    #[command(flatten)]
    currency: Currency,
    /// Pyth price account of IO/USD [default: the network's, else the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
}

/// Whether one can sell into it.
pub fn is_live(auction: &Auction, now: i64) -> bool {
    auction.left_units > 0 && now.saturating_sub(auction.opened_ts) < auction.length_secs
}

/// From when on another round may begin; at once if none has.
pub fn next_ts(auction: &Auction) -> Option<i64> {
    (auction.round > 0).then(|| auction.opened_ts.saturating_add(HOUR))
}

/// The offer as a share of the price.
pub fn factor_bps(auction: &Auction, now: i64) -> Result<u64> {
    let terms = Terms {
        discount_bps: auction.discount_bps,
        premium_bps: auction.premium_bps,
        length_secs: auction.length_secs,
    };
    Ok(terms.factor_bps(now.saturating_sub(auction.opened_ts))?)
}

/// What the caps of the hour and the day leave.
pub fn spendable(auction: &Auction, config: &Config, now: i64) -> Result<u64> {
    let left = |counted: u64, period: i64, spent: u64, cap: u64| -> Result<u64> {
        let spent = match whole_periods(now, period)? > counted {
            true => 0,
            false => spent,
        };
        Ok(cap.saturating_sub(spent))
    };
    let (hour, day) = (auction.spent_this_hour_units, auction.spent_today_units);
    let hour = left(auction.hour, HOUR, hour, config.cap_per_hour_units.value)?;
    let day = left(auction.day, DAY, day, config.cap_per_day_units.value)?;
    Ok(hour.min(day))
}

/// The auction of the currency, or the only one there is.
async fn find(context: &Context, currency: &Currency) -> Result<Auction> {
    context.config::<Config>(&pda::treasury::config()).await?;
    if let Some(mint) = &currency.mint {
        let hint = "iog treasury show lists the currencies that have one";
        return context.get(&pda::treasury::auction(mint), hint).await;
    }
    let mut found = context.list::<Auction>(&[]).await?;
    match (found.pop(), found.is_empty()) {
        (Some((_, auction)), true) => Ok(auction),
        (None, _) => Err(CliError::Refused(
            "this network has no auction: its plan names no usdc_mint".into(),
        )),
        (Some(_), false) => Err(CliError::usage(
            "there are several auctions: name the currency with --mint (iog treasury show)",
        )),
    }
}

pub async fn open(context: &Context, currency: &Currency) -> Result<()> {
    let signer = context.signer()?;
    let auction = find(context, currency).await?;
    let address = pda::treasury::auction(&auction.mint);
    let open = OpenAuction {
        fees: pda::treasury::fees(&auction.mint),
        auction: address,
    };
    let receipt = context.submit(&[open.instruction()], &signer, &[]).await?;
    let after: Auction = context.get(&address, "see iog treasury show").await?;
    let ends = after.opened_ts.saturating_add(after.length_secs);
    let opened = !context.dry_run;
    let record = Record::new()
        .put("mint", auction.mint)
        .put("round", opened.then_some(after.round))
        .put("lot", opened.then_some(Usd6(after.lot_units)))
        .put("ends", opened.then_some(Time(ends)));
    context.out.one(&record.extend(receipt));
    Ok(())
}

pub async fn sell(context: &Context, sale: &Sale) -> Result<()> {
    confirm::allowed(context, "a sale")?;
    let signer = context.signer()?;
    let seller = signer.pubkey();
    let auction = find(context, &sale.currency).await?;
    let price =
        oracle::usable_price(context, sale.price_account, oracle::EXCHANGE_AGE_SECS).await?;
    let (io_mint, mint) = (context.io_mint().await?, auction.mint);
    let quoted = quote(context, &auction, &price, sale.amount).await?;
    let min_usdc = least(sale, &quoted)?;
    confirm::ask(
        context,
        &format!(
            "Sell {} IO of {seller} for {} USDC (at least {})? The IO burns.",
            Io(quoted.io),
            Usd6(quoted.usdc),
            Usd6(min_usdc)
        ),
    )?;
    let sell = SellIo {
        seller,
        fees: pda::treasury::fees(&mint),
        auction: pda::treasury::auction(&mint),
        price_source: pda::token::price_source(),
        price: price.account,
        token_config: pda::token::config(),
        io_mint,
        seller_io: token_account(&seller, &io_mint),
        mint,
        vault: pda::treasury::vault(&mint),
        seller_token: token_account(&seller, &mint),
        amount: sale.amount.0,
        min_usdc,
    };
    let instructions = [
        open_token_account(&seller, &seller, &mint),
        sell.instruction(),
    ];
    let (receipt, events) = context.submit_with_events(&instructions, &signer).await?;
    let bought = events.into_iter().find_map(|event| match event {
        Event::Treasury(treasury::Event::IoBought(bought)) => Some(bought),
        _ => None,
    });
    let accounts = context.accounts(&[sell.seller_token]).await?;
    let held = accounts.first().and_then(Option::as_ref);
    let record = Record::new()
        .put("seller", seller)
        .put("quoted_io", Io(quoted.io))
        .put("quoted_usdc", Usd6(quoted.usdc))
        .put("min_usdc", Usd6(min_usdc))
        .put("io_burned", bought.as_ref().map(|bought| Io(bought.io)))
        .put("usdc_paid", bought.as_ref().map(|bought| Usd6(bought.usdc)))
        .put(
            "usdc_balance",
            Usd6(held.and_then(token_amount).unwrap_or(0)),
        );
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// What the offer of this moment makes of the amount.
async fn quote(
    context: &Context,
    auction: &Auction,
    price: &oracle::Price,
    amount: Io,
) -> Result<Fill> {
    let config: Config = context.config(&pda::treasury::config()).await?;
    let now = context.time().await?.now;
    if !is_live(auction, now) {
        return Err(CliError::Refused(
            "no auction is running: open one with iog treasury open-auction, if the fees suffice"
                .into(),
        ));
    }
    let left = auction.left_units.min(spendable(auction, &config, now)?);
    Ok(fill(
        &price.point,
        factor_bps(auction, now)?,
        amount.0,
        left,
    )?)
}

/// The least that is taken, of what is quoted.
fn least(sale: &Sale, quoted: &Fill) -> Result<u64> {
    if quoted.usdc == 0 {
        return Err(CliError::Refused(format!(
            "{} IO buy nothing: offer more, or the hour's cap is reached (iog treasury show)",
            sale.amount
        )));
    }
    match sale.min_usdc {
        Some(least) if least.0 > quoted.usdc => Err(CliError::Refused(format!(
            "the auction pays {} USDC now, less than --min-usdc {least}: wait, the offer rises",
            Usd6(quoted.usdc)
        ))),
        Some(least) => Ok(least.0),
        None => {
            let kept = BPS.saturating_sub(sale.slippage_bps);
            Ok(mul_div_ceil(quoted.usdc, kept, BPS)?)
        }
    }
}
