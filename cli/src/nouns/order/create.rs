use super::{
    details, find,
    job::Job,
    leases,
    quote::{fees, quote, Quote},
    state,
};
use crate::{
    args,
    chain::token_account,
    confirm,
    context::Context,
    error::{CliError, Result},
    oracle,
    output::Record,
};
use clap::Args;
use iog_client::{
    market::{accounts::Config, instructions::CreateOrder, types::OrderArgs},
    pda,
};
use iog_math::units::{Io, Usd6};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const POLL: Duration = Duration::from_secs(1);
const OPEN: u8 = 0;
const MATCHED: u8 = 1;
const ACTIVE: u8 = 2;
/// An order takes its countries in eight places.
const MAX_COUNTRIES: usize = 8;

#[derive(Args, Debug)]
pub struct Terms {
    /// Number of the hardware class
    #[arg(long, value_name = "ID")]
    class: u16,
    /// GPUs, 1 to 4096
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=4096))]
    gpus: u32,
    /// Hours, 1 to 87600
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=87_600))]
    hours: u32,
    /// IO that the total, fees included, may not pass
    #[arg(long, value_name = "IO", value_parser = args::io)]
    max_total: Io,
    /// Least connectivity tier of the devices
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=4))]
    min_tier: u8,
    /// Countries that the devices may stand in, up to 8 [default: all]
    #[arg(long, value_name = "CC", num_args = 1.., value_delimiter = ',', value_parser = args::country)]
    country: Vec<[u8; 2]>,
    /// The job, a JSON file: {"command": ["program", "argument"], "env": {}, "inputs": [], "time_limit_secs": 60}
    #[arg(long, value_name = "FILE", requires = "jobs_dir")]
    job: Option<PathBuf>,
    /// Folder in which keepers find jobs; a copy goes there as <hash>.json, its inputs beside it
    #[arg(long, value_name = "DIR", requires = "job")]
    jobs_dir: Option<PathBuf>,
    /// Key that may open tunnels to the devices [default: the signer's]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    engineer_key: Option<Pubkey>,
    /// Pyth price account of IO/USD [default: the newest found]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    price_account: Option<Pubkey>,
    /// Number of the order; the same number never books twice [default: from the clock]
    #[arg(long, value_name = "N")]
    id: Option<u64>,
    /// Wait until every device has accepted
    #[arg(long)]
    wait: bool,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    confirm::allowed(context, "an order")?;
    let args = order_args(&terms)?;
    let signer = context.signer()?;
    let renter = signer.pubkey();
    let job = terms.job.as_deref().map(Job::read).transpose()?;
    let args = OrderArgs {
        engineer_key: terms.engineer_key.unwrap_or(renter),
        command_hash: job.as_ref().map(|job| job.hash).unwrap_or_default(),
        ..args
    };

    let offer = offer(context, &terms).await?;
    confirm::ask(
        context,
        &format!(
            "Escrow about {} IO (at most {}) for {} GPUs of class {} for {} hours?",
            Io(offer.quote.cost.total),
            terms.max_total,
            terms.gpus,
            terms.class,
            terms.hours
        ),
    )?;

    let order = pda::market::order(&renter, args.id);
    // The job first: an order must never name a job that nobody can find.
    if let (Some(job), Some(folder), false) = (&job, &terms.jobs_dir, context.dry_run) {
        job.store(folder)?;
    }
    let create = CreateOrder {
        renter,
        class: pda::registry::class(terms.class),
        price_source: pda::token::price_source(),
        price: offer.price_account,
        order,
        escrow: pda::market::escrow(&offer.mint),
        vault: pda::market::vault(&offer.mint),
        renter_token: token_account(&renter, &offer.mint),
        mint: offer.mint,
        args,
    };
    context.note(&format!("order {order} (id {})", args.id));
    let receipt = context
        .submit(&[create.instruction()], &signer, &[])
        .await?;
    let booked = Record::new()
        .put("order", order)
        .put("id", args.id.to_string())
        .put("job_hash", job.map(|job| hex::encode(job.hash)))
        .extend(offer.quote.record())
        .extend(receipt);
    if !terms.wait || context.dry_run {
        context.out.one(&booked);
        return Ok(());
    }
    wait(context, &order).await
}

/// What the chain asks for a booking now.
struct Offer {
    mint: Pubkey,
    price_account: Pubkey,
    quote: Quote,
}

async fn offer(context: &Context, terms: &Terms) -> Result<Offer> {
    let class = context.class(&pda::registry::class(terms.class)).await?;
    let config: Config = context.config(&pda::market::config()).await?;
    let price = oracle::price(context, terms.price_account).await?;
    let quote = quote(
        &price.point,
        Usd6(class.base_price_usd6),
        (terms.gpus, terms.hours),
        fees(&config)?,
    )?;
    Ok(Offer {
        mint: config.io_mint,
        price_account: price.account,
        quote,
    })
}

/// What can be refused without asking the chain.
fn order_args(terms: &Terms) -> Result<OrderArgs> {
    let mut countries = [[0; 2]; MAX_COUNTRIES];
    let places = countries
        .get_mut(..terms.country.len())
        .ok_or_else(|| CliError::usage("--country takes at most 8 countries"))?;
    places.copy_from_slice(&terms.country);
    Ok(OrderArgs {
        id: terms.id.unwrap_or_else(id_of_now),
        gpus: terms.gpus,
        hours: terms.hours,
        max_total: terms.max_total.0,
        min_tier: terms.min_tier,
        countries,
        engineer_key: Pubkey::default(),
        image_hash: [0; 32],
        command_hash: [0; 32],
    })
}

/// Milliseconds: unique enough for one renter, and a collision is refused by the chain.
fn id_of_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}

/// Follows the order until it runs or cannot any more, by the chain's clock.
async fn wait(context: &Context, address: &Pubkey) -> Result<()> {
    let mut seen = None;
    loop {
        let order = find(context, address).await?;
        let told = (order.state, order.matched_gpus, order.accepted_gpus);
        if seen != Some(told) {
            seen = Some(told);
            context.note(&format!(
                "{}: {} of {} GPUs matched, {} accepted",
                state(order.state),
                order.matched_gpus,
                order.gpus,
                order.accepted_gpus
            ));
        }
        if order.state == ACTIVE {
            let leases = leases(context, address).await?;
            context.out.one(&details(address, &order, &leases));
            return Ok(());
        }
        let waiting = matches!(order.state, OPEN | MATCHED);
        if !waiting || context.time().await?.now >= order.expires_ts {
            return Err(CliError::Refused(format!(
                "order {address} did not start in time: get its escrow back with iog order close {address}"
            )));
        }
        tokio::time::sleep(POLL).await;
    }
}
