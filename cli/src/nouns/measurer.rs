//! Measurers of connections: who they are, and how many of them make a tier.

use crate::{
    args, confirm,
    context::Context,
    error::Result,
    output::{Record, Time},
    waiting::{holder, said, somebody, Moment, DAY_SECS},
};
use clap::Subcommand;
use iog_client::{
    pda,
    registry::{
        accounts::Config,
        instructions::{ApplyMeasurer, DropMeasurer, SetMeasurer, SetParameter},
        types::Measurer,
        ParameterId,
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
    /// Give a place to the measurer that was named for it, when 24 hours are over; anyone may
    #[command(after_help = "Example:\n  iog measurer apply 0")]
    Apply {
        /// Place, 0 to 8
        #[arg(value_parser = clap::value_parser!(u8).range(0..PLACES))]
        place: u8,
    },
    /// Drop who was named for a place; the registry's guardian and its authority may
    #[command(after_help = "Example:\n  iog measurer drop 0 -k guardian.json --yes")]
    Drop {
        /// Place, 0 to 8
        #[arg(value_parser = clap::value_parser!(u8).range(0..PLACES))]
        place: u8,
    },
    /// Set how many fresh measurements a tier takes, 24 hours ahead; the registry's authority signs
    #[command(
        after_help = "At least 3, and more than half of the measurers named. Applied with iog governance apply registry quorum.\n\nExample:\n  iog measurer quorum 3 -k authority.json --yes"
    )]
    Quorum {
        /// 3 to 9
        #[arg(value_parser = clap::value_parser!(u8).range(3..=PLACES))]
        quorum: u8,
    },
}

pub async fn run(context: &Context, verb: Verb) -> Result<()> {
    match verb {
        Verb::List => after(context, Record::new()).await,
        Verb::Set { place, key } => set(context, place, key).await,
        Verb::Apply { place } => {
            let signer = context.signer()?;
            let apply = ApplyMeasurer { index: place };
            let receipt = context.submit(&[apply.instruction()], &signer, &[]).await?;
            after(context, receipt).await
        }
        Verb::Drop { place } => drop_named(context, place).await,
        Verb::Quorum { quorum } => set_quorum(context, quorum).await,
    }
}

/// The measurers by their places.
pub fn named(config: &Config) -> impl Iterator<Item = (u8, &Measurer)> {
    let places = (0u8..).zip(&config.measurers);
    places.filter(|(_, measurer)| is_held(measurer))
}

fn is_held(measurer: &Measurer) -> bool {
    somebody(measurer.role.key).is_some()
}

fn record(config: &Config, moment: &Moment) -> Record {
    let places = (0u8..).zip(&config.measurers);
    let taken = places.filter(|(_, place)| is_held(place) || place.role.pending_ts != 0);
    let measurers = taken.map(|(place, measurer)| {
        let held = is_held(measurer);
        Record::new()
            .put("place", place)
            .extend(moment.role("measurer", &holder!(measurer.role)))
            .put("since_ts", held.then_some(Time(measurer.since_ts)))
            .put("measures_now", held && moment.now >= measurer.since_ts)
    });
    let held = u64::try_from(named(config).count()).unwrap_or(u64::MAX);
    let quorum = &config.quorum;
    let waits = quorum.pending_ts != 0;
    Record::new()
        .put("quorum", quorum.value)
        .put("pending_quorum", waits.then_some(quorum.pending))
        .put(
            "pending_quorum_from",
            waits.then_some(Time(quorum.pending_ts)),
        )
        .put(
            "pending_quorum_state",
            moment.state(quorum.pending_ts, DAY_SECS),
        )
        .put("named", held)
        // With fewer nobody gets a tier above the lowest.
        .put("can_reach_quorum", held >= quorum.value)
        .put("measurers", measurers.collect::<Vec<_>>())
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
        false => format!("Let {key} measure 24 hours from now, once applied, in place {place}?"),
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

async fn drop_named(context: &Context, place: u8) -> Result<()> {
    confirm::allowed(context, "a change of measurers")?;
    let signer = context.signer()?;
    let config: Config = context.config(&pda::registry::config()).await?;
    let waits = config.measurers.get(usize::from(place));
    let waits = waits.map_or_else(Pubkey::default, |measurer| measurer.role.pending);
    let what = format!("Drop {}, who waits for place {place}?", said(waits));
    confirm::ask(context, &what)?;
    let drop = DropMeasurer {
        signer: signer.pubkey(),
        index: place,
    };
    let receipt = context.submit(&[drop.instruction()], &signer, &[]).await?;
    after(context, receipt).await
}

async fn set_quorum(context: &Context, quorum: u8) -> Result<()> {
    confirm::allowed(context, "a change of the quorum")?;
    let signer = context.signer()?;
    confirm::ask(
        context,
        &format!("Give tiers by {quorum} fresh measurements, 24 hours from now, once applied?"),
    )?;
    let set = SetParameter {
        authority: signer.pubkey(),
        id: ParameterId::Quorum,
        value: quorum.into(),
    };
    let receipt = context.submit(&[set.instruction()], &signer, &[]).await?;
    after(context, receipt).await
}

async fn after(context: &Context, receipt: Record) -> Result<()> {
    let config: Config = context.config(&pda::registry::config()).await?;
    let moment = Moment {
        now: context.time().await?.now,
        since_ts: config.authority_since_ts,
    };
    context.out.one(&record(&config, &moment).extend(receipt));
    Ok(())
}
