//! Measurers of connections: who they are, and how many of them make a tier.

use crate::{
    args, confirm,
    context::Context,
    error::Result,
    output::{Record, Time},
};
use clap::Subcommand;
use iog_client::{
    pda,
    registry::{
        accounts::Config,
        instructions::{SetMeasurer, SetQuorum},
        types::Measurer,
    },
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Places for measurers (`MEASURERS` of the registry's constants.rs).
const PLACES: i64 = 9;

#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Who may measure, and since when; how many fresh measurements make a tier
    #[command(after_help = "Example:\n  iog measurer list -o json")]
    List,
    /// Name the measurer of a place, 24 hours ahead, or none at once; the registry's authority signs
    #[command(
        after_help = "While the network is set up a measurer counts at once. One that is removed takes its measurements with it.\n\nExamples:\n  iog measurer set 0 7v91N7iZ9mNicL8WfG6cgSCKyRXydQjLh6UYBWwm6y1Q -k authority.json --yes\n  iog measurer set 0 none -k authority.json --yes"
    )]
    Set {
        /// Place, 0 to 8
        #[arg(value_parser = clap::value_parser!(u8).range(0..PLACES))]
        place: u8,
        /// Address of the measurer's key, or none
        #[arg(value_parser = args::pubkey_or_none)]
        key: Pubkey,
    },
    /// Set how many fresh measurements a tier takes; the registry's authority signs
    #[command(
        after_help = "At least 3, and more than half of the measurers named.\n\nExample:\n  iog measurer quorum 3 -k authority.json --yes"
    )]
    Quorum {
        /// 3 to 9
        #[arg(value_parser = clap::value_parser!(u8).range(3..=PLACES))]
        quorum: u8,
    },
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List => {
            let config: Config = context.config(&pda::registry::config()).await?;
            let now = context.time().await?.now;
            context.out.one(&record(&config, now));
            Ok(())
        }
        Verb::Set { place, key } => set(context, place, key).await,
        Verb::Quorum { quorum } => set_quorum(context, quorum).await,
    }
}

/// The measurers by their places.
pub fn named(config: &Config) -> impl Iterator<Item = (u8, &Measurer)> {
    let places = (0u8..).zip(&config.measurers);
    places.filter(|(_, measurer)| measurer.key != Pubkey::default())
}

fn record(config: &Config, now: i64) -> Record {
    let measurers = named(config).map(|(place, measurer)| {
        Record::new()
            .put("place", place)
            .put("key", measurer.key)
            .put("since_ts", Time(measurer.since_ts))
            .put("measures_now", now >= measurer.since_ts)
    });
    let measurers: Vec<Record> = measurers.collect();
    let count = u32::try_from(measurers.len()).unwrap_or(u32::MAX);
    Record::new()
        .put("quorum", config.quorum)
        .put("named", count)
        // With fewer nobody gets a tier above the lowest.
        .put("can_reach_quorum", count >= u32::from(config.quorum))
        .put("measurers", measurers)
}

async fn set(context: &Context, place: u8, key: Pubkey) -> Result<()> {
    confirm::allowed(context, "a change of measurers")?;
    let signer = context.signer()?;
    let config: Config = context.config(&pda::registry::config()).await?;
    let now = context.time().await?.now;
    let what = match key == Pubkey::default() {
        true => format!("Remove the measurer of place {place}, and its measurements with it?"),
        false if now < config.setup_until_ts => {
            format!("Let {key} measure from now on, in place {place}?")
        }
        false => format!("Let {key} measure from 24 hours on, in place {place}?"),
    };
    confirm::ask(context, &what)?;
    let set = SetMeasurer {
        authority: signer.pubkey(),
        index: place,
        key,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    after(context, receipt).await
}

async fn set_quorum(context: &Context, quorum: u8) -> Result<()> {
    confirm::allowed(context, "a change of the quorum")?;
    let signer = context.signer()?;
    confirm::ask(
        context,
        &format!("Give tiers by {quorum} fresh measurements?"),
    )?;
    let set = SetQuorum {
        authority: signer.pubkey(),
        quorum,
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    after(context, receipt).await
}

async fn after(context: &Context, receipt: Record) -> Result<()> {
    let config: Config = context.config(&pda::registry::config()).await?;
    let now = context.time().await?.now;
    context.out.one(&record(&config, now).extend(receipt));
    Ok(())
}
