use super::{
    booking::{class_ids, Booking},
    job::Job,
    wait::{self, Patience},
};
use crate::{
    args,
    chain::token_amount,
    confirm,
    context::Context,
    error::{CliError, Result},
    market::{
        self,
        currency::{self, Amount, Currency},
        offer::Offer,
        order,
    },
    output::Record,
};
use clap::Args;
use iog_client::{
    market::{
        accounts::{Order, RenterStats},
        types::OrderArgs,
    },
    pda,
};
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

#[derive(Args, Debug)]
pub struct Terms {
    /// Class that is quoted, by number or name, and up to three that will do at its price
    #[arg(long, value_name = "CLASS", num_args = 1.., value_delimiter = ',', required = true)]
    class: Vec<String>,
    #[command(flatten)]
    booking: Booking,
    /// Least reputation of the devices in basis points, 0 to 10000 [default: the kind's]
    #[arg(long, value_name = "BPS", value_parser = clap::value_parser!(u16).range(0..=10_000))]
    min_reputation: Option<u16>,
    /// Only devices that the attestor calls secure
    #[arg(long)]
    secure: bool,
    #[command(flatten)]
    limit: Limit,
    /// The job, a JSON file: {"command": ["program", "argument"], "env": {}, "inputs": [], "time_limit_secs": 60}
    #[arg(long, value_name = "FILE", requires = "jobs_dir")]
    job: Option<PathBuf>,
    /// Folder in which keepers find jobs; a copy goes there as <hash>.json, its inputs beside it
    #[arg(long, value_name = "DIR", requires = "job")]
    jobs_dir: Option<PathBuf>,
    /// SHA-256 of the container image that the job runs in
    #[arg(long, value_name = "HEX", value_parser = args::hex32)]
    image_hash: Option<[u8; 32]>,
    /// Key that may open tunnels to the devices [default: the signer's]
    #[arg(long, value_name = "PUBKEY", value_parser = args::pubkey)]
    engineer_key: Option<Pubkey>,
    /// Number of the order; the same number never books twice [default: from the clock]
    #[arg(long, value_name = "N")]
    id: Option<u64>,
    #[command(flatten)]
    patience: Patience,
}

/// What may be paid at most.
#[derive(Args, Debug)]
pub struct Limit {
    /// What the total, fees included, may not pass, in whole units of the currency
    #[arg(long, value_name = "AMOUNT", conflicts_with = "slippage_bps")]
    pub max_total: Option<String>,
    /// How much more than quoted the total may be, in basis points
    #[arg(long, value_name = "BPS", default_value = "100", value_parser = args::slippage)]
    pub slippage_bps: u64,
}

pub async fn run(context: &Context, terms: Terms) -> Result<()> {
    confirm::allowed(context, "an order")?;
    let booking = &terms.booking;
    terms.check()?;
    let job = terms.job.as_deref().map(Job::read).transpose()?;
    let signer = context.signer()?;
    let renter = signer.pubkey();

    let classes = market::classes(context, &terms.class).await?;
    let ids: Vec<u16> = classes.iter().map(|class| class.id).collect();
    let first = classes.into_iter().next();
    let first = first.ok_or_else(|| CliError::usage("--class names no class"))?;
    let currency = currency::find(context, &booking.payment).await?;
    let wanted = booking.wanted();
    let offer = Offer::ask(context, first, currency, booking.price_account, &wanted);
    let offer = offer.await?.usable()?;
    let limit = terms.limit.of(&offer)?;
    require_funds(context, &currency, &renter, offer.quote.total()).await?;
    confirm::ask(
        context,
        &format!(
            "Escrow {}, at most {limit}, for {} GPUs of class {} for {} hours?",
            offer.quote.words(),
            booking.gpus,
            terms.class.join(" or "),
            booking.hours
        ),
    )?;

    // The job first: an order must never name a job that nobody can find.
    if let (Some(job), Some(folder), false) = (&job, &terms.jobs_dir, context.dry_run) {
        job.store(folder)?;
    }
    let job_hash = job.map(|job| job.hash);
    let args = terms.args(renter, &ids, limit, job_hash)?;
    let address = pda::market::order(&renter, args.id);
    context.note(&format!("order {address} (id {})", args.id));
    let mut instructions = Vec::new();
    let stats = pda::market::renter(&renter);
    if context.find::<RenterStats>(&stats).await?.is_none() {
        instructions.push(order::open_renter(renter, renter));
    }
    instructions.push(order::create(&offer, renter, args));
    let receipt = context.submit(&instructions, &signer, &[]).await?;
    if terms.patience.wait && !context.dry_run {
        let running = wait::run(context, &address, &terms.patience).await?;
        context.out.one(&running.extend(receipt));
        return Ok(());
    }
    let booked: Option<Order> = context.find(&address).await?;
    let deposited = booked.map(|booked| currency.amount(booked.deposited_units));
    let record = Record::new()
        .put("order", address)
        .put("id", args.id.to_string())
        .put("job_hash", job_hash.map(hex::encode))
        .extend(offer.record()?)
        .put("max_total", limit)
        .put("deposited", deposited);
    context.out.one(&record.extend(receipt));
    Ok(())
}

impl Terms {
    /// What can be refused without asking the chain.
    fn check(&self) -> Result<()> {
        self.booking.countries()?;
        class_ids(&vec![0; self.class.len()])?;
        if let Some(text) = &self.limit.max_total {
            self.booking.payment.pay.parse(text)?;
        }
        Ok(())
    }

    fn args(
        &self,
        renter: Pubkey,
        classes: &[u16],
        limit: Amount,
        job_hash: Option<[u8; 32]>,
    ) -> Result<OrderArgs> {
        let booking = &self.booking;
        let defaults = booking.kind.defaults();
        Ok(OrderArgs {
            id: self.id.unwrap_or_else(id_of_now),
            gpus: booking.gpus,
            hours: booking.hours,
            max_total: limit.units,
            class_ids: class_ids(classes)?,
            kind: booking.kind.number(),
            min_tier: booking.min_tier(),
            min_reputation_bps: self.min_reputation.unwrap_or(defaults.min_reputation_bps),
            secure_only: self.secure,
            countries: booking.countries()?,
            engineer_key: self.engineer_key.unwrap_or(renter),
            image_hash: self.image_hash.unwrap_or_default(),
            command_hash: job_hash.unwrap_or_default(),
        })
    }
}

impl Limit {
    pub fn of(&self, offer: &Offer) -> Result<Amount> {
        offer
            .quote
            .limit(self.max_total.as_deref(), self.slippage_bps)
    }
}

/// The program would refuse too, but it does not say how much is missing.
pub async fn require_funds(
    context: &Context,
    currency: &Currency,
    wallet: &Pubkey,
    total: Amount,
) -> Result<()> {
    let account = currency.account(wallet);
    let accounts = context.accounts(&[account]).await?;
    let held = accounts.first().and_then(Option::as_ref);
    let held = held.and_then(token_amount).unwrap_or(0);
    if held >= total.units {
        return Ok(());
    }
    Err(CliError::Refused(format!(
        "the total is {total}, and {wallet} holds {}",
        currency.amount(held)
    )))
}

/// Milliseconds: unique enough for one renter, and a collision is refused by the chain.
fn id_of_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(0)
}
