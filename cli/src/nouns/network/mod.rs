mod migrate;
#[cfg(feature = "network")]
mod relay;
#[cfg(feature = "network")]
mod up;

use crate::{
    chain::TOKEN_PROGRAM,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{emission, market, pda, registry, staking, token};
use iog_math::{emission::hour_at, units::Io};

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Genesis, hours, supply, devices and fees of the network
    #[command(after_help = "Example:\n  iog network status -u localhost")]
    Status,
    /// Create or complete a deployment: every step whose account is missing, in order
    #[command(
        after_help = "Example:\n  iog network migrate --plan devnet -u devnet -k authority.json --dry-run"
    )]
    Migrate(migrate::Deployment),
    /// Run a local network with everything on it, until Ctrl-C
    #[cfg(feature = "network")]
    #[command(after_help = "Example:\n  iog network up --dir localnet")]
    Up(up::Local),
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::Status => status(context).await,
        Verb::Migrate(deployment) => migrate::run(context, &deployment).await,
        #[cfg(feature = "network")]
        Verb::Up(local) => up::run(context, local).await,
    }
}

async fn status(context: &Context) -> Result<()> {
    let books: token::accounts::Config = context.config(&pda::token::config()).await?;
    let registry: registry::accounts::Config = context.config(&pda::registry::config()).await?;
    let staking: staking::accounts::Config = context.config(&pda::staking::config()).await?;
    let market: market::accounts::Config = context.config(&pda::market::config()).await?;
    let emission: emission::accounts::Config = context.config(&pda::emission::config()).await?;
    let fees = super::treasury::fees(context).await?;
    let time = context.time().await?;
    // Before genesis there is no running hour.
    let running = hour_at(books.genesis_ts, time.now).ok();
    let to_close = running.map_or(0, |hour| hour.saturating_sub(emission.next_hour));
    let supply = super::token::supply(context).await?;
    context.out.one(
        &Record::new()
            .put("url", context.url.as_str())
            .put("slot", time.slot)
            .put("chain_ts", Time(time.now))
            .put("genesis_ts", Time(books.genesis_ts))
            .put("running_hour", running)
            .put("next_hour_to_close", emission.next_hour)
            .put("hours_to_close", to_close)
            .put("operators", registry.operators)
            .put("devices", registry.devices)
            .put("staked", Io(staking.staked_units))
            .put("rewards_booked", Io(emission.booked_units))
            .put("rewards_claimed", Io(emission.claimed_units))
            .put("reservation_fee_bps", market.reservation_fee_bps.value)
            .put("supplier_fee_bps", market.supplier_fee_bps.value)
            .put("network_fee_bps", market.network_fee_bps.value)
            .put("fees_collected", Io(fees.collected_units))
            .put("fees_burned", Io(fees.burned_units))
            .put("attestor", registry.attestor.key)
            .put("token_program", TOKEN_PROGRAM)
            .extend(supply),
    );
    Ok(())
}
