use crate::{confirm, context::Context, error::Result, output::Record};
use clap::Subcommand;
use iog_client::{
    pda,
    treasury::{
        accounts::{Config, FeeVault},
        instructions::BurnIoFees,
    },
};
use iog_math::units::Io;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// IO fees: collected, burned, waiting to be burned
    #[command(after_help = "Example:\n  iog treasury show -o json")]
    Show,
    /// Burn every IO fee that is booked; anyone may
    #[command(after_help = "Example:\n  iog treasury burn --yes")]
    Burn,
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Show => show(context).await,
        Verb::Burn => burn(context).await,
    }
}

pub async fn fees(context: &Context) -> Result<FeeVault> {
    context.config::<Config>(&pda::treasury::config()).await?;
    let address = pda::treasury::fees(&context.io_mint().await?);
    context
        .get(
            &address,
            "the deployment has no IO fee vault yet: run iog network migrate",
        )
        .await
}

async fn show(context: &Context) -> Result<()> {
    let config: Config = context.config(&pda::treasury::config()).await?;
    let fees = fees(context).await?;
    let law = fees.burned_units.checked_add(fees.booked_units) == Some(fees.collected_units);
    context.out.one(
        &Record::new()
            .put("authority", config.authority)
            .put("mint", fees.mint)
            .put("vault", pda::treasury::vault(&fees.mint))
            .put("collected", Io(fees.collected_units))
            .put("burned", Io(fees.burned_units))
            .put("booked", Io(fees.booked_units))
            .put("law", law),
    );
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
