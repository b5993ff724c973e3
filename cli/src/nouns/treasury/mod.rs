mod auction;
mod show;

use crate::{chain::missing, confirm, context::Context, error::Result, output::Record};
use clap::Subcommand;
use iog_client::{
    market::instructions::ReleaseKept,
    pda,
    treasury::{
        accounts::{Config, FeeVault},
        instructions::BurnIoFees,
    },
};
use iog_math::units::Io;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The fees in every currency, and the auctions that buy IO with them
    #[command(after_help = "Example:\n  iog treasury show -o json")]
    Show,
    /// Burn every IO fee that is booked; anyone may
    #[command(after_help = "Example:\n  iog treasury burn --yes")]
    Burn,
    /// Hand the kept share of IO fees back to be burned, while no supplier of IOSD orders waits; anyone may
    #[command(after_help = "Example:\n  iog treasury release-kept")]
    ReleaseKept,
    /// Begin an auction for the dollar fees that wait, at most once an hour; anyone may
    #[command(after_help = "Example:\n  iog treasury open-auction")]
    OpenAuction(auction::Currency),
    /// Sell IO of the signer into the auction; what is sold burns
    #[command(
        after_help = "The offer rises from below the price of IO to above it: iog treasury show says what it is now.\n\nExamples:\n  iog treasury sell --amount 100\n  iog treasury sell --amount 100 --min-usdc 24.5 --yes"
    )]
    Sell(auction::Sale),
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Show => show::run(context).await,
        Verb::Burn => burn(context).await,
        Verb::ReleaseKept => release_kept(context).await,
        Verb::OpenAuction(currency) => auction::open(context, &currency).await,
        Verb::Sell(sale) => auction::sell(context, &sale).await,
    }
}

/// The books of the IO fees.
pub async fn fees(context: &Context) -> Result<FeeVault> {
    context.config::<Config>(&pda::treasury::config()).await?;
    let address = pda::treasury::fees(&context.io_mint().await?);
    let found = context.find(&address).await?;
    found.ok_or_else(|| {
        missing(
            "FeeVault",
            &address,
            "the deployment has no IO fee vault yet: run iog network migrate",
        )
    })
}

async fn release_kept(context: &Context) -> Result<()> {
    let signer = context.signer()?;
    let kept = Io(fees(context).await?.kept_units);
    let release = ReleaseKept {
        treasury_config: pda::treasury::config(),
        fees: pda::treasury::fees(&context.io_mint().await?),
    };
    let receipt = context
        .submit(&[release.instruction()], &signer, &[])
        .await?;
    let record = Record::new().put("released", kept);
    context.out.one(&record.extend(receipt));
    Ok(())
}

async fn burn(context: &Context) -> Result<()> {
    confirm::allowed(context, "a burn of fees")?;
    let signer = context.signer()?;
    let fees = fees(context).await?;
    let amount = Io(fees.booked_units);
    confirm::ask(context, &format!("Burn {amount} IO of fees?"))?;
    let mint = context.io_mint().await?;
    let burn = BurnIoFees {
        fees: pda::treasury::fees(&mint),
        vault: pda::treasury::vault(&mint),
        io_mint: mint,
        token_config: pda::token::config(),
    };
    let receipt = context.submit(&[burn.instruction()], &signer, &[]).await?;
    context
        .out
        .one(&Record::new().put("burned", amount).extend(receipt));
    Ok(())
}
