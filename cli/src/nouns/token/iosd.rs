use super::observe;
use crate::{
    args,
    chain::{iosd_account, open_iosd_account, token_account, token_amount},
    confirm,
    context::Context,
    error::{CliError, Result},
    oracle,
    output::Record,
};
use clap::Args;
use iog_client::{
    events::Event,
    pda,
    token::{self, instructions::BurnIoForIosd},
};
use iog_math::{
    oracle::Burn,
    units::{mul_div_ceil, Io, Iosd, BPS},
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

#[derive(Args, Debug)]
pub struct Terms {
    /// IO to burn at most
    #[arg(long, value_name = "IO", value_parser = args::io)]
    amount: Io,
    /// IOSD that must come out at least
    #[arg(long, value_name = "IOSD", conflicts_with = "slippage_bps", value_parser = args::iosd)]
    min_iosd: Option<Iosd>,
    /// How much less IOSD than quoted may come out, in basis points
    #[arg(long, value_name = "BPS", default_value = "100", value_parser = args::slippage)]
    slippage_bps: u64,
    /// Pyth price account of IO/USD [default: the network's, else the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    confirm::allowed(context, "a burn for IOSD")?;
    let signer = context.signer()?;
    let owner = signer.pubkey();
    let io_mint = context.io_mint().await?;
    let price =
        oracle::usable_price(context, terms.price_account, oracle::EXCHANGE_AGE_SECS).await?;
    let most = observe::most_usd12(context, &price).await?;
    let at = price.point.low_at_most(most)?;
    let quoted = price.point.burn_for_iosd(terms.amount.0, at)?;
    let min_out = least(terms, &quoted)?;
    confirm::ask(
        context,
        &format!(
            "Burn {} IO of {owner}, for good, for {} IOSD (at least {}) at {} USD per IO?",
            Io(quoted.io),
            Iosd(quoted.iosd),
            Iosd(min_out),
            oracle::usd(at, price.point.exponent)
        ),
    )?;
    let burn = BurnIoForIosd {
        owner,
        price: price.account,
        io_mint,
        from: token_account(&owner, &io_mint),
        iosd_mint: pda::token::iosd_mint(),
        to: iosd_account(&owner),
        amount: terms.amount.0,
        min_out,
    };
    let instructions = [open_iosd_account(&owner), burn.instruction()];
    let (receipt, events) = context.submit_with_events(&instructions, &signer).await?;
    let made = events.into_iter().find_map(|event| match event {
        Event::Token(token::Event::IosdMinted(made)) => Some(made),
        _ => None,
    });
    let accounts = context.accounts(&[iosd_account(&owner)]).await?;
    let held = accounts.first().and_then(Option::as_ref);
    let held = held.and_then(token_amount).unwrap_or(0);
    let record = Record::new()
        .put("owner", owner)
        .put("iosd_account", iosd_account(&owner))
        .put("price_account", price.account)
        .put("quoted_io", Io(quoted.io))
        .put("quoted_iosd", Iosd(quoted.iosd))
        .put("min_iosd", Iosd(min_out))
        .put(
            "price_usd",
            made.as_ref()
                .map(|made| oracle::usd(made.price, made.exponent)),
        )
        .put("io_burned", made.as_ref().map(|made| Io(made.io_burned)))
        .put("iosd_made", made.as_ref().map(|made| Iosd(made.iosd)))
        .put("iosd_balance", Iosd(held));
    context.out.one(&record.extend(receipt));
    Ok(())
}

/// The least that is taken, of what is quoted.
fn least(terms: &Terms, quoted: &Burn) -> Result<u64> {
    if quoted.iosd == 0 {
        return Err(CliError::usage(format!(
            "{} IO are worth less than the smallest amount of IOSD: burn more",
            terms.amount
        )));
    }
    let kept = BPS.saturating_sub(terms.slippage_bps);
    let slipped = mul_div_ceil(quoted.iosd, kept, BPS)?;
    match terms.min_iosd {
        Some(least) if least.0 > quoted.iosd => Err(CliError::Refused(format!(
            "{} IO make {} IOSD now, less than --min-iosd {least}: burn more, or wait for another price",
            terms.amount,
            Iosd(quoted.iosd)
        ))),
        Some(least) => Ok(least.0),
        None => Ok(slipped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_math::units::Usd6;

    fn terms(min_iosd: Option<u64>, slippage_bps: u64) -> Terms {
        Terms {
            amount: Io(100_000_000),
            min_iosd: min_iosd.map(Iosd),
            slippage_bps,
            price_account: None,
        }
    }

    #[test]
    fn takes_no_less_than_asked_for() {
        // One IO at 0.25 USD makes 0.25 IOSD.
        let quoted = oracle::named(Usd6(250_000))
            .burn_for_iosd(100_000_000, 250_000)
            .unwrap();
        assert_eq!((quoted.io, quoted.iosd), (100_000_000, 250_000));
        assert_eq!(least(&terms(None, 100), &quoted).unwrap(), 247_500);
        assert_eq!(least(&terms(None, 0), &quoted).unwrap(), 250_000);
        assert_eq!(least(&terms(Some(250_000), 100), &quoted).unwrap(), 250_000);
        let refused = least(&terms(Some(250_001), 100), &quoted).unwrap_err();
        assert_eq!(refused.exit_code(), 3);
        let nothing = least(&terms(None, 100), &Burn::default()).unwrap_err();
        assert_eq!(nothing.exit_code(), 2);
    }
}
