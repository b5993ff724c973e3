//! How a supplier of IOSD orders comes to IO.

use super::earnings;
use crate::{
    args, confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        cover,
        currency::{self, Currency, Pay, Payment},
    },
    oracle,
    output::Record,
};
use clap::Args;
use iog_client::{
    market::{
        accounts::{CreditLine, Earnings, Escrow},
        instructions::ClaimCredit,
    },
    pda,
    token::accounts::{Config, NetEmission},
};
use iog_math::{
    credit::{payable, Pool},
    units::{mul_div_ceil, Io, BPS},
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Terms {
    /// IO that the claim must come to at least
    #[arg(long, value_name = "IO", conflicts_with = "slippage_bps", value_parser = args::io)]
    min_io: Option<Io>,
    /// How much less IO than quoted the claim may come to, in basis points
    #[arg(long, value_name = "BPS", default_value = "100", value_parser = args::slippage)]
    slippage_bps: u64,
    /// Pyth price account of IO/USD [default: the network's, else the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
}

/// Where a claim stands.
pub struct Place {
    /// What `pay_credit` pays of it now.
    pub payable: u64,
    /// IO that must still be funded before the claim is reached.
    pub behind: u64,
}

pub fn place(held: &Earnings, line: &CreditLine) -> Result<Place> {
    let payable = payable(
        line.funded_units,
        held.claim_start_units,
        held.claim_units,
        held.claim_paid_units,
    )?;
    let paid = held.claim_paid_units == held.claim_units;
    let behind = match paid {
        true => 0,
        false => held.claim_start_units.saturating_sub(line.funded_units),
    };
    Ok(Place { payable, behind })
}

pub async fn claim(context: &Context, terms: &Terms) -> Result<()> {
    confirm::allowed(context, "a claim")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let payment = Payment {
        pay: Pay::Iosd,
        mint: None,
    };
    let currency = currency::find(context, &payment).await?;
    let held = earnings::find(context, &currency, &owner).await?;
    let due = currency.amount(held.due_units);
    if held.due_units == 0 {
        return Err(CliError::Refused(format!(
            "{owner} has earned no IOSD that is not claimed: see iog market earnings"
        )));
    }
    if held.claim_paid_units < held.claim_units {
        let left = held.claim_units.saturating_sub(held.claim_paid_units);
        return Err(CliError::Refused(format!(
            "{} of the claim before wait for their turn: a claim must be wholly paid before the next (iog market withdraw --pay iosd)",
            Pay::Io.amount(left)
        )));
    }
    let price =
        oracle::usable_price(context, terms.price_account, oracle::EXCHANGE_AGE_SECS).await?;
    let quoted = pool(context, &currency)
        .await?
        .claim(held.due_units, &price.point)?;
    let min_io = least(terms, quoted)?;
    confirm::ask(
        context,
        &format!(
            "Turn {due} into a claim on {} IO (at least {}) at {} USD per IO?",
            Io(quoted),
            Io(min_io),
            oracle::usd(price.point.high()?, price.point.exponent)
        ),
    )?;
    let earnings = pda::market::earnings(&currency.mint, &owner);
    let claim = ClaimCredit {
        owner,
        earnings,
        escrow: currency.escrow(),
        token_config: pda::token::config(),
        net_emission: pda::token::net_emission(),
        price_source: pda::token::price_source(),
        price: price.account,
        min_io,
    };
    let receipt = context.submit(&[claim.instruction()], &signer, &[]).await?;
    let after = earnings::find(context, &currency, &owner).await?;
    let done = !context.dry_run;
    let record = Record::new()
        .put("owner", owner)
        .put("credit", due)
        .put("quoted_io", Io(quoted))
        .put("min_io", Io(min_io))
        .put("claim", done.then_some(Io(after.claim_units)))
        .put("claim_start", done.then_some(Io(after.claim_start_units)));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// What all claims share: IO burned for IOSD, against the IOSD that can still ask for it.
async fn pool(context: &Context, currency: &Currency) -> Result<Pool> {
    let line = cover::line(context).await?;
    let books: Config = context.config(&pda::token::config()).await?;
    let net: NetEmission = context
        .get(&pda::token::net_emission(), "this network has no IOSD yet")
        .await?;
    let escrow: Escrow = context
        .get(&currency.escrow(), "see iog market show")
        .await?;
    Ok(Pool {
        burned_units: net.burned_units.saturating_add(line.incentive_units),
        claimed_units: line.claimed_units,
        made_usd6: books.iosd_minted_units,
        earned_usd6: line.earned_usd6.saturating_add(escrow.fee_units),
    })
}

/// Has the cover reckoned anew; anyone may.
pub async fn update_cover(context: &Context, price_account: Option<Pubkey>) -> Result<()> {
    let signer = context.signer()?;
    let before = cover::line(context).await?;
    let receipt = cover::update(context, &signer, price_account).await?;
    let after = cover::line(context).await?;
    let now = context.time().await?.now;
    let record = Record::new()
        .put("cover_bps_before", before.cover_bps)
        .extend(cover::record(&after, now));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// The least that is taken, of what is quoted.
fn least(terms: &Terms, quoted: u64) -> Result<u64> {
    match terms.min_io {
        Some(least) if least.0 > quoted => Err(CliError::Refused(format!(
            "the claim is {} IO now, less than --min-io {least}: lower it, or wait for another price",
            Io(quoted)
        ))),
        Some(least) => Ok(least.0),
        None => {
            let kept = BPS.saturating_sub(terms.slippage_bps);
            Ok(mul_div_ceil(quoted, kept, BPS)?)
        }
    }
}
